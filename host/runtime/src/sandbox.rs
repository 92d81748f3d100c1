//! What all releases share: the engine and its pool, the way out, and who waits for a turn.

use std::sync::Arc;
use std::time::Duration;

use baepo_domain::attempt::{AccountView, Death, End, Job, Receipt, Report};
use baepo_domain::clock::Clock;
use baepo_domain::content::Finding;
use baepo_domain::id::Digest;
use baepo_domain::offer::OfferEnd;
use baepo_domain::ports::{
    CallError, CannotTell, CheckInput, Journal, JsonObject, LoadError, LostLease, NotRenewed,
    NotWithdrawn, Question, Renewed, Withdrawal,
};
use baepo_domain::text::{both, with_detail};
use tokio::sync::{Semaphore, SemaphorePermit};
use tracing::Instrument as _;
use wasmtime::Engine;
use wasmtime::component::{HasSelf, Linker};

use crate::bindings::{FullChannelPlugin, channel, types};
use crate::compile::{Compiler, blocking};
use crate::config::RuntimeConfig;
use crate::convert;
use crate::egress::{Egress, Permit};
use crate::engine::{self, PoolUse, StartError, Ticker};
use crate::imports::{Beginning, CallState, Outside, Purpose, Stop, Tape};
use crate::invoke::{
    Called, Check, Cut, Distribute, Export, Preview, Probe, Start, Withdraw, call,
};
use crate::loaded::{Examined, Loaded};

/// What a replay showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// How it ended; as [`End::Lost`] where `stopped_at` says that it did not.
    pub report: Report,
    /// How many entries of the journal it did again.
    pub reached: u32,
    /// What it asked for beyond the journal, which did not happen.
    pub stopped_at: Option<String>,
}

pub(crate) struct Sandbox {
    config: Arc<RuntimeConfig>,
    engine: Engine,
    linker: Linker<CallState>,
    compiler: Compiler,
    outside: Outside,
    /// For attempts of all channels together.
    attempts: Semaphore,
    /// The rest of the pool. What is here ends soon, and must not wait behind providers that hang.
    looks: Semaphore,
    _ticker: Ticker,
}

impl Sandbox {
    pub fn new(
        config: RuntimeConfig,
        egress: Egress,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StartError> {
        if let Some(wrong) = config.contradictions("runtime").into_iter().next() {
            return Err(StartError::Config(wrong.text));
        }
        let engine = engine::engine(&config)?;
        Ok(Self {
            linker: linker(&engine)?,
            compiler: Compiler::new(&engine, &config)?,
            outside: Outside {
                egress,
                clock,
                request_time: Duration::from_millis(config.request_time_ms),
                longest_request_time: Duration::from_millis(config.longest_request_time_ms),
                short_sleep: Duration::from_millis(config.short_sleep_ms),
                longest_sleep: Duration::from_millis(config.longest_sleep_ms),
            },
            attempts: Semaphore::new(config.concurrency as usize),
            looks: Semaphore::new((config.pool_instances - config.concurrency) as usize),
            _ticker: Ticker::start(&engine, config.epoch_tick())?,
            engine,
            config: Arc::new(config),
        })
    }

    pub fn pool_in_use(&self) -> PoolUse {
        engine::pool_in_use(&self.engine)
    }

    /// Makes a component ready to run, and sees that it starts.
    ///
    /// # Errors
    /// See [`LoadError`].
    pub async fn load(
        &self,
        digest: Digest,
        bytes: Arc<Vec<u8>>,
        turns: impl FnOnce(&Examined) -> Arc<Semaphore>,
    ) -> Result<Loaded, LoadError> {
        let (config, component) = (Arc::clone(&self.config), Arc::clone(&bytes));
        let examined = blocking(move || Examined::of(digest, &component, &config)).await??;
        let turns = turns(&examined);
        let compiled = self.compiler.compile(digest, bytes).await?;
        let loaded = examined.link(&compiled, &self.linker, turns)?;
        match self.look(&loaded, &AccountView::default(), Start).await {
            Ok(_) => Ok(loaded),
            Err(CallError(Death::Host(why))) => Err(LoadError::Host(why)),
            Err(error) => Err(LoadError::Rejected(format!("it does not start: {error}"))),
        }
    }

    /// Runs `distribute` until it ends or sleeps for long, when it is this attempt's turn.
    pub async fn distribute(
        &self,
        loaded: &Loaded,
        mut job: Job,
        journal: Arc<dyn Journal>,
    ) -> Report {
        let recorded = std::mem::take(&mut job.journal);
        let tape = Tape::kept(recorded, job.started_at, journal);
        report(self.attempt(loaded, job, tape).await)
    }

    /// Runs `distribute` as far as the job's journal answers.
    pub async fn replay(&self, loaded: &Loaded, mut job: Job) -> Replayed {
        let recorded = std::mem::take(&mut job.journal);
        let tape = Tape::closed(recorded, job.started_at);
        let called = self.attempt(loaded, job, tape).await;
        Replayed {
            reached: called.state.tape().reached(),
            stopped_at: match &called.result {
                Err(Cut::Stopped(Stop::Beyond(asked))) => Some(asked.clone()),
                _ => None,
            },
            report: report(called),
        }
    }

    async fn attempt(&self, loaded: &Loaded, job: Job, tape: Tape) -> Called<Ended> {
        let _channel = turn(&loaded.turns).await;
        let _host = turn(&self.attempts).await;
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
            channel = %loaded.about.manifest.id,
            release = loaded.about.digest.short(),
            attempt = %job.attempt,
        );
        let state = CallState::new(Beginning {
            release: Arc::clone(&loaded.about),
            // Those of its beginning: a config that changed meanwhile changes no replay.
            limits: loaded.limits.with(&began.limits),
            purpose: Purpose::Distribute(job.attempt),
            account: AccountView {
                settings: began.settings,
                secrets: job.secrets,
            },
            offer,
            tape,
            outside: self.outside.clone(),
        });
        call(loaded, state, export).instrument(span).await
    }

    /// Runs `probe`, where there is one. Providers may hang, so it takes its turn as attempts do.
    pub async fn probe(
        &self,
        loaded: &Loaded,
        question: Question,
    ) -> Option<Result<Option<Receipt>, CannotTell>> {
        loaded.exports.probe.as_ref()?;
        let _channel = turn(&loaded.turns).await;
        let _host = turn(&self.attempts).await;
        let export = Probe {
            idempotency_key: question.idempotency_key,
            event_id: question.event.to_string(),
        };
        let state = self.state(loaded, Purpose::Probe, question.account);
        let Called { result, state, .. } = call(loaded, state, export).await;
        match result {
            Ok(answer) => answer.map(|answer| found(&state, answer)),
            Err(cut) => Some(Err(CannotTell(Death::from(cut).to_string()))),
        }
    }

    /// Runs `withdraw`, where there is one, in its turn. Nobody runs it again: what it did is not
    /// written down.
    pub async fn withdraw(
        &self,
        loaded: &Loaded,
        withdrawal: Withdrawal,
    ) -> Option<Result<(), NotWithdrawn>> {
        loaded.exports.withdraw.as_ref()?;
        let _channel = turn(&loaded.turns).await;
        let _host = turn(&self.attempts).await;
        let export = Withdraw {
            idempotency_key: withdrawal.idempotency_key,
            receipt: convert::receipt(withdrawal.receipt),
        };
        let state = self.state(loaded, Purpose::Withdraw, withdrawal.account);
        let Called { result, state, .. } = call(loaded, state, export).await;
        match result {
            Ok(answer) => answer.map(|answer| {
                answer.map_err(|failure| NotWithdrawn::Failed(state.leaving().failure(failure)))
            }),
            Err(cut) => Some(Err(NotWithdrawn::Died(cut.into()))),
        }
    }

    /// Asks for a secret's new value, as the manifest says. No component runs for it.
    pub async fn renew(
        &self,
        loaded: &Loaded,
        secret: &str,
        account: &AccountView,
    ) -> Result<Renewed, NotRenewed> {
        let manifest = &loaded.about.manifest;
        let declared = manifest.secrets.iter().find(|spec| spec.name == secret);
        let Some(refresh) = declared
            .and_then(|spec| spec.refresh.as_ref())
            .filter(|refresh| refresh.is_for(&account.settings))
        else {
            let said = both(
                "이 연결은 저절로 이어지지 않습니다.",
                "This connection is not renewed by itself.",
            );
            let detail = format!("the channel does not say how the secret {secret} is renewed");
            return Err(NotRenewed::Refused(with_detail(said, detail)));
        };
        let permit = Permit {
            channel: &manifest.id,
            grants: &manifest.grants,
            tokens: &manifest.tokens,
            secrets: &account.secrets,
            may_leave: &|| Ok(()),
            limits: loaded.limits.egress(self.outside.request_time),
        };
        self.outside.egress.renew(permit, secret, refresh).await
    }

    /// Runs `check`.
    pub async fn check(
        &self,
        loaded: &Loaded,
        draft: CheckInput<'_>,
    ) -> Result<Vec<Finding>, CallError> {
        let export = Check {
            content: convert::content(draft.content),
            options: json(draft.options),
        };
        let (findings, state) = self.look(loaded, draft.account, export).await?;
        Ok(state.leaving().findings(findings))
    }

    /// Runs `preview.render`, where there is one.
    pub async fn preview(
        &self,
        loaded: &Loaded,
        draft: CheckInput<'_>,
    ) -> Result<Option<String>, CallError> {
        let export = Preview {
            content: convert::content(draft.content),
            options: json(draft.options),
        };
        let (fragment, state) = self.look(loaded, draft.account, export).await?;
        Ok(fragment.map(|fragment| state.leaving().text(fragment)))
    }

    async fn look<E: Export>(
        &self,
        loaded: &Loaded,
        account: &AccountView,
        export: E,
    ) -> Result<(E::Output, CallState), CallError> {
        let _host = turn(&self.looks).await;
        let state = self.state(loaded, Purpose::Look, account.clone());
        let Called { result, state, .. } = call(loaded, state, export).await;
        Ok((result.map_err(|cut| CallError(cut.into()))?, state))
    }

    /// Of a call that nobody runs again.
    fn state(&self, loaded: &Loaded, purpose: Purpose, account: AccountView) -> CallState {
        CallState::new(Beginning {
            release: Arc::clone(&loaded.about),
            limits: loaded.limits,
            purpose,
            account,
            offer: None,
            tape: Tape::forgotten(self.outside.clock.now()),
            outside: self.outside.clone(),
        })
    }
}

/// How a component says that an attempt ended.
type Ended = Result<types::Outcome, types::Failure>;

fn report(called: Called<Ended>) -> Report {
    let Called {
        result,
        usage,
        state,
    } = called;
    let end = match result {
        Ok(ended) => match state.tape().end() {
            Ok(()) => state.leaving().end(ended),
            Err(divergence) => End::Diverged(divergence),
        },
        Err(Cut::Died(death)) => End::Died(death),
        Err(Cut::Stopped(Stop::Asleep(until))) => End::Asleep { until },
        Err(Cut::Stopped(Stop::Diverged(divergence))) => End::Diverged(divergence),
        Err(Cut::Stopped(Stop::Lost(LostLease) | Stop::Beyond(_))) => End::Lost,
    };
    Report {
        end,
        usage,
        unsafe_sent: state.unsafe_sent(),
        in_doubt: state.in_doubt(),
        refused_at_end: state.refused_at_end(),
        remark: state.last_remark(),
        entries: state.into_tape().into_fresh(),
    }
}

fn found(
    state: &CallState,
    answer: Result<Option<types::Receipt>, types::Failure>,
) -> Result<Option<Receipt>, CannotTell> {
    let leaving = state.leaving();
    match answer {
        Ok(receipt) => Ok(receipt.map(|receipt| leaving.receipt(receipt))),
        Err(failure) => Err(CannotTell(leaving.failure(failure).for_owner())),
    }
}

fn linker(engine: &Engine) -> Result<Linker<CallState>, StartError> {
    let mut linker = Linker::new(engine);
    FullChannelPlugin::add_to_linker::<_, HasSelf<_>>(&mut linker, |state| state)
        .map_err(|error| StartError::Machine(format!("{error:#}")))?;
    Ok(linker)
}

async fn turn(semaphore: &Semaphore) -> SemaphorePermit<'_> {
    semaphore.acquire().await.expect("never closed")
}

fn json(options: &JsonObject) -> String {
    serde_json::to_string(options).expect("a JSON object can be written as JSON")
}
