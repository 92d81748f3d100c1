//! Where a running attempt's journal is kept: beside its delivery, under its lease.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;

use super::Deliverer;
use super::change::{Move, Spot};
use super::run::STORE_PAUSE;
use crate::attempt::Receipt;
use crate::delivery::{Delivery, InvalidTransition};
use crate::fault;
use crate::id::AttemptId;
use crate::journal::{Entry, Step};
use crate::ports::{Change, CommitError, Journal, LostLease};

pub(super) struct AttemptJournal {
    pub deliverer: Arc<Deliverer>,
    pub spot: Spot,
    pub attempt: AttemptId,
}

#[async_trait]
impl Journal for AttemptJournal {
    async fn commit(&self, entries: Vec<Entry>) -> Result<(), LostLease> {
        fault::point("journal.intent");
        let accepted = entries.iter().rev().find_map(|entry| match &entry.step {
            Step::Accepted { receipt, note } => Some((receipt.clone(), note.clone())),
            _ => None,
        });
        let append = Change::AppendEntries {
            attempt: self.attempt,
            delivery: self.spot.delivery,
            holder: self.deliverer.member.holder,
            entries,
        };
        match accepted {
            None => self.append(append).await?,
            Some((receipt, note)) => self.accept(append, &receipt, &note).await?,
        }
        fault::point("journal.intended");
        Ok(())
    }
}

impl AttemptJournal {
    async fn append(&self, append: Change) -> Result<(), LostLease> {
        loop {
            match self.deliverer.store.commit(vec![append.clone()]).await {
                Ok(()) => return Ok(()),
                Err(CommitError::Conflict(_)) => return Err(LostLease),
                // Nothing leaves before it is written, so the attempt waits for the store.
                Err(CommitError::Store(_)) => self.deliverer.clock.sleep(STORE_PAUSE).await,
            }
        }
    }

    async fn accept(&self, append: Change, receipt: &Receipt, note: &str) -> Result<(), LostLease> {
        let (holder, attempt) = (self.deliverer.member.holder, self.attempt);
        let (receipt, note) = (receipt.clone(), note.to_owned());
        let accept = move |delivery: Delivery, now: Timestamp| -> Result<_, InvalidTransition> {
            if !delivery.is_worked_on_by(holder, attempt) {
                return Err(delivery.lost());
            }
            delivery.accept(receipt.clone(), &note, now)
        };
        let accept: Move = Arc::new(accept);
        loop {
            let (accept, first) = (Arc::clone(&accept), vec![append.clone()]);
            match self.deliverer.change(self.spot, accept, first).await {
                Ok(Some(_)) => return Ok(()),
                Ok(None) => return Err(LostLease),
                Err(_) => self.deliverer.clock.sleep(STORE_PAUSE).await,
            }
        }
    }
}
