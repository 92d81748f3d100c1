use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use baepo_domain::Timestamp;
use baepo_domain::model::event::Event;
use baepo_domain::model::id::EventId;
use baepo_domain::ports::{
    CommitError, EventStore as _, Mutation, Page, Store as _, StoreHealth as _, UnitOfWork as _,
};
use futures::future::join_all;
use sqlx::{AssertSqlSafe, Connection as _, Row as _, SqliteConnection, query};
use tempfile::TempDir;
use uuid::Uuid;

use super::*;
use crate::rows;

async fn open() -> (TempDir, SqliteStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&file_in(&folder)).await.unwrap();
    (folder, store)
}

baepo_contract::store_contract!(open);

fn file_in(folder: &TempDir) -> std::path::PathBuf {
    folder.path().join("baepo.db")
}

/// Another connection to the same file, as an operator or another process has it.
async fn raw_connection(folder: &TempDir) -> SqliteConnection {
    SqliteConnection::connect_with(&open::writer_options(&file_in(folder)))
        .await
        .unwrap()
}

fn event(number: u128) -> Event {
    let owner = "shop-1".parse().unwrap();
    let now = Timestamp::from_millisecond(1_700_000_000_000).unwrap();
    Event::draft(
        EventId(Uuid::from_u128(number)),
        owner,
        Default::default(),
        now,
    )
}

async fn put(store: &SqliteStore, event: Event) -> Result<(), CommitError> {
    store.commit(vec![Mutation::PutEvent(event)]).await
}

#[tokio::test]
async fn commits_survive_a_kill() {
    let (folder, store) = open().await;
    put(&store, event(1)).await.unwrap();
    // What a process leaves behind that is killed now.
    let after = tempfile::tempdir().unwrap();
    for file in ["baepo.db", "baepo.db-wal"] {
        fs::copy(folder.path().join(file), after.path().join(file)).unwrap();
    }
    let reopened = SqliteStore::open(&file_in(&after)).await.unwrap();
    assert!(reopened.event(event(1).id).await.unwrap().is_some());
    put(&reopened, event(2)).await.unwrap();
}

#[tokio::test]
async fn reads_do_not_wait_for_writes() {
    let (folder, store) = open().await;
    put(&store, event(1)).await.unwrap();
    let mut other = raw_connection(&folder).await;
    let lock = other.begin_with("BEGIN IMMEDIATE").await.unwrap();

    let mut writes = Box::pin(join_all((2..300).map(|number| put(&store, event(number)))));
    assert!(futures::poll!(&mut writes).is_pending());
    for _ in 0..20 {
        assert!(store.event(event(1).id).await.unwrap().is_some());
    }
    assert!(futures::poll!(&mut writes).is_pending());

    lock.rollback().await.unwrap();
    assert!(writes.await.iter().all(Result::is_ok));
}

#[tokio::test]
async fn closing_writes_queued_commits_and_leaves_one_file() {
    let (folder, store) = open().await;
    baepo_contract::closing_flushes_queued_commits(&store).await;
    let log = folder.path().join("baepo.db-wal");
    assert!(!log.exists(), "the log is folded into the file");
    let store = SqliteStore::open(&file_in(&folder)).await.unwrap();
    assert!(store.event(event(99).id).await.unwrap().is_some());
}

#[tokio::test]
async fn an_unreadable_value_is_an_error_that_names_its_column() {
    let spoilt = [
        ("status = 'LOST'", "status"),
        ("draft = '{'", "draft"),
        ("owner = ''", "owner"),
        ("distribution = x'00'", "distribution"),
    ];
    for (mutation, column) in spoilt {
        let (folder, store) = open().await;
        put(&store, event(1)).await.unwrap();
        let update = AssertSqlSafe(format!("UPDATE events SET {mutation}"));
        query(update)
            .execute(&mut raw_connection(&folder).await)
            .await
            .unwrap();
        let error = store
            .event(event(1).id)
            .await
            .expect_err(mutation)
            .to_string();
        assert!(error.contains(column), "{error}");
    }
}

#[tokio::test]
async fn two_processes_starting_at_once_create_the_tables_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = file_in(&folder);
    let (one, other) = tokio::join!(SqliteStore::open(&path), SqliteStore::open(&path));
    let (one, other) = (one.unwrap(), other.unwrap());
    put(&one, event(1)).await.unwrap();
    assert!(other.event(event(1).id).await.unwrap().is_some());
    assert!(matches!(
        put(&other, event(1)).await,
        Err(CommitError::Conflict("event"))
    ));
}

#[tokio::test]
async fn the_file_is_for_its_owner_alone() {
    let (folder, store) = open().await;
    put(&store, event(1)).await.unwrap();
    for entry in fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}", entry.path().display());
    }
}

#[tokio::test]
async fn an_unusable_file_is_an_error_with_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = SqliteStore::open(&folder.path().join("no/baepo.db")).await;
    assert!(matches!(nowhere, Err(OpenError::File { .. })));

    fs::write(
        file_in(&folder),
        "no database, but long enough to be taken for one ".repeat(20),
    )
    .unwrap();
    let text = SqliteStore::open(&file_in(&folder)).await;
    assert!(matches!(text, Err(OpenError::Database { .. })));

    let (folder, store) = open().await;
    store.close().await;
    let newer = "INSERT INTO _sqlx_migrations VALUES (99, 'later', 0, TRUE, x'', 0)";
    query(newer)
        .execute(&mut raw_connection(&folder).await)
        .await
        .unwrap();
    let newer = SqliteStore::open(&file_in(&folder))
        .await
        .err()
        .expect("refused")
        .to_string();
    let known = open::KNOWN_VERSION;
    let expected = format!("version 99, this one knows {known}): run the newer one");
    assert!(newer.contains(&expected), "{newer}");
}

/// A table that is read through to find a few rows gets slower every day.
#[tokio::test]
async fn every_read_uses_an_index() {
    let of_sqlite = [
        deliveries::RENEW,
        deliveries::OTHER_POSTS,
        delivery_revisions::FORGET,
        due::HAS_DUE_BEFORE,
        due::HAS_DUE_ALL_BUT,
        due::CLAIM_BEFORE,
        due::CLAIM_ALL_BUT,
        journal::CHECK_LEASE,
    ];
    let reads = rows::INDEXED_READS.iter().map(|read| read.sql);
    let reads = reads.chain(of_sqlite);
    let (folder, _store) = open().await;
    let mut connection = raw_connection(&folder).await;
    for read in reads {
        let plan = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {read}"));
        let steps = query(plan).fetch_all(&mut connection).await.unwrap();
        let scans = steps
            .iter()
            .map(|step| step.get::<String, _>("detail"))
            .filter(|step| {
                step.starts_with("SCAN")
                    && !step.contains("USING INDEX")
                    && !step.contains("USING COVERING INDEX")
                    // What the statement was given.
                    && !step.contains("json_each")
            });
        assert_eq!(scans.collect::<Vec<_>>(), Vec::<String>::new(), "{read}");
    }
}

/// What was written to it then would be lost, and what was read from it would be another store's.
#[tokio::test]
async fn a_moved_or_replaced_file_is_unused_until_restored() {
    let (folder, store) = open().await;
    put(&store, event(1)).await.unwrap();
    let file = file_in(&folder);
    let kept = folder.path().join("kept.db");

    fs::rename(&file, &kept).unwrap();
    assert_not_used(&store).await;
    fs::write(&file, "another file of this name").unwrap();
    assert_not_used(&store).await;

    fs::rename(&kept, &file).unwrap();
    assert!(store.event(event(1).id).await.unwrap().is_some());
    put(&store, event(2)).await.unwrap();
    store.accepts_writes().unwrap();
}

async fn assert_not_used(store: &SqliteStore) {
    let written = put(store, event(3))
        .await
        .map_err(|error| error.to_string());
    let read = store.event(event(1).id).await.map(drop);
    let known = store.accepts_writes();
    let refusals = [
        written,
        read.map_err(|error| error.to_string()),
        known.map_err(|error| error.to_string()),
    ];
    for refusal in refusals {
        let why = refusal.expect_err("it is not the same file");
        assert!(why.contains("moved, deleted or replaced"), "{why}");
    }
}

/// Changes a row as nothing of this Baepo does.
async fn corrupt(folder: &TempDir, sql: &'static str) {
    let mut connection = raw_connection(folder).await;
    let changed = query(sql).execute(&mut connection).await.unwrap();
    assert_eq!(changed.rows_affected(), 1);
    connection.close().await.unwrap();
}

#[tokio::test]
async fn an_unreadable_row_is_set_aside_and_blocks_nothing_else() {
    let (folder, store) = open().await;
    for number in 1..=3 {
        put(&store, event(number)).await.unwrap();
    }
    corrupt(
        &folder,
        "UPDATE events SET status = 'NEWER' WHERE id = unhex('00000000000000000000000000000002')",
    )
    .await;

    let error = store.event(event(2).id).await.unwrap_err();
    let unreadable = error.unreadable().expect("it names the row");
    assert_eq!(unreadable.table, "events");
    assert_eq!(unreadable.row, event(2).id.to_string());
    assert!(unreadable.why.contains("status"), "{unreadable}");
    let page = Page {
        after: None,
        limit: 10,
    };
    let listed = store.events(&event(1).owner, page).await.unwrap();
    let listed: Vec<EventId> = listed.into_iter().map(|event| event.id).collect();
    assert_eq!(listed, [event(3).id, event(1).id]);
    assert_eq!(store.unreadable_rows(), 1);
}

#[tokio::test]
async fn a_time_that_was_written_before_times_were_bounded_is_read() {
    let (folder, store) = open().await;
    put(&store, event(1)).await.unwrap();
    // `Timestamp::MAX` in milliseconds, which is more than there is a time for.
    corrupt(&folder, "UPDATE events SET updated_at = 253402207200999").await;
    let read = store.event(event(1).id).await.unwrap().unwrap();
    assert_eq!(read.updated_at, baepo_domain::model::time::LATEST);
}
