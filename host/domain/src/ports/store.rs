//! One store that keeps everything, as an adapter offers it.

use async_trait::async_trait;

use super::accounts::AccountStore;
use super::attempts::{AttemptStore, JournalStore};
use super::audit::AuditStore;
use super::deliveries::{DeliveryStore, DistributionStore, DueQueue, RevisionStore};
use super::events::{EventStore, IdempotencyStore};
use super::outbox::OutboxStore;
use super::releases::ReleaseStore;
use super::store_health::StoreHealth;
use super::unit_of_work::UnitOfWork;

/// Every port of a store: for the wiring and for the tests of adapters. A use case takes the ports
/// that it uses, to which this is upcast.
///
/// A row that cannot be read ([`Unreadable`](super::Unreadable)) is left out of lists and fails what
/// is about it alone; an attempt's journal is read whole or not at all.
#[async_trait]
pub trait Store:
    UnitOfWork
    + EventStore
    + IdempotencyStore
    + DistributionStore
    + DeliveryStore
    + RevisionStore
    + DueQueue
    + AttemptStore
    + JournalStore
    + OutboxStore
    + AccountStore
    + ReleaseStore
    + AuditStore
    + StoreHealth
{
    /// Writes what was asked for until now, refuses what comes later, and closes the database. Once
    /// is enough; again does nothing.
    async fn close(&self);
}
