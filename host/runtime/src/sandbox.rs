//! What all releases share: the engine and its pool, the way out, and who waits for a turn.

use std::sync::Arc;
use std::time::Duration;

use baepo_domain::attempt::{AccountView, Death, End, Job, Report};
use baepo_domain::clock::Clock;
use baepo_domain::content::Finding;
use baepo_domain::id::Digest;
use baepo_domain::ports::{AttemptLog, CallError, CheckInput, JsonObject, LoadError};
use tokio::sync::{Semaphore, SemaphorePermit};
use tracing::Instrument as _;
use wasmtime::Engine;
use wasmtime::component::{HasSelf, Linker};

use crate::bindings::{FullChannelPlugin, channel};
use crate::compile::{Compiler, blocking};
use crate::config::RuntimeConfig;
use crate::convert;
use crate::egress::Egress;
use crate::engine::{self, PoolUse, StartError, Ticker};
use crate::imports::{Beginning, CallState, Outside, Purpose};
use crate::invoke::{Called, Check, Distribute, Export, Preview, Start, call};
use crate::loaded::{Examined, Loaded};

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
        if let Some(problem) = config.problem() {
            return Err(StartError::Config(problem));
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

    /// Runs `distribute` until it ends, when it is this attempt's turn.
    pub async fn distribute(&self, loaded: &Loaded, job: Job, log: Arc<dyn AttemptLog>) -> Report {
        let _channel = turn(&loaded.turns).await;
        let _host = turn(&self.attempts).await;
        let export = Distribute(channel::Job {
            idempotency_key: job.idempotency_key,
            event_id: job.event.to_string(),
            content: convert::content(&job.content),
            options: job.options.to_string(),
        });
        let purpose = Purpose::Distribute {
            attempt: job.attempt,
            log,
        };
        let span = tracing::info_span!(
            "runtime.component.run",
            channel = %loaded.about.manifest.id,
            release = loaded.about.digest.short(),
            attempt = %job.attempt,
        );
        let state = self.state(loaded, purpose, job.account);
        let Called {
            result,
            usage,
            state,
        } = call(loaded, state, export).instrument(span).await;
        Report {
            end: match result {
                Ok(ended) => state.leaving().end(ended),
                Err(death) => End::Died(death),
            },
            usage,
            unsafe_sent: state.unsafe_sent(),
        }
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
        Ok((result.map_err(CallError)?, state))
    }

    fn state(&self, loaded: &Loaded, purpose: Purpose, account: AccountView) -> CallState {
        CallState::new(Beginning {
            release: Arc::clone(&loaded.about),
            limits: loaded.limits,
            purpose,
            account,
            outside: self.outside.clone(),
        })
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
