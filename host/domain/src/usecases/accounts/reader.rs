//! Owners' accounts for those who work with them.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use secrecy::SecretString;

use super::inspection::Inspection;
use crate::model::attempt::AccountView;
use crate::model::findings::Finding;
use crate::model::id::{ChannelId, OwnerId};
use crate::ports::{AccountStore, HeldRelease, JsonObject, StoreError, Vault};

/// Reads accounts and opens their secrets.
#[derive(Clone)]
pub struct AccountReader {
    pub store: Arc<dyn AccountStore>,
    pub vault: Arc<dyn Vault>,
}

/// Why a channel cannot be used with this owner's account.
#[derive(Debug, thiserror::Error)]
pub enum NotConnected {
    /// The owner connects it, again. Says why and how in every language, at its place in the draft.
    #[error("{}", .0.message)]
    Account(Finding),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl AccountReader {
    /// The owner's account for the channel of `held`: settings checked, defaults filled in, secrets
    /// opened.
    ///
    /// # Errors
    /// [`NotConnected::Account`] when a setting or secret is missing or does not fit, a secret has run
    /// out, or its provider has refused to renew one.
    pub async fn view(
        &self,
        owner: &OwnerId,
        held: &dyn HeldRelease,
        now: Timestamp,
    ) -> Result<AccountView, NotConnected> {
        let inspection = self.inspect(owner, held, now).await?;
        match inspection.refusal() {
            None => Ok(inspection.view),
            Some(refusal) => Err(NotConnected::Account(refusal)),
        }
    }

    /// What there is of the owner's account for the channel of `held`, and what is wrong with it.
    pub(crate) async fn inspect(
        &self,
        owner: &OwnerId,
        held: &dyn HeldRelease,
        now: Timestamp,
    ) -> Result<Inspection, StoreError> {
        let channel = &held.release().manifest.id;
        let account = self.store.account(owner, channel).await?;
        Ok(Inspection::of(
            held,
            account.as_ref(),
            self.vault.as_ref(),
            now,
        ))
    }

    /// The settings as they are stored; none without an account.
    pub(crate) async fn settings(
        &self,
        owner: &OwnerId,
        channel: &ChannelId,
    ) -> Result<JsonObject, StoreError> {
        let account = self.store.account(owner, channel).await?;
        Ok(account.map(|account| account.settings).unwrap_or_default())
    }

    /// The secrets that can be opened. A request that needs another is refused; everything before it
    /// is answered from the journal.
    pub(crate) async fn secrets(
        &self,
        owner: &OwnerId,
        channel: &ChannelId,
    ) -> Result<BTreeMap<String, SecretString>, StoreError> {
        let account = self.store.account(owner, channel).await?;
        let sealed = account.map(|account| account.secrets).unwrap_or_default();
        let open = |(name, sealed): (String, _)| {
            let secret = self.vault.open(owner, channel, &name, &sealed).ok()?;
            Some((name, secret))
        };
        Ok(sealed.into_iter().filter_map(open).collect())
    }
}
