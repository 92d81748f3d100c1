//! Requests per second of one channel to one origin.
//!
//! Hosts that work together share what they may send (`shared`). Each also counts by itself (`gcra`),
//! for when it is alone or the shared budgets are unavailable.

mod gcra;
mod shared;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use baepo_domain::model::id::ChannelId;
use baepo_domain::ports::Budgets;
use tokio::time::Instant;
use url::Url;

use self::gcra::Gcra;
use self::shared::{BudgetsUnavailable, SharedLimiter};

/// The limits by channel and origin. Only granted origins come here, and those that a manifest
/// declares for tokens: that bounds the map.
pub(super) struct RateLimiter {
    local: Mutex<HashMap<String, Gcra>>,
    /// `None` when this host is alone.
    shared: Option<SharedLimiter>,
}

impl RateLimiter {
    /// Budgets are what all hosts together may send.
    pub(super) fn new(budgets: Option<Arc<dyn Budgets>>) -> Self {
        Self {
            local: Mutex::default(),
            shared: budgets.map(SharedLimiter::new),
        }
    }

    /// Waits for the turn of a request; `false` when it will not come before `deadline`, at once
    /// where that is known.
    pub(super) async fn turn(
        &self,
        channel: &ChannelId,
        url: &Url,
        per_second: u32,
        deadline: Instant,
    ) -> bool {
        let name = format!("{channel} {}", url.origin().ascii_serialization());
        let Some(shared) = &self.shared else {
            return self.local_turn(name, per_second, deadline).await;
        };
        match shared.turn(&name, per_second.max(1), deadline).await {
            Ok(turn) => {
                if turn {
                    self.with_gcra(name, |gcra, now| gcra.record(per_second, now));
                }
                turn
            }
            Err(BudgetsUnavailable) => self.local_turn(name, per_second, deadline).await,
        }
    }

    async fn local_turn(&self, name: String, per_second: u32, deadline: Instant) -> bool {
        let turn = self.with_gcra(name, |gcra, now| gcra.reserve(per_second, now, deadline));
        match turn {
            Some(turn) => {
                if turn > Instant::now() {
                    tokio::time::sleep_until(turn).await;
                }
                true
            }
            None => false,
        }
    }

    fn with_gcra<T>(&self, name: String, act: impl FnOnce(&mut Gcra, Instant) -> T) -> T {
        let mut local = self.local.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        act(local.entry(name).or_insert(Gcra::empty(now)), now)
    }
}
