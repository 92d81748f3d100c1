//! Opening the file: connections, their settings, and the tables.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection as _, SqlSafeStr as _, SqliteConnection};

use super::health::Health;
use super::statement::Readers;
use super::store::{SqliteDatabase, SqliteStore};
use super::writer::Writer;
use crate::commit_queue::{CommitCounter, CommitQueue};
use crate::rows::UnreadableRows;

/// Why the store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The operator looks at the folder: is it there, does it belong to this user?
    #[error("the database file {path} cannot be opened")]
    File { path: PathBuf, source: io::Error },
    /// It is no database, it is damaged, or another process holds it locked.
    #[error("the database {path} cannot be used")]
    Database { path: PathBuf, source: sqlx::Error },
    /// Going back to an older Baepo: it would not know what it reads.
    #[error(
        "the database {path} was made by a newer Baepo (its tables have version {version}, this \
         one knows {known}): run the newer one, or choose another data folder"
    )]
    Newer {
        path: PathBuf,
        version: i64,
        known: i64,
    },
    #[error("the tables of the database {path} cannot be brought up to date")]
    Tables { path: PathBuf, source: MigrateError },
}

/// How long one process waits for another that writes, such as a backup or a command.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a read waits for a free connection: much longer than reads take.
const READ_TIMEOUT: Duration = Duration::from_secs(10);
/// Each is a thread. Reads take microseconds, so that more would only wait for cores.
const READERS: u32 = 4;

/// The version, the name and the text of each, in order.
const MIGRATIONS: [(i64, &str, &str); 8] = [
    (
        1,
        "baepo",
        include_str!("../../../../migrations/sqlite/0001_baepo.sql"),
    ),
    (
        2,
        "journal",
        include_str!("../../../../migrations/sqlite/0002_journal.sql"),
    ),
    (
        3,
        "hosts",
        include_str!("../../../../migrations/sqlite/0003_hosts.sql"),
    ),
    (
        4,
        "life",
        include_str!("../../../../migrations/sqlite/0004_life.sql"),
    ),
    (
        9,
        "orphans",
        include_str!("../../../../migrations/sqlite/0009_orphans.sql"),
    ),
    (
        10,
        "external_ids",
        include_str!("../../../../migrations/sqlite/0010_external_ids.sql"),
    ),
    (
        11,
        "approval",
        include_str!("../../../../migrations/sqlite/0011_approval.sql"),
    ),
    (
        12,
        "provenance",
        include_str!("../../../../migrations/sqlite/0012_provenance.sql"),
    ),
];

/// The newest version of the tables that this Baepo knows.
pub const KNOWN_VERSION: i64 = MIGRATIONS[MIGRATIONS.len() - 1].0;

impl SqliteStore {
    /// Opens the file at `path`, makes it when there is none (for its owner alone), and brings
    /// its tables up to date. The folder must be there.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn open(path: &Path) -> Result<Self, OpenError> {
        let commits = CommitCounter::default();
        let (readers, writer) = open(path, commits.clone()).await?;
        Ok(Self(SqliteDatabase {
            readers,
            writer: CommitQueue::spawn(|queue| writer.run(queue)),
            commits,
        }))
    }
}

pub async fn open(path: &Path, commits: CommitCounter) -> Result<(Readers, Writer), OpenError> {
    let inaccessible = |source| OpenError::File {
        path: path.to_owned(),
        source,
    };
    let unusable = |source| OpenError::Database {
        path: path.to_owned(),
        source,
    };
    let _alone = start_lock(path).await.map_err(inaccessible)?;
    make_private(path).map_err(inaccessible)?;
    let for_writing = writer_options(path);
    let mut connection = SqliteConnection::connect_with(&for_writing)
        .await
        .map_err(unusable)?;
    migrator(KNOWN_VERSION)
        .run_direct(None, &mut connection, false)
        .await
        .map_err(|error| not_migrated(path, error))?;

    // Opened one by one as they are needed: the writer has shown that the file can be used.
    let pool = SqlitePoolOptions::new()
        .max_connections(READERS)
        .acquire_timeout(READ_TIMEOUT)
        .test_before_acquire(false)
        .connect_lazy_with(reader_options(path));
    let health = Arc::new(Health::of(path).map_err(inaccessible)?);
    let writer = Writer::new(for_writing, connection, Arc::clone(&health), commits);
    let readers = Readers {
        pool,
        health,
        unreadable_rows: UnreadableRows::default(),
    };
    Ok((readers, writer))
}

/// Keeps other processes that start at the same time waiting until it is dropped. A file of its
/// own, because SQLite's locks do not cover the change to the write-ahead log.
async fn start_lock(path: &Path) -> io::Result<File> {
    let lock_path = path.with_added_extension("lock");
    let lock = move || {
        let file = private()
            .write(true)
            .create(true)
            .truncate(false)
            .open(lock_path)?;
        file.lock()?;
        Ok(file)
    };
    tokio::task::spawn_blocking(lock).await?
}

/// Makes the file when there is none. It holds drafts and sealed secrets, which are nobody
/// else's; SQLite gives the log beside it the same mode.
///
/// One that is there is not touched: closing it again would take away the locks that another
/// store in this process holds on it (POSIX).
fn make_private(path: &Path) -> io::Result<()> {
    match private().write(true).create_new(true).open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

pub fn writer_options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .thread_name(|_| "sqlite-writer".to_owned())
}

fn reader_options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .read_only(true)
        .busy_timeout(BUSY_TIMEOUT)
        .thread_name(|id| format!("sqlite-reader-{id}"))
}

/// Brings the tables to this version.
pub fn migrator(version: i64) -> Migrator {
    let known = MIGRATIONS.into_iter().filter(|known| known.0 <= version);
    let migrations = known.map(|(version, name, sql)| {
        let sql = sql.into_sql_str();
        Migration::new(version, name.into(), MigrationType::Simple, sql, false)
    });
    Migrator::with_migrations(migrations.collect())
}

fn not_migrated(path: &Path, error: MigrateError) -> OpenError {
    let path = path.to_owned();
    match error {
        MigrateError::VersionMissing(version) => OpenError::Newer {
            path,
            version,
            known: KNOWN_VERSION,
        },
        source => OpenError::Tables { path, source },
    }
}
