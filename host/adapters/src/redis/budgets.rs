//! Requests per second that all hosts share.
//!
//! The bucket and its clock are Redis's own, so that hosts need not agree on the time, and a
//! script takes from it in one step.

use std::time::Duration;

use async_trait::async_trait;
use baepo_domain::ports::{BudgetGrant, Budgets, CacheError};
use redis::{Cmd, ErrorKind, Script, ServerErrorKind};

use super::link::{CallError, RedisLink};

/// The script that takes from a budget; `checkup` runs it too.
pub(super) const TAKE_SCRIPT: &str = include_str!("token_bucket.lua");

/// Budgets in Redis, each under the key `budget:{name}` behind the prefix.
#[derive(Debug, Clone)]
pub struct RedisBudgets {
    link: RedisLink,
    /// What Redis knows the script by.
    hash: String,
}

impl RedisBudgets {
    /// Budgets behind this link.
    #[must_use]
    pub fn new(link: RedisLink) -> Self {
        let hash = Script::new(TAKE_SCRIPT).get_hash().to_owned();
        Self { link, hash }
    }

    async fn call(&self, name: &str, rate: u32, most: u32) -> Result<(u32, u64), CallError> {
        let key = self.link.config().own(&format!("budget:{name}"));
        let by_hash = take_command("EVALSHA", &self.hash, &key, rate, most);
        match self.link.call(&by_hash).await {
            // Redis forgets scripts when it starts; running it once teaches it.
            Err(CallError::Refused(error)) if is_unknown(&error) => {
                self.link
                    .call(&take_command("EVAL", TAKE_SCRIPT, &key, rate, most))
                    .await
            }
            answer => answer,
        }
    }
}

#[async_trait]
impl Budgets for RedisBudgets {
    async fn take(
        &self,
        name: &str,
        per_second: u32,
        most: u32,
    ) -> Result<BudgetGrant, CacheError> {
        let (requests, wait) = self
            .call(name, per_second.max(1), most)
            .await
            .map_err(|error| self.link.cache_error(&error))?;
        Ok(BudgetGrant {
            requests,
            wait: Duration::from_micros(wait),
        })
    }
}

/// `EVAL` or `EVALSHA` of the script that takes from a budget.
pub(super) fn take_command(how: &str, script: &str, key: &str, rate: u32, most: u32) -> Cmd {
    let mut command = redis::cmd(how);
    command.arg(script).arg(1).arg(key).arg(rate).arg(most);
    command
}

fn is_unknown(error: &redis::RedisError) -> bool {
    error.kind() == ErrorKind::Server(ServerErrorKind::NoScript)
}
