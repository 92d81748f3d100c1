//! What a component can ask of the host. Every call goes through [`CallState::perform`], and
//! through nothing else: it is answered from the attempt's journal, or written to it (`cursor`).
//!
//! The other files map the contract's functions to a [`HostCall`] and its [`HostAnswer`] back,
//! and hold what each one does.

mod account;
mod cursor;
mod http;
mod run;

use std::sync::Arc;
use std::time::Duration;

use baepo_domain::model::attempt::{AccountView, Limit};
use baepo_domain::model::id::AttemptId;
use baepo_domain::model::journal::{Repeat, RequestOutcome, Step};
use baepo_domain::model::offer_end::OfferEnd;
use baepo_domain::ports::LoadedRelease;
use baepo_domain::ports::clock::Clock;
use jiff::Timestamp;

use crate::active_time::ActiveTime;
use crate::bindings::account::Digest;
use crate::bindings::run::Level;
use crate::bindings::types;
use crate::convert::RedactingConverter;
use crate::egress::{Egress, OutgoingRequest};
use crate::limits::{Exceeded, Limits, SpaceLimiter};
use crate::redact::Redactor;

pub(crate) use cursor::{JournalCursor, StopReason};

/// What a component asks of the host.
#[derive(Debug)]
pub(crate) enum HostCall {
    /// All at once.
    Http(Vec<OutgoingRequest>),
    Setting(String),
    Sign {
        secret: String,
        digest: Digest,
        data: Vec<u8>,
    },
    Attributable {
        external_ids: Vec<String>,
        since_ms: u64,
    },
    Log {
        level: Level,
        message: String,
    },
    Now,
    Sleep(Duration),
    Waiting {
        note: String,
    },
    Accepted {
        receipt: types::Receipt,
        note: String,
    },
    Remark(String),
}

/// What the host answers, a kind for each kind of call.
#[derive(Debug)]
pub(crate) enum HostAnswer {
    /// In the order of the requests, and in the form of the journal: a component that is run again
    /// sees the same bytes.
    Http(Vec<RequestOutcome>),
    Setting(Option<String>),
    Signature(Option<Vec<u8>>),
    Attributable(Vec<String>),
    Now(Timestamp),
    Done,
}

/// The host could not do its part; the component is not to blame.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct HostFailure(pub String);

/// The component asked for what it may not ask for here; it ends.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Misuse(pub &'static str);

/// What a call is for, and so what it may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Distribute(AttemptId),
    /// `probe` looks at the provider: it sends what changes nothing there.
    Probe,
    /// `withdraw` takes a post down: it sends whatever is granted.
    Withdraw,
    /// `check` and `preview` look and tell. They send nothing.
    Inspect,
}

/// What a call begins with.
pub(crate) struct CallContext {
    pub release: Arc<LoadedRelease>,
    pub limits: Limits,
    pub purpose: Purpose,
    pub account: AccountView,
    /// Of an attempt whose offer ends: from then on it sends nothing that acts.
    pub offer: Option<OfferEnd>,
    pub cursor: JournalCursor,
    pub services: HostServices,
}

/// What the host's side of every call is made of.
#[derive(Clone)]
pub(crate) struct HostServices {
    pub egress: Egress,
    pub clock: Arc<dyn Clock>,
    /// Of a request that asks for no time.
    pub request_time: Duration,
    /// The longest that a request may ask for.
    pub longest_request_time: Duration,
    /// The longest sleep that keeps the instance.
    pub short_sleep: Duration,
    /// The longest sleep; one that is to be longer ends then.
    pub longest_sleep: Duration,
}

/// The host's side of one call into a component: what its store holds.
pub(crate) struct CallState {
    pub space: SpaceLimiter,
    pub active_time: ActiveTime,
    context: CallContext,
    redactor: Redactor,
    host_calls: u32,
    log_bytes: u64,
    unsafe_sent: bool,
    in_doubt: bool,
    refused_at_end: Option<Repeat>,
    remark: Option<String>,
    /// An error that was logged, while it is the last thing that the component did.
    last_error_log: Option<String>,
}

impl CallState {
    /// A call begins: its active time runs from here.
    pub fn new(context: CallContext) -> Self {
        Self {
            space: SpaceLimiter::new(&context.limits),
            active_time: ActiveTime::start(context.limits.active_time()),
            redactor: Redactor::new(context.account.secrets.values()),
            host_calls: 0,
            log_bytes: 0,
            unsafe_sent: context.cursor.unsafe_sent(),
            in_doubt: false,
            refused_at_end: None,
            remark: None,
            last_error_log: None,
            context,
        }
    }

    /// The one way from a component into the host.
    ///
    /// # Errors
    /// [`Exceeded`], [`Misuse`], [`StopReason`] or [`HostFailure`]; each ends the component.
    async fn perform(&mut self, call: HostCall) -> wasmtime::Result<HostAnswer> {
        self.count(&call)?;
        self.last_error_log = None;
        Ok(match call {
            HostCall::Http(requests) => HostAnswer::Http(self.exchange(requests).await?),
            HostCall::Setting(name) => HostAnswer::Setting(self.setting(&name)),
            HostCall::Sign {
                secret,
                digest,
                data,
            } => HostAnswer::Signature(self.sign(secret, digest, &data).await?),
            HostCall::Attributable {
                external_ids,
                since_ms,
            } => HostAnswer::Attributable(self.attributable(external_ids, since_ms).await?),
            HostCall::Log { level, message } => {
                self.log(level, message)?;
                HostAnswer::Done
            }
            HostCall::Now => HostAnswer::Now(self.context.cursor.now()),
            HostCall::Sleep(duration) => {
                self.sleep(duration).await?;
                HostAnswer::Done
            }
            HostCall::Waiting { note } => {
                self.waiting(note).await?;
                HostAnswer::Done
            }
            HostCall::Accepted { receipt, note } => {
                self.accepted(receipt, note).await?;
                HostAnswer::Done
            }
            HostCall::Remark(text) => {
                self.remark(text)?;
                HostAnswer::Done
            }
        })
    }

    /// Writes a step down, durably where it or what stands before it asks for that.
    async fn write(&mut self, step: Step) -> Result<(), StopReason> {
        let now = self.context.services.clock.now();
        self.context.cursor.write(step, now);
        self.commit_if_due().await
    }

    /// The store's time is not the component's: it does not pay for it with its own.
    async fn commit_if_due(&mut self) -> Result<(), StopReason> {
        if !self.context.cursor.is_due() {
            return Ok(());
        }
        self.active_time.pause();
        let committed = self.context.cursor.commit().await;
        self.active_time.resume();
        committed
    }

    fn count(&mut self, call: &HostCall) -> Result<(), Exceeded> {
        let allowed = self.context.limits.host_calls;
        self.host_calls = self.host_calls.saturating_add(call.weight());
        if self.host_calls > allowed {
            return Err(Exceeded {
                limit: Limit::HostCalls,
                used: self.host_calls.into(),
                allowed: allowed.into(),
            });
        }
        tracing::trace!(
            call = call.name(),
            number = self.host_calls,
            "runtime.host.call"
        );
        Ok(())
    }

    /// Removes the account's secrets from what the component says.
    pub fn redacting_converter(&self) -> RedactingConverter<'_> {
        RedactingConverter(&self.redactor)
    }

    pub fn release(&self) -> &LoadedRelease {
        &self.context.release
    }

    pub fn limits(&self) -> &Limits {
        &self.context.limits
    }

    /// At most the limit, though the call that hit it was one too many.
    pub fn host_calls(&self) -> u32 {
        self.host_calls.min(self.context.limits.host_calls)
    }

    /// An `unsafe` request has left, or may have.
    pub fn unsafe_sent(&self) -> bool {
        self.unsafe_sent
    }

    /// An `idempotent` request had no usable answer.
    pub fn in_doubt(&self) -> bool {
        self.in_doubt
    }

    /// What would have happened if a request that was refused at the offer's end had arrived twice.
    pub fn refused_at_end(&self) -> Option<Repeat> {
        self.refused_at_end
    }

    /// What the owner should know beside the outcome, redacted.
    pub fn last_remark(&self) -> Option<String> {
        self.remark.clone()
    }

    /// The error that the component logged just before it ended, redacted.
    pub fn last_error_log(&self) -> Option<&str> {
        self.last_error_log.as_deref()
    }

    pub fn cursor(&self) -> &JournalCursor {
        &self.context.cursor
    }

    pub fn into_cursor(self) -> JournalCursor {
        self.context.cursor
    }

    fn attempt(&self) -> Option<AttemptId> {
        match self.context.purpose {
            Purpose::Distribute(attempt) => Some(attempt),
            Purpose::Probe | Purpose::Withdraw | Purpose::Inspect => None,
        }
    }
}

impl HostCall {
    fn name(&self) -> &'static str {
        match self {
            Self::Http(_) => "http.send",
            Self::Setting(_) => "account.setting",
            Self::Sign { .. } => "account.sign",
            Self::Attributable { .. } => "account.attributable",
            Self::Log { .. } => "run.log",
            Self::Now => "run.now",
            Self::Sleep(_) => "run.sleep",
            Self::Waiting { .. } => "run.waiting",
            Self::Accepted { .. } => "run.accepted",
            Self::Remark(_) => "run.remark",
        }
    }

    /// How many host calls it counts as.
    fn weight(&self) -> u32 {
        match self {
            Self::Http(requests) => u32::try_from(requests.len()).unwrap_or(u32::MAX).max(1),
            _ => 1,
        }
    }
}

impl HostAnswer {
    /// For the end of a match: an answer of another kind than its call.
    fn is_not<T>(&self, call: &'static str) -> wasmtime::Result<T> {
        // The answer itself is somebody's data and stays out of the error.
        Err(HostFailure(format!("{call} got the answer of another call")).into())
    }

    fn done(&self, call: &'static str) -> wasmtime::Result<()> {
        match self {
            Self::Done => Ok(()),
            other => other.is_not(call),
        }
    }
}

impl types::Host for CallState {}
