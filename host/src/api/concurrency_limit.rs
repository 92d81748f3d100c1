//! Limits how many of a kind run at once, in all and per caller, so that no caller takes all of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::HeaderMap;
use axum::response::Response;
use baepo_domain::model::audit::{Actor, ActorRole};
use baepo_domain::model::id::OwnerId;
use baepo_domain::model::text::Localized;

use super::error::{Kind, Problem};
use super::language::preferred;

/// The `Retry-After` of a refusal.
const RETRY_DELAY: Duration = Duration::from_secs(5);

/// The permits of one kind.
pub struct ConcurrencyLimiter {
    resource: LimitedResource,
    limits: ConcurrencyLimits,
    in_use: Mutex<InUse>,
}

/// What needs a permit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitedResource {
    /// A stream of a distribution.
    Listener,
    /// A call that runs channels: to publish, check or withdraw.
    Run,
}

/// How many permits there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConcurrencyLimits {
    pub all: usize,
    pub each: usize,
}

impl ConcurrencyLimits {
    /// Of `all` permits a caller may have `each`; a quarter if that is not given.
    #[must_use]
    pub fn new(all: u32, each: Option<u32>) -> Self {
        let each = each.unwrap_or((all / 4).max(1)).min(all);
        Self {
            all: all as usize,
            each: each as usize,
        }
    }
}

#[derive(Default)]
struct InUse {
    all: usize,
    by_caller: HashMap<Caller, usize>,
}

/// Whose share it is: an owner and an operator may have the same name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Caller {
    is_operator: bool,
    subject: String,
}

impl From<&OwnerId> for Caller {
    fn from(owner: &OwnerId) -> Self {
        Self {
            is_operator: false,
            subject: owner.to_string(),
        }
    }
}

impl From<&Actor> for Caller {
    fn from(actor: &Actor) -> Self {
        Self {
            is_operator: actor.role == ActorRole::Operator,
            subject: actor.subject.to_string(),
        }
    }
}

impl Caller {
    pub(super) fn operator(subject: String) -> Self {
        Self {
            is_operator: true,
            subject,
        }
    }
}

/// A permit; returned when it is dropped.
pub(super) struct ConcurrencyPermit {
    concurrency_limit: Arc<ConcurrencyLimiter>,
    caller: Caller,
}

impl ConcurrencyLimiter {
    #[must_use]
    pub fn new(resource: LimitedResource, limits: ConcurrencyLimits) -> Self {
        Self {
            resource,
            limits,
            in_use: Mutex::default(),
        }
    }

    /// A permit for that caller.
    ///
    /// # Errors
    /// All are taken, or the caller's share is; the problem names which.
    pub(super) fn take(
        self: &Arc<Self>,
        caller: impl Into<Caller>,
    ) -> Result<ConcurrencyPermit, Problem> {
        let caller = caller.into();
        let mut in_use = self.lock();
        if in_use.all >= self.limits.all {
            return Err(self.resource.limit_reached());
        }
        let own = in_use.by_caller.get(&caller).copied().unwrap_or(0);
        if own >= self.limits.each {
            return Err(self.resource.share_exceeded(self.limits.each));
        }
        in_use.all += 1;
        in_use.by_caller.insert(caller.clone(), own + 1);
        Ok(ConcurrencyPermit {
            concurrency_limit: Arc::clone(self),
            caller,
        })
    }

    fn lock(&self) -> MutexGuard<'_, InUse> {
        // No code that holds the lock can panic.
        self.in_use.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for ConcurrencyPermit {
    fn drop(&mut self) {
        let mut in_use = self.concurrency_limit.lock();
        in_use.all -= 1;
        match in_use.by_caller.get_mut(&self.caller) {
            Some(own) if *own > 1 => *own -= 1,
            _ => {
                in_use.by_caller.remove(&self.caller);
            }
        }
    }
}

impl LimitedResource {
    fn limit_reached(self) -> Problem {
        let (kind, detail) = match self {
            Self::Listener => (
                Kind::TooManyListeners,
                Localized::new(
                    "지금 보고 있는 사람이 너무 많습니다. 잠시 뒤에 다시 연결해 주세요.",
                    "The limit of concurrent streams is reached. Retry later.",
                ),
            ),
            Self::Run => (
                Kind::TooManyRuns,
                Localized::new(
                    "지금은 게시와 검사, 내리기가 너무 많습니다. 잠시 뒤에 다시 시도해 주세요.",
                    "The limit of concurrent publishes, checks and withdrawals is reached. Retry later.",
                ),
            ),
        };
        Problem::new(kind, detail).retry_after(RETRY_DELAY)
    }

    fn share_exceeded(self, share: usize) -> Problem {
        let (limit, korean, english) = match self {
            Self::Listener => (
                "listenersPerOwner",
                format!(
                    "한 번에 {share}곳에서 볼 수 있습니다. 열어 둔 화면을 하나 닫고 다시 연결해 주세요."
                ),
                format!("At most {share} concurrent streams per caller. Close one, then retry."),
            ),
            Self::Run => (
                "runningPerOwner",
                format!(
                    "게시와 검사, 내리기는 한 번에 {share}개까지 할 수 있습니다. 하나가 끝나면 다시 시도해 주세요."
                ),
                format!(
                    "At most {share} concurrent publishes, checks and withdrawals per caller. Retry when one has finished."
                ),
            ),
        };
        let detail = Localized::new(korean, english);
        Problem::new(Kind::ShareUsedUp, detail)
            .member("limit", limit)
            .member("share", share)
            .retry_after(RETRY_DELAY)
    }
}

/// The refusal of a request on a connection above the limit, in the language that it asks for.
pub(crate) fn too_many_connections(request: &HeaderMap) -> Response {
    let detail = Localized::new(
        "지금은 연결이 너무 많습니다. 쓰지 않는 연결을 닫고 잠시 뒤에 다시 시도해 주세요.",
        "The connection limit is reached. Close idle connections and retry in a moment.",
    );
    Problem::new(Kind::TooManyConnections, detail)
        .retry_after(Duration::from_secs(1))
        .in_language(preferred(request))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(name: &str) -> Caller {
        let id: OwnerId = name.parse().unwrap();
        Caller::from(&id)
    }

    fn uri(refused: Result<ConcurrencyPermit, Problem>) -> Option<String> {
        refused.err().map(|problem| problem.uri())
    }

    #[test]
    fn a_caller_is_limited_to_its_share() {
        let concurrency_limit = Arc::new(ConcurrencyLimiter::new(
            LimitedResource::Listener,
            ConcurrencyLimits::new(8, None),
        ));
        let own: Vec<ConcurrencyPermit> = (0..2)
            .map(|_| concurrency_limit.take(owner("a")).ok().unwrap())
            .collect();
        let refused = uri(concurrency_limit.take(owner("a")));
        assert_eq!(refused.as_deref(), Some("urn:baepo:problem:share-used-up"));
        let others: Vec<ConcurrencyPermit> = ["b", "b", "c", "c", "d"]
            .into_iter()
            .map(|name| concurrency_limit.take(owner(name)).ok().unwrap())
            .collect();
        // Not the owner of that name.
        let operator = concurrency_limit
            .take(Caller::operator("a".to_owned()))
            .ok()
            .unwrap();
        let refused = uri(concurrency_limit.take(owner("e")));
        assert_eq!(
            refused.as_deref(),
            Some("urn:baepo:problem:too-many-listeners")
        );
        drop((own, others, operator));
        assert!(concurrency_limit.take(owner("a")).is_ok());
        assert!(
            concurrency_limit.lock().by_caller.is_empty(),
            "nothing is left of them"
        );
    }

    #[test]
    fn the_default_share_is_a_quarter_and_at_least_one() {
        let each = |all, given| ConcurrencyLimits::new(all, given).each;
        assert_eq!(each(1_000, None), 250);
        assert_eq!(each(1, None), 1);
        assert_eq!(each(10, Some(3)), 3);
        assert_eq!(each(10, Some(30)), 10);
    }
}
