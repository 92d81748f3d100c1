//! A publish that was cut off goes on.

use super::{Announcement, Publication, PublishError, PublishRun, Publisher};
use crate::model::id::EventId;
use crate::ports::{CommitError, DistributionOrder, Mutation, StoreError};

impl Publisher {
    /// Goes on with a publish that was cut off. `None`: there is nothing left to do.
    ///
    /// # Errors
    /// When the store cannot answer.
    pub async fn resume(&self, event: EventId) -> Result<Option<Publication>, PublishError> {
        let found = self.events.event(event).await?;
        let event = found.ok_or_else(|| StoreError::missing("event", event))?;
        let (Some(_), Some(distribution)) = (event.publishing, event.distribution) else {
            return Ok(None);
        };
        let deliveries = self.deliveries.deliveries(distribution).await?;
        if deliveries.is_empty() {
            return Err(StoreError::missing("delivery of", distribution).into());
        }
        let channels = deliveries.iter().map(|delivery| delivery.channel.clone());
        let order = DistributionOrder {
            distribution,
            event: event.id,
            owner: event.owner.clone(),
            channels: channels.collect(),
            content: event.draft.content.clone(),
        };
        let run = PublishRun {
            event: event.id,
            order,
            announcement: Announcement::PriorPublish,
            record: None,
        };
        let now = self.clock.now();
        let reclaimed = event.approve(distribution, self.node.lease_from(now), now);
        match self
            .unit_of_work
            .commit(vec![Mutation::PutEvent(reclaimed)])
            .await
        {
            Ok(()) => self.drive(run).await.map(Some),
            // Somebody else goes on with it.
            Err(CommitError::Conflict(_)) => Ok(None),
            Err(CommitError::Store(error)) => Err(error.into()),
        }
    }
}
