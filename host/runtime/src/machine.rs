//! What components that run at the same time share of the machine: its memory and its processors. A
//! channel at its worst leaves the others theirs.
//!
//! Every call has a small part of the memory and a first slice of processor time for itself, and never
//! waits for these. What needs more waits for it, in its channel's queue and then in one for all
//! channels: however many calls of a channel wait, a call of another is behind few of them.

use std::collections::HashMap;
use std::num::NonZero;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use baepo_domain::model::id::ChannelId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::config::RuntimeConfig;

const PAGE_BYTES: u64 = 64 << 10;

/// The memory and processors for calls that need more than their small part.
pub(crate) struct Machine {
    /// Of each call, without waiting.
    small_bytes: u64,
    attempts: Arc<Semaphore>,
    inspections: Arc<Semaphore>,
    processors: Arc<Semaphore>,
    /// How much of each of the three one channel may have.
    channel: [usize; 3],
    channels: Mutex<HashMap<ChannelId, Arc<ChannelQueues>>>,
}

/// Where the calls of one channel wait for each other.
struct ChannelQueues {
    attempts: Arc<Semaphore>,
    inspections: Arc<Semaphore>,
    processors: Arc<Semaphore>,
}

/// Who waits: `check` and `preview` have memory of their own, since attempts may hold theirs while a
/// provider hangs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caller {
    Attempt,
    Inspection,
}

impl Machine {
    /// Of all memory one half is for the small parts, three eighths are for attempts that need more, and
    /// one eighth is for inspections that do. One processor is left to calls that need no more than a
    /// slice.
    pub fn new(config: &RuntimeConfig) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
        let processors = processors.saturating_sub(1).max(1);
        let eighth = config.memory_bytes / 8;
        let small = config.memory_bytes / 2 / u64::from(config.pool_instances.max(1));
        let largest = config.maximum_limits.memory_bytes;
        let [attempts, inspections] = [eighth * 3, eighth].map(pages);
        let share = |all: usize| (all / 2).max(pages(largest));
        Self {
            small_bytes: small / PAGE_BYTES * PAGE_BYTES,
            attempts: semaphore(attempts),
            inspections: semaphore(inspections),
            processors: semaphore(processors),
            channel: [share(attempts), share(inspections), processors],
            channels: Mutex::default(),
        }
    }

    /// The share of a call that begins: nothing yet beyond its small part.
    pub fn share(
        self: &Arc<Self>,
        channel: &ChannelId,
        caller: Caller,
        memory_bytes: u64,
    ) -> Share {
        let [attempts, inspections, processors] = self.channel;
        let queues = Arc::clone(
            lock(&self.channels)
                .entry(channel.clone())
                .or_insert_with(|| {
                    Arc::new(ChannelQueues {
                        attempts: semaphore(attempts),
                        inspections: semaphore(inspections),
                        processors: semaphore(processors),
                    })
                }),
        );
        Share {
            machine: Arc::clone(self),
            queues,
            caller,
            limit_bytes: memory_bytes,
            memory: None,
            turn: Turn::default(),
        }
    }
}

fn semaphore(permits: usize) -> Arc<Semaphore> {
    Arc::new(Semaphore::new(permits.min(Semaphore::MAX_PERMITS)))
}

fn pages(bytes: u64) -> usize {
    usize::try_from(bytes.div_ceil(PAGE_BYTES)).unwrap_or(usize::MAX)
}

/// One permit of the channel's queue and one of all channels'.
type Permits = (OwnedSemaphorePermit, OwnedSemaphorePermit);

async fn acquire(channel: Arc<Semaphore>, all: Arc<Semaphore>, permits: u32) -> Permits {
    let channel = channel.acquire_many_owned(permits).await;
    let all = all.acquire_many_owned(permits).await;
    (channel.expect("never closed"), all.expect("never closed"))
}

/// What one call has of the machine, until it ends.
pub(crate) struct Share {
    machine: Arc<Machine>,
    queues: Arc<ChannelQueues>,
    caller: Caller,
    /// The most memory that the call may take.
    limit_bytes: u64,
    memory: Option<Permits>,
    turn: Turn,
}

impl Share {
    /// Whether memory of this size is to be waited for.
    pub fn must_wait_for(&self, memory_bytes: u64) -> bool {
        memory_bytes > self.machine.small_bytes && self.memory.is_none()
    }

    /// Waits for all the memory that the call may ever take, so that it never waits again while others
    /// wait for what it has. Its turn on a processor is over.
    pub async fn wait_for_memory(&mut self) {
        self.turn.end();
        let beyond = self.limit_bytes.saturating_sub(self.machine.small_bytes);
        let permits = u32::try_from(pages(beyond)).unwrap_or(u32::MAX);
        let (channel, all) = match self.caller {
            Caller::Attempt => (&self.queues.attempts, &self.machine.attempts),
            Caller::Inspection => (&self.queues.inspections, &self.machine.inspections),
        };
        self.memory = Some(acquire(Arc::clone(channel), Arc::clone(all), permits).await);
    }

    /// The call waits for something else: others may compute.
    pub fn end_turn(&self) {
        self.turn.end();
    }

    /// A slice of processor time is over: completes when it is this call's turn again.
    pub fn next_turn(&self) -> impl Future<Output = ()> + Send + use<> {
        self.turn.end();
        let turn = self.turn.clone();
        let channel = Arc::clone(&self.queues.processors);
        let all = Arc::clone(&self.machine.processors);
        async move {
            // Also when nobody else computes: this thread has more to do than to run components.
            tokio::task::yield_now().await;
            turn.begin(acquire(channel, all, 1).await);
        }
    }
}

/// Held while a call computes longer than a slice.
#[derive(Clone, Default)]
struct Turn(Arc<Mutex<Option<Permits>>>);

impl Turn {
    fn begin(&self, permits: Permits) {
        *lock(&self.0) = Some(permits);
    }

    fn end(&self) {
        let permits = lock(&self.0).take();
        drop(permits);
    }
}

/// A poisoned lock is used on: no statement under these locks leaves anything half changed.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    const MIB: u64 = 1 << 20;

    fn machine() -> Arc<Machine> {
        Arc::new(Machine::new(&RuntimeConfig {
            memory_bytes: 1024 * MIB,
            pool_instances: 512,
            ..RuntimeConfig::default()
        }))
    }

    fn share(machine: &Arc<Machine>, channel: &str, caller: Caller) -> Share {
        machine.share(&channel.parse().expect("an id"), caller, 64 * MIB)
    }

    /// As many as get their memory without waiting.
    fn served(machine: &Arc<Machine>, channel: &str, caller: Caller) -> Vec<Share> {
        let mut served = Vec::new();
        loop {
            let mut share = share(machine, channel, caller);
            if share.wait_for_memory().now_or_never().is_none() {
                return served;
            }
            served.push(share);
        }
    }

    #[test]
    fn the_small_part_is_never_waited_for() {
        let share = share(&machine(), "a", Caller::Attempt);
        assert!(!share.must_wait_for(MIB));
        assert!(share.must_wait_for(MIB + 1));
    }

    #[test]
    fn a_channel_leaves_memory_to_others() {
        let machine = machine();
        // 63 MiB beyond the small part of 1 MiB: of 384 MiB a channel has half.
        let hogs = served(&machine, "hog", Caller::Attempt);
        assert_eq!(hogs.len(), 3);
        let others = served(&machine, "other", Caller::Attempt);
        assert_eq!(others.len(), 3);
        assert!(!served(&machine, "other", Caller::Inspection).is_empty());
        drop(hogs);
        assert_eq!(served(&machine, "hog", Caller::Attempt).len(), 3);
    }

    #[test]
    fn memory_is_waited_for_once() {
        let machine = machine();
        let mut share = share(&machine, "a", Caller::Attempt);
        share.wait_for_memory().now_or_never().expect("it is free");
        assert!(!share.must_wait_for(64 * MIB));
    }

    #[tokio::test]
    async fn a_waiting_channel_is_behind_few_turns_of_another() {
        let machine = machine();
        let hogs: Vec<Share> = (0..64)
            .map(|_| share(&machine, "hog", Caller::Attempt))
            .collect();
        let mut waiting: Vec<_> = hogs.iter().map(|hog| Box::pin(hog.next_turn())).collect();
        for turn in &mut waiting {
            // The first look yields, the second waits in the queue.
            for _ in 0..2 {
                let _ = futures::poll!(turn.as_mut());
            }
        }
        let other = share(&machine, "other", Caller::Attempt);
        let mut turn = Box::pin(other.next_turn());
        for _ in 0..2 {
            assert!(
                futures::poll!(turn.as_mut()).is_pending(),
                "all turns are taken"
            );
        }
        // Every turn that is taken ends once.
        hogs.iter().for_each(Share::end_turn);
        turn.await;
    }
}
