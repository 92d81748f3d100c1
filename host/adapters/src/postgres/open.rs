//! Opening the store: the server, the tables, and the first connection.

use std::sync::Arc;

use sqlx::migrate::MigrateError;

use super::config::{PostgresConfig, plain_options, redacted};
use super::primary::{Primary, PrimarySession};
use super::readers::Readers;
use super::schema::{known_version, run_migrations};
use super::session::{Session, SessionSettings};
use super::store::{PostgresDatabase, PostgresStore};
use super::writer::Writer;
use crate::commit_queue::{CommitCounter, CommitQueue};

/// Why the store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The operator looks at the configuration.
    #[error("the database URL cannot be used")]
    Url(#[source] sqlx::Error),
    /// The operator looks at the server: is it there, is it the primary, may this user in?
    #[error("the database {url} cannot be reached")]
    Unreachable { url: String, source: sqlx::Error },
    /// Going back to a Baepo that is too old: it would not know what it reads.
    #[error(
        "the database {url} is a newer Baepo's (its tables have version {version} and are for \
         Baepos that know version {oldest_usable}, this one knows {known}): run a newer one"
    )]
    Newer {
        url: String,
        version: i64,
        oldest_usable: i64,
        known: i64,
    },
    #[error("the tables of the database {url} cannot be brought up to date")]
    Tables { url: String, source: MigrateError },
}

impl PostgresStore {
    /// Connects to the database at `url`, such as `postgres://user:password@host:5432/database`,
    /// and brings its tables up to date. Of processes that start at the same time one does so.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn open(url: &str, config: PostgresConfig) -> Result<Self, OpenError> {
        let (primary, session) = open(url, &config).await?;
        let readers = Readers::new(
            Arc::clone(&primary),
            config.readers(),
            config.acquire_timeout,
        );
        let commits = CommitCounter::default();
        let writer = Writer::new(Arc::clone(&primary), session, commits.clone());
        Ok(Self(PostgresDatabase {
            watch: primary.watch(),
            primary,
            readers,
            writer: CommitQueue::spawn(|queue| writer.run(queue)),
            commits,
        }))
    }
}

/// Brings the tables up to date, and opens the session that writes.
async fn open(
    url: &str,
    config: &PostgresConfig,
) -> Result<(Arc<Primary>, PrimarySession), OpenError> {
    let shown = redacted(url);
    let settings = config.settings(url).map_err(OpenError::Url)?;
    let unreachable = |source| OpenError::Unreachable {
        url: shown.clone(),
        source,
    };
    // No limits: another process may be making the tables, and large ones take long.
    let unlimited = SessionSettings {
        options: plain_options(url).map_err(OpenError::Url)?,
        ..settings.clone()
    };
    let session = Session::open(&unlimited).await.map_err(unreachable)?;
    let mut connection = session.into_connection();
    // When it fails it is dropped, and with it the lock that other processes wait for.
    let schema = run_migrations(&mut connection).await;
    let schema = schema.map_err(|source| OpenError::Tables {
        url: shown.clone(),
        source,
    })?;
    drop(connection);
    if !schema.is_usable() {
        return Err(OpenError::Newer {
            url: shown,
            version: schema.version,
            oldest_usable: schema.oldest_usable,
            known: known_version(),
        });
    }
    let primary = Primary::new(settings, shown.clone());
    let mut session = primary.open().await.map_err(unreachable)?;
    session.commit_durably().await.map_err(unreachable)?;
    Ok((primary, session))
}
