//! Deliveries that a process left behind are reclaimed: at a start, and by the other hosts.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use super::{Deliverer, NextStep, next};
use crate::model::delivery::Delivery;
use crate::model::id::DeliveryId;
use crate::model::lease::Lease;
use crate::model::node_identity::ReclaimScope;
use crate::model::time::before;
use crate::ports::StoreError;
use crate::usecases::transitions::{DeliveryRef, Transition};

/// Deliveries that are reclaimed between two looks at the store.
const BATCH: u32 = 256;
/// A delivery that is to be ordered is ordered within seconds, or its event's publish goes on.
const ORPHANED_AFTER: Duration = Duration::from_secs(60);

impl Deliverer {
    /// Makes every delivery due at once that is to be finished and that nobody works on: its lease
    /// has run out, or it has none and nobody would come back to it. The journal says where its
    /// attempt goes on. Returns how many there were.
    ///
    /// # Errors
    /// When the store cannot answer for one of them; the others are reclaimed all the same, and
    /// calling again goes on. What cannot be read is left out.
    pub async fn reclaim_all(&self) -> Result<usize, StoreError> {
        let mut seen = HashSet::new();
        let mut outcome = Ok(());
        loop {
            let now = self.clock.now();
            let scope = self.node.reclaimable(now);
            let expired = new_in(self.deliveries.reclaimable(scope, BATCH).await?, &mut seen);
            let unchanged_since = before(now, ORPHANED_AFTER);
            let orphaned = self.deliveries.orphaned(unchanged_since, BATCH).await?;
            let orphaned = new_in(orphaned, &mut seen);
            // What is still there was seen before, and could not be reclaimed.
            if expired.is_empty() && orphaned.is_empty() {
                return outcome.map(|()| seen.len());
            }
            for id in expired {
                let reclaimed = self.reclaim_expired(id, scope).await;
                outcome = outcome.and(StoreError::skip_unreadable(reclaimed).map(drop));
            }
            for id in orphaned {
                let reclaimed = self.reclaim_orphan(id).await;
                outcome = outcome.and(StoreError::skip_unreadable(reclaimed).map(drop));
            }
        }
    }

    async fn reclaim_expired(&self, id: DeliveryId, scope: ReclaimScope) -> Result<(), StoreError> {
        let delivery = self.find(id).await?;
        let reclaim = reclaim_under(move |lease| scope.include(lease));
        self.transitions
            .apply(DeliveryRef::from(&delivery), reclaim, Vec::new())
            .await
            .map(drop)
    }

    /// The bus has its event, or the event's publish would not be over.
    async fn reclaim_orphan(&self, id: DeliveryId) -> Result<(), StoreError> {
        let delivery = self.find(id).await?;
        let reclaim: Transition = Arc::new(|delivery: Delivery, now| {
            if delivery.is_orphan() {
                Ok(delivery.sleep(now, now))
            } else {
                Err(delivery.stale_transition())
            }
        });
        self.transitions
            .apply(DeliveryRef::from(&delivery), reclaim, Vec::new())
            .await
            .map(drop)
    }

    /// A lease of this process under which nobody works: the store had reported a failure and had
    /// written it all the same.
    pub(super) async fn reclaim_own(&self, delivery: &Delivery) -> Result<NextStep, StoreError> {
        let holder = self.node.holder;
        let is_own = delivery.lease.is_some_and(|lease| lease.holder == holder);
        if !is_own || self.in_progress.contains(delivery.id) {
            return Ok(NextStep::Done);
        }
        let reclaim = reclaim_under(move |lease| lease.holder == holder);
        let changed = self
            .transitions
            .apply(DeliveryRef::from(delivery), reclaim, Vec::new())
            .await?;
        Ok(changed.as_ref().map_or(NextStep::Done, next))
    }
}

/// Reclaims a delivery while its lease is one of these.
fn reclaim_under(is_meant: impl Fn(Lease) -> bool + Send + Sync + 'static) -> Transition {
    Arc::new(move |delivery: Delivery, now| match delivery.lease {
        Some(lease) if is_meant(lease) => Ok(delivery.reclaim(now)),
        Some(_) | None => Err(delivery.stale_transition()),
    })
}

fn new_in(found: Vec<DeliveryId>, seen: &mut HashSet<DeliveryId>) -> Vec<DeliveryId> {
    let new = found.into_iter().filter(|delivery| seen.insert(*delivery));
    new.collect()
}
