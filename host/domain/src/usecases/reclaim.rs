//! What a start, or another host, does with what a process left behind that is gone.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use crate::model::id::DeliveryId;
use crate::model::time::before;
use crate::ports::StoreError;
use crate::usecases::deliver::Deliverer;

/// Deliveries that are taken over between two looks at the store.
const BATCH: u32 = 256;
/// A delivery that is to be ordered is ordered within seconds, or its event's publish goes on.
const ORPHANED_AFTER: Duration = Duration::from_secs(60);

/// Makes every delivery due at once that is to be finished and that nobody works on: its claim has
/// run out, or it has none and nobody would come back to it. The journal says where its attempt goes
/// on. Returns how many there were.
///
/// # Errors
/// When the store cannot answer for one of them; the others are taken over all the same, and calling
/// again goes on. What cannot be read is set aside.
pub async fn recover(deliverer: &Arc<Deliverer>) -> Result<usize, StoreError> {
    let (store, clock) = (&deliverer.transitions.store, &deliverer.transitions.clock);
    let mut seen = HashSet::new();
    let mut outcome = Ok(());
    loop {
        let claims = deliverer.transitions.node.reclaimable(clock.now());
        let reclaimable = new_in(store.reclaimable(claims, BATCH).await?, &mut seen);
        let unchanged_since = before(clock.now(), ORPHANED_AFTER);
        let orphaned = new_in(store.orphaned(unchanged_since, BATCH).await?, &mut seen);
        // What is still there was seen before, and could not be taken over.
        if reclaimable.is_empty() && orphaned.is_empty() {
            return outcome.map(|()| seen.len());
        }
        for delivery in reclaimable {
            let reclaimable = deliverer.reclaim(delivery, claims).await;
            outcome = outcome.and(StoreError::skip_unreadable(reclaimable).map(drop));
        }
        for delivery in orphaned {
            let adopted = deliverer.reclaim_orphan(delivery).await;
            outcome = outcome.and(StoreError::skip_unreadable(adopted).map(drop));
        }
    }
}

fn new_in(found: Vec<DeliveryId>, seen: &mut HashSet<DeliveryId>) -> Vec<DeliveryId> {
    let new = found.into_iter().filter(|delivery| seen.insert(*delivery));
    new.collect()
}
