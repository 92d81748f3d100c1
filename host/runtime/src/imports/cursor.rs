//! An attempt's journal while it runs: recorded steps are replayed first, new ones are appended.
//!
//! It sends nothing. It decides whether the component asks for what is recorded, and when the journal
//! must be durable before the component goes on.

use std::collections::VecDeque;
use std::sync::Arc;

use baepo_domain::model::journal::sent::{any_unsafe, unsafe_sent};
use baepo_domain::model::journal::{Divergence, Entry, Request, RequestOutcome, Step};
use baepo_domain::ports::{Journal, LeaseLost};
use jiff::Timestamp;

use crate::convert::clipped;

/// New entries are committed at the latest when they have this many bytes: a component that only reads
/// must not fill the host's memory.
const MAX_UNCOMMITTED_BYTES: usize = 1 << 20;

/// Why the host ends a component that did nothing wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum StopReason {
    #[error("it sleeps until {0}")]
    Asleep(Timestamp),
    #[error(transparent)]
    Diverged(Divergence),
    #[error(transparent)]
    LeaseLost(#[from] LeaseLost),
    /// A replay without sending has reached the end of the journal.
    #[error("the journal ends before {0}")]
    PastEnd(String),
}

/// The journal of one call into a component.
pub(crate) struct JournalCursor {
    /// Not replayed yet.
    recorded: VecDeque<Entry>,
    /// How many were replayed.
    reached: u32,
    /// Not committed yet.
    uncommitted: Vec<Entry>,
    uncommitted_bytes: usize,
    /// Of all entries up to here, replayed or new.
    bytes: usize,
    next_sequence: u32,
    /// Whether an unsafe request was sent, or may have been, by the recorded steps.
    unsafe_sent: bool,
    /// The component's time: it stands still between the entries.
    now: Timestamp,
    durability: Durability,
    past_end: PastEnd,
}

/// What happens where the record ends.
enum PastEnd {
    /// The component goes on, and what it does is kept.
    Record(Arc<dyn Journal>),
    /// It goes on, and what it does is not kept.
    Discard,
    /// It ends before it does anything.
    Halt,
}

/// When the entries that are not committed must be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Durability {
    CanWait,
    /// An unsafe request was answered: its answer is committed with the next entry.
    WithNextEntry,
    /// Before the component goes on.
    Now,
}

impl JournalCursor {
    /// Of an attempt that begins at `started_at`, or goes on behind what is recorded.
    pub fn recording(
        recorded: Vec<Entry>,
        started_at: Timestamp,
        journal: Arc<dyn Journal>,
    ) -> Self {
        Self::new(recorded, started_at, PastEnd::Record(journal))
    }

    /// Of a call that is never run again.
    pub fn unrecorded(now: Timestamp) -> Self {
        Self::new(Vec::new(), now, PastEnd::Discard)
    }

    /// Of a run that ends where the record does.
    pub fn replay_only(recorded: Vec<Entry>, started_at: Timestamp) -> Self {
        Self::new(recorded, started_at, PastEnd::Halt)
    }

    fn new(recorded: Vec<Entry>, now: Timestamp, past_end: PastEnd) -> Self {
        Self {
            next_sequence: recorded.last().map_or(0, |entry| entry.sequence) + 1,
            unsafe_sent: unsafe_sent(&recorded),
            recorded: recorded.into(),
            reached: 0,
            uncommitted: Vec::new(),
            uncommitted_bytes: 0,
            bytes: 0,
            now,
            durability: Durability::CanWait,
            past_end,
        }
    }

    /// The recorded step, where there is one: it must be what the component asks for now. `None`:
    /// it has not happened yet.
    pub fn replay(&mut self, given: &Step) -> Result<Option<Step>, StopReason> {
        match self.recorded.front() {
            Some(entry) if matches_recorded(&entry.step, given) => Ok(self.take()),
            Some(entry) => Err(diverged(entry, describe_request(&entry.step, given))),
            None => self.ensure_not_past_end(given).map(|()| None),
        }
    }

    /// The recorded answers to `sent`, which was replayed just before. `None`: the host stopped
    /// between the two.
    pub fn answers(
        &mut self,
        sent: &Step,
        requests: usize,
    ) -> Result<Option<Vec<RequestOutcome>>, StopReason> {
        match self.recorded.front() {
            None => return self.ensure_not_past_end(sent).map(|()| None),
            Some(Entry {
                step: Step::Answered(answers),
                ..
            }) if answers.len() == requests => {}
            Some(entry) => return Err(diverged(entry, describe_request(&entry.step, sent))),
        }
        Ok(self.take().and_then(|step| match step {
            Step::Answered(answers) => Some(answers),
            _ => None,
        }))
    }

    fn ensure_not_past_end(&self, given: &Step) -> Result<(), StopReason> {
        match self.past_end {
            PastEnd::Record(_) | PastEnd::Discard => Ok(()),
            PastEnd::Halt => Err(StopReason::PastEnd(clipped(given.to_string()))),
        }
    }

    fn take(&mut self) -> Option<Step> {
        let entry = self.recorded.pop_front()?;
        self.reached += 1;
        self.bytes = self.bytes.saturating_add(entry.step.bytes());
        self.now = time_after(&entry);
        Some(entry.step)
    }

    /// Appends what happens now, or is about to.
    pub fn write(&mut self, step: Step, clock: Timestamp) {
        let entry = Entry {
            sequence: self.next_sequence,
            at: self.time(clock),
            step,
        };
        self.next_sequence += 1;
        self.now = time_after(&entry);
        if matches!(self.past_end, PastEnd::Discard) {
            return;
        }
        let bytes = entry.step.bytes();
        self.bytes = self.bytes.saturating_add(bytes);
        self.uncommitted_bytes = self.uncommitted_bytes.saturating_add(bytes);
        self.durability = self.durability_with(&entry.step);
        self.uncommitted.push(entry);
    }

    fn durability_with(&self, step: &Step) -> Durability {
        match step {
            _ if self.durability != Durability::CanWait => Durability::Now,
            _ if self.uncommitted_bytes > MAX_UNCOMMITTED_BYTES => Durability::Now,
            Step::Sent(requests) if any_unsafe(requests) => Durability::Now,
            // The commit also publishes it to those who wait for the delivery.
            Step::Waiting { .. } | Step::Accepted { .. } => Durability::Now,
            // Its requests are durable already: one of them was unsafe.
            Step::Answered(_) if self.uncommitted.is_empty() => Durability::WithNextEntry,
            Step::Sent(_) | Step::Answered(_) | Step::Signed { .. } | Step::Slept { .. } => {
                Durability::CanWait
            }
        }
    }

    /// Whether [`Self::commit`] must come before anything else.
    pub fn is_due(&self) -> bool {
        self.durability == Durability::Now
    }

    /// Everything written is durable when it returns.
    pub async fn commit(&mut self) -> Result<(), StopReason> {
        self.durability = Durability::CanWait;
        self.uncommitted_bytes = 0;
        let uncommitted = std::mem::take(&mut self.uncommitted);
        if let PastEnd::Record(journal) = &self.past_end {
            journal.commit(uncommitted).await?;
        }
        Ok(())
    }

    /// Which of these posts can be this attempt's; none where no store is behind the journal.
    pub async fn attributable(&self, external_ids: &[String], since: Timestamp) -> Vec<String> {
        match &self.past_end {
            PastEnd::Record(journal) => journal.attributable(external_ids, since).await,
            PastEnd::Discard | PastEnd::Halt => Vec::new(),
        }
    }

    /// The component's time.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// What an entry made now carries: a clock that was set back does not take the component back.
    pub fn time(&self, clock: Timestamp) -> Timestamp {
        clock.max(self.now)
    }

    /// Whether recorded steps are left.
    pub fn is_replaying(&self) -> bool {
        !self.recorded.is_empty()
    }

    /// Whether this run ends where the record does.
    pub fn is_replay_only(&self) -> bool {
        matches!(self.past_end, PastEnd::Halt)
    }

    /// The component ended: it must have done all that the journal says.
    pub fn end(&self) -> Result<(), Divergence> {
        match self.recorded.front() {
            None => Ok(()),
            Some(entry) => Err(divergence(entry, "ended".to_owned())),
        }
    }

    /// Whether an unsafe request was sent, or may have been, before this run.
    pub fn unsafe_sent(&self) -> bool {
        self.unsafe_sent
    }

    /// How large the journal is up to here. The same in a replay.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    pub fn reached(&self) -> u32 {
        self.reached
    }

    /// What is to be committed with the end.
    pub fn into_uncommitted(self) -> Vec<Entry> {
        self.uncommitted
    }
}

/// Where the component's clock stands behind an entry.
fn time_after(entry: &Entry) -> Timestamp {
    match entry.step {
        Step::Slept { until } => until,
        _ => entry.at,
    }
}

/// Whether a component that asks for `given` does what it did when this was recorded. A signature
/// is an answer, and the end of a sleep follows from the host's clock: neither is compared.
fn matches_recorded(recorded: &Step, given: &Step) -> bool {
    match (recorded, given) {
        (Step::Slept { .. }, Step::Slept { .. }) => true,
        (
            Step::Signed {
                secret,
                algorithm,
                data,
                ..
            },
            Step::Signed {
                secret: given_secret,
                algorithm: given_algorithm,
                data: given_data,
                ..
            },
        ) => (secret, algorithm, data) == (given_secret, given_algorithm, given_data),
        _ => recorded == given,
    }
}

fn diverged(entry: &Entry, given: String) -> StopReason {
    StopReason::Diverged(divergence(entry, given))
}

fn divergence(entry: &Entry, given: String) -> Divergence {
    Divergence {
        sequence: entry.sequence,
        recorded: clipped(entry.step.to_string()),
        given: clipped(given),
    }
}

/// What the component asks for; where its text equals that of the recorded step, with what differs.
fn describe_request(recorded: &Step, given: &Step) -> String {
    let text = given.to_string();
    if text == recorded.to_string() {
        format!(
            "asked for {text} with other {}",
            difference(recorded, given)
        )
    } else {
        format!("asked for {text}")
    }
}

/// What differs between two steps with the same text.
fn difference(recorded: &Step, given: &Step) -> &'static str {
    match (recorded, given) {
        (Step::Sent(recorded), Step::Sent(given)) => recorded
            .iter()
            .zip(given)
            .find(|(recorded, given)| recorded != given)
            .map_or("requests", |(recorded, given)| {
                differing_part(recorded, given)
            }),
        (Step::Signed { .. }, Step::Signed { .. }) => "data",
        (Step::Accepted { .. }, Step::Accepted { .. }) => "receipt",
        _ => "kind",
    }
}

fn differing_part(recorded: &Request, given: &Request) -> &'static str {
    if recorded.headers != given.headers {
        "headers"
    } else if recorded.credentials != given.credentials {
        "credentials"
    } else if recorded.repeat != given.repeat {
        "repeat"
    } else {
        "timeout"
    }
}
