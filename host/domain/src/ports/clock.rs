//! Time as an argument.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures::channel::oneshot;
use futures::future::{BoxFuture, FutureExt as _};
use jiff::Timestamp;

use crate::model::time::after;

/// The only way to learn the time and to wait.
pub trait Clock: Send + Sync + fmt::Debug {
    /// Wall time in whole milliseconds: what the stores keep, so that a value read back is equal.
    fn now(&self) -> Timestamp;

    /// Completes when `duration` has passed on this clock.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;
}

/// A clock that stands still until it is moved: for tests.
#[derive(Debug)]
pub struct ManualClock {
    state: Mutex<ManualState>,
}

#[derive(Debug)]
struct ManualState {
    now: Timestamp,
    sleepers: Vec<(Timestamp, oneshot::Sender<()>)>,
}

impl ManualClock {
    /// A clock that stands at `now`.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        Self {
            state: Mutex::new(ManualState {
                now,
                sleepers: Vec::new(),
            }),
        }
    }

    /// How many wait for a later time. A test whose work is done between two waits advances when its worker
    /// waits again, so that no time passes for work that has not been done.
    #[must_use]
    pub fn sleepers(&self) -> usize {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.sleepers.len()
    }

    /// Moves the time forward and wakes everyone whose time has come.
    pub fn advance(&self, duration: Duration) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.now = after(state.now, duration);
        let now = state.now;
        let (due, waiting) = state
            .sleepers
            .drain(..)
            .partition(|(wake_at, _)| *wake_at <= now);
        state.sleepers = waiting;
        for (_, wake) in due {
            // A sleeper that has gone away needs no waking.
            let _ = wake.send(());
        }
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        self.state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .now
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let (wake, woken) = oneshot::channel();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let wake_at = after(state.now, duration);
        if wake_at <= state.now {
            return futures::future::ready(()).boxed();
        }
        state.sleepers.push((wake_at, wake));
        woken.map(|_| ()).boxed()
    }
}
