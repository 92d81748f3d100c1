//! Signals between hosts through PostgreSQL's NOTIFY and LISTEN.
//!
//! NOTIFY makes the commits that carry it wait for each other, all over the server. So signals have
//! transactions of their own: what is broadcast within a few milliseconds goes together, each signal
//! once, and no delivery waits for it. What waits to be sent or received is bounded: when there is too
//! much of it, it becomes "look at everything".

mod pending;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use baepo_domain::model::id::HolderId;
use baepo_domain::ports::{Signal, Signals};
use sqlx::postgres::{PgListener, PgPoolOptions};
use sqlx::{Acquire as _, Executor as _, query};
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use self::pending::PendingSignals;
use super::primary::{Primary, PrimarySession};
use super::server::Server;

/// Hosts of one database hear each other.
const CHANNEL: &str = "baepo";
/// How long a signal waits for others to go with it.
const BATCH_WINDOW: Duration = Duration::from_millis(5);
/// Before a lost connection is made again.
const RECONNECT_DELAY: Duration = Duration::from_secs(1);
/// How often a silent connection is asked whether it is still there.
const CHECK_INTERVAL: Duration = Duration::from_secs(5);

/// Tells and hears signals on two connections of its own, which are made again whenever they are
/// lost. Made for one listener.
pub struct PostgresSignals {
    state: Arc<SignalState>,
    tasks: [AbortHandle; 2],
}

/// Signals to send, and signals received.
struct SignalState {
    /// By which a host knows its own messages.
    host: HolderId,
    outgoing: Mutex<PendingSignals>,
    outgoing_ready: Notify,
    incoming: Mutex<PendingSignals>,
    incoming_ready: Notify,
}

impl PostgresSignals {
    /// Begins to listen on the primary. The first signal is [`Signal::Missed`], when it listens for
    /// the first time. A server that is away is waited for.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub(super) fn new(primary: Arc<Primary>, host: HolderId) -> Self {
        let state = Arc::new(SignalState {
            host,
            outgoing: Mutex::default(),
            outgoing_ready: Notify::new(),
            incoming: Mutex::default(),
            incoming_ready: Notify::new(),
        });
        let sending = broadcast(Arc::clone(&primary), Arc::clone(&state));
        let listening = listen(primary, Arc::clone(&state));
        Self {
            state,
            tasks: [
                tokio::spawn(sending).abort_handle(),
                tokio::spawn(listening).abort_handle(),
            ],
        }
    }
}

#[async_trait]
impl Signals for PostgresSignals {
    fn broadcast(&self, signal: Signal) {
        lock(&self.state.outgoing).add(signal);
        self.state.outgoing_ready.notify_one();
    }

    async fn receive(&self) -> Signal {
        loop {
            let incoming = lock(&self.state.incoming).take_one();
            if let Some(signal) = incoming {
                return signal;
            }
            self.state.incoming_ready.notified().await;
        }
    }
}

impl Drop for PostgresSignals {
    fn drop(&mut self) {
        self.tasks.iter().for_each(AbortHandle::abort);
    }
}

impl SignalState {
    fn receive(&self, signal: Signal) {
        lock(&self.incoming).add(signal);
        self.incoming_ready.notify_one();
    }

    fn read(&self, message: &str) {
        if let Some((host, signals)) = message.split_once(' ')
            && host != self.host.to_string()
        {
            for signal in pending::read(signals) {
                self.receive(signal);
            }
        }
    }
}

fn lock(pending: &Mutex<PendingSignals>) -> std::sync::MutexGuard<'_, PendingSignals> {
    // Nothing that is done with it can panic.
    pending.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn broadcast(primary: Arc<Primary>, state: Arc<SignalState>) {
    let mut session = None;
    loop {
        state.outgoing_ready.notified().await;
        tokio::time::sleep(BATCH_WINDOW).await;
        let signals = std::mem::take(&mut *lock(&state.outgoing));
        if signals.is_empty() {
            continue;
        }
        let messages: Vec<String> = signals
            .messages()
            .map(|signals| format!("{} {signals}", state.host))
            .collect();
        if let Err(error) = send(&primary, &mut session, &messages).await {
            tracing::debug!(%error, "other hosts hear later what moved");
            session = None;
            lock(&state.outgoing).add_all(signals);
            state.outgoing_ready.notify_one();
            tokio::time::sleep(RECONNECT_DELAY).await;
        }
    }
}

async fn send(
    primary: &Primary,
    session: &mut Option<PrimarySession>,
    messages: &[String],
) -> Result<(), sqlx::Error> {
    let current = session.take().filter(|session| primary.is_current(session));
    let session = session.insert(match current {
        Some(session) => session,
        None => {
            let mut session = primary.session().await?;
            // A signal that is lost with the server is no loss.
            session.command("SET synchronous_commit = off").await?;
            session
        }
    });
    let notify = "SELECT pg_notify($1, message) FROM unnest($2::text[]) AS message";
    let notify = query(notify).bind(CHANNEL).bind(messages);
    session.execute(notify).await.map(drop)
}

async fn listen(primary: Arc<Primary>, state: Arc<SignalState>) {
    loop {
        match subscribe(&primary).await {
            Ok((listener, generation)) => {
                state.receive(Signal::Missed);
                tokio::select! {
                    () = follow(listener, primary.settings().short_timeout, &state) => {}
                    // The server may be alive, and get no more writes.
                    () = primary.superseded(generation) => {}
                }
            }
            Err(error) => {
                tracing::debug!(%error, "postgres tells no signals; it is tried again");
            }
        }
        tokio::time::sleep(RECONNECT_DELAY).await;
    }
}

/// A connection that listens on the primary, and the generation of its sessions.
async fn subscribe(primary: &Primary) -> Result<(PgListener, u64), sqlx::Error> {
    let limit = primary.settings().short_timeout;
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .max_lifetime(None)
        .idle_timeout(None)
        .acquire_timeout(limit)
        .connect_lazy_with(primary.settings().options.clone());
    let subscribing = async {
        let mut listener = PgListener::connect_with(&pool).await?;
        // Made again here, where it is known that something may have been missed.
        listener.eager_reconnect(false);
        let server = Server::of(listener.acquire().await?).await?;
        let generation = primary.admit(server)?;
        listener.listen(CHANNEL).await?;
        Ok((listener, generation))
    };
    tokio::time::timeout(limit, subscribing)
        .await
        .unwrap_or(Err(sqlx::Error::PoolTimedOut))
}

/// Reads messages until the connection is lost.
async fn follow(mut listener: PgListener, answer_limit: Duration, state: &SignalState) {
    loop {
        match tokio::time::timeout(CHECK_INTERVAL, listener.try_recv()).await {
            Ok(Ok(Some(message))) => state.read(message.payload()),
            Ok(Ok(None) | Err(_)) => return,
            Err(_silence) => {
                let answer = tokio::time::timeout(answer_limit, listener.execute("SELECT 1"));
                if !matches!(answer.await, Ok(Ok(_))) {
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
