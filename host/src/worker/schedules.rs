//! Begins scheduled publishes. Each begins once, whatever the number of hosts: its first transaction
//! removes the schedule.

use std::sync::Arc;
use std::time::Duration;

use baepo_domain::model::id::EventId;
use baepo_domain::model::reason::Reason;
use baepo_domain::model::time::{after, until};
use baepo_domain::ports::clock::Clock;
use baepo_domain::ports::{EventStore, StoreError};
use baepo_domain::usecases::publish::{PublishError, PublishRequest, Publisher, Trigger};
use baepo_domain::usecases::schedule::Scheduler;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::polling::{OnFailure, poll};

/// The longest time between two rounds: another process may set an earlier time.
const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// Scheduled publishes that run at once.
const MAX_CONCURRENT: usize = 64;

/// Begins scheduled publishes in the background.
pub struct Schedules {
    pub events: Arc<dyn EventStore>,
    pub publisher: Arc<Publisher>,
    pub scheduler: Arc<Scheduler>,
    pub clock: Arc<dyn Clock>,
    pub tasks: TaskTracker,
}

impl Schedules {
    /// Works until `stopping`.
    pub async fn run(self: Arc<Self>, stopping: CancellationToken) {
        let permits = Arc::new(Semaphore::new(MAX_CONCURRENT));
        let on_failure = OnFailure {
            warning: "scheduled publishes wait for the store",
            retry_after: POLL_INTERVAL,
        };
        let round = || self.start_due(&permits);
        poll(&*self.clock, &stopping, on_failure, round).await;
    }

    /// Begins what is due, as far as there is room; returns how long until the next round.
    async fn start_due(self: &Arc<Self>, permits: &Arc<Semaphore>) -> Result<Duration, StoreError> {
        let now = self.clock.now();
        let limit = u32::try_from(permits.available_permits()).unwrap_or(u32::MAX);
        if limit == 0 {
            return Ok(POLL_INTERVAL);
        }
        for event in self.events.scheduled(now, limit).await? {
            let Ok(permit) = Arc::clone(permits).acquire_owned().await else {
                break;
            };
            let worker = Arc::clone(self);
            self.tasks.spawn(async move {
                worker.publish(event).await;
                drop(permit);
            });
        }
        let latest = after(now, POLL_INTERVAL);
        let next = self.events.next_scheduled().await?;
        // What has just begun may not have removed its schedule yet.
        let next = next.filter(|next| *next > now).unwrap_or(latest);
        Ok(until(self.clock.now(), next.min(latest)))
    }

    async fn publish(&self, event: EventId) {
        let reason = match self.start(event).await {
            Ok(()) => return,
            Err(PublishError::NotReady(missing)) => Reason::ScheduleIncomplete(missing),
            Err(PublishError::UnknownChannels(channels)) => {
                Reason::ScheduleWithoutChannels(channels)
            }
            Err(PublishError::OfferEnded(end)) => Reason::ScheduleMissedOffer { end: end.0 },
            // It was rescheduled, begins on another host, or is found again by the next round.
            Err(PublishError::NotScheduled | PublishError::Running | PublishError::NotFound) => {
                return;
            }
            // The store has logged it.
            Err(PublishError::Store(error)) if error.unreadable().is_some() => return,
            Err(error @ (PublishError::Store(_) | PublishError::KeyReused)) => {
                tracing::warn!(%event, %error, "a scheduled publish waits");
                return;
            }
        };
        if let Err(error) = self.scheduler.fail_schedule(event, &reason).await {
            tracing::warn!(%event, %error, "a scheduled publish waits");
        }
    }

    async fn start(&self, id: EventId) -> Result<(), PublishError> {
        let event = self.events.event(id).await?.ok_or(PublishError::NotFound)?;
        let schedule = event.schedule.ok_or(PublishError::NotScheduled)?;
        let request = PublishRequest {
            owner: event.owner,
            event: id,
            channels: schedule.channels,
            key: None,
            trigger: Trigger::Schedule,
        };
        let answered = self.publisher.publish(request).await?;
        let status = answered.publication.status.as_str();
        tracing::info!(event = %id, status, "a scheduled publish began");
        Ok(())
    }
}
