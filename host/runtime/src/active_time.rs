//! Active time: the time of an attempt without its sleeps.
//!
//! Measured on tokio's monotonic clock rather than on the port: it is about the machine's time,
//! and it must pass even where a test's clock stands still.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// How much of its time an attempt has used, and when it is over.
#[derive(Debug)]
pub(crate) struct ActiveTime {
    allowed: Duration,
    /// Before the last pause.
    used: Duration,
    /// `None` while it sleeps.
    since: Option<Instant>,
    /// When the time is over if nothing sleeps before; `None` while it sleeps.
    end: watch::Sender<Option<Instant>>,
}

impl ActiveTime {
    /// Runs from now on.
    pub fn start(allowed: Duration) -> Self {
        let now = Instant::now();
        Self {
            allowed,
            used: Duration::ZERO,
            since: Some(now),
            end: watch::Sender::new(Some(now + allowed)),
        }
    }

    /// Stops it until [`Self::resume`].
    pub fn pause(&mut self) {
        self.used = self.used();
        self.since = None;
        self.end.send_replace(None);
    }

    /// Runs on.
    pub fn resume(&mut self) {
        let now = Instant::now();
        self.since = Some(now);
        self.end
            .send_replace(Some(now + self.allowed.saturating_sub(self.used)));
    }

    /// How much of it has passed.
    pub fn used(&self) -> Duration {
        self.used + self.since.map_or(Duration::ZERO, |since| since.elapsed())
    }

    /// Whether all of it has passed.
    pub fn is_over(&self) -> bool {
        self.used() >= self.allowed
    }

    /// A future that completes when all of it has passed, pauses taken into account.
    pub fn over(&self) -> impl Future<Output = ()> + Send + use<> {
        over(self.end.subscribe())
    }
}

async fn over(mut end: watch::Receiver<Option<Instant>>) {
    loop {
        let at = *end.borrow_and_update();
        let changed = match at {
            Some(at) => tokio::select! {
                () = sleep_until(at) => return,
                changed = end.changed() => changed,
            },
            None => end.changed().await,
        };
        if changed.is_err() {
            // The attempt has ended; this future is not awaited any more.
            return std::future::pending().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn is_over_within(over: &mut (impl Future<Output = ()> + Unpin), millis: u64) -> bool {
        tokio::time::timeout(Duration::from_millis(millis), over)
            .await
            .is_ok()
    }

    #[tokio::test]
    async fn sleep_extends_the_deadline() {
        let mut time = ActiveTime::start(Duration::from_millis(60));
        let mut over = Box::pin(time.over());
        time.pause();
        assert!(
            !is_over_within(&mut over, 120).await,
            "it stands still while it sleeps"
        );
        assert!(time.used() < Duration::from_millis(60));
        time.resume();
        assert!(!time.is_over());
        assert!(is_over_within(&mut over, 10_000).await, "it runs on");
        assert!(time.is_over());
    }
}
