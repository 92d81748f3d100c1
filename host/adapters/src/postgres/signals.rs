//! What hosts tell each other through PostgreSQL's NOTIFY and LISTEN.
//!
//! NOTIFY makes the commits that carry it wait for each other, all over the server. So signals have
//! transactions of their own: what is told within a few milliseconds goes together, each signal
//! once, and no delivery waits for it. What waits to be told or heard is bounded: when there is too
//! much of it, it becomes "look at everything".

mod waiting;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use baepo_domain::id::HolderId;
use baepo_domain::ports::{Signal, Signals};
use sqlx::postgres::{PgListener, PgPoolOptions};
use sqlx::{Acquire as _, Executor as _, query};
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use self::waiting::Waiting;
use super::primary::{Primary, PrimarySession, Server};

/// Hosts of one database hear each other.
const CHANNEL: &str = "baepo";
/// How long a signal waits for others to go with it.
const COLLECTED_FOR: Duration = Duration::from_millis(5);
/// Before a lost connection is made again.
const PAUSE: Duration = Duration::from_secs(1);
/// How often a silent connection is asked whether it is still there.
const CHECK_EVERY: Duration = Duration::from_secs(5);

/// Tells and hears signals on two connections of its own, which are made again whenever they are
/// lost. Made for one listener.
pub struct PostgresSignals {
    board: Arc<Board>,
    tasks: [AbortHandle; 2],
}

/// What there is to tell and to hear.
struct Board {
    /// By which a host knows its own messages.
    host: HolderId,
    untold: Mutex<Waiting>,
    to_tell: Notify,
    heard: Mutex<Waiting>,
    news: Notify,
}

impl PostgresSignals {
    /// Begins to listen on the primary. The first signal is [`Signal::Missed`], when it listens for
    /// the first time. A server that is away is waited for.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub(super) fn new(primary: Arc<Primary>, host: HolderId) -> Self {
        let board = Arc::new(Board {
            host,
            untold: Mutex::default(),
            to_tell: Notify::new(),
            heard: Mutex::default(),
            news: Notify::new(),
        });
        let telling = tell(Arc::clone(&primary), Arc::clone(&board));
        let listening = listen(primary, Arc::clone(&board));
        Self {
            board,
            tasks: [
                tokio::spawn(telling).abort_handle(),
                tokio::spawn(listening).abort_handle(),
            ],
        }
    }
}

#[async_trait]
impl Signals for PostgresSignals {
    fn tell(&self, signal: Signal) {
        lock(&self.board.untold).add(signal);
        self.board.to_tell.notify_one();
    }

    async fn hear(&self) -> Signal {
        loop {
            let heard = lock(&self.board.heard).take_one();
            if let Some(signal) = heard {
                return signal;
            }
            self.board.news.notified().await;
        }
    }
}

impl Drop for PostgresSignals {
    fn drop(&mut self) {
        self.tasks.iter().for_each(AbortHandle::abort);
    }
}

impl Board {
    fn hear(&self, signal: Signal) {
        lock(&self.heard).add(signal);
        self.news.notify_one();
    }

    fn read(&self, message: &str) {
        if let Some((host, signals)) = message.split_once(' ')
            && host != self.host.to_string()
        {
            for signal in waiting::read(signals) {
                self.hear(signal);
            }
        }
    }
}

fn lock(waiting: &Mutex<Waiting>) -> std::sync::MutexGuard<'_, Waiting> {
    // Nothing that is done with it can panic.
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn tell(primary: Arc<Primary>, board: Arc<Board>) {
    let mut session = None;
    loop {
        board.to_tell.notified().await;
        tokio::time::sleep(COLLECTED_FOR).await;
        let signals = std::mem::take(&mut *lock(&board.untold));
        if signals.is_empty() {
            continue;
        }
        let messages: Vec<String> = signals
            .messages()
            .map(|signals| format!("{} {signals}", board.host))
            .collect();
        if let Err(error) = send(&primary, &mut session, &messages).await {
            tracing::debug!(%error, "other hosts hear later what moved");
            session = None;
            lock(&board.untold).add_all(signals);
            board.to_tell.notify_one();
            tokio::time::sleep(PAUSE).await;
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

async fn listen(primary: Arc<Primary>, board: Arc<Board>) {
    loop {
        match subscribe(&primary).await {
            Ok((listener, generation)) => {
                board.hear(Signal::Missed);
                tokio::select! {
                    () = follow(listener, primary.settings().short_wait, &board) => {}
                    // The server may be alive, and nobody tells it anything any more.
                    () = primary.succeeded(generation) => {}
                }
            }
            Err(error) => {
                tracing::debug!(%error, "postgres tells no signals; it is tried again");
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// A connection that listens on the primary, and the generation of its sessions.
async fn subscribe(primary: &Primary) -> Result<(PgListener, u64), sqlx::Error> {
    let limit = primary.settings().short_wait;
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
async fn follow(mut listener: PgListener, answer_limit: Duration, board: &Board) {
    loop {
        match tokio::time::timeout(CHECK_EVERY, listener.try_recv()).await {
            Ok(Ok(Some(message))) => board.read(message.payload()),
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
