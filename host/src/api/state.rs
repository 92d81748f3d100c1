//! What the handlers of the public API are given, and the limits on what they read.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::FromRef;
use baepo_domain::ports::clock::Clock;
use baepo_domain::ports::{
    AttemptStore, AuditStore, Cache, Channels, DeliveryStore, DistributionStore, EventStore,
    JournalStore, OutboxStore, RevisionStore,
};
use baepo_domain::usecases::accounts::Accounts;
use baepo_domain::usecases::check::Checker;
use baepo_domain::usecases::delivery_actions::DeliveryActions;
use baepo_domain::usecases::event_edit::Editor;
use baepo_domain::usecases::publish::Publisher;
use baepo_domain::usecases::releases::Releases;
use baepo_domain::usecases::schedule::Scheduler;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::auth::Tokens;
use super::concurrency_limit::ConcurrencyLimiter;
use crate::worker::delivery_feed::DeliveryFeed;

/// What the handlers extract their parts from.
#[derive(Clone, FromRef)]
pub struct ApiState {
    pub events: Arc<dyn EventStore>,
    pub audit: Arc<dyn AuditStore>,
    pub outbox: Arc<dyn OutboxStore>,
    pub distributions: Arc<dyn DistributionStore>,
    pub deliveries: Arc<dyn DeliveryStore>,
    pub revisions: Arc<dyn RevisionStore>,
    pub attempts: Arc<dyn AttemptStore>,
    pub journals: Arc<dyn JournalStore>,
    pub publisher: Arc<Publisher>,
    pub releases: Arc<Releases>,
    pub accounts: Arc<Accounts>,
    pub checker: Arc<Checker>,
    pub editor: Arc<Editor>,
    pub delivery_actions: Arc<DeliveryActions>,
    pub scheduler: Arc<Scheduler>,
    pub streams: Streams,
    /// Limits calls that run channels.
    pub running: Arc<ConcurrencyLimiter>,
    pub cache: Arc<dyn Cache>,
    pub channels: Arc<dyn Channels>,
    pub clock: Arc<dyn Clock>,
    pub tokens: Arc<Tokens>,
    /// Work that runs to its end although its caller has gone; a stop of the host waits for it.
    pub tasks: TaskTracker,
}

/// The largest bodies, in bytes, and how long they may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApiLimits {
    /// Of every request except an upload.
    pub body_bytes: usize,
    /// Of a component that is uploaded.
    pub release_bytes: usize,
    /// From the request until its whole body has arrived.
    pub body_timeout: Duration,
}

impl Default for ApiLimits {
    fn default() -> Self {
        Self {
            body_bytes: 1 << 20,
            release_bytes: 32 << 20,
            body_timeout: Duration::from_secs(60),
        }
    }
}

/// What the streams of distributions need.
#[derive(Clone)]
pub struct Streams {
    pub delivery_feed: Arc<DeliveryFeed>,
    /// Limits the number of streams.
    pub concurrency_limit: Arc<ConcurrencyLimiter>,
    /// Ends every stream: its reader reconnects, to another process if this one is gone.
    pub stopping: CancellationToken,
}
