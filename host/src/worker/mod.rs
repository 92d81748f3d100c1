//! What goes on without a request: deliveries, timers, leases, the outbox, publishes that were
//! cut off.

pub mod delivery_feed;
pub mod local_distributor;
pub mod leases;
pub mod peer_sync;
pub mod relay;
pub mod credential_refresh;
pub mod resume;
pub mod retention;
pub mod schedules;
pub mod timers;
mod failure_latch;

#[cfg(test)]
mod tests;
