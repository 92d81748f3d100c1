//! Slots for connections, and which connection is closed when all are taken.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use baepo_domain::model::options;
use serde::Deserialize;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Slots above the limit, for one request each: health, or a refusal.
pub(super) const RESERVE_SLOTS: usize = 16;
/// How long a connection above the limit may take to send its request.
const RESERVE_IDLE_LIMIT: Duration = Duration::from_secs(2);

/// The limits on the connections of a process: options of `[server]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConnectionLimits {
    /// The most connections at once. Default 4,096; never more than half of the files that the process may
    /// open.
    #[serde(rename = "max_connections")]
    #[serde(deserialize_with = "options::count::<1, 1_000_000, _, _>")]
    pub most: usize,
    /// How long the header of the first request on a connection may take. Default 10 s.
    #[serde(rename = "header_ms")]
    #[serde(deserialize_with = "options::duration::<100, 600_000, _>")]
    pub header: Duration,
    /// How long a connection may have no request, and how long the header of its next one may take.
    /// Default 120 s: longer than clients keep connections.
    #[serde(rename = "idle_ms")]
    #[serde(deserialize_with = "options::duration::<100, 3_600_000, _>")]
    pub idle: Duration,
    /// For a request's body, and for every part of an answer to be taken. Default 60 s.
    #[serde(rename = "body_ms")]
    #[serde(deserialize_with = "options::duration::<100, 3_600_000, _>")]
    pub body: Duration,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            most: 4_096,
            header: Duration::from_secs(10),
            idle: Duration::from_secs(120),
            body: Duration::from_secs(60),
        }
    }
}

/// Every connection of a process.
pub(super) struct ConnectionSlots {
    limits: ConnectionLimits,
    table: Mutex<SlotTable>,
}

#[derive(Default)]
struct SlotTable {
    /// The last number that was given, to a slot or to a moment at which one became idle.
    next: u64,
    open: HashMap<u64, OpenConnection>,
    /// Idle slots by the moment at which they became idle.
    idle_order: BTreeMap<u64, u64>,
}

struct OpenConnection {
    /// Requests whose response has not been read completely.
    active_requests: usize,
    idle_since: Option<u64>,
    close: CancellationToken,
}

/// Whether a connection is within the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Admission {
    Regular,
    Reserve,
}

/// Whether a connection has a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Activity {
    /// It has none, and is closed then.
    Idle {
        until: Instant,
    },
    Busy,
}

/// One connection's slot; returned when it is dropped.
pub(super) struct ConnectionSlot {
    slots: Arc<ConnectionSlots>,
    id: u64,
    admission: Admission,
    close: CancellationToken,
    activity: watch::Sender<Activity>,
}

/// A request on a connection, until its response has been read.
pub(super) struct ActiveRequest(Arc<ConnectionSlot>);

impl ConnectionSlots {
    pub(super) fn new(limits: ConnectionLimits) -> Self {
        Self {
            limits,
            table: Mutex::default(),
        }
    }

    /// A slot for an idle connection, if one is free or another idle connection can be closed for it.
    pub(super) fn take(self: &Arc<Self>) -> Option<Arc<ConnectionSlot>> {
        let mut table = self.lock();
        if table.open.len() >= self.limits.most {
            table.close_longest_idle();
        }
        let admission = match table.open.len() {
            open if open < self.limits.most => Admission::Regular,
            open if open < self.limits.most + RESERVE_SLOTS => Admission::Reserve,
            _ => return None,
        };
        let close = CancellationToken::new();
        let (id, idle_since) = (table.next_number(), table.next_number());
        table.idle_order.insert(idle_since, id);
        let open = OpenConnection {
            active_requests: 0,
            idle_since: Some(idle_since),
            close: close.clone(),
        };
        table.open.insert(id, open);
        drop(table);
        let until = idle_deadline(admission, self.limits.header);
        Some(Arc::new(ConnectionSlot {
            slots: Arc::clone(self),
            id,
            admission,
            close,
            activity: watch::Sender::new(Activity::Idle { until }),
        }))
    }

    /// Closes the connection that has been idle for longest.
    pub(super) fn close_longest_idle(&self) {
        self.lock().close_longest_idle();
    }

    #[cfg(test)]
    pub(super) fn open(&self) -> usize {
        self.lock().open.len()
    }

    fn lock(&self) -> MutexGuard<'_, SlotTable> {
        // No code that holds the lock can panic.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SlotTable {
    fn next_number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn close_longest_idle(&mut self) {
        if let Some((_, id)) = self.idle_order.pop_first()
            && let Some(open) = self.open.remove(&id)
        {
            open.close.cancel();
        }
    }
}

impl ConnectionSlot {
    pub(super) fn admission(&self) -> Admission {
        self.admission
    }

    pub(super) fn activity(&self) -> watch::Receiver<Activity> {
        self.activity.subscribe()
    }

    /// Completes when the connection must close for another.
    pub(super) async fn closed(&self) {
        self.close.cancelled().await;
    }

    /// To be called when a request's header has arrived.
    pub(super) fn begin(self: &Arc<Self>) -> ActiveRequest {
        let mut table = self.slots.lock();
        let table = &mut *table;
        // One that was closed for another is missing from the table.
        if let Some(open) = table.open.get_mut(&self.id) {
            open.active_requests += 1;
            if let Some(since) = open.idle_since.take() {
                table.idle_order.remove(&since);
            }
            self.activity.send_replace(Activity::Busy);
        }
        ActiveRequest(Arc::clone(self))
    }

    fn end(&self) {
        let mut table = self.slots.lock();
        let next_number = table.next_number();
        let table = &mut *table;
        let Some(open) = table.open.get_mut(&self.id) else {
            return;
        };
        open.active_requests -= 1;
        if open.active_requests == 0 {
            open.idle_since = Some(next_number);
            table.idle_order.insert(next_number, self.id);
            let limit: Duration = self.slots.limits.idle;
            let until = idle_deadline(self.admission, limit);
            self.activity.send_replace(Activity::Idle { until });
        }
    }
}

/// When a connection that is idle from now on must be closed.
fn idle_deadline(admission: Admission, limit: Duration) -> Instant {
    Instant::now()
        + match admission {
            Admission::Regular => limit,
            Admission::Reserve => limit.min(RESERVE_IDLE_LIMIT),
        }
}

impl Drop for ActiveRequest {
    fn drop(&mut self) {
        self.0.end();
    }
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        let mut table = self.slots.lock();
        if let Some(open) = table.open.remove(&self.id)
            && let Some(since) = open.idle_since
        {
            table.idle_order.remove(&since);
        }
    }
}
