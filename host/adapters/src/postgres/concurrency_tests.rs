//! What hosts that share a database do to each other.

use std::time::Duration;

use baepo_domain::ports::{CommitError, EventStore as _, Mutation, UnitOfWork as _};
use futures::future::join_all;
use sqlx::{AssertSqlSafe, Executor as _, query_scalar};
use uuid::Uuid;

use super::testing::Database;
use super::tests::{event, open, put, stored};
use super::*;

/// Everybody moves two events at a time, in any order, as often as somebody else was not faster.
#[tokio::test(flavor = "multi_thread")]
async fn concurrent_hosts_lose_no_update_and_do_not_block_each_other() {
    const EVENTS: u128 = 6;
    const UPDATES: u128 = 40;
    let (database, first) = open().await;
    for number in 0..EVENTS {
        put(&first, event(number)).await.unwrap();
    }
    let hosts = [first, database.open().await, database.open().await];
    let callers = hosts
        .iter()
        .flat_map(|host| (0..8).map(move |caller| (host, caller)));
    let moved = callers.map(|(host, caller)| async move {
        let mut moved = 0;
        for turn in 0..UPDATES {
            let (one, other) = ((caller + turn) % EVENTS, (caller + 3 * turn + 1) % EVENTS);
            let mut mutations = Vec::new();
            for number in [one, other] {
                let read = host.event(event(number).id).await.unwrap().unwrap();
                mutations.push(Mutation::PutEvent(read));
            }
            match host.commit(mutations).await {
                Ok(()) => moved += 2,
                Err(CommitError::Conflict("event")) => {}
                Err(error) => panic!("{error}"),
            }
        }
        moved
    });
    let moved: i64 = join_all(moved).await.iter().sum();
    let mut revisions = 0;
    for number in 0..EVENTS {
        let read = hosts[0].event(event(number).id).await.unwrap().unwrap();
        revisions += read.revision - 1;
    }
    assert_eq!(revisions, moved);
    assert!(moved > 0);
}

#[tokio::test]
async fn a_deadlock_with_another_host_is_retried() {
    let (database, store) = open().await;
    for number in [1, 2] {
        put(&store, event(number)).await.unwrap();
    }
    let mut other = database.raw_connection().await;
    let lock = |number: u128| {
        let id = Uuid::from_u128(number);
        AssertSqlSafe(format!(
            "UPDATE events SET status = status WHERE id = '{id}'"
        ))
    };
    // The other one is patient, so that the deadlock is reported to the store.
    other.execute("SET deadlock_timeout = '30s'").await.unwrap();
    other.execute("BEGIN").await.unwrap();
    other.execute(lock(2)).await.unwrap();
    let both = [1, 2].map(|number| Mutation::PutEvent(stored(event(number))));
    let commit = store.commit(both.into());
    let deadlock = async {
        let mut watch = database.raw_connection().await;
        let waits = "SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock'";
        while query_scalar::<_, i64>(waits)
            .fetch_one(&mut watch)
            .await
            .unwrap()
            == 0
        {
            tokio::task::yield_now().await;
        }
        other.execute(lock(1)).await.unwrap();
        other.execute("COMMIT").await.unwrap();
    };
    let (result, ()) = tokio::join!(commit, deadlock);
    result.unwrap();
    let read = store.event(event(1).id).await.unwrap().unwrap();
    assert_eq!(read.revision, 2);
}

/// Somebody has begun a transaction by hand, and gone to lunch.
#[tokio::test]
async fn a_locked_row_blocks_only_its_own_writers() {
    let database = Database::new().await;
    let config = PostgresConfig {
        statement_timeout: Duration::from_millis(400),
        ..PostgresConfig::default()
    };
    let store = PostgresStore::open(&database.url, config).await.unwrap();
    for number in 0..10 {
        put(&store, event(number)).await.unwrap();
    }
    let mut operator = database.raw_connection().await;
    operator.execute("BEGIN").await.unwrap();
    let id = event(7).id;
    let lock = format!("SELECT 1 FROM events WHERE id = '{id}' FOR UPDATE");
    operator.execute(AssertSqlSafe(lock)).await.unwrap();

    let updates = (0..10).map(|number| put(&store, stored(event(number))));
    for (number, result) in join_all(updates).await.into_iter().enumerate() {
        let is_away = matches!(result, Err(CommitError::Store(_)));
        assert_eq!(is_away, number == 7, "{number}: {result:?}");
    }
    operator.execute("ROLLBACK").await.unwrap();
    put(&store, stored(event(7))).await.unwrap();
}

#[tokio::test]
async fn two_processes_starting_at_once_create_the_tables_once() {
    let database = Database::without_tables().await;
    let (one, other) = tokio::join!(database.open(), database.open());
    put(&one, event(1)).await.unwrap();
    assert!(other.event(event(1).id).await.unwrap().is_some());
    assert!(matches!(
        put(&other, event(1)).await,
        Err(CommitError::Conflict("event"))
    ));
}

#[tokio::test]
async fn replicas_of_two_versions_share_the_tables_until_one_is_too_old() {
    let (database, old) = open().await;
    put(&old, event(1)).await.unwrap();
    assert!(old.event(event(1).id).await.unwrap().is_some());

    // A newer replica adds something, while the old one serves.
    let mut newer = database.raw_connection().await;
    let adds = "
        ALTER TABLE events ADD COLUMN mood text;
        INSERT INTO _sqlx_migrations VALUES (99, 'later', now(), TRUE, '\\x00', 0)";
    newer.execute(adds).await.unwrap();
    assert!(old.event(event(1).id).await.unwrap().is_some());
    put(&old, event(2)).await.unwrap();
    put(&old, stored(event(1))).await.unwrap();
    // It may start again, too.
    put(&database.open().await, event(3)).await.unwrap();

    // Then the old ones are gone, and so is what only they needed.
    let removes = "UPDATE schema_compatibility SET oldest_usable = 99";
    newer.execute(removes).await.unwrap();
    let refused = PostgresStore::open(&database.url, PostgresConfig::default()).await;
    let refused = refused.err().expect("it is too old").to_string();
    let known = schema::known_version();
    let expected =
        format!("version 99 and are for Baepos that know version 99, this one knows {known}");
    assert!(refused.contains(&expected), "{refused}");
}
