//! Owners' accounts at providers, and how their secrets are sealed.

use async_trait::async_trait;
use jiff::Timestamp;
use secrecy::SecretString;

use super::store_error::StoreError;
use crate::model::account::{Account, SealedSecret};
use crate::model::id::{ChannelId, OwnerId};

#[async_trait]
pub trait AccountStore: Send + Sync {
    async fn account(
        &self,
        owner: &OwnerId,
        channel: &ChannelId,
    ) -> Result<Option<Account>, StoreError>;
    async fn accounts(&self, owner: &OwnerId) -> Result<Vec<Account>, StoreError>;
    /// Accounts with a secret that somebody must renew until this time, earliest first, at most
    /// `limit`.
    async fn accounts_to_renew(
        &self,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<(OwnerId, ChannelId)>, StoreError>;
}

/// Encrypts secrets for storage.
pub trait Vault: Send + Sync {
    fn seal(
        &self,
        owner: &OwnerId,
        channel: &ChannelId,
        name: &str,
        secret: &SecretString,
    ) -> SealedSecret;
    /// `Err`: it was sealed for something else, changed, or with a key that is gone.
    fn open(
        &self,
        owner: &OwnerId,
        channel: &ChannelId,
        name: &str,
        sealed: &SealedSecret,
    ) -> Result<SecretString, VaultError>;
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a stored secret cannot be read: {0}")]
pub struct VaultError(pub String);
