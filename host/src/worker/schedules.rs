//! Begins publishes whose time has come. That one begins once is the store's doing: its first
//! transaction takes the schedule away.

use std::sync::Arc;
use std::time::Duration;

use baepo_domain::clock::{Clock, after, until};
use baepo_domain::draft::Part;
use baepo_domain::id::{ChannelId, EventId};
use baepo_domain::ports::{Store, StoreError};
use baepo_domain::publish::{PublishError, PublishRequest, Publisher, Trigger};
use baepo_domain::schedule::Scheduler;
use baepo_domain::text::{Language, both, each, with_detail};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::trouble::Trouble;

/// The longest time between two looks: another process may have set a time and died.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Publishes that begin at once.
const MOST_AT_ONCE: usize = 64;

/// The worker's parts.
pub struct Schedules {
    pub store: Arc<dyn Store>,
    pub publisher: Arc<Publisher>,
    pub scheduler: Arc<Scheduler>,
    pub clock: Arc<dyn Clock>,
    pub tasks: TaskTracker,
}

impl Schedules {
    /// Works until `stopping`.
    pub async fn run(self: Arc<Self>, stopping: CancellationToken) {
        let room = Arc::new(Semaphore::new(MOST_AT_ONCE));
        let trouble = Trouble::default();
        while !stopping.is_cancelled() {
            let wait = match self.begin_due(&room).await {
                Ok(wait) => {
                    trouble.is_over();
                    wait
                }
                Err(error) => {
                    if trouble.is_new() {
                        tracing::warn!(%error, "scheduled publishes wait for the store");
                    }
                    LOOK_EVERY
                }
            };
            tokio::select! {
                () = self.clock.sleep(wait) => {}
                () = stopping.cancelled() => {}
            }
        }
    }

    /// Begins what is due, as far as there is room; how long until the next look.
    async fn begin_due(self: &Arc<Self>, room: &Arc<Semaphore>) -> Result<Duration, StoreError> {
        let now = self.clock.now();
        let limit = u32::try_from(room.available_permits()).unwrap_or(u32::MAX);
        if limit == 0 {
            return Ok(LOOK_EVERY);
        }
        for event in self.store.scheduled(now, limit).await? {
            let Ok(permit) = Arc::clone(room).acquire_owned().await else {
                break;
            };
            let worker = Arc::clone(self);
            self.tasks.spawn(async move {
                worker.publish(event).await;
                drop(permit);
            });
        }
        let latest = after(now, LOOK_EVERY);
        let next = self.store.next_scheduled().await?;
        // What has just begun still stands there for a moment.
        let next = next.filter(|next| *next > now).unwrap_or(latest);
        Ok(until(self.clock.now(), next.min(latest)))
    }

    async fn publish(&self, event: EventId) {
        let refused = match self.begin(event).await {
            Ok(()) => return,
            Err(PublishError::NotReady(missing)) => incomplete(&missing),
            Err(PublishError::UnknownChannels(channels)) => not_installed(&channels),
            Err(PublishError::OfferEnded(end)) => end.schedule_was_too_late(),
            // It was moved, begins elsewhere, or comes again with the next look.
            Err(PublishError::NotScheduled | PublishError::Running | PublishError::NotFound) => {
                return;
            }
            // The store has reported it.
            Err(PublishError::Store(error)) if error.unreadable().is_some() => return,
            Err(error @ (PublishError::Store(_) | PublishError::KeyReused)) => {
                tracing::warn!(%event, %error, "a scheduled publish waits");
                return;
            }
        };
        if let Err(error) = self.scheduler.give_up(event, &refused).await {
            tracing::warn!(%event, %error, "a scheduled publish waits");
        }
    }

    async fn begin(&self, id: EventId) -> Result<(), PublishError> {
        let event = self.store.event(id).await?.ok_or(PublishError::NotFound)?;
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

fn incomplete(missing: &[Part]) -> String {
    each(|language| {
        let parts: Vec<&str> = missing.iter().map(|part| part.called(language)).collect();
        let parts = parts.join(", ");
        match language {
            Language::Korean => format!(
                "예약한 시각에 빠진 것이 있어 게시하지 못했습니다: {parts}. 채운 다음 다시 게시해 주세요."
            ),
            Language::English => format!(
                "Something was missing when its time had come: {parts}. Add it and publish again."
            ),
        }
    })
}

fn not_installed(channels: &[ChannelId]) -> String {
    let names: Vec<&str> = channels.iter().map(ChannelId::as_str).collect();
    let names = names.join(", ");
    let said = both(
        "예약한 시각에 쓸 수 없는 채널이 있어 게시하지 못했습니다. 채널을 다시 골라 주세요.",
        "A channel was not available when its time had come. Choose the channels again.",
    );
    with_detail(said, format!("not installed: {names}"))
}
