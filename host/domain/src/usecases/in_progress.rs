//! The deliveries that this process works on at this moment.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::model::id::DeliveryId;

/// The leases of these deliveries are renewed and of no others, so that a lease that a crash, a lost
/// answer or a defect left behind under this process's name is reclaimed like any other.
#[derive(Debug, Default)]
pub struct InProgress(Mutex<BTreeMap<DeliveryId, usize>>);

/// A delivery is worked on until this is dropped.
#[derive(Debug)]
pub struct WorkGuard {
    delivery: DeliveryId,
    all: Arc<InProgress>,
}

impl InProgress {
    /// To be called before the lease is committed: one that is not renewed yet does no harm.
    #[must_use]
    pub fn begin(self: &Arc<Self>, delivery: DeliveryId) -> WorkGuard {
        *self.by_delivery().entry(delivery).or_default() += 1;
        let all = Arc::clone(self);
        WorkGuard { delivery, all }
    }

    #[must_use]
    pub fn contains(&self, delivery: DeliveryId) -> bool {
        self.by_delivery().contains_key(&delivery)
    }

    /// In the order of their ids.
    #[must_use]
    pub fn deliveries(&self) -> Vec<DeliveryId> {
        self.by_delivery().keys().copied().collect()
    }

    fn by_delivery(&self) -> MutexGuard<'_, BTreeMap<DeliveryId, usize>> {
        // Nothing that is done with it can panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for WorkGuard {
    fn drop(&mut self) {
        let mut by_delivery = self.all.by_delivery();
        if let Some(count) = by_delivery.get_mut(&self.delivery) {
            *count -= 1;
            if *count == 0 {
                by_delivery.remove(&self.delivery);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_delivery_is_in_progress_until_its_last_guard_is_dropped() {
        let all = Arc::new(InProgress::default());
        let [one, other] = [1, 2].map(|number| DeliveryId(Uuid::from_u128(number)));
        let first = all.begin(other);
        let second = all.begin(one);
        let third = all.begin(one);
        assert_eq!(all.deliveries(), [one, other]);
        drop((first, second));
        assert_eq!(all.deliveries(), [one]);
        assert!(all.contains(one) && !all.contains(other));
        drop(third);
        assert!(all.deliveries().is_empty());
    }
}
