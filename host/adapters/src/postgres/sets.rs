//! The changes of many callers, sorted by what they are made of, so that each kind is written with
//! one statement.

use std::collections::HashSet;

use baepo_domain::attempt::Attempt;
use baepo_domain::audit::AuditEntry;
use baepo_domain::delivery::Delivery;
use baepo_domain::distribution::Distribution;
use baepo_domain::event::{Event, Lease};
use baepo_domain::id::{
    AttemptId, AuditId, DeliveryId, DistributionId, EventId, IdempotencyKey, MessageId, OwnerId,
};
use baepo_domain::idempotency::IdempotencyRecord;
use baepo_domain::journal::Entry;
use baepo_domain::outbox::Message;
use baepo_domain::ports::Change;

use super::changes::apply;
use super::journal::Claim;
use super::session::Session;
use super::statement::{Missed, WriteError};
use super::{attempts, audit, deliveries, distributions, events, idempotency, journal, outbox};

/// A caller, by its place among those who are written together.
pub type Caller = usize;

/// What a set has at most once: of two changes to a row only the first would be seen.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Row<'a> {
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
pub struct Rows<'a>(HashSet<Row<'a>>);

impl<'a> Rows<'a> {
    /// Whether the changes may go into one set with all that were taken in before.
    pub fn take_in(&mut self, changes: &'a [Change]) -> bool {
        let Some(rows) = settable(changes) else {
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
fn settable(changes: &[Change]) -> Option<HashSet<Row<'_>>> {
    let mut rows = HashSet::with_capacity(changes.len());
    for change in changes {
        let row = match change {
            Change::PutEvent(event) => Row::Event(event.id),
            Change::RenewPublish { event, .. } => Row::Event(*event),
            Change::PutDistribution(distribution) => Row::Distribution(distribution.id),
            Change::PutDelivery(delivery) => Row::Delivery(delivery.id),
            Change::PutAttempt(attempt) => Row::Attempt(attempt.id),
            Change::PutIdempotency(record) => Row::Key(&record.owner, &record.key),
            Change::AddMessage { message, .. } => Row::Message(message.id),
            Change::AddAudit(entry) => Row::Audit(entry.id),
            // In a set all claims are looked at first: this one may not be there before.
            Change::AppendEntries { delivery, .. } if rows.contains(&Row::Delivery(*delivery)) => {
                return None;
            }
            // These may meet each other.
            Change::AppendEntries { .. }
            | Change::RenewLeases { .. }
            | Change::RenewMessages { .. }
            | Change::TakeMessages { .. }
            | Change::MarkSent { .. } => continue,
            Change::ForgetJournals(_)
            | Change::ReplaceAnswer { .. }
            | Change::PutAccount(_)
            | Change::DeleteAccount { .. }
            | Change::PutRelease { .. } => return None,
        };
        if !rows.insert(row) {
            return None;
        }
    }
    Some(rows)
}

/// Rows of one kind, and whose each is.
struct Set<T> {
    rows: Vec<T>,
    callers: Vec<Caller>,
}

impl<T> Default for Set<T> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            callers: Vec::new(),
        }
    }
}

impl<T: Copy> Set<T> {
    fn push(&mut self, caller: Caller, row: T) {
        self.callers.push(caller);
        self.rows.push(row);
    }

    fn note(&self, late: &mut Late, what: &'static str, missed: Missed) {
        late.extend(missed.into_iter().map(|place| (self.callers[place], what)));
    }

    /// Everybody locks rows in the same order, so that no two wait for each other.
    fn sort_by_key<K: Ord>(&mut self, key: impl Fn(&T) -> K) {
        let mut both: Vec<(T, Caller)> = self.rows.drain(..).zip(self.callers.drain(..)).collect();
        both.sort_by_key(|(row, _)| key(row));
        (self.rows, self.callers) = both.into_iter().unzip();
    }
}

/// New rows in the order in which they were asked for, which they keep, and others.
struct Puts<'a, T> {
    new: Set<&'a T>,
    changed: Set<&'a T>,
}

impl<T> Default for Puts<'_, T> {
    fn default() -> Self {
        Self {
            new: Set::default(),
            changed: Set::default(),
        }
    }
}

impl<'a, T> Puts<'a, T> {
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
pub struct Sets<'a> {
    claims: Set<Claim>,
    events: Puts<'a, Event>,
    publishes: Set<(EventId, Lease)>,
    distributions: Puts<'a, Distribution>,
    deliveries: Puts<'a, Delivery>,
    attempts: Puts<'a, Attempt>,
    entries: Vec<(AttemptId, &'a Entry)>,
    keys: Set<&'a IdempotencyRecord>,
    messages: Set<(&'a Message, Lease)>,
    audit: Set<&'a AuditEntry>,
    /// What is a set already.
    rest: Vec<&'a Change>,
}

/// Who was late, and with what.
pub type Late = Vec<(Caller, &'static str)>;

impl<'a> Sets<'a> {
    pub fn of(callers: impl Iterator<Item = (Caller, &'a [Change])>) -> Self {
        let mut sets = Self::default();
        for (caller, changes) in callers {
            for change in changes {
                sets.push(caller, change);
            }
        }
        sets.claims.sort_by_key(|claim| claim.delivery);
        sets.events.changed.sort_by_key(|event| event.id);
        sets.publishes.sort_by_key(|(event, _)| *event);
        sets.distributions
            .changed
            .sort_by_key(|distribution| distribution.id);
        sets.deliveries.changed.sort_by_key(|delivery| delivery.id);
        sets.attempts.changed.sort_by_key(|attempt| attempt.id);
        sets
    }

    fn push(&mut self, caller: Caller, change: &'a Change) {
        match change {
            Change::PutEvent(event) => self.events.push(caller, event.revision, event),
            Change::RenewPublish { event, lease } => self.publishes.push(caller, (*event, *lease)),
            Change::PutDistribution(distribution) => {
                self.distributions
                    .push(caller, distribution.revision, distribution);
            }
            Change::PutDelivery(delivery) => {
                self.deliveries.push(caller, delivery.revision, delivery);
            }
            Change::PutAttempt(attempt) => self.attempts.push(caller, attempt.revision, attempt),
            Change::AppendEntries {
                attempt,
                delivery,
                holder,
                entries,
            } => {
                let claim = Claim {
                    delivery: *delivery,
                    holder: *holder,
                    attempt: *attempt,
                };
                self.claims.push(caller, claim);
                self.entries
                    .extend(entries.iter().map(|entry| (*attempt, entry)));
            }
            Change::PutIdempotency(record) => self.keys.push(caller, record),
            Change::AddMessage { message, lease } => self.messages.push(caller, (message, *lease)),
            Change::AddAudit(entry) => self.audit.push(caller, entry),
            rest => self.rest.push(rest),
        }
    }

    /// Writes all of it, and notes who was `late`: then nothing of it may be committed. A row comes
    /// after those that it refers to, and a claim is looked at before its delivery moves on.
    pub async fn write(&self, session: &mut Session, late: &mut Late) -> Result<(), WriteError> {
        let missed = journal::hold(session, &self.claims.rows).await?;
        self.claims.note(late, "lease", missed);
        for set in [&self.events.new, &self.events.changed] {
            let missed = events::put(session, &set.rows).await?;
            set.note(late, "event", missed);
        }
        let missed = events::renew(session, &self.publishes.rows).await?;
        self.publishes.note(late, "lease", missed);
        for set in [&self.distributions.new, &self.distributions.changed] {
            let missed = distributions::put(session, &set.rows).await?;
            set.note(late, "distribution", missed);
        }
        for set in [&self.deliveries.new, &self.deliveries.changed] {
            let missed = deliveries::put(session, &set.rows).await?;
            set.note(late, "delivery", missed);
        }
        for set in [&self.attempts.new, &self.attempts.changed] {
            let missed = attempts::put(session, &set.rows).await?;
            set.note(late, "attempt", missed);
        }
        journal::append(session, &self.entries).await?;
        let missed = idempotency::put(session, &self.keys.rows).await?;
        self.keys.note(late, "idempotency key", missed);
        let missed = outbox::add(session, &self.messages.rows).await?;
        self.messages.note(late, "message", missed);
        let missed = audit::add(session, &self.audit.rows).await?;
        self.audit.note(late, "audit entry", missed);
        for change in &self.rest {
            apply(session, change).await?;
        }
        Ok(())
    }
}
