//! Where a running attempt's journal is kept: beside its delivery, under its lease.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;

use super::Deliverer;
use crate::attempt::Receipt;
use crate::attribution;
use crate::delivery::{Delivery, InvalidTransition};
use crate::fault;
use crate::id::AttemptId;
use crate::journal::{Entry, Step};
use crate::moves::{Move, Spot};
use crate::ports::{Change, CommitError, Journal, LostLease, OtherPosts, StoreError};

pub(super) struct AttemptJournal {
    pub deliverer: Arc<Deliverer>,
    pub spot: Spot,
    pub attempt: AttemptId,
}

/// What the owner is told while an attempt goes on.
enum Told {
    Accepted(Receipt, String),
    Waiting(String),
}

#[async_trait]
impl Journal for AttemptJournal {
    async fn commit(&self, entries: Vec<Entry>) -> Result<(), LostLease> {
        fault::point("journal.intent");
        let told = entries.iter().rev().find_map(|entry| match &entry.step {
            Step::Accepted { receipt, note } => Some(Told::Accepted(receipt.clone(), note.clone())),
            Step::Waiting { note } => Some(Told::Waiting(note.clone())),
            _ => None,
        });
        let append = Change::AppendEntries {
            attempt: self.attempt,
            delivery: self.spot.delivery,
            holder: self.deliverer.moves.member.holder,
            entries,
        };
        match told {
            None => self.append(append).await?,
            Some(told) => self.tell(append, told).await?,
        }
        fault::point("journal.intended");
        Ok(())
    }

    async fn attributable(&self, external_ids: &[String], since: Timestamp) -> Vec<String> {
        let mut tries = 0;
        loop {
            match self.other_posts(external_ids, since).await {
                Ok(others) => return attribution::attributable(external_ids, &others),
                Err(error) => self.wait(&error, &mut tries).await,
            }
        }
    }
}

impl AttemptJournal {
    async fn other_posts(
        &self,
        external_ids: &[String],
        since: Timestamp,
    ) -> Result<OtherPosts, StoreError> {
        let store = &self.deliverer.moves.store;
        let own = self.deliverer.find(self.spot.delivery).await?;
        store.other_posts(&own, external_ids, since).await
    }

    async fn append(&self, append: Change) -> Result<(), LostLease> {
        let mut tries = 0;
        loop {
            match self
                .deliverer
                .moves
                .store
                .commit(vec![append.clone()])
                .await
            {
                Ok(()) => return Ok(()),
                Err(CommitError::Conflict(_)) => return Err(LostLease),
                // Nothing leaves before it is written, so the attempt waits for the store.
                Err(CommitError::Store(error)) => self.wait(&error, &mut tries).await,
            }
        }
    }

    async fn tell(&self, append: Change, told: Told) -> Result<(), LostLease> {
        let (holder, attempt) = (self.deliverer.moves.member.holder, self.attempt);
        let tell = move |delivery: Delivery, now: Timestamp| -> Result<_, InvalidTransition> {
            if !delivery.is_worked_on_by(holder, attempt) {
                return Err(delivery.lost());
            }
            match &told {
                Told::Accepted(receipt, note) => delivery.accept(receipt.clone(), note, now),
                Told::Waiting(note) => Ok(delivery.wait(note, now)),
            }
        };
        let tell: Move = Arc::new(tell);
        let mut tries = 0;
        loop {
            let (tell, first) = (Arc::clone(&tell), vec![append.clone()]);
            match self.deliverer.moves.change(self.spot, tell, first).await {
                Ok(Some(_)) => return Ok(()),
                Ok(None) => return Err(LostLease),
                Err(error) => self.wait(&error, &mut tries).await,
            }
        }
    }

    async fn wait(&self, error: &StoreError, tries: &mut u32) {
        let delivery = self.spot.delivery;
        self.deliverer.wait_for_store(delivery, error, tries).await;
    }
}
