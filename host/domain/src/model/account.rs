//! An owner's settings and secrets for a channel.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::model::id::{ChannelId, OwnerId};
use crate::model::text::Localized;

/// The longest secret, in bytes: a service account's private key has room, a film has not.
pub const MAX_SECRET_BYTES: usize = 16 * 1_024;
/// The shortest that is taken, in bytes: one that is shorter would be found where it is not meant,
/// so it cannot be kept out of what a provider echoes. Those that were stored before go on
/// working.
pub const MIN_SECRET_BYTES: usize = 8;

/// As the store keeps it: secrets are sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub owner: OwnerId,
    pub channel: ChannelId,
    pub settings: serde_json::Map<String, serde_json::Value>,
    pub secrets: BTreeMap<String, SealedSecret>,
    /// When a secret runs out, by its name, where that is known.
    pub expires: BTreeMap<String, Timestamp>,
    /// When somebody must renew a secret with its provider.
    pub renew_at: Option<Timestamp>,
    /// Why the owner has to connect it again.
    pub problem: Option<Localized>,
    pub connected_at: Timestamp,
    pub updated_at: Timestamp,
    /// 0: not stored yet.
    pub revision: i64,
}

/// An encrypted secret: only the vault that sealed it, for the same owner, channel and name,
/// opens it.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedSecret(pub Vec<u8>);

impl std::fmt::Debug for SealedSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}
