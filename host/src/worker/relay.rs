//! Carries messages from the outbox to the bus: at least once, in order per key.
//!
//! A message is sent by the process that wrote it while that holds the message's lease; afterwards by
//! the process that reclaims it.

mod acknowledgements;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use baepo_domain::model::id::MessageId;
use baepo_domain::model::node_identity::NodeIdentity;
use baepo_domain::model::outbox::OutboxRow;
use baepo_domain::model::time::after;
use baepo_domain::ports::clock::Clock;
use baepo_domain::ports::{Bus, CommitError, Mutation, OutboxStore, Relay, StoreError, UnitOfWork};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use self::acknowledgements::Acknowledgements;
use super::polling::FailureLatch;

/// Messages that are read from the store and sent at once.
const BATCH: u32 = 256;
/// Between two rounds without a wakeup: another process may be gone, or the bus may be back.
const POLL_INTERVAL: Duration = Duration::from_secs(2);
/// How often the store is read for a message that another process sends.
const STORE_POLL_INTERVAL: Duration = Duration::from_millis(500);
/// How long an unreachable bus may delay the stop.
const FINAL_FLUSH_TIMEOUT: Duration = Duration::from_secs(2);

/// The relay; [`OutboxRelay::run`] does the work.
pub struct OutboxRelay {
    outbox: Arc<dyn OutboxStore>,
    unit_of_work: Arc<dyn UnitOfWork>,
    bus: Arc<dyn Bus>,
    clock: Arc<dyn Clock>,
    node: NodeIdentity,
    wakeup: Notify,
    acknowledgements: Acknowledgements,
    store_failure: FailureLatch,
    bus_failure: FailureLatch,
}

/// The result of one batch.
#[derive(PartialEq, Eq)]
enum BatchOutcome {
    /// There may be more right now.
    Full,
    /// Nothing is left that could be sent now.
    Empty,
}

impl OutboxRelay {
    pub fn new(
        outbox: Arc<dyn OutboxStore>,
        unit_of_work: Arc<dyn UnitOfWork>,
        bus: Arc<dyn Bus>,
        clock: Arc<dyn Clock>,
        node: NodeIdentity,
    ) -> Self {
        Self {
            outbox,
            unit_of_work,
            bus,
            clock,
            node,
            wakeup: Notify::new(),
            acknowledgements: Acknowledgements::default(),
            store_failure: FailureLatch::default(),
            bus_failure: FailureLatch::default(),
        }
    }

    /// Works until `stopping`, then sends what was written before. A message that could not be marked
    /// as sent is sent again by the next process.
    pub async fn run(&self, stopping: CancellationToken) {
        let mut last_reclaim = None;
        while !stopping.is_cancelled() {
            let now = self.clock.now();
            if last_reclaim.is_none_or(|last| after(last, POLL_INTERVAL) <= now) {
                last_reclaim = Some(now);
                self.reclaim().await;
            }
            if self.send_batch().await == BatchOutcome::Empty {
                tokio::select! {
                    () = self.wakeup.notified() => {}
                    () = self.clock.sleep(POLL_INTERVAL) => {}
                    () = stopping.cancelled() => {}
                }
            }
        }
        // What is left waits until another host reclaims it after this one's lease has expired.
        let last = async { while self.send_batch().await == BatchOutcome::Full {} };
        if tokio::time::timeout(FINAL_FLUSH_TIMEOUT, last)
            .await
            .is_err()
        {
            tracing::warn!("stopped with unsent messages; they are sent later");
        }
    }

    /// Claims messages that no process sends any more.
    async fn reclaim(&self) {
        let now = self.clock.now();
        let change = Mutation::ReclaimMessages {
            scope: self.node.reclaimable(now),
            lease: self.node.lease_from(now),
            limit: BATCH,
        };
        match self.unit_of_work.commit(vec![change]).await {
            // It checks no revision, so it cannot conflict.
            Ok(()) | Err(CommitError::Conflict(_)) => {}
            Err(CommitError::Store(error)) => self.report_store_failure(&error),
        }
    }

    fn report_store_failure(&self, error: &StoreError) {
        if self.store_failure.record_failure() {
            tracing::warn!(%error, "the relay cannot use the outbox; retrying");
        }
    }

    async fn send_batch(&self) -> BatchOutcome {
        let rows = match self.outbox.unsent(self.node.holder, BATCH).await {
            Ok(rows) => rows,
            Err(error) => {
                self.report_store_failure(&error);
                return BatchOutcome::Empty;
            }
        };
        self.store_failure.record_success();
        if rows.is_empty() {
            return BatchOutcome::Empty;
        }
        match self.renew(&rows).await {
            Ok(()) => {}
            // Another process has some of them now.
            Err(CommitError::Conflict(_)) => return BatchOutcome::Full,
            Err(CommitError::Store(error)) => {
                self.report_store_failure(&error);
                return BatchOutcome::Empty;
            }
        }
        let sent = self.send(&rows).await;
        let complete = sent.len() == rows.len();
        if self.mark(sent).await && complete {
            BatchOutcome::Full
        } else {
            BatchOutcome::Empty
        }
    }

    /// Renews the leases of the messages that have waited; most are sent long before. Only of these
    /// rows: a message of this process that is not among them may be sent by another.
    async fn renew(&self, rows: &[OutboxRow]) -> Result<(), CommitError> {
        let now = self.clock.now();
        let has_waited =
            |row: &&OutboxRow| after(row.message.created_at, self.node.renew_every()) <= now;
        let waiting = rows.iter().filter(has_waited).map(|row| row.sequence);
        let sequences: Vec<i64> = waiting.collect();
        if sequences.is_empty() {
            return Ok(());
        }
        let lease = self.node.lease_from(now);
        let renewal = Mutation::RenewMessages { sequences, lease };
        self.unit_of_work.commit(vec![renewal]).await
    }

    /// Returns the sequences of the messages that the bus took.
    async fn send(&self, rows: &[OutboxRow]) -> Vec<i64> {
        let mut sent = Vec::with_capacity(rows.len());
        let mut first_error = None;
        for (row, answer) in rows.iter().zip(self.bus.send(rows).await) {
            match answer {
                Ok(()) => {
                    sent.push(row.sequence);
                    self.acknowledgements.acknowledge(row.message.id);
                }
                Err(error) => first_error = first_error.or(Some(error)),
            }
        }
        match first_error {
            None if self.bus_failure.record_success() => {
                tracing::info!("the bus has recovered");
            }
            None => {}
            Some(error) if self.bus_failure.record_failure() => {
                let waiting = rows.len() - sent.len();
                tracing::warn!(%error, waiting, "the bus rejected messages; will retry");
            }
            Some(error) => tracing::debug!(%error, "the bus did not take messages"),
        }
        sent
    }

    async fn mark(&self, sequences: Vec<i64>) -> bool {
        if sequences.is_empty() {
            return false;
        }
        let change = Mutation::MarkSent {
            sequences,
            at: self.clock.now(),
        };
        match self.unit_of_work.commit(vec![change]).await {
            Ok(()) | Err(CommitError::Conflict(_)) => true,
            Err(CommitError::Store(error)) => {
                tracing::warn!(%error, "sent messages could not be marked; they are sent again");
                false
            }
        }
    }

    /// Completes when the store has it marked as sent, by any process.
    async fn sent_by_peer(&self, message: MessageId) {
        loop {
            self.clock.sleep(STORE_POLL_INTERVAL).await;
            if self.is_marked(message).await.unwrap_or(false) {
                return;
            }
        }
    }

    async fn is_marked(&self, message: MessageId) -> Result<bool, StoreError> {
        let row = self.outbox.message(message).await?;
        Ok(row.is_some_and(|row| row.sent_at.is_some()))
    }
}

#[async_trait]
impl Relay for OutboxRelay {
    fn wake(&self) {
        self.wakeup.notify_one();
    }

    async fn acknowledged(&self, message: MessageId, within: Duration) -> bool {
        let Some(acknowledged) = self.acknowledgements.subscribe(message) else {
            return true;
        };
        self.wake();
        tokio::select! {
            acknowledged = acknowledged => acknowledged.is_ok(),
            () = self.sent_by_peer(message) => true,
            () = self.clock.sleep(within) => false,
        }
    }
}
