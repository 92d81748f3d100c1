//! Which server a connection leads to, and whether it takes writes.

use std::io;

use sqlx::{PgConnection, query_as};

use super::errors::is_unsupported;
use crate::rows::row;

row! {
    /// A server, as a session on it sees it.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Server {
        pub is_standby: bool,
        pub is_read_only: bool,
        /// In microseconds since 1970: distinguishes servers.
        pub started_at: i64,
        /// The same for a primary and its standbys; none where the server does not report it.
        pub system: Option<i64>,
        /// Grows with every promotion.
        pub timeline: Option<i32>,
    }
}

/// Why nothing can be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoPrimary {
    #[error("it is a standby")]
    Standby,
    #[error("it is read-only, as a primary is that was demoted")]
    ReadOnly,
    #[error("it is on timeline {found}, and the database has moved on to timeline {known}")]
    Replaced { found: i32, known: i32 },
    #[error("another server has taken its place")]
    Superseded,
    #[error("{0}")]
    Unreachable(String),
}

impl Server {
    /// The timeline in the control file is the one of the last checkpoint; between a promotion and
    /// its first checkpoint, the new one is where recovery ended.
    const QUERY: &str = "
        SELECT pg_is_in_recovery() AS is_standby,
            current_setting('transaction_read_only') = 'on' AS is_read_only,
            (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint AS started_at,
            (SELECT system_identifier FROM pg_control_system()) AS system,
            greatest(
                (SELECT timeline_id FROM pg_control_checkpoint()),
                (SELECT min_recovery_end_timeline FROM pg_control_recovery())
            ) AS timeline";
    /// For servers that keep their control file to themselves, as hosted ones may.
    const QUERY_WITHOUT_TIMELINE: &str = "
        SELECT pg_is_in_recovery() AS is_standby,
            current_setting('transaction_read_only') = 'on' AS is_read_only,
            (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint AS started_at,
            NULL::bigint AS system, NULL::int AS timeline";

    /// The server that this connection leads to.
    pub async fn of(connection: &mut PgConnection) -> Result<Self, sqlx::Error> {
        match query_as(Self::QUERY).fetch_one(&mut *connection).await {
            Err(error) if is_unsupported(&error) => {
                let query = query_as(Self::QUERY_WITHOUT_TIMELINE);
                query.fetch_one(connection).await
            }
            server => server,
        }
    }

    pub fn accepts_writes(&self) -> Result<(), NoPrimary> {
        if self.is_standby {
            Err(NoPrimary::Standby)
        } else if self.is_read_only {
            Err(NoPrimary::ReadOnly)
        } else {
            Ok(())
        }
    }

    /// Whether `self` was promoted after the database had left `other`.
    pub fn supersedes(&self, other: &Self) -> bool {
        self.system.is_some() && self.system == other.system && self.timeline > other.timeline
    }
}

impl From<NoPrimary> for sqlx::Error {
    fn from(error: NoPrimary) -> Self {
        Self::Io(io::Error::new(io::ErrorKind::NotConnected, error))
    }
}

/// The reason in an error that was made of one; any other error is that of a server out of reach.
impl From<&sqlx::Error> for NoPrimary {
    fn from(error: &sqlx::Error) -> Self {
        if let sqlx::Error::Io(error) = error
            && let Some(inner) = error.get_ref()
            && let Some(why) = inner.downcast_ref::<Self>()
        {
            return why.clone();
        }
        Self::Unreachable(error.to_string())
    }
}
