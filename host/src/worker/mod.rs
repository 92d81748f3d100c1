//! What goes on without a request: deliveries, timers, leases, the outbox, publishes that were
//! cut off.

pub mod credential_refresh;
pub mod delivery_feed;
mod failure_latch;
pub mod leases;
pub mod local_distributor;
pub mod peer_sync;
pub mod relay;
pub mod resume;
pub mod retention;
pub mod schedules;
pub mod timers;

#[cfg(test)]
mod tests;
