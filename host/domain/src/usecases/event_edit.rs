//! Putting an event together: a draft is made, and changed whole or part by part.

use std::sync::Arc;

use crate::model::delivery::DeliveryStatus;
use crate::model::draft::Draft;
use crate::model::event::{EditRefused, Event};
use crate::model::findings::{Finding, Findings};
use crate::model::id::{EventId, OwnerId};
use crate::ports::clock::Clock;
use crate::ports::id_generator::IdGenerator;
use crate::ports::{DeliveryStore, EventStore, Mutation, StoreError, UnitOfWork};
use crate::usecases::conflict_backoff::ConflictBackoff;

/// The use case, with what it needs.
pub struct Editor {
    pub unit_of_work: Arc<dyn UnitOfWork>,
    pub events: Arc<dyn EventStore>,
    pub deliveries: Arc<dyn DeliveryStore>,
    pub clock: Arc<dyn Clock>,
    pub ids: IdGenerator,
}

/// Why an event was not made or changed.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// There is none, or it is somebody else's.
    #[error("no such event")]
    NotFound,
    /// The owner changes the draft; places are JSON pointers into it.
    #[error("{}", Finding::summary(.0.kept()))]
    Invalid(Findings),
    #[error(transparent)]
    Refused(#[from] EditRefused),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Editor {
    /// Makes an event of whatever parts the owner has so far.
    ///
    /// # Errors
    /// [`EditError::Invalid`] when a part breaks a rule that holds for every channel.
    pub async fn create(&self, owner: &OwnerId, draft: Draft) -> Result<Event, EditError> {
        let draft = draft.checked().map_err(EditError::Invalid)?;
        let mut contention = self.contention();
        loop {
            let id = EventId(self.ids.next());
            let event = Event::draft(id, owner.clone(), draft.clone(), self.clock.now());
            // A conflict: the id is taken, so another one is drawn.
            let mutations = vec![Mutation::PutEvent(event.clone())];
            let commit = self.unit_of_work.commit(mutations).await;
            if contention.committed(commit).await? {
                return Ok(event);
            }
        }
    }

    /// Replaces the draft with what `change` makes of it. When somebody else is faster, `change`
    /// is asked again, with their draft.
    ///
    /// # Errors
    /// See [`EditError`]; nothing was changed then.
    pub async fn change(
        &self,
        owner: &OwnerId,
        id: EventId,
        change: &(dyn Fn(Draft) -> Draft + Sync),
    ) -> Result<Event, EditError> {
        let mut contention = self.contention();
        loop {
            let event = self.events.event(id).await?;
            let event = event
                .filter(|event| event.owner == *owner)
                .ok_or(EditError::NotFound)?;
            // As it was stored before there was a normal form, it would count as changed.
            let event = Event {
                draft: event.draft.normalized(),
                ..event
            };
            let draft = change(event.draft.clone());
            let draft = draft.checked().map_err(EditError::Invalid)?;
            let in_flight = self.is_in_flight(&event).await?;
            let event = event.edit(draft, in_flight, self.clock.now())?;
            let mutations = vec![Mutation::PutEvent(event.clone())];
            let commit = self.unit_of_work.commit(mutations).await;
            if contention.committed(commit).await? {
                return Ok(event);
            }
        }
    }

    fn contention(&self) -> ConflictBackoff<'_> {
        ConflictBackoff::new(self.clock.as_ref(), self.ids.chance())
    }

    /// Whether a channel has the content or may have it soon: all but those that certainly do not.
    async fn is_in_flight(&self, event: &Event) -> Result<bool, StoreError> {
        let Some(distribution) = event.distribution else {
            return Ok(false);
        };
        let deliveries = self.deliveries.deliveries(distribution).await?;
        let mut statuses = deliveries.iter().map(|delivery| delivery.status);
        Ok(statuses.any(|status| status != DeliveryStatus::Failed))
    }
}
