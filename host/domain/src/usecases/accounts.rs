//! Connecting an owner's account to a channel, changing it, and what an attempt sees of it.

mod input;
mod inspection;
mod issue;
mod lifetime;
mod reader;
#[cfg(test)]
pub(crate) mod sample;

use std::sync::Arc;

use jiff::Timestamp;

use crate::model::account::Account;
use crate::model::audit::{Action, Actor, AuditEntry};
use crate::model::findings::{Finding, Findings};
use crate::model::id::{AuditId, ChannelId, OwnerId};
use crate::model::normal_form;
use crate::ports::clock::Clock;
use crate::ports::id_generator::IdGenerator;
use crate::ports::{AccountStore, Channels, Mutation, StoreError, UnitOfWork, Vault};
use crate::usecases::conflict_backoff::ConflictBackoff;

use self::inspection::Inspection;

pub use self::input::Connection;
pub use self::inspection::AccountHealth;
#[cfg(test)]
pub(crate) use self::lifetime::LONGEST_PAUSE;
pub use self::lifetime::is_plausible_lifetime;
pub(crate) use self::lifetime::{
    due, earliest_renewal, expiry, next_retry, renewal, soonest_renewal,
};
pub use self::reader::{AccountReader, NotConnected};

/// The use case, with what it needs.
pub struct Accounts {
    pub unit_of_work: Arc<dyn UnitOfWork>,
    pub accounts: Arc<dyn AccountStore>,
    pub vault: Arc<dyn Vault>,
    pub channels: Arc<dyn Channels>,
    pub clock: Arc<dyn Clock>,
    pub ids: IdGenerator,
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
pub enum AccountError {
    #[error("no channel {0} is installed")]
    UnknownChannel(ChannelId),
    #[error("no account is connected to the channel {0}")]
    NotFound(ChannelId),
    /// The owner changes what they gave; places are JSON pointers into it. Never names a secret's
    /// value.
    #[error("{}", Finding::summary(.0.kept()))]
    Invalid(Findings),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is to be stored, given what is.
type InputFor<'a> = dyn Fn(Option<&Account>) -> Result<Connection, AccountError> + Sync + 'a;

impl Accounts {
    /// Connects the actor's own account to a channel, or changes how it is connected: the settings
    /// replace what was there.
    ///
    /// # Errors
    /// See [`AccountError`]; nothing was changed then.
    pub async fn connect(
        &self,
        actor: &Actor,
        channel: &ChannelId,
        input: &Connection,
    ) -> Result<Connected, AccountError> {
        self.put(actor, channel, &|_| Ok(input.clone())).await
    }

    /// Changes parts of a connected account: settings are merged over the stored ones (RFC 7396,
    /// null removes), and secrets that are given replace theirs.
    ///
    /// # Errors
    /// See [`AccountError`]; nothing was changed then.
    pub async fn change(
        &self,
        actor: &Actor,
        channel: &ChannelId,
        input: &Connection,
    ) -> Result<Account, AccountError> {
        let merged = |known: Option<&Account>| {
            let known = known.ok_or_else(|| AccountError::NotFound(channel.clone()))?;
            let settings = input::merged(&known.settings, &input.settings);
            Ok(Connection {
                settings,
                ..input.clone()
            })
        };
        match self.put(actor, channel, &merged).await? {
            Connected::New(account) | Connected::Changed(account) => Ok(account),
        }
    }

    /// # Errors
    /// [`AccountError::NotFound`] when the owner has connected none.
    pub async fn show(
        &self,
        owner: &OwnerId,
        channel: &ChannelId,
    ) -> Result<Account, AccountError> {
        let account = self.accounts.account(owner, channel).await?;
        account.ok_or_else(|| AccountError::NotFound(channel.clone()))
    }

    /// The owner's accounts, in the order of their channels' ids.
    ///
    /// # Errors
    /// When the store cannot answer.
    pub async fn list(&self, owner: &OwnerId) -> Result<Vec<Account>, AccountError> {
        let mut accounts = self.accounts.accounts(owner).await?;
        accounts.sort_by(|one, other| one.channel.cmp(&other.channel));
        Ok(accounts)
    }

    /// Whether the account can be used with the channel's active release. Nobody is asked.
    #[must_use]
    pub fn health(&self, account: &Account) -> AccountHealth {
        let now = self.clock.now();
        let inspection = match self.channels.hold(&account.channel) {
            Some(held) => Inspection::of(held.as_ref(), Some(account), self.vault.as_ref(), now),
            None => Inspection::without_release(account, now),
        };
        inspection.health(now)
    }

    /// Forgets the account, its secrets included; also when the channel is not installed any more.
    ///
    /// # Errors
    /// [`AccountError::NotFound`] when the owner has connected none.
    pub async fn disconnect(&self, actor: &Actor, channel: &ChannelId) -> Result<(), AccountError> {
        let mut contention = self.contention();
        loop {
            let account = self.show(&actor.subject, channel).await?;
            let secrets = names(account.secrets.keys());
            let entry = self.audited(&account, actor, Action::DisconnectAccount, secrets);
            let delete = Mutation::DeleteAccount {
                owner: account.owner,
                channel: account.channel,
            };
            let changes = vec![delete, entry];
            let commit = self.unit_of_work.commit(changes).await;
            if contention.committed(commit).await? {
                return Ok(());
            }
        }
    }

    async fn put(
        &self,
        actor: &Actor,
        channel: &ChannelId,
        input_for: &InputFor<'_>,
    ) -> Result<Connected, AccountError> {
        let held = self.channels.hold(channel);
        let held = held.ok_or_else(|| AccountError::UnknownChannel(channel.clone()))?;
        let owner = &actor.subject;
        let mut contention = self.contention();
        loop {
            let known = self.accounts.account(owner, channel).await?;
            let input = input_for(known.as_ref())?;
            let input = Connection {
                settings: held.normal_settings(normal_form::values(input.settings)),
                ..input
            };
            let now = self.clock.now();
            input::check(held.as_ref(), &input, known.as_ref(), now)
                .map_err(AccountError::Invalid)?;
            let action = match known {
                None => Action::ConnectAccount,
                Some(_) => Action::ChangeAccount,
            };
            let manifest = &held.release().manifest;
            let vault = self.vault.as_ref();
            let account = input::account(owner, manifest, &input, known, vault, now);
            let entry = self.audited(&account, actor, action, names(input.secrets.keys()));
            let changes = vec![Mutation::PutAccount(account.clone()), entry];
            let commit = self.unit_of_work.commit(changes).await;
            if contention.committed(commit).await? {
                return Ok(match action {
                    Action::ConnectAccount => Connected::New(account),
                    _ => Connected::Changed(account),
                });
            }
        }
    }

    fn contention(&self) -> ConflictBackoff<'_> {
        ConflictBackoff::new(self.clock.as_ref(), self.ids.chance())
    }

    fn audited(
        &self,
        account: &Account,
        actor: &Actor,
        action: Action,
        secrets: Option<String>,
    ) -> Mutation {
        let id = AuditId(self.ids.next());
        let at = self.clock.now();
        Mutation::AddAudit(entry(id, at, actor.clone(), action, account, secrets))
    }
}

/// What was done to an account, and with which secrets.
pub(crate) fn entry(
    id: AuditId,
    at: Timestamp,
    actor: Actor,
    action: Action,
    account: &Account,
    secrets: Option<String>,
) -> AuditEntry {
    AuditEntry {
        id,
        at,
        actor,
        action,
        owner: account.owner.clone(),
        event: None,
        distribution: None,
        channel: Some(account.channel.clone()),
        detail: secrets,
    }
}

/// The names of secrets in one line; none when there are none. Never their values.
pub(crate) fn names<'a>(secrets: impl Iterator<Item = &'a String>) -> Option<String> {
    let names: Vec<&str> = secrets.map(String::as_str).collect();
    (!names.is_empty()).then(|| names.join(" "))
}

#[cfg(test)]
mod tests;
