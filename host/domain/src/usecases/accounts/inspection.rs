//! An account, seen with a release of its channel: what there is to work with, what stands in the
//! way, and what will.

use std::collections::BTreeMap;

use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};

use super::issue::{
    AccountIssue, ConnectionHistory, SecretCoverage, SecretLabel, refusal, too_short, warning,
};
use super::lifetime::{RENEWAL_WINDOW, is_renewed_in_time};
use crate::model::account::{self, Account};
use crate::model::attempt::AccountView;
use crate::model::findings::{Finding, Severity};
use crate::model::id::ChannelId;
use crate::model::manifest::Manifest;
use crate::model::normal_form;
use crate::model::text::Localized;
use crate::model::time::after;
use crate::ports::{HeldRelease, JsonObject, Vault};

/// Whether an account can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountHealth {
    Connected,
    /// A secret runs out within days, and the host does not renew it.
    Expiring,
    /// The owner connects it again: what to do and why, in every language.
    Reconnect(Localized),
}

/// What is known of an account at a time.
#[derive(Debug)]
pub(crate) struct Inspection {
    channel: ChannelId,
    history: ConnectionHistory,
    /// What there is: settings with defaults filled in, or defaults alone where they do not fit, and
    /// the secrets that can be opened.
    pub view: AccountView,
    issues: Vec<AccountIssue>,
    /// Secrets that are good now and that the host does not renew, with when they run out.
    running_out: BTreeMap<String, (SecretLabel, Timestamp)>,
    /// Secrets from before there was a shortest.
    too_short: Vec<SecretLabel>,
}

impl Inspection {
    /// `None`: the owner has never connected the channel.
    pub fn of(
        held: &dyn HeldRelease,
        account: Option<&Account>,
        vault: &dyn Vault,
        now: Timestamp,
    ) -> Self {
        let given = account.map(|account| account.settings.clone());
        let given = normal_form::values(given.unwrap_or_default());
        let settings = held.settings(&given.into());
        Self::with_settings(&held.release().manifest, settings, account, vault, now)
    }

    /// The same, given what the channel's schema says about the account's settings.
    pub(super) fn with_settings(
        manifest: &Manifest,
        settings: Result<JsonObject, Vec<Finding>>,
        account: Option<&Account>,
        vault: &dyn Vault,
        now: Timestamp,
    ) -> Self {
        let mut issues = Vec::new();
        let settings = settings.unwrap_or_else(|findings| {
            issues.push(AccountIssue::Settings(findings));
            defaults(&manifest.settings)
        });
        let mut secrets = BTreeMap::new();
        let mut running_out = BTreeMap::new();
        let mut too_short = Vec::new();
        for spec in &manifest.secrets {
            let name = spec.name.clone();
            let expires = account.and_then(|account| account.expires.get(&name).copied());
            match account.and_then(|account| opened(account, &name, vault)) {
                None => issues.push(AccountIssue::Missing(spec.into())),
                Some(Err(NotOpened)) => issues.push(AccountIssue::Unreadable(spec.into())),
                Some(Ok(secret)) => {
                    if secret.expose_secret().len() < account::MIN_SECRET_BYTES {
                        too_short.push(spec.into());
                    }
                    secrets.insert(name.clone(), secret);
                }
            }
            match (account, expires) {
                (Some(_), Some(at)) if at <= now => {
                    let secret = spec.into();
                    issues.push(AccountIssue::RanOut { secret, at });
                }
                (Some(account), Some(at)) if !is_renewed_in_time(spec, account, at) => {
                    running_out.insert(name, (spec.into(), at));
                }
                _ => {}
            }
        }
        let problem = account.and_then(|account| account.problem.clone());
        issues.extend(problem.map(AccountIssue::Problem));
        Self {
            channel: manifest.id.clone(),
            history: account.map_or(ConnectionHistory::Never, |_| ConnectionHistory::Connected),
            view: AccountView { settings, secrets },
            issues,
            running_out,
            too_short,
        }
    }

    /// What can be said of an account whose channel is not installed.
    pub fn without_release(account: &Account, now: Timestamp) -> Self {
        let (gone, good): (BTreeMap<_, _>, BTreeMap<_, _>) = account
            .expires
            .clone()
            .into_iter()
            .partition(|(_, at)| *at <= now);
        let ran_out = |(name, at)| AccountIssue::RanOut {
            secret: SecretLabel::named(name),
            at,
        };
        let good = good.into_iter().map(|(name, at)| {
            let secret = SecretLabel::named(name.clone());
            (name, (secret, at))
        });
        let problem = account.problem.clone().map(AccountIssue::Problem);
        Self {
            channel: account.channel.clone(),
            history: ConnectionHistory::Connected,
            view: AccountView::default(),
            issues: gone.into_iter().map(ran_out).chain(problem).collect(),
            running_out: good.collect(),
            too_short: Vec::new(),
        }
    }

    /// What the owner must do before the account can be used; none: nothing.
    pub fn refusal(&self) -> Option<Finding> {
        let text = || refusal(&self.channel, self.history, &self.issues);
        (!self.issues.is_empty()).then(|| Finding::error(self.place(), text()))
    }

    /// The refusal, or what will be one: secrets that run out soon or before the event begins. Also
    /// secrets that are too short to be kept safe.
    pub fn findings(&self, begins: Option<Timestamp>, now: Timestamp) -> Vec<Finding> {
        if let Some(refusal) = self.refusal() {
            return vec![refusal];
        }
        let warn = |(secret, expires): &(SecretLabel, Timestamp)| {
            let reach = match begins {
                Some(begins) if *expires < begins => SecretCoverage::EndsBeforeEventStart,
                _ => SecretCoverage::Event,
            };
            let is_soon = *expires <= after(now, RENEWAL_WINDOW);
            (is_soon || reach == SecretCoverage::EndsBeforeEventStart).then(|| Finding {
                severity: Severity::Warning,
                at: self.place(),
                message: warning(secret, *expires, reach),
            })
        };
        let short = |secret: &SecretLabel| Finding {
            severity: Severity::Warning,
            at: self.place(),
            message: too_short(secret),
        };
        let running_out = self.running_out.values().filter_map(warn);
        running_out
            .chain(self.too_short.iter().map(short))
            .collect()
    }

    pub fn health(&self, now: Timestamp) -> AccountHealth {
        let soon = after(now, RENEWAL_WINDOW);
        match self.refusal() {
            Some(refusal) => AccountHealth::Reconnect(refusal.message),
            None if self.running_out.values().any(|(_, at)| *at <= soon) => AccountHealth::Expiring,
            None => AccountHealth::Connected,
        }
    }

    fn place(&self) -> String {
        format!("/accounts/{}", self.channel)
    }
}

/// A secret that the vault does not open.
struct NotOpened;

/// A stored secret; none when there is none of this name.
fn opened(
    account: &Account,
    name: &str,
    vault: &dyn Vault,
) -> Option<Result<SecretString, NotOpened>> {
    let sealed = account.secrets.get(name)?;
    let opened = vault.open(&account.owner, &account.channel, name, sealed);
    Some(opened.map_err(|_| NotOpened))
}

/// The values that a schema gives to what is left out.
fn defaults(schema: &serde_json::Value) -> JsonObject {
    let properties = schema.get("properties").and_then(|named| named.as_object());
    let default = |(name, property): (&String, &serde_json::Value)| {
        Some((name.clone(), property.get("default")?.clone()))
    };
    properties
        .into_iter()
        .flatten()
        .filter_map(default)
        .collect()
}
