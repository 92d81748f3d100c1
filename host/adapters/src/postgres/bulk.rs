//! The changes of many callers, sorted by what they are made of, so that each kind is written with
//! one statement.

use std::collections::HashSet;

use baepo_domain::model::attempt::Attempt;
use baepo_domain::model::audit::AuditEntry;
use baepo_domain::model::delivery::Delivery;
use baepo_domain::model::distribution::Distribution;
use baepo_domain::model::event::Event;
use baepo_domain::model::id::{
    AttemptId, AuditId, DeliveryId, DistributionId, EventId, IdempotencyKey, MessageId, OwnerId,
};
use baepo_domain::model::idempotency::IdempotencyRecord;
use baepo_domain::model::journal::Entry;
use baepo_domain::model::lease::Lease;
use baepo_domain::model::outbox::Message;
use baepo_domain::ports::Mutation;

use super::journal::{self, LeaseGuard};
use super::mutations::apply;
use super::session::Session;
use super::statement::{UnmatchedRows, WriteError};
use super::{attempts, audit, deliveries, distributions, events, idempotency, outbox};

/// A caller, by its place among those who are written together.
pub type Caller = usize;

/// What a set has at most once: of two changes to a row only the first would be seen.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum RowKey<'a> {
    Event(EventId),
    Distribution(DistributionId),
    Delivery(DeliveryId),
    Attempt(AttemptId),
    Message(MessageId),
    Audit(AuditId),
    Key(&'a OwnerId, &'a IdempotencyKey),
}

/// Takes in callers, as long as each row is named once.
#[derive(Default)]
pub struct DistinctRows<'a>(HashSet<RowKey<'a>>);

impl<'a> DistinctRows<'a> {
    /// Whether the changes may go into one set with all that were taken in before.
    pub fn try_add(&mut self, mutations: &'a [Mutation]) -> bool {
        let Some(rows) = bulk_rows(mutations) else {
            return false;
        };
        if rows.iter().any(|row| self.0.contains(row)) {
            return false;
        }
        self.0.extend(rows);
        true
    }
}

/// The rows that these changes write. None when the changes must be made in their own order: one
/// builds on another, or is of a kind that is not worth a set.
fn bulk_rows(mutations: &[Mutation]) -> Option<HashSet<RowKey<'_>>> {
    let mut rows = HashSet::with_capacity(mutations.len());
    for mutation in mutations {
        let row = match mutation {
            Mutation::PutEvent(event) => RowKey::Event(event.id),
            Mutation::RenewPublish { event, .. } => RowKey::Event(*event),
            Mutation::PutDistribution(distribution) => RowKey::Distribution(distribution.id),
            Mutation::PutDelivery(delivery) => RowKey::Delivery(delivery.id),
            Mutation::PutAttempt(attempt) => RowKey::Attempt(attempt.id),
            Mutation::PutIdempotency(record) => RowKey::Key(&record.owner, &record.key),
            Mutation::AddMessage { message, .. } => RowKey::Message(message.id),
            Mutation::AddAudit(entry) => RowKey::Audit(entry.id),
            // In a set all claims are looked at first: this one may not be there before.
            Mutation::AppendEntries { delivery, .. }
                if rows.contains(&RowKey::Delivery(*delivery)) =>
            {
                return None;
            }
            // These may meet each other.
            Mutation::AppendEntries { .. }
            | Mutation::RenewLeases { .. }
            | Mutation::RenewMessages { .. }
            | Mutation::ReclaimMessages { .. }
            | Mutation::MarkSent { .. } => continue,
            Mutation::ForgetJournals(_)
            | Mutation::ReplaceAnswer { .. }
            | Mutation::PutAccount(_)
            | Mutation::DeleteAccount { .. }
            | Mutation::PutRelease { .. }
            | Mutation::DeleteRelease(_)
            | Mutation::DeleteUnusedComponents => return None,
        };
        if !rows.insert(row) {
            return None;
        }
    }
    Some(rows)
}

/// Rows of one kind, and whose each is.
struct RowBatch<T> {
    rows: Vec<T>,
    callers: Vec<Caller>,
}

impl<T> Default for RowBatch<T> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            callers: Vec::new(),
        }
    }
}

impl<T: Copy> RowBatch<T> {
    fn push(&mut self, caller: Caller, row: T) {
        self.callers.push(caller);
        self.rows.push(row);
    }

    fn note(&self, conflicts: &mut Conflicts, what: &'static str, missed: UnmatchedRows) {
        conflicts.extend(
            missed
                .into_iter()
                .map(|position| (self.callers[position], what)),
        );
    }

    /// Everybody locks rows in the same order, so that no two wait for each other.
    fn sort_by_key<K: Ord>(&mut self, key: impl Fn(&T) -> K) {
        let mut both: Vec<(T, Caller)> = self.rows.drain(..).zip(self.callers.drain(..)).collect();
        both.sort_by_key(|(row, _)| key(row));
        (self.rows, self.callers) = both.into_iter().unzip();
    }
}

/// New rows in the order in which they were asked for, which they keep, and others.
struct Upserts<'a, T> {
    new: RowBatch<&'a T>,
    changed: RowBatch<&'a T>,
}

impl<T> Default for Upserts<'_, T> {
    fn default() -> Self {
        Self {
            new: RowBatch::default(),
            changed: RowBatch::default(),
        }
    }
}

impl<'a, T> Upserts<'a, T> {
    fn push(&mut self, caller: Caller, revision: i64, row: &'a T) {
        let set = if revision == 0 {
            &mut self.new
        } else {
            &mut self.changed
        };
        set.push(caller, row);
    }
}

/// Everything that some callers want written.
#[derive(Default)]
pub struct BulkWrite<'a> {
    lease_guards: RowBatch<LeaseGuard>,
    events: Upserts<'a, Event>,
    publishes: RowBatch<(EventId, Lease)>,
    distributions: Upserts<'a, Distribution>,
    deliveries: Upserts<'a, Delivery>,
    attempts: Upserts<'a, Attempt>,
    entries: Vec<(AttemptId, &'a Entry)>,
    keys: RowBatch<&'a IdempotencyRecord>,
    messages: RowBatch<(&'a Message, Lease)>,
    audit: RowBatch<&'a AuditEntry>,
    /// What is a set already.
    rest: Vec<&'a Mutation>,
}

/// Who was late, and with what.
pub type Conflicts = Vec<(Caller, &'static str)>;

impl<'a> BulkWrite<'a> {
    pub fn of(callers: impl Iterator<Item = (Caller, &'a [Mutation])>) -> Self {
        let mut bulk = Self::default();
        for (caller, mutations) in callers {
            for mutation in mutations {
                bulk.push(caller, mutation);
            }
        }
        bulk.lease_guards
            .sort_by_key(|lease_guard| lease_guard.delivery);
        bulk.events.changed.sort_by_key(|event| event.id);
        bulk.publishes.sort_by_key(|(event, _)| *event);
        bulk.distributions
            .changed
            .sort_by_key(|distribution| distribution.id);
        bulk.deliveries.changed.sort_by_key(|delivery| delivery.id);
        bulk.attempts.changed.sort_by_key(|attempt| attempt.id);
        bulk
    }

    fn push(&mut self, caller: Caller, mutation: &'a Mutation) {
        match mutation {
            Mutation::PutEvent(event) => self.events.push(caller, event.revision, event),
            Mutation::RenewPublish { event, lease } => {
                self.publishes.push(caller, (*event, *lease));
            }
            Mutation::PutDistribution(distribution) => {
                self.distributions
                    .push(caller, distribution.revision, distribution);
            }
            Mutation::PutDelivery(delivery) => {
                self.deliveries.push(caller, delivery.revision, delivery);
            }
            Mutation::PutAttempt(attempt) => self.attempts.push(caller, attempt.revision, attempt),
            Mutation::AppendEntries {
                attempt,
                delivery,
                holder,
                entries,
            } => {
                let lease_guard = LeaseGuard {
                    delivery: *delivery,
                    holder: *holder,
                    attempt: *attempt,
                };
                self.lease_guards.push(caller, lease_guard);
                self.entries
                    .extend(entries.iter().map(|entry| (*attempt, entry)));
            }
            Mutation::PutIdempotency(record) => self.keys.push(caller, record),
            Mutation::AddMessage { message, lease } => {
                self.messages.push(caller, (message, *lease));
            }
            Mutation::AddAudit(entry) => self.audit.push(caller, entry),
            rest => self.rest.push(rest),
        }
    }

    /// Writes all of it, and notes who was `conflicts`: then nothing of it may be committed. A row comes
    /// after those that it refers to, and a claim is looked at before its delivery moves on.
    pub async fn write(
        &self,
        session: &mut Session,
        conflicts: &mut Conflicts,
    ) -> Result<(), WriteError> {
        let missed = journal::check_leases(session, &self.lease_guards.rows).await?;
        self.lease_guards.note(conflicts, "lease", missed);
        for set in [&self.events.new, &self.events.changed] {
            let missed = events::put(session, &set.rows).await?;
            set.note(conflicts, "event", missed);
        }
        let missed = events::renew(session, &self.publishes.rows).await?;
        self.publishes.note(conflicts, "lease", missed);
        for set in [&self.distributions.new, &self.distributions.changed] {
            let missed = distributions::put(session, &set.rows).await?;
            set.note(conflicts, "distribution", missed);
        }
        for set in [&self.deliveries.new, &self.deliveries.changed] {
            let missed = deliveries::put(session, &set.rows).await?;
            set.note(conflicts, "delivery", missed);
        }
        for set in [&self.attempts.new, &self.attempts.changed] {
            let missed = attempts::put(session, &set.rows).await?;
            set.note(conflicts, "attempt", missed);
        }
        journal::append(session, &self.entries).await?;
        let missed = idempotency::put(session, &self.keys.rows).await?;
        self.keys.note(conflicts, "idempotency key", missed);
        let missed = outbox::add(session, &self.messages.rows).await?;
        self.messages.note(conflicts, "message", missed);
        let missed = audit::add(session, &self.audit.rows).await?;
        self.audit.note(conflicts, "audit entry", missed);
        for mutation in &self.rest {
            apply(session, mutation).await?;
        }
        Ok(())
    }
}
