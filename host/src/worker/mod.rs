//! What a host does without a request. Each worker is a loop that finds its work in the store, so
//! that a crash loses none of it:
//!
//! - `local_distributor` drives deliveries; `timers` hands it those that are due;
//! - `leases` keeps this process's deliveries its own and reclaims those of processes that are gone;
//! - `relay` carries the outbox to the bus;
//! - `schedules` begins scheduled publishes; `resume` goes on with publishes that were interrupted;
//! - `credential_refresh` renews owners' secrets; `retention` deletes old journals;
//! - `peer_sync` follows the other hosts on the same store.
//!
//! `delivery_feed` connects them with waiting requests: it passes on every change of a delivery.

pub mod credential_refresh;
pub mod delivery_feed;
pub mod leases;
pub mod local_distributor;
pub mod peer_sync;
mod polling;
pub mod relay;
pub mod resume;
pub mod retention;
pub mod schedules;
pub mod timers;

#[cfg(test)]
mod tests;
