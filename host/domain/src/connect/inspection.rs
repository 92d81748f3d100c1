//! An account, seen with a release of its channel: what there is to work with, what stands in the
//! way, and what will.

use std::collections::BTreeMap;

use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};

use super::lifetime::{SOON, is_renewed_in_time};
use super::obstacle::{Before, Obstacle, Reach, Secret, refusal, too_short, warning};
use super::{Accounts, Standing};
use crate::account::Account;
use crate::attempt::AccountView;
use crate::clock::after;
use crate::content::{Finding, Severity};
use crate::id::{ChannelId, OwnerId};
use crate::manifest::Manifest;
use crate::normal_form;
use crate::ports::{HeldRelease, JsonObject, Store, StoreError, Vault};

/// What is known of an account at a time.
#[derive(Debug)]
pub(crate) struct Inspection {
    channel: ChannelId,
    before: Before,
    /// What there is: settings with defaults filled in, or defaults alone where they do not fit, and
    /// the secrets that can be opened.
    pub view: AccountView,
    obstacles: Vec<Obstacle>,
    /// Secrets that are good now and that the host does not renew, with when they run out.
    running_out: BTreeMap<String, (Secret, Timestamp)>,
    /// Secrets from before there was a shortest.
    too_short: Vec<Secret>,
}

/// Looks at the owner's account for the channel of `held`.
///
/// # Errors
/// When the store cannot answer.
pub(crate) async fn inspect(
    store: &dyn Store,
    vault: &dyn Vault,
    owner: &OwnerId,
    held: &dyn HeldRelease,
    now: Timestamp,
) -> Result<Inspection, StoreError> {
    let account = store.account(owner, &held.release().manifest.id).await?;
    Ok(Inspection::of(held, account.as_ref(), vault, now))
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
        let mut obstacles = Vec::new();
        let settings = settings.unwrap_or_else(|findings| {
            obstacles.push(Obstacle::Settings(findings));
            defaults(&manifest.settings)
        });
        let mut secrets = BTreeMap::new();
        let mut running_out = BTreeMap::new();
        let mut too_short = Vec::new();
        for spec in &manifest.secrets {
            let name = spec.name.clone();
            let expires = account.and_then(|account| account.expires.get(&name).copied());
            match account.and_then(|account| opened(account, &name, vault)) {
                None => obstacles.push(Obstacle::Missing(spec.into())),
                Some(Err(Sealed)) => obstacles.push(Obstacle::Unreadable(spec.into())),
                Some(Ok(secret)) => {
                    if secret.expose_secret().len() < Accounts::MIN_SECRET_BYTES {
                        too_short.push(spec.into());
                    }
                    secrets.insert(name.clone(), secret);
                }
            }
            match (account, expires) {
                (Some(_), Some(at)) if at <= now => {
                    let secret = spec.into();
                    obstacles.push(Obstacle::RanOut { secret, at });
                }
                (Some(account), Some(at)) if !is_renewed_in_time(spec, account, at) => {
                    running_out.insert(name, (spec.into(), at));
                }
                _ => {}
            }
        }
        let problem = account.and_then(|account| account.problem.clone());
        obstacles.extend(problem.map(Obstacle::Problem));
        Self {
            channel: manifest.id.clone(),
            before: account.map_or(Before::Never, |_| Before::Connected),
            view: AccountView { settings, secrets },
            obstacles,
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
        let ran_out = |(name, at)| Obstacle::RanOut {
            secret: Secret::named(name),
            at,
        };
        let good = good.into_iter().map(|(name, at)| {
            let secret = Secret::named(name.clone());
            (name, (secret, at))
        });
        let problem = account.problem.clone().map(Obstacle::Problem);
        Self {
            channel: account.channel.clone(),
            before: Before::Connected,
            view: AccountView::default(),
            obstacles: gone.into_iter().map(ran_out).chain(problem).collect(),
            running_out: good.collect(),
            too_short: Vec::new(),
        }
    }

    /// What the owner must do before the account can be used; none: nothing.
    pub fn refusal(&self) -> Option<Finding> {
        let text = || refusal(&self.channel, self.before, &self.obstacles);
        (!self.obstacles.is_empty()).then(|| Finding::error(self.place(), text()))
    }

    /// The refusal, or what will be one: secrets that run out soon or before the event begins. Also
    /// secrets that are too short to be kept safe.
    pub fn findings(&self, begins: Option<Timestamp>, now: Timestamp) -> Vec<Finding> {
        if let Some(refusal) = self.refusal() {
            return vec![refusal];
        }
        let warn = |(secret, expires): &(Secret, Timestamp)| {
            let reach = match begins {
                Some(begins) if *expires < begins => Reach::NotEvenItsBeginning,
                _ => Reach::Event,
            };
            let is_soon = *expires <= after(now, SOON);
            (is_soon || reach == Reach::NotEvenItsBeginning).then(|| Finding {
                severity: Severity::Warning,
                at: self.place(),
                message: warning(secret, *expires, reach),
            })
        };
        let short = |secret: &Secret| Finding {
            severity: Severity::Warning,
            at: self.place(),
            message: too_short(secret),
        };
        let running_out = self.running_out.values().filter_map(warn);
        running_out
            .chain(self.too_short.iter().map(short))
            .collect()
    }

    pub fn standing(&self, now: Timestamp) -> Standing {
        let soon = after(now, SOON);
        match self.refusal() {
            Some(refusal) => Standing::Reconnect(refusal.message),
            None if self.running_out.values().any(|(_, at)| *at <= soon) => Standing::Expiring,
            None => Standing::Connected,
        }
    }

    fn place(&self) -> String {
        format!("/accounts/{}", self.channel)
    }
}

/// A secret that the vault does not open.
struct Sealed;

/// A stored secret; none when there is none of this name.
fn opened(
    account: &Account,
    name: &str,
    vault: &dyn Vault,
) -> Option<Result<SecretString, Sealed>> {
    let sealed = account.secrets.get(name)?;
    let opened = vault.open(&account.owner, &account.channel, name, sealed);
    Some(opened.map_err(|_| Sealed))
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
