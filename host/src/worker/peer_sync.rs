//! Follows the other hosts on the same store: receives their signals, and polls the store for releases,
//! since a signal may be lost.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use baepo_domain::ports::clock::Clock;
use baepo_domain::ports::{Signal, Signals};
use baepo_domain::usecases::releases::Releases;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::delivery_feed::DeliveryFeed;
use super::polling::FailureLatch;

/// How often the store is read for releases that other hosts promoted: soon enough for an operator
/// who swaps a channel even if every signal is lost.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// Follows the other hosts in the background.
pub struct PeerSync {
    pub signals: Vec<Arc<dyn Signals>>,
    pub delivery_feed: Arc<DeliveryFeed>,
    pub releases: Arc<Releases>,
    pub clock: Arc<dyn Clock>,
}

impl PeerSync {
    /// Works until `stopping`.
    pub async fn run(self, stopping: CancellationToken) {
        let releases = Notify::new();
        let listening = self
            .signals
            .iter()
            .map(|signals| self.listen(signals, &releases));
        let listening = futures::future::join_all(listening);
        tokio::select! {
            _ = listening, if !self.signals.is_empty() => {}
            () = self.follow(&releases) => {}
            () = stopping.cancelled() => {}
        }
    }

    async fn listen(&self, signals: &Arc<dyn Signals>, releases: &Notify) {
        loop {
            let signal = signals.receive().await;
            if matches!(signal, Signal::Releases | Signal::Missed) {
                releases.notify_one();
            }
            self.delivery_feed.on_signal(signal);
        }
    }

    async fn follow(&self, releases: &Notify) {
        let mut reported = HashSet::new();
        let failure_latch = FailureLatch::default();
        loop {
            tokio::select! {
                () = releases.notified() => {}
                () = self.clock.sleep(POLL_INTERVAL) => {}
            }
            let left_out = match self.releases.restore().await {
                Ok(left_out) => left_out,
                Err(error) => {
                    if failure_latch.record_failure() {
                        tracing::warn!(%error, "releases of other hosts wait for the store");
                    }
                    continue;
                }
            };
            failure_latch.record_success();
            for release in left_out {
                // Logged once, not in every round.
                if reported.insert((release.channel.clone(), release.digest)) {
                    tracing::error!(
                        channel = %release.channel,
                        release = %release.digest.short(),
                        error = %release.error,
                        "a release that another host promoted could not be loaded here"
                    );
                }
            }
        }
    }
}
