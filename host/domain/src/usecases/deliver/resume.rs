//! An attempt that slept, or whose host is gone, goes on from its journal.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::{Deliverer, NextStep, next, offer};
use crate::model::attempt::Attempt;
use crate::model::delivery::Delivery;
use crate::model::id::AttemptId;
use crate::model::reason::Reason;
use crate::model::time::after;
use crate::ports::{CommitError, HeldRelease, Mutation, StoreError};
use crate::usecases::transitions::DeliveryRef;

/// Before a release that could not be brought back is tried again.
const RELEASE_PAUSE: Duration = Duration::from_secs(30);

impl Deliverer {
    pub(super) async fn resume(
        self: &Arc<Self>,
        delivery: Delivery,
        id: AttemptId,
    ) -> Result<NextStep, StoreError> {
        let attempt = self.attempts.attempt(id).await?;
        let attempt = attempt.ok_or_else(|| StoreError::missing("attempt", id))?;
        let journal = self.journals.journal(id).await?;
        let now = self.clock.now();
        if let Some(reason) = offer::is_too_late(&delivery, &attempt, &journal, now) {
            return self
                .fail_offer_ended(&delivery, Some(attempt), reason)
                .await;
        }
        let completeness = offer::completeness(&delivery, &journal);
        let Some(held) = self.reload_release(&attempt).await? else {
            return self.wait_for_release(delivery).await;
        };
        let secrets = self
            .accounts
            .secrets(&delivery.owner, &delivery.channel)
            .await?;
        let _working = self.in_progress.begin(delivery.id);
        let now = self.clock.now();
        let claimed = delivery.resume(self.node.lease_from(now), now);
        match self
            .unit_of_work
            .commit(vec![Mutation::PutDelivery(claimed.clone())])
            .await
        {
            Ok(()) => {
                self.observer.moved(&claimed);
                self.run(attempt, held, secrets, journal, completeness)
                    .await
            }
            // Somebody else moved it: look again.
            Err(CommitError::Conflict(_)) => Ok(NextStep::At(now)),
            Err(CommitError::Store(error)) => Err(error),
        }
    }

    /// The very release that the attempt began with, loaded again where it is not.
    async fn reload_release(
        &self,
        attempt: &Attempt,
    ) -> Result<Option<Box<dyn HeldRelease>>, StoreError> {
        if let Some(held) = self.channels.hold_release(attempt.release) {
            return Ok(Some(held));
        }
        let Some(component) = self.releases.component(attempt.release).await? else {
            return Ok(None);
        };
        Ok(self.channels.load(component).await.ok())
    }

    async fn wait_for_release(&self, delivery: Delivery) -> Result<NextStep, StoreError> {
        let wait = |delivery: Delivery, now: Timestamp| {
            Ok(delivery.defer(Reason::ReleaseUnavailable, after(now, RELEASE_PAUSE), now))
        };
        let changed = self
            .transitions
            .apply(DeliveryRef::from(&delivery), Arc::new(wait), Vec::new())
            .await?;
        Ok(changed.as_ref().map_or(NextStep::Done, next))
    }
}
