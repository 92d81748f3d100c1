//! This process among the hosts that work on one store.

use std::time::Duration;

use jiff::Timestamp;

use crate::model::id::HolderId;
use crate::model::lease::Lease;
use crate::model::time::after;

/// The identity of this process for the others, and which of their leases it may reclaim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodeIdentity {
    /// The holder of its leases.
    pub holder: HolderId,
    /// How long a lease is good for when it is not renewed.
    pub lease: Duration,
    pub sharing: Sharing,
}

/// Whether other hosts work on the same store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// No other process can be alive: every other lease was left behind.
    Alone,
    /// Others may be alive: a lease is its holder's until it expires.
    Shared,
}

/// Leases that may be reclaimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReclaimScope {
    /// Those that expired before this time.
    Before(Timestamp),
    /// Of every other holder, and this holder's that expired before `now`: when no other process can
    /// be alive.
    AllBut { holder: HolderId, now: Timestamp },
}

impl ReclaimScope {
    /// Whether this lease is among them.
    #[must_use]
    pub fn include(&self, lease: Lease) -> bool {
        match self {
            Self::Before(time) => lease.until < *time,
            Self::AllBut { holder, now } => lease.holder != *holder || lease.until < *now,
        }
    }
}

/// Two renewals may fail before a lease expires.
const RENEWALS_PER_LEASE: u32 = 3;

impl NodeIdentity {
    /// A lease that begins now.
    #[must_use]
    pub fn lease_from(&self, now: Timestamp) -> Lease {
        Lease {
            holder: self.holder,
            until: after(now, self.lease),
        }
    }

    /// How long a lease may stand without being renewed.
    #[must_use]
    pub fn renew_every(&self) -> Duration {
        self.lease / RENEWALS_PER_LEASE
    }

    /// The leases that may be reclaimed now.
    #[must_use]
    pub fn reclaimable(&self, now: Timestamp) -> ReclaimScope {
        match self.sharing {
            Sharing::Alone => ReclaimScope::AllBut {
                holder: self.holder,
                now,
            },
            Sharing::Shared => ReclaimScope::Before(now),
        }
    }
}
