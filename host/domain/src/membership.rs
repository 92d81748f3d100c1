//! This process among the hosts that work on one store.

use std::time::Duration;

use jiff::Timestamp;

use crate::clock::after;
use crate::event::Lease;
use crate::id::HolderId;
use crate::ports::ReclaimScope;

/// Who this process is to the others, and what it makes of what they have.
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
    /// No other process can be alive: what somebody else has was left behind.
    Alone,
    /// Others may be alive: what somebody has is theirs until the lease runs out.
    Shared,
}

/// Two renewals may fail before a lease runs out.
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

    /// The claims that nobody works on any more.
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
