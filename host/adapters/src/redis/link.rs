//! The way to a Redis that may be away at any time.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use baepo_domain::model::breaker::{Breaker, BreakerPolicy, State};
use baepo_domain::ports::CacheError;
use baepo_domain::ports::clock::Clock;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::io::tcp::TcpSettings;
use redis::{
    Client, Cmd, ConnectionAddr, ErrorKind, FromRedisValue, IntoConnectionInfo as _, RedisError,
    RedisResult, TlsCertificates,
};
use tokio::sync::watch;

use super::config::RedisConfig;

/// Commands that may wait for the connection to take them; more wait within their own time.
const PIPELINE_CAPACITY: usize = 1_000;

/// One connection to a Redis, shared by everything that speaks to it.
#[derive(Clone)]
pub struct RedisLink(Arc<Inner>);

struct Inner {
    client: Client,
    config: RedisConfig,
    clock: Arc<dyn Clock>,
    /// Makes a broken connection again by itself, and is replaced where that does not help.
    manager: Mutex<ConnectionManager>,
    breaker: Mutex<Breaker>,
    /// How often the connection was given up: other connections to this server are closed then, too.
    connection_resets: watch::Sender<u64>,
}

/// Why there is no link: the operator corrects the address or the certificate of Redis.
#[derive(Debug, thiserror::Error)]
pub enum RedisConfigError {
    /// Without the address itself, which may hold a password.
    #[error("the address of Redis: {0}")]
    Address(String),
    #[error("cannot read cache.root_certificate {}", file.display())]
    Certificate {
        file: PathBuf,
        source: std::io::Error,
    },
}

/// Why a call gave nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum CallError {
    /// It failed several times in a row and is left alone for a moment.
    #[error("it failed several times in a row and is tried again soon")]
    BreakerOpen,
    #[error("no answer within {} ms", .0.as_millis())]
    TimedOut(Duration),
    /// There is no connection, or it broke.
    #[error("{}", redact_arguments(.0))]
    Unreachable(RedisError),
    /// It is there, and said no.
    #[error("{}", redact_arguments(.0))]
    Refused(RedisError),
}

impl RedisLink {
    /// A link to the Redis at this address, such as `redis://:password@cache.internal:6379/0`, or
    /// with `rediss` for TLS. Redis need not be there: connecting begins at once, and nothing
    /// waits for it.
    ///
    /// # Errors
    /// The address or the certificate cannot be read. The text contains no password.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn open(
        url: &str,
        config: RedisConfig,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, RedisConfigError> {
        let client = client(url, &config)?;
        let manager = connect(&client, &config).map_err(url_error)?;
        let breaker = Breaker::new(BreakerPolicy {
            failures_to_open: config.failures_to_open,
            open_for: config.open_for,
            // A trial reports within the time limit, unless its caller has gone away.
            trial_for: config.time_limit + config.open_for,
        });
        Ok(Self(Arc::new(Inner {
            client,
            config,
            clock,
            manager: Mutex::new(manager),
            breaker: Mutex::new(breaker),
            connection_resets: watch::Sender::new(0),
        })))
    }

    /// Sends a command that may be sent twice, and reads the answer.
    pub(super) async fn call<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, CallError> {
        self.enter()?;
        let limit = self.0.config.time_limit;
        let answer = match tokio::time::timeout(limit, self.execute(command)).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) if is_answer(&error) => Err(CallError::Refused(error)),
            Ok(Err(error)) => Err(CallError::Unreachable(error)),
            Err(_) => Err(CallError::TimedOut(limit)),
        };
        match &answer {
            Ok(_) | Err(CallError::Refused(_)) => self.record_success(),
            Err(error) => self.failed(error),
        }
        answer
    }

    /// The error of the domain's ports.
    pub(super) fn cache_error(&self, error: &CallError) -> CacheError {
        CacheError(format!("redis at {}: {error}", self.address()))
    }

    /// Changes when the server that is spoken to now is given up.
    pub(super) fn connection_resets(&self) -> watch::Receiver<u64> {
        self.0.connection_resets.subscribe()
    }

    pub(super) fn client(&self) -> &Client {
        &self.0.client
    }

    pub(super) fn config(&self) -> &RedisConfig {
        &self.0.config
    }

    pub(super) fn clock(&self) -> &dyn Clock {
        &*self.0.clock
    }

    /// Host and port.
    pub(super) fn address(&self) -> &ConnectionAddr {
        self.0.client.get_connection_info().addr()
    }

    async fn execute<T: FromRedisValue>(&self, command: &Cmd) -> RedisResult<T> {
        let mut manager = lock(&self.0.manager).clone();
        match command.query_async(&mut manager).await {
            // It was the primary once, or is not ready: another may stand at the same address.
            Err(error) if cannot_serve(&error) => {
                self.reconnect();
                let mut manager = lock(&self.0.manager).clone();
                command.query_async(&mut manager).await
            }
            // That is how a connection that broke earlier shows, and Redis may be back long since:
            // the manager has begun to make another.
            Err(error) if !is_answer(&error) => command.query_async(&mut manager).await,
            result => result,
        }
    }

    fn enter(&self) -> Result<(), CallError> {
        let now = self.0.clock.now();
        lock(&self.0.breaker)
            .enter(now)
            .map_err(|_| CallError::BreakerOpen)
    }

    fn record_success(&self) {
        let before = {
            let mut breaker = lock(&self.0.breaker);
            let before = breaker.state();
            breaker.succeeded();
            before
        };
        if !matches!(before, State::Closed { .. }) {
            tracing::info!(address = %self.address(), "redis answers again");
        }
    }

    fn failed(&self, error: &CallError) {
        let (before, after) = {
            let mut breaker = lock(&self.0.breaker);
            let before = breaker.state();
            breaker.failed(self.0.clock.now());
            (before, breaker.state())
        };
        if !matches!(after, State::Open { .. }) || before == after {
            return;
        }
        if matches!(before, State::Closed { .. }) {
            let address = self.address();
            tracing::warn!(%address, %error, "redis is away; until it is back nothing waits for it");
        }
        self.reconnect();
    }

    /// Gives the connection up. A connection to a host that has vanished stays open and silent
    /// for many minutes, while a new one may find the host that took its place.
    fn reconnect(&self) {
        match connect(&self.0.client, &self.0.config) {
            Ok(manager) => *lock(&self.0.manager) = manager,
            // The same was possible when the link was opened.
            Err(error) => tracing::warn!(%error, "redis keeps its old connection"),
        }
        self.0.connection_resets.send_modify(|times| *times += 1);
    }
}

impl fmt::Debug for RedisLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = self.address().to_string();
        f.debug_tuple("RedisLink").field(&address).finish()
    }
}

/// A client for this address; nothing is sent yet.
pub(super) fn client(url: &str, config: &RedisConfig) -> Result<Client, RedisConfigError> {
    let info = url.into_connection_info().map_err(url_error)?;
    // Many calls share the connection: none waits for the packet of another to fill up.
    let info = info.set_tcp_settings(TcpSettings::default().set_nodelay(true));
    if !matches!(info.addr(), ConnectionAddr::TcpTls { .. }) {
        return Client::open(info).map_err(url_error);
    }
    // Somebody else may have chosen a provider for the process, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let Some(file) = &config.root_certificate else {
        return Client::open(info).map_err(url_error);
    };
    let root_cert = std::fs::read(file).map_err(|source| {
        let file = file.clone();
        RedisConfigError::Certificate { file, source }
    })?;
    let certificates = TlsCertificates {
        client_tls: None,
        root_cert: Some(root_cert),
    };
    Client::build_with_tls(info, certificates).map_err(url_error)
}

/// Whether that is the address of a Redis.
#[must_use]
pub fn is_redis_address(url: &str) -> bool {
    url.into_connection_info().is_ok()
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to `map_err`")]
fn url_error(error: RedisError) -> RedisConfigError {
    RedisConfigError::Address(error.to_string())
}

/// Begins to connect.
fn connect(client: &Client, config: &RedisConfig) -> RedisResult<ConnectionManager> {
    let limits = ConnectionManagerConfig::new()
        // The calls are what tries again, and `Breaker` says how often.
        .set_number_of_retries(0)
        .set_connection_timeout(Some(config.connect_limit))
        .set_response_timeout(None)
        .set_pipeline_buffer_size(PIPELINE_CAPACITY);
    let manager = ConnectionManager::new_lazy_with_config(client.clone(), limits)?;
    let (mut first, wait_limit) = (manager.clone(), config.connect_limit);
    tokio::spawn(async move {
        let ping = redis::cmd("PING");
        // A failure is met again, and reported, by the first call.
        let _ = tokio::time::timeout(wait_limit, ping.exec_async(&mut first)).await;
    });
    Ok(manager)
}

/// Whether that is what a Redis says that is the right one.
pub(super) fn is_answer(error: &RedisError) -> bool {
    let is_reported = matches!(
        error.kind(),
        ErrorKind::Server(_) | ErrorKind::Extension | ErrorKind::UnexpectedReturnType
    );
    is_reported && !cannot_serve(error)
}

/// What a server says that does not serve, whatever it is asked: a replica, one that has just
/// started, one that has lost its cluster, its replicas, its disk or its clients' passwords.
const CANNOT_SERVE: [&str; 8] = [
    "READONLY",
    "LOADING",
    "MASTERDOWN",
    "CLUSTERDOWN",
    "NOREPLICAS",
    "MISCONF",
    "NOAUTH",
    "WRONGPASS",
];

fn cannot_serve(error: &RedisError) -> bool {
    error
        .code()
        .is_some_and(|code| CANNOT_SERVE.contains(&code))
}

/// Redis repeats the arguments of a command that it does not know, and they are not for a log.
pub(super) fn redact_arguments(error: &RedisError) -> String {
    let text = error.to_string();
    let end = text
        .find(", with args beginning with")
        .unwrap_or(text.len());
    text[..end].to_owned()
}

/// A panic in between leaves nothing half done.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
