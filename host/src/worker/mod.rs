//! What goes on without a request: deliveries, timers, leases, the outbox, publishes that were
//! cut off.

pub mod changes;
pub mod deliveries;
pub mod leases;
pub mod neighbours;
pub mod relay;
pub mod renewals;
pub mod resume;
pub mod retention;
pub mod schedules;
pub mod timers;
mod trouble;

#[cfg(test)]
mod tests;
