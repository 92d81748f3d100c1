//! Where a running attempt's journal is kept: beside its delivery, under its lease.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;

use super::Deliverer;
use crate::model::attribution::{self, OtherPosts};
use crate::model::delivery::{Delivery, InvalidTransition};
use crate::model::id::AttemptId;
use crate::model::journal::{Entry, Step};
use crate::model::receipt::Receipt;
use crate::model::text::Localized;
use crate::ports::{CommitError, Journal, LeaseLost, Mutation, StoreError};
use crate::usecases::failpoint;
use crate::usecases::transitions::{DeliveryRef, Transition};

pub(super) struct AttemptJournal {
    pub deliverer: Arc<Deliverer>,
    pub delivery_ref: DeliveryRef,
    pub attempt: AttemptId,
}

/// What a component reports to the owner while its attempt goes on.
enum ProgressUpdate {
    Accepted(Receipt, Localized),
    Waiting(Localized),
}

#[async_trait]
impl Journal for AttemptJournal {
    async fn commit(&self, entries: Vec<Entry>) -> Result<(), LeaseLost> {
        failpoint::point("journal.intent");
        let update = entries.iter().rev().find_map(|entry| match &entry.step {
            Step::Accepted { receipt, note } => {
                let note = Localized::parse(note);
                Some(ProgressUpdate::Accepted(receipt.clone(), note))
            }
            Step::Waiting { note } => Some(ProgressUpdate::Waiting(Localized::parse(note))),
            _ => None,
        });
        let append = Mutation::AppendEntries {
            attempt: self.attempt,
            delivery: self.delivery_ref.delivery,
            holder: self.deliverer.node.holder,
            entries,
        };
        match update {
            None => self.append(append).await?,
            Some(update) => self.commit_update(append, update).await?,
        }
        failpoint::point("journal.intended");
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
        let own = self.deliverer.find(self.delivery_ref.delivery).await?;
        self.deliverer
            .deliveries
            .other_posts(&own, external_ids, since)
            .await
    }

    async fn append(&self, append: Mutation) -> Result<(), LeaseLost> {
        let mut tries = 0;
        loop {
            match self
                .deliverer
                .unit_of_work
                .commit(vec![append.clone()])
                .await
            {
                Ok(()) => return Ok(()),
                Err(CommitError::Conflict(_)) => return Err(LeaseLost),
                // Nothing leaves before it is written, so the attempt waits for the store.
                Err(CommitError::Store(error)) => self.wait(&error, &mut tries).await,
            }
        }
    }

    async fn commit_update(
        &self,
        append: Mutation,
        update: ProgressUpdate,
    ) -> Result<(), LeaseLost> {
        let (holder, attempt) = (self.deliverer.node.holder, self.attempt);
        let commit_update =
            move |delivery: Delivery, now: Timestamp| -> Result<_, InvalidTransition> {
                if !delivery.is_worked_on_by(holder, attempt) {
                    return Err(delivery.stale_transition());
                }
                match &update {
                    ProgressUpdate::Accepted(receipt, note) => {
                        delivery.accept(receipt.clone(), note.clone(), now)
                    }
                    ProgressUpdate::Waiting(note) => Ok(delivery.wait(note.clone(), now)),
                }
            };
        let commit_update: Transition = Arc::new(commit_update);
        let mut tries = 0;
        loop {
            let (commit_update, first) = (Arc::clone(&commit_update), vec![append.clone()]);
            match self
                .deliverer
                .transitions
                .apply(self.delivery_ref, commit_update, first)
                .await
            {
                Ok(Some(_)) => return Ok(()),
                Ok(None) => return Err(LeaseLost),
                Err(error) => self.wait(&error, &mut tries).await,
            }
        }
    }

    async fn wait(&self, error: &StoreError, tries: &mut u32) {
        let delivery = self.delivery_ref.delivery;
        self.deliverer.wait_for_store(delivery, error, tries).await;
    }
}
