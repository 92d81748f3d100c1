//! The server that takes writes, and the sessions on it.
//!
//! A failover leaves a server behind that may be alive: it keeps its connections open, and answers
//! reads from rows that nobody changes any more. What is decided on those is wrong. So:
//!
//! - a session is admitted only on a server that takes writes, and never on one whose successor this
//!   process has seen;
//! - sessions have a generation. One sign that their server was demoted, or that another one has
//!   taken its place, begins the next generation, and every session of the one before is dropped,
//!   whatever it was doing;
//! - a read is refused by the server itself where nothing can be written, see
//!   [`on_primary!`](super::statement);
//! - a watch looks once a second, so that a host that does nothing notices too. While there is no
//!   primary the watch alone looks for one, and everybody else waits for what it finds.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, watch};
use tokio::task::AbortHandle;

use super::errors::{is_read_only, is_server_failure};
use super::server::{NoPrimary, Server};
use super::session::{Session, SessionSettings};

/// Connections that the watch has. For a moment it has one more, while it looks where the address leads.
pub const WATCH_CONNECTIONS: usize = 1;
/// How often the server is asked whether it still takes writes.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);
/// How often a new connection is made, to see which server the address leads to.
const ADDRESS_CHECK_INTERVAL: Duration = Duration::from_secs(5);
/// How often a primary is looked for while there is none, and nobody asks for it.
const RETRY_INTERVAL: Duration = Duration::from_millis(500);
/// Between two looks at least, however many ask for one.
const MIN_CHECK_INTERVAL: Duration = Duration::from_millis(20);

/// Knows the primary of a database.
pub struct Primary {
    settings: SessionSettings,
    /// The database's address, without the password.
    address: String,
    state: Mutex<PrimaryState>,
    /// Whose sessions are used.
    generation: watch::Sender<u64>,
    /// Somebody has reason to look before it is time.
    request_check: Notify,
    checks_begun: AtomicU64,
    checks_done: watch::Sender<u64>,
}

struct PrimaryState {
    primary: Result<Server, PrimaryLost>,
    /// The last that was admitted: an older one has been replaced.
    newest: Option<Server>,
}

#[derive(Clone)]
struct PrimaryLost {
    why: NoPrimary,
    since: Instant,
}

/// A session that was on the primary when it was opened.
pub struct PrimarySession {
    session: Session,
    generation: u64,
}

impl std::ops::Deref for PrimarySession {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.session
    }
}

impl std::ops::DerefMut for PrimarySession {
    fn deref_mut(&mut self) -> &mut Session {
        &mut self.session
    }
}

impl PrimarySession {
    pub async fn close(self) {
        self.session.close().await;
    }
}

impl Primary {
    /// Knows of none before [`Primary::open`] or the watch has found it.
    pub fn new(settings: SessionSettings, address: String) -> Arc<Self> {
        let why = NoPrimary::Unreachable("it was not asked yet".to_owned());
        let since = Instant::now();
        Arc::new(Self {
            settings,
            address,
            state: Mutex::new(PrimaryState {
                primary: Err(PrimaryLost { why, since }),
                newest: None,
            }),
            generation: watch::Sender::new(0),
            request_check: Notify::new(),
            checks_begun: AtomicU64::new(0),
            checks_done: watch::Sender::new(0),
        })
    }

    /// Looks after the primary until it is aborted.
    pub fn watch(self: &Arc<Self>) -> AbortHandle {
        tokio::spawn(Arc::clone(self).monitor()).abort_handle()
    }

    pub fn settings(&self) -> &SessionSettings {
        &self.settings
    }

    /// Whether writes are taken, as far as is known.
    pub fn accepts_writes(&self) -> Result<(), NoPrimary> {
        match &self.state().primary {
            Ok(_) => Ok(()),
            Err(lost) => Err(lost.why.clone()),
        }
    }

    /// A new session. Where there is no primary it waits for what the watch finds, which is asked
    /// to look now: however many wait, one of them knocks.
    pub async fn session(&self) -> Result<PrimarySession, sqlx::Error> {
        if self.accepts_writes().is_err() {
            self.check_now().await?;
        }
        self.open().await
    }

    /// A new session on whatever server the address leads to, if that is the primary.
    pub async fn open(&self) -> Result<PrimarySession, sqlx::Error> {
        let mut session = Session::open(&self.settings).await?;
        let server = session.server().await?;
        let generation = self.admit(server)?;
        Ok(PrimarySession {
            session,
            generation,
        })
    }

    /// Whether a session is still one on the primary: else nothing that it says counts.
    pub fn is_current(&self, session: &PrimarySession) -> bool {
        self.is_generation(session.generation)
    }

    pub fn is_generation(&self, generation: u64) -> bool {
        *self.generation.borrow() == generation
    }

    #[cfg(test)]
    pub fn generation(&self) -> u64 {
        *self.generation.borrow()
    }

    /// How often the watch has looked.
    #[cfg(test)]
    pub fn checks(&self) -> watch::Receiver<u64> {
        self.checks_done.subscribe()
    }

    /// Completes when sessions of this generation are of no use any more.
    pub async fn superseded(&self, generation: u64) {
        let mut generations = self.generation.subscribe();
        // The caller has the sender.
        let _ = generations.wait_for(|current| *current != generation).await;
    }

    /// Draws the conclusion from an error of a session's.
    pub fn record_error(&self, session: &PrimarySession, error: &sqlx::Error) {
        if is_read_only(error) {
            self.mark_lost(session.generation, NoPrimary::ReadOnly);
        } else if is_server_failure(error) {
            self.request_check();
        }
    }

    /// The watch looks now.
    pub fn request_check(&self) {
        self.request_check.notify_one();
    }

    /// The generation of sessions on this server, where it is the primary.
    pub fn admit(&self, server: Server) -> Result<u64, NoPrimary> {
        server.accepts_writes()?;
        let mut state = self.state();
        if let Some(newest) = &state.newest
            && newest.supersedes(&server)
        {
            return Err(NoPrimary::Replaced {
                found: server.timeline.unwrap_or_default(),
                known: newest.timeline.unwrap_or_default(),
            });
        }
        let address = &self.address;
        match &state.primary {
            Ok(primary) if *primary == server => {}
            Ok(_) => {
                self.next_generation();
                tracing::warn!(
                    address,
                    timeline = server.timeline,
                    "another PostgreSQL is behind the address: all sessions to the one before are \
                     dropped"
                );
            }
            Err(lost) if state.newest.is_some() => tracing::info!(
                address,
                timeline = server.timeline,
                away_ms = lost.since.elapsed().as_millis(),
                "PostgreSQL takes writes again"
            ),
            Err(_) => {}
        }
        state.newest = Some(server.clone());
        state.primary = Ok(server);
        Ok(*self.generation.borrow())
    }

    /// The primary of this generation is none any more.
    fn mark_lost(&self, generation: u64, why: NoPrimary) {
        let mut state = self.state();
        match &mut state.primary {
            Ok(_) if self.is_generation(generation) => {}
            // It was lost before, and this is what is known of it now.
            Err(lost) if self.is_generation(generation) => {
                lost.why = why;
                return;
            }
            // That was another one.
            Ok(_) | Err(_) => return,
        }
        self.next_generation();
        tracing::warn!(
            address = self.address,
            %why,
            "PostgreSQL takes no writes: all sessions are dropped, and requests are refused until \
             it does"
        );
        let since = Instant::now();
        state.primary = Err(PrimaryLost { why, since });
        self.request_check();
    }

    fn next_generation(&self) {
        self.generation.send_modify(|generation| *generation += 1);
    }

    fn state(&self) -> MutexGuard<'_, PrimaryState> {
        // Nothing that is done with it can panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the outcome of a check that begins from now on.
    async fn check_now(&self) -> Result<(), NoPrimary> {
        let next = self.checks_begun.load(Ordering::SeqCst) + 1;
        let mut done = self.checks_done.subscribe();
        self.request_check();
        // A check waits for the session that it has, and for a new one.
        let wait_limit = 4 * self.settings.short_timeout;
        let _ = tokio::time::timeout(wait_limit, done.wait_for(|done| *done >= next)).await;
        self.accepts_writes()
    }

    async fn monitor(self: Arc<Self>) {
        let mut held = None;
        let mut address_checked_at = Instant::now();
        loop {
            let check = self.checks_begun.fetch_add(1, Ordering::SeqCst) + 1;
            held = match held {
                Some(session) => self.verified(session).await,
                None => None,
            };
            if held.is_none() || address_checked_at.elapsed() >= ADDRESS_CHECK_INTERVAL {
                address_checked_at = Instant::now();
                held = self.latest_session(held).await;
            }
            self.checks_done.send_replace(check);
            let pause = if held.is_some() {
                CHECK_INTERVAL
            } else {
                RETRY_INTERVAL
            };
            tokio::time::sleep(MIN_CHECK_INTERVAL).await;
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.request_check.notified() => {}
            }
        }
    }

    /// The session, if its server is still the primary.
    async fn verified(&self, mut session: PrimarySession) -> Option<PrimarySession> {
        let server = session.server().await.ok()?;
        if let Err(why) = server.accepts_writes() {
            self.mark_lost(session.generation, why);
        }
        self.is_current(&session).then_some(session)
    }

    /// A new session takes the place of the one that is held. One that cannot be opened says nothing
    /// against a server that was just heard: it may have no connection left for anybody.
    async fn latest_session(&self, held: Option<PrimarySession>) -> Option<PrimarySession> {
        let generation = *self.generation.borrow();
        match (self.open().await, held) {
            (Ok(opened), _) => Some(opened),
            (Err(error), Some(held)) => {
                tracing::debug!(%error, "no new connection to PostgreSQL can be made");
                Some(held)
            }
            (Err(error), None) => {
                self.mark_lost(generation, NoPrimary::from(&error));
                None
            }
        }
    }
}

#[cfg(test)]
mod tests;
