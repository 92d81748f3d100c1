//! One run of a channel's component for a delivery: what goes in, how it ends.

use std::collections::BTreeMap;

use jiff::Timestamp;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::model::content::Content;
use crate::model::findings::Finding;
use crate::model::id::{AttemptId, ChannelId, DeliveryId, Digest, DistributionId, EventId};
use crate::model::journal::{Divergence, Entry, Repeat};
use crate::model::manifest::DeclaredLimits;
use crate::model::receipt::Receipt;
use crate::model::text::Localized;

/// What is kept of an attempt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    pub id: AttemptId,
    pub delivery: DeliveryId,
    pub distribution: DistributionId,
    pub channel: ChannelId,
    /// The component that it runs on, from the first call to the last.
    pub release: Digest,
    /// 1 for a delivery's first attempt.
    pub number: u32,
    /// What it began with, so that it can be run again whatever changed meanwhile.
    pub beginning: AttemptInput,
    pub started_at: Timestamp,
    pub ended: Option<AttemptSummary>,
    /// 0: not stored yet.
    pub revision: i64,
}

/// What an attempt begins with. Secrets are not in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttemptInput {
    /// The same for every attempt that must not act twice.
    pub idempotency_key: String,
    pub event: EventId,
    pub content: Content,
    /// By the schema that the channel declares, defaults filled in.
    pub options: serde_json::Value,
    /// The account's, by the schema that the channel declares, defaults filled in.
    pub settings: serde_json::Map<String, serde_json::Value>,
    /// All that were in force when it began.
    pub limits: DeclaredLimits,
}

/// The end of an attempt in a few words and numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AttemptSummary {
    pub at: Timestamp,
    /// `live`, `action-required`, a failure's name, or `died`.
    pub end: String,
    pub message: Option<Localized>,
    pub usage: Usage,
}

/// What an attempt used of its limits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Usage {
    pub fuel: u64,
    /// Peak over all linear memories together.
    pub memory_bytes: u64,
    pub host_calls: u32,
    /// Everything but sleep.
    pub active_time_ms: u64,
}

/// What the host needs to run an attempt, or to go on with it.
#[derive(Debug, Clone)]
pub struct Job {
    pub attempt: AttemptId,
    pub beginning: AttemptInput,
    pub started_at: Timestamp,
    /// Attached behind the journal.
    pub secrets: BTreeMap<String, SecretString>,
    /// What it did before: answered from here as far as it reaches.
    pub journal: Vec<Entry>,
}

/// An account as an attempt sees it. Secrets are for the host's side alone.
#[derive(Debug, Clone, Default)]
pub struct AccountView {
    /// By the schema that the channel declares, defaults filled in.
    pub settings: serde_json::Map<String, serde_json::Value>,
    pub secrets: BTreeMap<String, SecretString>,
}

/// Something only the owner can do, with all that they need to do it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Action {
    pub instructions: Localized,
    pub prepared: Vec<PreparedAsset>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PreparedAsset {
    pub name: String,
    pub mime_type: String,
    #[serde(with = "digits")]
    pub data: Vec<u8>,
}

/// Bytes as hexadecimal digits: a list of numbers would be twice as long.
mod digits {
    use serde::de::{Deserialize as _, Deserializer, Error as _};
    use serde::ser::Serializer;

    /// What is read; lists of numbers are from before.
    #[derive(serde::Deserialize)]
    #[serde(untagged)]
    enum Form {
        Digits(String),
        Numbers(Vec<u8>),
    }

    pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(bytes))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        match Form::deserialize(deserializer)? {
            Form::Digits(digits) => hex::decode(digits).map_err(D::Error::custom),
            Form::Numbers(bytes) => Ok(bytes),
        }
    }
}

/// What a component says went wrong, sorted by who reacts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The owner changes the content.
    Rejected(Vec<Finding>),
    /// The owner connects the account again.
    Unauthorized(Localized),
    /// The host tries again, not before this many milliseconds.
    RateLimited(Option<u64>),
    /// The host tries again with backoff.
    Unavailable(Localized),
    /// It may or may not be out: nobody tries again by themselves.
    Unknown(Localized),
    /// Nobody can mend it by trying again.
    Failed(Localized),
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttemptOutcome {
    Live(Receipt),
    ActionRequired(Action),
    Failure(Failure),
    /// The component did not come to an end of its own.
    GuestFailed(GuestFailure),
    /// It sleeps; a fresh instance goes on from the journal then.
    Asleep {
        until: Timestamp,
    },
    /// Run again from its journal, it did something else.
    Diverged(Divergence),
    /// Another host has it now: nothing of it is to be written down here.
    LeaseLost,
}

/// Why a component did not come to an end of its own.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GuestFailure {
    /// It trapped or panicked.
    #[error("the component trapped: {0}, channel {1}, release {2}")]
    Trap(String, ChannelId, String),
    #[error("{0}")]
    Limit(LimitHit),
    /// The host could not run it: no room in the pool, a component that does not link.
    #[error("the host could not run the component: {0}")]
    Host(String),
}

/// A limit that was hit, with all that an operator needs to see which and whose.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("limit \"{limit}\": used {used} of {allowed}, channel {channel}, release {release}{}", limit.remedy())]
pub struct LimitHit {
    pub limit: Limit,
    /// With its unit, digits grouped.
    pub used: String,
    pub allowed: String,
    pub channel: ChannelId,
    /// The digest's first digits.
    pub release: String,
}

/// The limits that end a component. They are stored as words alone, so a host that does not know one
/// reads them all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    Fuel,
    ActiveTime,
    Memory,
    TableElements,
    Instances,
    Stack,
    HostCalls,
    LogBytes,
    /// What one call into the host, or one result, hands over, before anything of it is read.
    CallBytes,
    /// What the attempt's journal holds.
    JournalBytes,
    /// Findings of one result.
    Findings,
    FindingBytes,
    /// One text: a failure's, an action's instructions, a note or a remark.
    TextBytes,
    ReceiptBytes,
    /// Prepared assets of one result.
    Assets,
    AssetBytes,
    PreviewBytes,
    /// One result as a whole.
    ResultBytes,
}

impl Limit {
    /// What the channel's author can do, to stand behind what was used.
    fn remedy(self) -> &'static str {
        match self {
            Self::Fuel => ": use less, or ask for more by limits.fuel in channel.toml",
            Self::ActiveTime => {
                ": use less, or ask for more by limits.active_time_ms in channel.toml"
            }
            Self::Memory => ": use less, or ask for more by limits.memory_bytes in channel.toml",
            Self::TableElements => {
                ": use less, or ask for more by limits.table_elements in channel.toml"
            }
            Self::Instances => ": use less, or ask for more by limits.instances in channel.toml",
            Self::HostCalls => ": use less, or ask for more by limits.host_calls in channel.toml",
            Self::LogBytes => ": use less, or ask for more by limits.log_bytes in channel.toml",
            Self::Stack => "",
            Self::CallBytes | Self::ResultBytes => ": hand over less at once",
            Self::JournalBytes => ": ask for less, or keep less of what is answered",
            Self::Findings | Self::FindingBytes => ": return the most important findings alone",
            Self::TextBytes => ": write less, or quote less of what a provider answered",
            Self::ReceiptBytes => ": return the post's id and address alone",
            Self::Assets | Self::AssetBytes => ": prepare fewer or shorter assets",
            Self::PreviewBytes => ": render less",
        }
    }
}

impl std::fmt::Display for Limit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Fuel => "fuel",
            Self::ActiveTime => "active time",
            Self::Memory => "memory",
            Self::TableElements => "table elements",
            Self::Instances => "instances",
            Self::Stack => "stack",
            Self::HostCalls => "host calls",
            Self::LogBytes => "log bytes",
            Self::CallBytes => "call_bytes",
            Self::JournalBytes => "journal_bytes",
            Self::Findings => "findings",
            Self::FindingBytes => "finding_bytes",
            Self::TextBytes => "text_bytes",
            Self::ReceiptBytes => "receipt_bytes",
            Self::Assets => "assets",
            Self::AssetBytes => "asset_bytes",
            Self::PreviewBytes => "preview_bytes",
            Self::ResultBytes => "result_bytes",
        })
    }
}

/// All that the host learns from a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub end: AttemptOutcome,
    pub usage: Usage,
    /// An `unsafe` request left the host: this attempt must not be repeated blindly.
    pub unsafe_sent: bool,
    /// An `idempotent` request had no usable answer: whether it acted is not known.
    pub in_doubt: bool,
    /// A request was refused because the offer had ended: the kind of the request. `Idempotent` where
    /// there was one of these.
    pub refused_at_end: Option<Repeat>,
    /// What the owner should know beside the outcome.
    pub remark: Option<Localized>,
    /// What is not committed yet, to be committed with the end.
    pub entries: Vec<Entry>,
}

impl AttemptOutcome {
    /// One word for the store and for metrics.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Live(_) => "live",
            Self::ActionRequired(_) => "action-required",
            Self::Failure(Failure::Rejected(_)) => "rejected",
            Self::Failure(Failure::Unauthorized(_)) => "unauthorized",
            Self::Failure(Failure::RateLimited(_)) => "rate-limited",
            Self::Failure(Failure::Unavailable(_)) => "unavailable",
            Self::Failure(Failure::Unknown(_)) => "unknown",
            Self::Failure(Failure::Failed(_)) => "failed",
            Self::GuestFailed(_) => "died",
            Self::Asleep { .. } => "asleep",
            Self::Diverged(_) => "diverged",
            Self::LeaseLost => "lost",
        }
    }
}
