//! The places that connections take, and which of them gives way.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{ConnectionLimits, quiet_until};

/// Beyond the bound, for one request each: health, or a refusal that says why.
pub(super) const RESERVE: usize = 16;

/// Every connection of a process.
pub(super) struct Places {
    limits: ConnectionLimits,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    /// Of places and of times at which one became quiet.
    next: u64,
    open: HashMap<u64, Open>,
    /// By when they became quiet, the earliest first.
    quiet: BTreeMap<u64, u64>,
}

struct Open {
    /// Requests that have no whole answer yet.
    running: usize,
    quiet_since: Option<u64>,
    close: CancellationToken,
}

/// Whether a connection is within the bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Usual,
    Beyond,
}

/// What a connection does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Activity {
    /// It has no request, and may be so until then.
    Quiet {
        until: Instant,
    },
    Busy,
}

/// One connection's place; free when it is dropped.
pub(super) struct Place {
    places: Arc<Places>,
    id: u64,
    standing: Standing,
    close: CancellationToken,
    activity: watch::Sender<Activity>,
}

/// A request on a connection, until its answer has been taken.
pub(super) struct Running(Arc<Place>);

impl Places {
    pub(super) fn new(limits: ConnectionLimits) -> Self {
        Self {
            limits,
            taken: Mutex::default(),
        }
    }

    /// A place, where there is one or can be made one; the connection is quiet.
    pub(super) fn take(self: &Arc<Self>) -> Option<Arc<Place>> {
        let mut taken = self.lock();
        if taken.open.len() >= self.limits.most {
            taken.close_quietest();
        }
        let standing = match taken.open.len() {
            open if open < self.limits.most => Standing::Usual,
            open if open < self.limits.most + RESERVE => Standing::Beyond,
            _ => return None,
        };
        let close = CancellationToken::new();
        let (id, quiet_since) = (taken.number(), taken.number());
        taken.quiet.insert(quiet_since, id);
        let open = Open {
            running: 0,
            quiet_since: Some(quiet_since),
            close: close.clone(),
        };
        taken.open.insert(id, open);
        drop(taken);
        let until = quiet_until(standing, self.limits.header);
        Some(Arc::new(Place {
            places: Arc::clone(self),
            id,
            standing,
            close,
            activity: watch::Sender::new(Activity::Quiet { until }),
        }))
    }

    /// The connection that has had no request for longest gives way.
    pub(super) fn close_quietest(&self) {
        self.lock().close_quietest();
    }

    #[cfg(test)]
    pub(super) fn open(&self) -> usize {
        self.lock().open.len()
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        // Nothing in between can panic.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn close_quietest(&mut self) {
        if let Some((_, id)) = self.quiet.pop_first()
            && let Some(open) = self.open.remove(&id)
        {
            open.close.cancel();
        }
    }
}

impl Place {
    pub(super) fn standing(&self) -> Standing {
        self.standing
    }

    pub(super) fn activity(&self) -> watch::Receiver<Activity> {
        self.activity.subscribe()
    }

    /// Completes when the connection has given way.
    pub(super) async fn is_closed(&self) {
        self.close.cancelled().await;
    }

    /// A request's header is there.
    pub(super) fn begin(self: &Arc<Self>) -> Running {
        let mut taken = self.places.lock();
        let taken = &mut *taken;
        // One that has given way is about to end.
        if let Some(open) = taken.open.get_mut(&self.id) {
            open.running += 1;
            if let Some(since) = open.quiet_since.take() {
                taken.quiet.remove(&since);
            }
            self.activity.send_replace(Activity::Busy);
        }
        Running(Arc::clone(self))
    }

    fn end(&self) {
        let mut taken = self.places.lock();
        let number = taken.number();
        let taken = &mut *taken;
        let Some(open) = taken.open.get_mut(&self.id) else {
            return;
        };
        open.running -= 1;
        if open.running == 0 {
            open.quiet_since = Some(number);
            taken.quiet.insert(number, self.id);
            let limit: Duration = self.places.limits.idle;
            let until = quiet_until(self.standing, limit);
            self.activity.send_replace(Activity::Quiet { until });
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.end();
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.lock();
        if let Some(open) = taken.open.remove(&self.id)
            && let Some(since) = open.quiet_since
        {
            taken.quiet.remove(&since);
        }
    }
}
