//! Connecting an owner's account to a channel, and what an attempt sees of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretString};

use crate::account::{Account, Sealed};
use crate::attempt::AccountView;
use crate::clock::Clock;
use crate::content::Finding;
use crate::id::{ChannelId, OwnerId};
use crate::manifest::Manifest;
use crate::ports::{
    Change, Channels, CommitError, HeldRelease, JsonObject, Store, StoreError, Vault,
};

/// The use case, with what it needs.
pub struct Accounts {
    pub store: Arc<dyn Store>,
    pub vault: Arc<dyn Vault>,
    pub channels: Arc<dyn Channels>,
    pub clock: Arc<dyn Clock>,
}

/// What an owner gives to connect a channel.
#[derive(Debug, Clone)]
pub struct Connection {
    /// Replaces what was there.
    pub settings: JsonObject,
    /// By name. One that is left out stays as it was given before.
    pub secrets: BTreeMap<String, SecretString>,
}

/// What connecting did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Connected {
    /// It is the owner's first account for the channel.
    New(Account),
    Changed(Account),
}

/// Why an account was not connected, shown or disconnected.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    #[error("no channel {0} is installed")]
    UnknownChannel(ChannelId),
    #[error("no account is connected to the channel {0}")]
    NotFound(ChannelId),
    /// The owner changes what they gave; places are JSON pointers into it. Never names a secret's
    /// value.
    #[error("{}", Finding::sentence("the account is not valid", .0))]
    Invalid(Vec<Finding>),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Accounts {
    /// The longest secret, in bytes: a service account's private key has room, a film has not.
    pub const MAX_SECRET_BYTES: usize = 16 * 1_024;

    /// Connects the owner's account to a channel, or changes how it is connected.
    ///
    /// # Errors
    /// See [`ConnectError`]; nothing was changed then.
    pub async fn connect(
        &self,
        owner: &OwnerId,
        channel: &ChannelId,
        given: &Connection,
    ) -> Result<Connected, ConnectError> {
        let held = self.channels.hold(channel);
        let held = held.ok_or_else(|| ConnectError::UnknownChannel(channel.clone()))?;
        loop {
            let known = self.store.account(owner, channel).await?;
            check(held.as_ref(), given, known.as_ref())?;
            let is_new = known.is_none();
            let manifest = &held.release().manifest;
            let account = self.merged(owner, manifest, given, known);
            match self
                .store
                .commit(vec![Change::PutAccount(account.clone())])
                .await
            {
                Ok(()) if is_new => return Ok(Connected::New(account)),
                Ok(()) => return Ok(Connected::Changed(account)),
                Err(CommitError::Conflict(_)) => {}
                Err(CommitError::Store(error)) => return Err(error.into()),
            }
        }
    }

    /// # Errors
    /// [`ConnectError::NotFound`] when the owner has connected none.
    pub async fn show(
        &self,
        owner: &OwnerId,
        channel: &ChannelId,
    ) -> Result<Account, ConnectError> {
        let account = self.store.account(owner, channel).await?;
        account.ok_or_else(|| ConnectError::NotFound(channel.clone()))
    }

    /// The owner's accounts, in the order of their channels' ids.
    ///
    /// # Errors
    /// When the store cannot answer.
    pub async fn list(&self, owner: &OwnerId) -> Result<Vec<Account>, ConnectError> {
        let mut accounts = self.store.accounts(owner).await?;
        accounts.sort_by(|one, other| one.channel.cmp(&other.channel));
        Ok(accounts)
    }

    /// Forgets the account, its secrets included; also when the channel is not installed any more.
    ///
    /// # Errors
    /// [`ConnectError::NotFound`] when the owner has connected none.
    pub async fn disconnect(
        &self,
        owner: &OwnerId,
        channel: &ChannelId,
    ) -> Result<(), ConnectError> {
        loop {
            self.show(owner, channel).await?;
            let delete = Change::DeleteAccount {
                owner: owner.clone(),
                channel: channel.clone(),
            };
            match self.store.commit(vec![delete]).await {
                Ok(()) => return Ok(()),
                Err(CommitError::Conflict(_)) => {}
                Err(CommitError::Store(error)) => return Err(error.into()),
            }
        }
    }

    /// Keeps of the stored secrets those that the channel still declares.
    fn merged(
        &self,
        owner: &OwnerId,
        manifest: &Manifest,
        given: &Connection,
        known: Option<Account>,
    ) -> Account {
        let now = self.clock.now();
        let seal = |(name, secret): (&String, &SecretString)| {
            let sealed = self.vault.seal(owner, &manifest.id, name, secret);
            (name.clone(), sealed)
        };
        let mut secrets: BTreeMap<String, Sealed> = known
            .as_ref()
            .map(|known| known.secrets.clone())
            .unwrap_or_default();
        secrets.retain(|name, _| manifest.secrets.iter().any(|spec| spec.name == *name));
        secrets.extend(given.secrets.iter().map(seal));
        Account {
            owner: owner.clone(),
            channel: manifest.id.clone(),
            settings: given.settings.clone(),
            secrets,
            connected_at: known.as_ref().map_or(now, |known| known.connected_at),
            updated_at: now,
            revision: known.map_or(0, |known| known.revision),
        }
    }
}

/// Everything that is wrong with what the owner gave, not only the first.
fn check(
    held: &dyn HeldRelease,
    given: &Connection,
    known: Option<&Account>,
) -> Result<(), ConnectError> {
    let declared = &held.release().manifest.secrets;
    let mut problems = match held.settings(&given.settings.clone().into()) {
        Ok(_) => Vec::new(),
        Err(findings) => Finding::below("/settings", findings),
    };
    for (name, secret) in &given.secrets {
        let at = format!("/secrets/{}", pointer_segment(name));
        let length = secret.expose_secret().len();
        let most = Accounts::MAX_SECRET_BYTES;
        if !declared.iter().any(|spec| spec.name == *name) {
            problems.push(Finding::error(at, "the channel has no secret of this name"));
        } else if !(1..=most).contains(&length) {
            problems.push(Finding::error(at, format!("1 to {most} bytes")));
        }
    }
    for spec in declared {
        let is_stored = known.is_some_and(|known| known.secrets.contains_key(&spec.name));
        if !is_stored && !given.secrets.contains_key(&spec.name) {
            let at = format!("/secrets/{}", pointer_segment(&spec.name));
            let message = format!("is missing: {}", spec.description);
            problems.push(Finding::error(at, message));
        }
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(ConnectError::Invalid(problems))
    }
}

/// A name as it stands in a JSON pointer (RFC 6901).
fn pointer_segment(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Why a channel cannot be used with this owner's account.
#[derive(Debug, thiserror::Error)]
pub enum NotConnected {
    /// The owner connects it, again.
    #[error("connect the account with PUT /api/accounts/{channel}: {why}")]
    Account { channel: ChannelId, why: String },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The owner's account for the channel of `held`: settings checked, defaults filled in, secrets
/// opened.
///
/// # Errors
/// [`NotConnected::Account`] when a setting or secret is missing or does not fit.
pub async fn account_view(
    store: &dyn Store,
    vault: &dyn Vault,
    owner: &OwnerId,
    held: &dyn HeldRelease,
) -> Result<AccountView, NotConnected> {
    let manifest = &held.release().manifest;
    let channel = &manifest.id;
    let refuse = |why: String| NotConnected::Account {
        channel: channel.clone(),
        why,
    };
    let account = store.account(owner, channel).await?;
    let given = account
        .as_ref()
        .map(|account| account.settings.clone())
        .unwrap_or_default();
    let settings = held
        .settings(&given.into())
        .map_err(|findings| refuse(Finding::sentence("its settings do not fit", &findings)))?;
    let mut view = AccountView {
        settings,
        ..AccountView::default()
    };
    for spec in &manifest.secrets {
        let sealed = account
            .as_ref()
            .and_then(|account| account.secrets.get(&spec.name));
        let sealed = sealed.ok_or_else(|| refuse(format!("it has no secret {:?}", spec.name)))?;
        let secret = vault.open(owner, channel, &spec.name, sealed);
        let secret = secret.map_err(|error| refuse(error.to_string()))?;
        view.secrets.insert(spec.name.clone(), secret);
    }
    Ok(view)
}
