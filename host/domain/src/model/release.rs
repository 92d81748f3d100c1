//! Components that were installed for a channel.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::id::{ChannelId, Digest, OwnerId};
use crate::model::permissions::Permissions;
use crate::model::provenance::Provenance;

/// One component, installed for a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Release {
    pub channel: ChannelId,
    pub digest: Digest,
    pub state: ReleaseState,
    /// Why it is REJECTED.
    pub reason: Option<String>,
    pub bytes: u64,
    /// Absent in releases of versions that kept none.
    pub provenance: Option<Provenance>,
    pub installed_at: Timestamp,
    /// When it last became ACTIVE: rollback goes to the one before.
    pub promoted_at: Option<Timestamp>,
    /// What it asks for. None: a version installed it that did not keep that.
    pub permissions: Option<Permissions>,
    /// Who approved what it asks for.
    pub approval: Option<Approval>,
    /// 0: not stored yet.
    pub revision: i64,
}

/// Somebody answers for what a release asks for, for good: its bytes never change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Approval {
    /// An operator's token's `sub`; None: the option that trusts the host's folder of components.
    pub by: Option<OwnerId>,
    pub at: Timestamp,
    /// The names of what was new.
    pub approved: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ReleaseState {
    /// Loaded and ready; gets no traffic.
    Staged,
    /// New attempts run on it. At most one per channel.
    Active,
    /// Was active before; running attempts finish on it.
    Retired,
    /// Could not be loaded, or was refused.
    Rejected,
}

impl ReleaseState {
    /// As it stands in JSON and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Staged => "STAGED",
            Self::Active => "ACTIVE",
            Self::Retired => "RETIRED",
            Self::Rejected => "REJECTED",
        }
    }
}

/// A release cannot go where it was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("release {digest} is {state}; only a staged or retired release can become active", digest = .0.digest.short(), state = .0.state.as_str())]
pub struct NotPromotable(pub Box<Release>);

impl Release {
    /// A component that loaded.
    #[must_use]
    pub fn staged(
        channel: ChannelId,
        digest: Digest,
        bytes: u64,
        provenance: Provenance,
        now: Timestamp,
    ) -> Self {
        Self {
            channel,
            digest,
            state: ReleaseState::Staged,
            reason: None,
            bytes,
            provenance: Some(provenance),
            installed_at: now,
            promoted_at: None,
            permissions: None,
            approval: None,
            revision: 0,
        }
    }

    /// Whether what it asks for was approved. What was active once was, by whoever promoted it.
    #[must_use]
    pub fn is_approved(&self) -> bool {
        self.approval.is_some() || self.promoted_at.is_some()
    }

    /// New attempts run on it from now on.
    ///
    /// # Errors
    /// A rejected release stays rejected.
    pub fn promote(self, now: Timestamp) -> Result<Self, NotPromotable> {
        match self.state {
            ReleaseState::Staged | ReleaseState::Retired | ReleaseState::Active => Ok(Self {
                state: ReleaseState::Active,
                promoted_at: Some(now),
                ..self
            }),
            ReleaseState::Rejected => Err(NotPromotable(Box::new(self))),
        }
    }

    /// Another one has become active.
    #[must_use]
    pub fn retire(self) -> Self {
        Self {
            state: ReleaseState::Retired,
            ..self
        }
    }
}

/// Who needs a release, so that it cannot be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NeededBy {
    #[error("it is active: promote another release first, or delete the whole channel")]
    Traffic,
    #[error(
        "{0} attempts that are not over run or sleep on it: they end by themselves, or are withdrawn"
    )]
    Attempts(u64),
    #[error("{0} deliveries of it are not settled: they end by themselves, or are withdrawn")]
    Deliveries(u64),
}
