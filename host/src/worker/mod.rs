//! What goes on without a request: deliveries, the outbox, publishes that were cut off.

pub mod changes;
pub mod deliveries;
pub mod relay;
pub mod resume;
