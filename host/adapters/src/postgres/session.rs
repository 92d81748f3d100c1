//! One connection, on which nothing takes longer than it may.
//!
//! A server that is down says so at once; one whose machine has vanished says nothing at all. So
//! every wait has an end, after which the connection is given up: where it stands nobody knows.

use std::io;
use std::time::Duration;

use sqlx::postgres::{PgArguments, PgConnectOptions, PgRow};
use sqlx::query::{Query, QueryAs};
use sqlx::{Connection as _, FromRow, PgConnection, Postgres, raw_sql};

use super::server::Server;

/// How a session is opened.
#[derive(Debug, Clone)]
pub struct SessionSettings {
    pub options: PgConnectOptions,
    /// For opening it, and for what costs the server nothing.
    pub short_timeout: Duration,
    /// For a statement, the server's own limit of which is a little shorter.
    pub long_timeout: Duration,
}

pub struct Session {
    connection: PgConnection,
    short_timeout: Duration,
    long_timeout: Duration,
}

impl Session {
    pub async fn open(settings: &SessionSettings) -> Result<Self, sqlx::Error> {
        let connect = PgConnection::connect_with(&settings.options);
        Ok(Self {
            connection: with_timeout(settings.short_timeout, connect).await?,
            short_timeout: settings.short_timeout,
            long_timeout: settings.long_timeout,
        })
    }

    /// From now on commits are on disk when they are made, whatever the server does by default.
    pub async fn commit_durably(&mut self) -> Result<(), sqlx::Error> {
        // The other values are stronger, or an operator's own choice about standbys.
        let durable = "
            SELECT set_config('synchronous_commit', 'on', false)
            WHERE current_setting('synchronous_commit') = 'off'";
        self.command(durable).await
    }

    /// The server that it is on.
    pub async fn server(&mut self) -> Result<Server, sqlx::Error> {
        with_timeout(self.short_timeout, Server::of(&mut self.connection)).await
    }

    /// Whether the server still answers.
    pub async fn is_alive(&mut self) -> bool {
        let ping = self.connection.ping();
        with_timeout(self.short_timeout, ping).await.is_ok()
    }

    pub async fn begin(&mut self) -> Result<(), sqlx::Error> {
        let begin = raw_sql("BEGIN").execute(&mut self.connection);
        with_timeout(self.short_timeout, begin).await.map(drop)
    }

    /// A statement without parameters and without rows.
    pub async fn command(&mut self, sql: &'static str) -> Result<(), sqlx::Error> {
        let command = raw_sql(sql).execute(&mut self.connection);
        with_timeout(self.long_timeout, command).await.map(drop)
    }

    /// How many rows it wrote.
    pub async fn execute(
        &mut self,
        statement: Query<'_, Postgres, PgArguments>,
    ) -> Result<u64, sqlx::Error> {
        let done = statement.execute(&mut self.connection);
        with_timeout(self.long_timeout, done)
            .await
            .map(|done| done.rows_affected())
    }

    /// Every row, in the statement's order.
    pub async fn fetch<R>(
        &mut self,
        statement: QueryAs<'_, Postgres, R, PgArguments>,
    ) -> Result<Vec<R>, sqlx::Error>
    where
        R: for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        with_timeout(self.long_timeout, statement.fetch_all(&mut self.connection)).await
    }

    /// Says goodbye to the server, if that is quickly done.
    pub async fn close(self) {
        let _ = with_timeout(self.short_timeout, self.connection.close()).await;
    }

    /// For what has its own idea of time.
    pub fn into_connection(self) -> PgConnection {
        self.connection
    }
}

async fn with_timeout<T>(
    wait: Duration,
    work: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    let timed_out = |_| {
        let message = format!("no answer within {wait:?}");
        sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, message))
    };
    tokio::time::timeout(wait, work).await.map_err(timed_out)?
}
