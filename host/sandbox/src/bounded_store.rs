//! Things kept under ids that only grow, the oldest dropped when the shelf is full.

use std::collections::BTreeMap;

/// How many posts, containers or requests a stand-in remembers.
pub(crate) const CAPACITY: usize = 10_000;

/// Ids grow, so the order of the keys is the order in which things came.
#[derive(Debug)]
pub(crate) struct BoundedStore<T> {
    next_id: u64,
    entries: BTreeMap<u64, T>,
}

impl<T> BoundedStore<T> {
    pub(crate) fn starting_at(first_id: u64) -> Self {
        Self {
            next_id: first_id,
            entries: BTreeMap::new(),
        }
    }

    pub(crate) fn push(&mut self, entry: T) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        self.entries.insert(id, entry);
        if self.len() > CAPACITY {
            self.entries.pop_first();
        }
        id
    }

    /// What the next [`push`](Self::push) answers.
    pub(crate) fn next_id(&self) -> u64 {
        self.next_id
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether the next [`push`](Self::push) drops something.
    pub(crate) fn is_full(&self) -> bool {
        self.len() >= CAPACITY
    }

    pub(crate) fn get(&self, id: u64) -> Option<&T> {
        self.entries.get(&id)
    }

    pub(crate) fn get_mut(&mut self, id: u64) -> Option<&mut T> {
        self.entries.get_mut(&id)
    }

    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.entries.values_mut()
    }

    pub(crate) fn remove(&mut self, id: u64) -> Option<T> {
        self.entries.remove(&id)
    }

    pub(crate) fn remove_oldest(&mut self) -> Option<T> {
        self.entries.pop_first().map(|(_, entry)| entry)
    }

    pub(crate) fn remove_where(&mut self, mut unwanted: impl FnMut(&T) -> bool) {
        self.entries.retain(|_, entry| !unwanted(entry));
    }

    pub(crate) fn oldest_first(&self) -> impl DoubleEndedIterator<Item = (u64, &T)> {
        self.entries.iter().map(|(id, entry)| (*id, entry))
    }

    pub(crate) fn newest_first(&self) -> impl Iterator<Item = (u64, &T)> {
        self.oldest_first().rev()
    }

    /// Ids go on from where they were: one that was given out never means something else.
    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_store_evicts_its_oldest_entry() {
        let mut bounded_store = BoundedStore::starting_at(100);
        for entry in 0..=CAPACITY {
            bounded_store.push(entry);
        }
        assert_eq!(bounded_store.get(100), None);
        assert_eq!(bounded_store.oldest_first().next(), Some((101, &1)));
        assert_eq!(bounded_store.oldest_first().count(), CAPACITY);
    }

    #[test]
    fn ids_are_not_reused_after_clearing() {
        let mut bounded_store = BoundedStore::starting_at(7);
        bounded_store.push("first");
        bounded_store.clear();
        assert_eq!(bounded_store.push("second"), 8);
    }
}
