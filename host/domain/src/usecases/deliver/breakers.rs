//! Keeps attempts away from a channel that fails again and again.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use crate::model::attempt::{AttemptOutcome, Failure, Report};
use crate::model::breaker::{Breaker, BreakerPolicy};
use crate::model::id::ChannelId;

/// A breaker per channel.
#[derive(Debug, Default)]
pub struct Breakers {
    policy: BreakerPolicy,
    by_channel: Mutex<HashMap<ChannelId, Breaker>>,
}

impl Breakers {
    /// All closed.
    #[must_use]
    pub fn new(policy: BreakerPolicy) -> Self {
        Self {
            policy,
            by_channel: Mutex::default(),
        }
    }

    /// `Err`: the time when it may let one through.
    pub(super) fn enter(&self, channel: &ChannelId, now: Timestamp) -> Result<(), Timestamp> {
        self.with(channel, |breaker| breaker.enter(now))
            .map_err(|refused| refused.until)
    }

    /// Only what says that the channel or its provider is broken counts as a failure: an owner's
    /// expired token or bad picture does not keep the other owners away.
    pub(super) fn report(&self, channel: &ChannelId, report: &Report, now: Timestamp) {
        let broken = matches!(
            report.end,
            AttemptOutcome::GuestFailed(_)
                | AttemptOutcome::Diverged(_)
                | AttemptOutcome::Failure(Failure::Unavailable(_))
        );
        // An attempt that sleeps, or that another host has, says nothing of the channel.
        if matches!(
            report.end,
            AttemptOutcome::Asleep { .. } | AttemptOutcome::LeaseLost
        ) {
            return;
        }
        self.with(channel, |breaker| {
            if broken {
                breaker.failed(now);
            } else {
                breaker.succeeded();
            }
        });
    }

    fn with<T>(&self, channel: &ChannelId, act: impl FnOnce(&mut Breaker) -> T) -> T {
        let mut breakers = self
            .by_channel
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let new = || Breaker::new(self.policy);
        act(breakers.entry(channel.clone()).or_insert_with(new))
    }
}
