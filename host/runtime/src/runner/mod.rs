//! What all releases share: the engine and its pool, the way out, and the queues for a turn.
//! `invoke` is one call.

pub(crate) mod invoke;

use std::sync::Arc;

use baepo_domain::model::attempt::{AccountView, AttemptOutcome, GuestFailure, Job, Report};
use baepo_domain::model::findings::Finding;
use baepo_domain::model::id::Digest;
use baepo_domain::model::offer_end::OfferEnd;
use baepo_domain::model::receipt::Receipt;
use baepo_domain::model::text::Localized;
use baepo_domain::ports::clock::Clock;
use baepo_domain::ports::{
    CallError, CheckInput, Journal, JsonObject, LeaseLost, LoadError, ProbeInconclusive,
    ProbeRequest, RenewError, RenewedSecret, WithdrawError, WithdrawRequest,
};
use tokio::sync::{Semaphore, SemaphorePermit};
use tracing::Instrument as _;
use wasmtime::Engine;
use wasmtime::component::Linker;

use self::invoke::{
    CallOutcome, Check, Distribute, Export, Interruption, Preview, Probe, Withdraw, call,
};
use crate::admission::artefacts::{Artefact, Artefacts};
use crate::admission::loaded::{LoadedComponent, VerifiedComponent, check_size};
use crate::bindings::{channel, types};
use crate::config::RuntimeConfig;
use crate::convert;
use crate::egress::{Egress, EgressPolicy};
use crate::engine::{self, PoolUse, StartError, Ticker};
use crate::imports::{
    self, CallContext, CallState, HostServices, JournalCursor, Purpose, StopReason,
};

/// What a replay showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// How it ended; as [`AttemptOutcome::LeaseLost`] where `stopped_at` says that it did not.
    pub report: Report,
    /// How many entries of the journal were replayed.
    pub reached: u32,
    /// What it asked for behind the end of the journal, which was not done.
    pub stopped_at: Option<String>,
}

pub(crate) struct ComponentRunner {
    config: Arc<RuntimeConfig>,
    engine: Engine,
    linker: Linker<CallState>,
    artefacts: Artefacts,
    services: HostServices,
    /// For attempts of all channels together.
    attempts: Semaphore,
    /// For `check` and `preview`: the rest of the pool. They end soon, and must not wait behind
    /// providers that hang.
    inspections: Semaphore,
    _ticker: Ticker,
}

impl ComponentRunner {
    pub fn new(
        config: RuntimeConfig,
        egress: Egress,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StartError> {
        if let Some(wrong) = config.contradictions("runtime").into_iter().next() {
            return Err(StartError::Config(wrong.text));
        }
        let engine = engine::engine(&config)?;
        let config = Arc::new(config);
        Ok(Self {
            linker: imports::linker(&engine)?,
            artefacts: Artefacts::new(&engine, &config)?,
            services: HostServices::new(&config, egress, clock),
            attempts: Semaphore::new(config.concurrency as usize),
            inspections: Semaphore::new((config.pool_instances - config.concurrency) as usize),
            _ticker: Ticker::start(&engine, config.epoch_tick())?,
            engine,
            config,
        })
    }

    pub fn pool_in_use(&self) -> PoolUse {
        engine::pool_in_use(&self.engine)
    }

    /// Makes a component ready to run.
    ///
    /// # Errors
    /// See [`LoadError`].
    pub async fn load(
        &self,
        digest: Digest,
        bytes: &[u8],
        semaphore: impl FnOnce(&VerifiedComponent) -> Arc<Semaphore>,
    ) -> Result<LoadedComponent, LoadError> {
        let size = bytes.len() as u64;
        check_size(size, &self.config)?;
        let Artefact {
            manifest,
            component,
        } = self.artefacts.of(digest, bytes).await?;
        let verified = VerifiedComponent::of(digest, size, &manifest, &self.config)?;
        let semaphore = semaphore(&verified);
        verified.link(&component, &self.linker, semaphore)
    }

    /// Runs `distribute` until it ends or sleeps for long, when it is this attempt's turn.
    pub async fn distribute(
        &self,
        loaded: &LoadedComponent,
        mut job: Job,
        journal: Arc<dyn Journal>,
    ) -> Report {
        let recorded = std::mem::take(&mut job.journal);
        let cursor = JournalCursor::recording(recorded, job.started_at, journal);
        report(self.attempt(loaded, job, cursor).await)
    }

    /// Runs `distribute` as far as the job's journal answers.
    pub async fn replay(&self, loaded: &LoadedComponent, mut job: Job) -> Replayed {
        let recorded = std::mem::take(&mut job.journal);
        let cursor = JournalCursor::replay_only(recorded, job.started_at);
        let outcome = self.attempt(loaded, job, cursor).await;
        Replayed {
            reached: outcome.state.cursor().reached(),
            stopped_at: match &outcome.result {
                Err(Interruption::Stopped(StopReason::PastEnd(asked))) => Some(asked.clone()),
                _ => None,
            },
            report: report(outcome),
        }
    }

    async fn attempt(
        &self,
        loaded: &LoadedComponent,
        job: Job,
        cursor: JournalCursor,
    ) -> CallOutcome<Ended> {
        let _channel = acquire(&loaded.semaphore).await;
        let _host = acquire(&self.attempts).await;
        let began = job.beginning;
        let offer = OfferEnd::of(&began.content);
        let export = Distribute(channel::Job {
            idempotency_key: began.idempotency_key,
            event_id: began.event.to_string(),
            content: convert::content(&began.content),
            options: began.options.to_string(),
        });
        let span = tracing::info_span!(
            "runtime.component.run",
            channel = %loaded.release.manifest.id,
            release = loaded.release.digest.short(),
            attempt = %job.attempt,
        );
        let state = CallState::new(CallContext {
            release: Arc::clone(&loaded.release),
            // Those of its beginning: a config that changed meanwhile changes no replay.
            limits: loaded.limits.with(&began.limits),
            purpose: Purpose::Distribute(job.attempt),
            account: AccountView {
                settings: began.settings,
                secrets: job.secrets,
            },
            offer,
            cursor,
            services: self.services.clone(),
        });
        call(loaded, state, export).instrument(span).await
    }

    /// Runs `probe`, where there is one. Providers may hang, so it takes its turn as attempts do.
    pub async fn probe(
        &self,
        loaded: &LoadedComponent,
        question: ProbeRequest,
    ) -> Option<Result<Option<Receipt>, ProbeInconclusive>> {
        loaded.exports.probe.as_ref()?;
        let _channel = acquire(&loaded.semaphore).await;
        let _host = acquire(&self.attempts).await;
        let export = Probe {
            idempotency_key: question.idempotency_key,
            event_id: question.event.to_string(),
        };
        let state = self.state(loaded, Purpose::Probe, question.account);
        let CallOutcome { result, state, .. } = call(loaded, state, export).await;
        match result {
            Ok(answer) => answer.map(|answer| probe_result(&state, answer)),
            Err(interruption) => Some(Err(ProbeInconclusive(
                GuestFailure::from(interruption).to_string(),
            ))),
        }
    }

    /// Runs `withdraw`, where there is one, in its turn. It is never run again, so it has no journal.
    pub async fn withdraw(
        &self,
        loaded: &LoadedComponent,
        withdrawal: WithdrawRequest,
    ) -> Option<Result<(), WithdrawError>> {
        loaded.exports.withdraw.as_ref()?;
        let _channel = acquire(&loaded.semaphore).await;
        let _host = acquire(&self.attempts).await;
        let export = Withdraw {
            idempotency_key: withdrawal.idempotency_key,
            receipt: convert::receipt(withdrawal.receipt),
        };
        let state = self.state(loaded, Purpose::Withdraw, withdrawal.account);
        let CallOutcome { result, state, .. } = call(loaded, state, export).await;
        match result {
            Ok(answer) => answer.map(|answer| {
                answer.map_err(|failure| {
                    WithdrawError::Failed(state.redacting_converter().failure(failure))
                })
            }),
            Err(interruption) => Some(Err(WithdrawError::GuestFailed(interruption.into()))),
        }
    }

    /// Exchanges a secret for a newer one, as the manifest declares. No component runs for it.
    pub async fn renew(
        &self,
        loaded: &LoadedComponent,
        secret: &str,
        account: &AccountView,
    ) -> Result<RenewedSecret, RenewError> {
        let manifest = &loaded.release.manifest;
        let declared = manifest.secrets.iter().find(|spec| spec.name == secret);
        let Some(refresh) = declared
            .and_then(|spec| spec.refresh.as_ref())
            .filter(|refresh| refresh.is_for(&account.settings))
        else {
            let text = Localized::new(
                "이 연결은 저절로 이어지지 않습니다.",
                "This connection is not renewed by itself.",
            );
            let detail = format!("the channel does not say how the secret {secret} is renewed");
            return Err(RenewError::Refused(text.with_detail(detail)));
        };
        let policy = EgressPolicy {
            channel: &manifest.id,
            grants: &manifest.grants,
            tokens: &manifest.tokens,
            secrets: &account.secrets,
            send_guard: &|| Ok(()),
            limits: loaded.limits.egress(
                self.services.request_time,
                self.services.longest_request_time,
            ),
        };
        self.services.egress.renew(policy, secret, refresh).await
    }

    /// Runs `check`.
    pub async fn check(
        &self,
        loaded: &LoadedComponent,
        draft: CheckInput<'_>,
    ) -> Result<Vec<Finding>, CallError> {
        let export = Check {
            content: convert::content(draft.content),
            options: json(draft.options),
        };
        let (findings, state) = self.inspect(loaded, draft.account, export).await?;
        Ok(state.redacting_converter().findings(findings))
    }

    /// Runs `preview.render`, where there is one.
    pub async fn preview(
        &self,
        loaded: &LoadedComponent,
        draft: CheckInput<'_>,
    ) -> Result<Option<String>, CallError> {
        let export = Preview {
            content: convert::content(draft.content),
            options: json(draft.options),
        };
        let (fragment, state) = self.inspect(loaded, draft.account, export).await?;
        Ok(fragment.map(|fragment| state.redacting_converter().text(fragment)))
    }

    async fn inspect<E: Export>(
        &self,
        loaded: &LoadedComponent,
        account: &AccountView,
        export: E,
    ) -> Result<(E::Output, CallState), CallError> {
        let _host = acquire(&self.inspections).await;
        let state = self.state(loaded, Purpose::Inspect, account.clone());
        let CallOutcome { result, state, .. } = call(loaded, state, export).await;
        Ok((
            result.map_err(|interruption| CallError(interruption.into()))?,
            state,
        ))
    }

    fn state(&self, loaded: &LoadedComponent, purpose: Purpose, account: AccountView) -> CallState {
        unrecorded_call(loaded, purpose, account, &self.services)
    }
}

/// The state of a call that is never run again.
pub(crate) fn unrecorded_call(
    loaded: &LoadedComponent,
    purpose: Purpose,
    account: AccountView,
    services: &HostServices,
) -> CallState {
    CallState::new(CallContext {
        release: Arc::clone(&loaded.release),
        limits: loaded.limits,
        purpose,
        account,
        offer: None,
        cursor: JournalCursor::unrecorded(services.clock.now()),
        services: services.clone(),
    })
}

/// What `distribute` returns.
type Ended = Result<types::Outcome, types::Failure>;

fn report(outcome: CallOutcome<Ended>) -> Report {
    let CallOutcome {
        result,
        usage,
        state,
    } = outcome;
    let end = match result {
        Ok(ended) => match state.cursor().end() {
            Ok(()) => state.redacting_converter().end(ended),
            Err(divergence) => AttemptOutcome::Diverged(divergence),
        },
        Err(Interruption::GuestFailed(guest_failure)) => AttemptOutcome::GuestFailed(guest_failure),
        Err(Interruption::Stopped(StopReason::Asleep(until))) => AttemptOutcome::Asleep { until },
        Err(Interruption::Stopped(StopReason::Diverged(divergence))) => {
            AttemptOutcome::Diverged(divergence)
        }
        Err(Interruption::Stopped(StopReason::LeaseLost(LeaseLost) | StopReason::PastEnd(_))) => {
            AttemptOutcome::LeaseLost
        }
    };
    Report {
        end,
        usage,
        unsafe_sent: state.unsafe_sent(),
        in_doubt: state.in_doubt(),
        refused_at_end: state.refused_at_end(),
        remark: state.last_remark(),
        entries: state.into_cursor().into_uncommitted(),
    }
}

fn probe_result(
    state: &CallState,
    answer: Result<Option<types::Receipt>, types::Failure>,
) -> Result<Option<Receipt>, ProbeInconclusive> {
    let redacting_converter = state.redacting_converter();
    match answer {
        Ok(receipt) => Ok(receipt.map(|receipt| redacting_converter.receipt(receipt))),
        Err(failure) => Err(ProbeInconclusive(
            redacting_converter
                .failure(failure)
                .reason()
                .text()
                .to_string(),
        )),
    }
}

async fn acquire(semaphore: &Semaphore) -> SemaphorePermit<'_> {
    semaphore.acquire().await.expect("never closed")
}

fn json(options: &JsonObject) -> String {
    serde_json::to_string(options).expect("a JSON object can be written as JSON")
}
