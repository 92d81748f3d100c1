//! This process among the hosts that work on one store.

use std::time::Duration;

use jiff::Timestamp;

use crate::model::id::HolderId;
use crate::model::lease::Lease;
use crate::model::time::after;

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

/// Whose claims nobody works on any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReclaimScope {
    /// Those whose lease ran out before this time.
    Before(Timestamp),
    /// Everybody's but this holder's, and this holder's that ran out before `now`: when no other
    /// process can be alive.
    AllBut { holder: HolderId, now: Timestamp },
}

impl ReclaimScope {
    /// Whether a claim under this lease is among them.
    #[must_use]
    pub fn include(&self, lease: Lease) -> bool {
        match self {
            Self::Before(time) => lease.until < *time,
            Self::AllBut { holder, now } => lease.holder != *holder || lease.until < *now,
        }
    }
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
