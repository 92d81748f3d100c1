//! The channels' components, and what a call into one gives.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use secrecy::SecretString;

use crate::model::attempt::{AccountView, Failure, GuestFailure, Job, Report};
use crate::model::content::Content;
use crate::model::findings::Finding;
use crate::model::id::{ChannelId, Digest, EventId};
use crate::model::journal::Entry;
use crate::model::manifest::{DeclaredLimits, Manifest};
use crate::model::receipt::Receipt;
use crate::model::text::Localized;

/// The channels that this host has loaded.
#[async_trait]
pub trait Channels: Send + Sync {
    /// Makes a component ready to run and takes hold of it; answers from memory when it is loaded already. What is
    /// neither active nor held is not kept.
    async fn load(&self, component: Vec<u8>) -> Result<Box<dyn HeldRelease>, LoadError>;
    /// New attempts of the channel run on this release from now on. One pointer is swapped. It must be held.
    fn activate(&self, channel: &ChannelId, digest: Digest) -> Result<(), NotLoaded>;
    /// The channel has no active release any more.
    fn deactivate(&self, channel: &ChannelId);
    /// The active releases, by channel id.
    fn active(&self) -> Vec<Arc<LoadedRelease>>;
    /// Takes hold of the channel's active release: it stays as long as it is held.
    fn hold(&self, channel: &ChannelId) -> Option<Box<dyn HeldRelease>>;
    /// Takes hold of a loaded release, active or not.
    fn hold_release(&self, digest: Digest) -> Option<Box<dyn HeldRelease>>;
    /// How many attempts hold a release.
    fn holders(&self, digest: Digest) -> usize;
}

/// What is known of a loaded component.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadedRelease {
    pub digest: Digest,
    pub bytes: u64,
    pub manifest: Manifest,
    pub abilities: OptionalExports,
}

/// The optional exports that a component has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OptionalExports {
    pub preview: bool,
    pub probe: bool,
    pub withdraw: bool,
}

/// A release in use, until this is dropped.
#[async_trait]
pub trait HeldRelease: Send + Sync {
    fn release(&self) -> &LoadedRelease;

    /// Checks settings against the channel's schema and fills in its defaults. Findings point
    /// into the settings.
    fn settings(&self, given: &serde_json::Value) -> Result<JsonObject, Vec<Finding>>;
    /// The same for what the owner chose for one event.
    fn options(&self, given: &serde_json::Value) -> Result<JsonObject, Vec<Finding>>;
    /// The settings as they are kept: each in the one form of its format, such as a phone number's.
    fn normal_settings(&self, given: JsonObject) -> JsonObject;

    /// The limits that an attempt begins with, all of them.
    fn limits(&self) -> DeclaredLimits;

    /// Runs `distribute` until it ends or sleeps for long. Limits, traps and failures are in the
    /// report.
    async fn run(&self, job: Job, journal: Arc<dyn Journal>) -> Report;
    /// Runs `probe`: `None` when the component does not export it.
    async fn probe(
        &self,
        question: ProbeRequest,
    ) -> Option<Result<Option<Receipt>, ProbeInconclusive>>;
    /// Runs `withdraw`: `None` when the component does not export it.
    async fn withdraw(&self, withdrawal: WithdrawRequest) -> Option<Result<(), WithdrawError>>;
    /// Asks the provider for a new value of a secret whose manifest says how.
    ///
    /// # Errors
    /// See [`RenewError`]; the old value is as good as before.
    async fn renew(&self, secret: &str, account: &AccountView)
    -> Result<RenewedSecret, RenewError>;
    /// Runs `check`.
    async fn check(&self, draft: CheckInput<'_>) -> Result<Vec<Finding>, CallError>;
    /// Runs `preview.render`; `None` when the component does not export it.
    async fn preview(&self, draft: CheckInput<'_>) -> Result<Option<String>, CallError>;
}

pub type JsonObject = serde_json::Map<String, serde_json::Value>;

/// What `probe` is asked about.
#[derive(Debug, Clone)]
pub struct ProbeRequest {
    pub idempotency_key: String,
    pub event: EventId,
    pub account: AccountView,
}

/// A probe that found nothing out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ProbeInconclusive(pub String);

/// What `withdraw` is to take down.
#[derive(Debug, Clone)]
pub struct WithdrawRequest {
    pub idempotency_key: String,
    pub receipt: Receipt,
    pub account: AccountView,
}

/// Why a post was not taken down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WithdrawError {
    /// The component says so, sorted by who reacts.
    Failed(Failure),
    /// It did not come to an end of its own.
    GuestFailed(GuestFailure),
}

/// A secret's new value.
#[derive(Debug, Clone)]
pub struct RenewedSecret {
    pub secret: SecretString,
    /// None when the provider does not say.
    pub good_for: Option<Duration>,
}

/// Why a secret was not renewed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenewError {
    /// The owner connects the account again.
    #[error("{0}")]
    Refused(Localized),
    /// It may work later.
    #[error("{0}")]
    Unavailable(String),
}

/// What `check` and `preview` look at.
#[derive(Debug, Clone, Copy)]
pub struct CheckInput<'a> {
    pub content: &'a Content,
    pub options: &'a JsonObject,
    pub account: &'a AccountView,
}

/// Where a running attempt's journal is kept.
#[async_trait]
pub trait Journal: Send + Sync {
    /// Durable when it returns. It waits as long as the store is away.
    async fn commit(&self, entries: Vec<Entry>) -> Result<(), LeaseLost>;
    /// Of these posts of the account, those that can be this attempt's, see
    /// [`attributable`](crate::model::attribution::attributable). It waits as long as the store is away.
    async fn attributable(&self, external_ids: &[String], since: Timestamp) -> Vec<String>;
}

/// Another host has the delivery now: this attempt must not go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("another host has taken the delivery over")]
pub struct LeaseLost;

/// Why a component was not loaded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// The author changes the component.
    #[error("{0}")]
    Rejected(String),
    /// The operator looks at the host.
    #[error("the host could not load the component: {0}")]
    Host(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("release {} is not loaded for this channel", .0.short())]
pub struct NotLoaded(pub Digest);

/// Why a short call into a component gave nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct CallError(pub GuestFailure);
