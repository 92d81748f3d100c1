//! Connections for reading, each for one read at a time.
//!
//! Not `sqlx`'s own pool: that asks the server after every read whether the connection still works,
//! which is a second round trip for each, and waits for that answer without an end.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use baepo_domain::ports::StoreError;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::QueryAs;
use sqlx::{AssertSqlSafe, FromRow, Postgres, query_as_with};
use tokio::sync::Semaphore;

use super::errors::is_server_failure;
use super::primary::{Primary, PrimarySession};
use super::server::NoPrimary;
use super::statement::{on_primary, unavailable};
use crate::commit_queue::closed;
use crate::rows::{Read, SqlRow, UnreadableRows};

/// After so long without a read it is asked whether it still works.
const PING_AFTER_IDLE: Duration = Duration::from_millis(100);
/// After so long it makes place for a new one, so that what the server keeps for it does not grow
/// for ever.
const LIFETIME: Duration = Duration::from_secs(30 * 60);

pub struct Readers {
    primary: Arc<Primary>,
    /// How long a read waits until another one is done.
    wait: Duration,
    permits: Semaphore,
    idle: Mutex<Vec<Reader>>,
    pub unreadable_rows: UnreadableRows,
}

struct Reader {
    session: PrimarySession,
    opened: Instant,
    used: Instant,
}

impl Readers {
    /// Opens none before it is needed.
    pub fn new(primary: Arc<Primary>, max_open: usize, wait: Duration) -> Self {
        Self {
            primary,
            wait,
            permits: Semaphore::new(max_open),
            idle: Mutex::default(),
            unreadable_rows: UnreadableRows::default(),
        }
    }

    /// The rows of a read, in its order.
    pub async fn read<R: SqlRow>(&self, read: Read) -> Result<Vec<R>, StoreError> {
        let sql = AssertSqlSafe(on_primary(read.select));
        let arguments = read.arguments::<Postgres>().map_err(unavailable)?;
        self.rows(query_as_with(sql, arguments)).await
    }

    /// A read that is given up takes its connection with it.
    pub async fn rows<R>(
        &self,
        statement: QueryAs<'_, Postgres, R, PgArguments>,
    ) -> Result<Vec<R>, StoreError>
    where
        R: for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        let permit = tokio::time::timeout(self.wait, self.permits.acquire()).await;
        let _place = permit
            .map_err(|_| pool_exhausted())?
            .map_err(|_| closed())?;
        let mut reader = self.reader().await.map_err(unavailable)?;
        match reader.session.fetch(statement).await {
            Ok(rows) if self.primary.is_current(&reader.session) => {
                self.put_back(reader);
                Ok(rows)
            }
            Ok(_) => Err(unavailable(NoPrimary::Superseded.into())),
            Err(error) => {
                self.primary.record_error(&reader.session, &error);
                if is_server_failure(&error) {
                    // The others have lost it too.
                    self.take_idle();
                }
                Err(unavailable(error))
            }
        }
    }

    async fn reader(&self) -> Result<Reader, sqlx::Error> {
        // The one that was used last: it is the most likely to work.
        while let Some(mut reader) = self.pop_idle() {
            if !self.primary.is_current(&reader.session) {
                continue;
            }
            if reader.used.elapsed() < PING_AFTER_IDLE || reader.session.is_alive().await {
                return Ok(reader);
            }
            self.primary.request_check();
            self.take_idle();
        }
        let session = self.primary.session().await?;
        let now = Instant::now();
        Ok(Reader {
            session,
            opened: now,
            used: now,
        })
    }

    fn pop_idle(&self) -> Option<Reader> {
        self.idle().pop()
    }

    fn put_back(&self, reader: Reader) {
        if reader.opened.elapsed() < LIFETIME && !self.permits.is_closed() {
            let used = Instant::now();
            self.idle().push(Reader { used, ..reader });
        }
    }

    fn take_idle(&self) -> Vec<Reader> {
        std::mem::take(&mut *self.idle())
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Reader>> {
        // Nothing that is done with it can panic.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Refuses what comes from now on. What is being read still is.
    pub async fn close(&self) {
        self.permits.close();
        for reader in self.take_idle() {
            reader.session.close().await;
        }
    }
}

fn pool_exhausted() -> StoreError {
    StoreError("no connection to the database was free in time".into())
}
