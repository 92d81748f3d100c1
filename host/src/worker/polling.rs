//! Background work in rounds: one round, a sleep, the next, until the process stops.

use std::future::pending;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use baepo_domain::ports::StoreError;
use baepo_domain::ports::clock::Clock;
use tokio_util::sync::CancellationToken;

/// How a loop reacts to a round that fails.
#[derive(Debug, Clone, Copy)]
pub struct OnFailure {
    /// Logged once, until a round succeeds again.
    pub warning: &'static str,
    /// The sleep before the next round.
    pub retry_after: Duration,
}

/// Repeats `round` until `stopping`; each returns how long to sleep before the next. A round that
/// has begun is finished.
pub async fn poll<R>(
    clock: &dyn Clock,
    stopping: &CancellationToken,
    on_failure: OnFailure,
    round: impl FnMut() -> R,
) where
    R: Future<Output = Result<Duration, StoreError>>,
{
    poll_or_wake(clock, stopping, on_failure, pending, round).await;
}

/// [`poll`] whose sleep also ends when the future of `wakeup` completes.
pub async fn poll_or_wake<W, R>(
    clock: &dyn Clock,
    stopping: &CancellationToken,
    on_failure: OnFailure,
    mut wakeup: impl FnMut() -> W,
    mut round: impl FnMut() -> R,
) where
    W: Future<Output = ()>,
    R: Future<Output = Result<Duration, StoreError>>,
{
    let failure_latch = FailureLatch::default();
    while !stopping.is_cancelled() {
        let wait = match round().await {
            Ok(wait) => {
                failure_latch.record_success();
                wait
            }
            Err(error) => {
                if failure_latch.record_failure() {
                    tracing::warn!(%error, "{}", on_failure.warning);
                }
                on_failure.retry_after
            }
        };
        tokio::select! {
            () = clock.sleep(wait) => {}
            () = wakeup() => {}
            () = stopping.cancelled() => {}
        }
    }
}

/// Whether something failed the last time, so that repeated failures are logged once.
#[derive(Debug, Default)]
pub struct FailureLatch(AtomicBool);

impl FailureLatch {
    /// Records a failure; whether the time before was none.
    pub fn record_failure(&self) -> bool {
        !self.0.swap(true, Ordering::Relaxed)
    }

    /// Records a success; whether the time before was a failure.
    pub fn record_success(&self) -> bool {
        self.0.swap(false, Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::FailureLatch;

    #[test]
    fn a_failure_is_reported_once_until_a_success() {
        let failure_latch = FailureLatch::default();
        assert_eq!(
            [
                failure_latch.record_failure(),
                failure_latch.record_failure()
            ],
            [true, false]
        );
        assert_eq!(
            [
                failure_latch.record_success(),
                failure_latch.record_success()
            ],
            [true, false]
        );
        assert!(failure_latch.record_failure());
    }
}
