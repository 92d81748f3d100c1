//! What a component can ask of the host: the imports of the contract, each on its WIT trait.
//!
//! All pass one guard, in this order: the call is counted ([`CallState::count`]); it is answered from
//! the attempt's journal or written to it (`cursor`); only then it acts. Whatever leaves this
//! process goes on to `egress`.

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
use baepo_domain::model::text::Localized;
use baepo_domain::ports::LoadedRelease;
use baepo_domain::ports::clock::Clock;
use wasmtime::Engine;
use wasmtime::component::{HasSelf, Linker};

use crate::active_time::ActiveTime;
use crate::bindings::{FullChannelPlugin, types};
use crate::config::RuntimeConfig;
use crate::convert::RedactingConverter;
use crate::egress::Egress;
use crate::engine::StartError;
use crate::limits::{Exceeded, Limits, SpaceLimiter};
use crate::redact::Redactor;

pub(crate) use self::cursor::{JournalCursor, StopReason};

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
    /// `check` and `preview`: they send nothing.
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

/// What the imports need of the host, the same for every call.
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

impl HostServices {
    pub fn new(config: &RuntimeConfig, egress: Egress, clock: Arc<dyn Clock>) -> Self {
        Self {
            egress,
            clock,
            request_time: Duration::from_millis(config.request_time_ms),
            longest_request_time: Duration::from_millis(config.longest_request_time_ms),
            short_sleep: Duration::from_millis(config.short_sleep_ms),
            longest_sleep: Duration::from_millis(config.longest_sleep_ms),
        }
    }
}

/// Gives components everything that the contract offers.
pub(crate) fn linker(engine: &Engine) -> Result<Linker<CallState>, StartError> {
    let mut linker = Linker::new(engine);
    FullChannelPlugin::add_to_linker::<_, HasSelf<_>>(&mut linker, |state| state)
        .map_err(|error| StartError::Machine(format!("{error:#}")))?;
    Ok(linker)
}

/// How far requests got before.
enum Progress {
    /// They are in no journal but this call's.
    First,
    /// The host stopped while they were under way: they may have been sent before.
    Resumed,
    Answered(Vec<RequestOutcome>),
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
    remark: Option<Localized>,
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

    /// The guard of every import, before it does anything: counts the call. An import that is more
    /// than a look at this state then goes on with [`Self::replay_or_write`] or
    /// [`Self::replay_or_send`], and acts only where these say that it has not happened yet.
    ///
    /// # Errors
    /// The limit of host calls; it ends the component.
    fn count(&mut self, call: &'static str, weight: usize) -> Result<(), Exceeded> {
        let allowed = self.context.limits.host_calls;
        let weight = u32::try_from(weight).unwrap_or(u32::MAX).max(1);
        self.host_calls = self.host_calls.saturating_add(weight);
        if self.host_calls > allowed {
            return Err(Exceeded {
                limit: Limit::HostCalls,
                used: self.host_calls.into(),
                allowed: allowed.into(),
            });
        }
        tracing::trace!(call, number = self.host_calls, "runtime.host.call");
        self.last_error_log = None;
        Ok(())
    }

    /// For an import that only `distribute` may call.
    fn only_distribute(&self, misuse: &'static str) -> Result<(), Misuse> {
        match self.context.purpose {
            Purpose::Distribute(_) => Ok(()),
            Purpose::Probe | Purpose::Withdraw | Purpose::Inspect => Err(Misuse(misuse)),
        }
    }

    /// A step that is complete once it is in the journal.
    async fn replay_or_write(&mut self, step: Step) -> Result<(), StopReason> {
        match self.context.cursor.replay(&step)? {
            Some(_) => Ok(()),
            None => self.write(step).await,
        }
    }

    /// Requests that are to be answered: by the journal, or by sending them now, when the caller writes
    /// the answers. `sent` is a [`Step::Sent`] with that many requests.
    async fn replay_or_send(
        &mut self,
        sent: Step,
        requests: usize,
    ) -> Result<Progress, StopReason> {
        if self.context.cursor.replay(&sent)?.is_none() {
            self.write(sent).await?;
            return Ok(Progress::First);
        }
        let answers = self.context.cursor.answers(&sent, requests)?;
        Ok(answers.map_or(Progress::Resumed, Progress::Answered))
    }

    /// Writes a step, durably where it or an earlier one requires that.
    async fn write(&mut self, step: Step) -> Result<(), StopReason> {
        let now = self.context.services.clock.now();
        self.context.cursor.write(step, now);
        self.commit_if_due().await
    }

    /// The time that the store takes does not count as the component's active time.
    async fn commit_if_due(&mut self) -> Result<(), StopReason> {
        if !self.context.cursor.is_due() {
            return Ok(());
        }
        self.active_time.pause();
        let committed = self.context.cursor.commit().await;
        self.active_time.resume();
        committed
    }

    /// Removes the account's secrets from what the component hands over.
    pub fn redacting_converter(&self) -> RedactingConverter<'_> {
        RedactingConverter(&self.redactor)
    }

    pub fn release(&self) -> &LoadedRelease {
        &self.context.release
    }

    pub fn limits(&self) -> &Limits {
        &self.context.limits
    }

    /// At most the limit: the call that exceeded it is not counted.
    pub fn host_calls(&self) -> u32 {
        self.host_calls.min(self.context.limits.host_calls)
    }

    /// An `unsafe` request was sent, or may have been.
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
    pub fn last_remark(&self) -> Option<Localized> {
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

impl types::Host for CallState {}
