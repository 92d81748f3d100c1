//! Putting an event together: a draft is made, and changed whole or part by part.

use std::sync::Arc;

use crate::model::delivery::DeliveryStatus;
use crate::model::draft::Draft;
use crate::model::event::{EditRefused, Event};
use crate::model::findings::{Finding, Findings};
use crate::model::id::{EventId, OwnerId};
use crate::ports::clock::Clock;
use crate::ports::id_generator::IdGenerator;
use crate::ports::{CommitError, Mutation, Store, StoreError};
use crate::usecases::conflict_backoff::ConflictBackoff;

/// The use case, with what it needs.
pub struct Editor {
    pub store: Arc<dyn Store>,
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
    #[error("{}", Finding::text(.0.kept()))]
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
            match self
                .store
                .commit(vec![Mutation::PutEvent(event.clone())])
                .await
            {
                Ok(()) => return Ok(event),
                // The id was taken: draw another one.
                Err(CommitError::Conflict(_)) => contention.pause().await?,
                Err(CommitError::Store(error)) => return Err(error.into()),
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
            let event = self.store.event(id).await?;
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
            match self
                .store
                .commit(vec![Mutation::PutEvent(event.clone())])
                .await
            {
                Ok(()) => return Ok(event),
                Err(CommitError::Conflict(_)) => contention.pause().await?,
                Err(CommitError::Store(error)) => return Err(error.into()),
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
        let deliveries = self.store.deliveries(distribution).await?;
        let mut statuses = deliveries.iter().map(|delivery| delivery.status);
        Ok(statuses.any(|status| status != DeliveryStatus::Failed))
    }
}
