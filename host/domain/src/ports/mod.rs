//! What the domain needs from the outside: a trait per aggregate and per role.
//!
//! Writes go through [`UnitOfWork`] alone; everything else of a store reads.

mod accounts;
mod attempts;
mod audit;
mod cache;
pub mod chance;
mod channels;
pub mod clock;
mod component_source;
mod deliveries;
mod distributor;
mod events;
pub mod id_generator;
mod outbox;
mod page;
mod releases;
mod signals;
mod signature_verifier;
mod store;
mod store_error;
mod store_health;
mod unit_of_work;

pub use self::accounts::{AccountStore, Vault, VaultError};
pub use self::attempts::{AttemptStore, JournalStore};
pub use self::audit::AuditStore;
pub use self::cache::{BudgetGrant, Budgets, Cache, CacheError};
pub use self::channels::{
    CallError, Channels, CheckInput, HeldRelease, Journal, JsonObject, LeaseLost, LoadError,
    LoadedRelease, NotLoaded, OptionalExports, ProbeInconclusive, ProbeRequest, RenewError,
    RenewedSecret, WithdrawError, WithdrawRequest,
};
pub use self::component_source::{ComponentSource, Image, PullError};
pub use self::deliveries::{
    ClaimDue, DeliveryObserver, DeliveryStore, DistributionStore, DueQueue, RevisionStore,
};
pub use self::distributor::{DistributionOrder, Distributor, DistributorError};
pub use self::events::{EventStore, IdempotencyStore};
pub use self::outbox::{Bus, BusError, OutboxStore, Relay};
pub use self::page::Page;
pub use self::releases::ReleaseStore;
pub use self::signals::{Signal, Signals};
pub use self::signature_verifier::SignatureVerifier;
pub use self::store::Store;
pub use self::store_error::{StoreError, Unreadable};
pub use self::store_health::StoreHealth;
pub use self::unit_of_work::{CommitError, Mutation, UnitOfWork};
