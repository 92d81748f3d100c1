use std::time::{Duration, Instant};

use baepo_domain::Timestamp;
use baepo_domain::model::delivery::{Delivery, NewDelivery};
use baepo_domain::model::distribution::Distribution;
use baepo_domain::model::event::Event;
use baepo_domain::model::id::{DeliveryId, DistributionId, EventId};
use baepo_domain::model::reason::Reason;
use baepo_domain::model::text::Localized;
use baepo_domain::ports::{
    CommitError, DeliveryStore as _, EventStore as _, Mutation, Page, StoreHealth as _,
    UnitOfWork as _,
};
use futures::future::join_all;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, query_as};
use uuid::Uuid;

use super::statement::on_primary;
use super::testing::Database;
use super::*;
use crate::rows;

pub async fn open() -> (Database, PostgresStore) {
    let database = Database::new().await;
    let store = database.open().await;
    (database, store)
}

baepo_contract::store_contract!(open);

pub fn event(number: u128) -> Event {
    let owner = "shop-1".parse().unwrap();
    let now = Timestamp::from_millisecond(1_700_000_000_000).unwrap();
    Event::draft(
        EventId(Uuid::from_u128(number)),
        owner,
        Default::default(),
        now,
    )
}

/// A delivery of a distribution that is not there.
fn orphan() -> Delivery {
    let event = event(1);
    let place = NewDelivery {
        distribution: DistributionId(Uuid::from_u128(1)),
        event: event.id,
        owner: event.owner,
        channel: "instagram".parse().unwrap(),
    };
    Delivery::pending(DeliveryId(Uuid::from_u128(1)), place, event.created_at)
}

pub async fn put(store: &PostgresStore, event: Event) -> Result<(), CommitError> {
    store.commit(vec![Mutation::PutEvent(event)]).await
}

pub fn stored(event: Event) -> Event {
    Event {
        revision: 1,
        ..event
    }
}

/// Rows that moved meanwhile are left out of the sets, and everything else stays in them.
#[tokio::test]
async fn only_updates_of_stale_rows_conflict() {
    let (_database, store) = open().await;
    let inserts = (0..100).map(|number| put(&store, event(number)));
    assert!(join_all(inserts).await.iter().all(Result::is_ok));
    let moved = (0..100)
        .step_by(7)
        .map(|number| put(&store, stored(event(number))));
    assert!(join_all(moved).await.iter().all(Result::is_ok));

    let before = store.commits();
    let updates = (0..100).map(|number| put(&store, stored(event(number))));
    for (number, result) in join_all(updates).await.into_iter().enumerate() {
        let is_late = matches!(result, Err(CommitError::Conflict("event")));
        assert_eq!(is_late, number % 7 == 0, "{number}: {result:?}");
    }
    let commits = store.commits() - before;
    assert!(commits <= 3, "{commits} commits");
}

#[tokio::test]
async fn reads_do_not_wait_for_writes() {
    let (database, store) = open().await;
    put(&store, event(1)).await.unwrap();
    let mut other = database.raw_connection().await;
    let mut lock = other.begin().await.unwrap();
    lock.execute("LOCK TABLE events IN SHARE MODE")
        .await
        .unwrap();

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
async fn closing_flushes_queued_commits() {
    let (database, store) = open().await;
    baepo_contract::closing_flushes_queued_commits(&store).await;
    let late = store.event(event(1).id).await.expect_err("it is closed");
    assert!(late.to_string().contains("the store is closed"), "{late}");
    let store = database.open().await;
    assert!(store.event(event(99).id).await.unwrap().is_some());
}

#[tokio::test]
async fn an_unreadable_value_is_an_error_that_names_its_column() {
    let (database, store) = open().await;
    put(&store, event(1)).await.unwrap();
    let spoilt = [
        ("status = 'LOST'", "status"),
        ("status = 'DRAFT', draft = '{'", "draft"),
        ("draft = '{}', owner = ''", "owner"),
    ];
    let mut operator = database.raw_connection().await;
    for (mutation, column) in spoilt {
        let update = AssertSqlSafe(format!("UPDATE events SET {mutation}"));
        operator.execute(update).await.unwrap();
        let error = store
            .event(event(1).id)
            .await
            .expect_err(mutation)
            .to_string();
        assert!(error.contains(column), "{error}");
    }
}

/// What a provider says may hold anything; a delivery must be concluded all the same.
#[tokio::test]
async fn an_unstorable_text_is_stored_without_its_nul_characters() {
    let (_database, store) = open().await;
    let event = event(1);
    let id = DistributionId(Uuid::from_u128(1));
    let distribution = Distribution::new(id, event.id, event.owner.clone(), event.created_at);
    let message = Some(Reason::Given(Localized::verbatim("zero \0 and on")));
    let delivery = Delivery {
        message,
        ..orphan()
    };
    let mutations = vec![
        Mutation::PutEvent(event),
        Mutation::PutDistribution(distribution),
        Mutation::PutDelivery(delivery.clone()),
    ];
    store.commit(mutations).await.unwrap();
    let read = store.delivery(delivery.id).await.unwrap().unwrap();
    let stored = Localized::verbatim("zero \u{fffd} and on");
    assert_eq!(read.message, Some(Reason::Given(stored)));
}

/// A table that is read through to find a few rows gets slower every day.
#[tokio::test]
async fn every_row_is_found_by_an_index() {
    let (database, _store) = open().await;
    let settings = PostgresConfig::default().settings(&database.url).unwrap();
    let session = session::Session::open(&settings).await.unwrap();
    let mut connection = session.into_connection();
    for (number, statement) in statements().iter().enumerate() {
        let execute = prepared(&mut connection, number, statement).await;
        let explain = AssertSqlSafe(format!("EXPLAIN {execute}"));
        let plan: Vec<(String,)> = query_as(explain).fetch_all(&mut connection).await.unwrap();
        let plan: Vec<String> = plan.into_iter().map(|(line,)| line).collect();
        let plan = plan.join("\n");
        assert!(plan.contains("Index"), "{statement}\n{plan}");
        assert!(!plan.contains("Seq Scan"), "{statement}\n{plan}");
    }
}

/// Reads as well: what a demoted server knows is old.
#[tokio::test]
async fn reads_fail_on_a_server_that_takes_no_writes() {
    let (database, _store) = open().await;
    let mut connection = database.raw_connection().await;
    let all = on_primary(rows::release::ALL);
    for (number, statement) in statements().iter().chain([&all]).enumerate() {
        let execute = prepared(&mut connection, number, statement).await;
        let in_vain = format!("BEGIN READ ONLY; {execute}");
        let refused = connection.execute(AssertSqlSafe(in_vain)).await;
        let refused = refused.expect_err(statement);
        assert!(errors::is_read_only(&refused), "{statement}: {refused}");
        connection.execute("ROLLBACK").await.unwrap();
    }
}

/// Prepares a statement under a number; what executes it then, with nothing to look for.
async fn prepared(connection: &mut PgConnection, number: usize, statement: &str) -> String {
    let prepare = AssertSqlSafe(format!("PREPARE s{number} AS {statement}"));
    connection.execute(prepare).await.unwrap();
    let last = (1..).take_while(|n| statement.contains(&format!("${n}")));
    let nulls = vec!["NULL"; last.count()].join(", ");
    let arguments = if nulls.is_empty() {
        nulls
    } else {
        format!("({nulls})")
    };
    format!("EXECUTE s{number}{arguments}")
}

/// All that look for rows.
fn statements() -> Vec<String> {
    let reads = rows::INDEXED_READS
        .into_iter()
        .chain([deliveries::OTHER_POSTS]);
    let writes = WRITES.iter().map(|write| (*write).to_owned());
    reads.map(on_primary).chain(writes).collect()
}

const WRITES: [&str; 19] = [
    events::UPDATE,
    events::RENEW,
    distributions::UPDATE,
    deliveries::UPDATE,
    deliveries::RENEW,
    delivery_revisions::FORGET,
    due::CLAIM_BEFORE,
    due::CLAIM_ALL_BUT,
    journal::CHECK_LEASE,
    journal::CLEAR_BEGINNING,
    journal::DELETE_ENTRIES,
    attempts::UPDATE,
    outbox::RECLAIM_BEFORE,
    outbox::RECLAIM_ALL_BUT,
    outbox::RENEW,
    outbox::MARK_SENT,
    accounts::UPDATE,
    accounts::DELETE,
    releases::UPDATE,
];

#[tokio::test]
async fn an_unresponsive_server_is_an_error_within_the_timeout() {
    // It takes connections and says nothing, like a host that is gone behind a firewall.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    let url = format!("postgres://baepo:s3cret@127.0.0.1:{port}/baepo");
    let config = PostgresConfig {
        acquire_timeout: Duration::from_millis(200),
        ..PostgresConfig::default()
    };
    let begin = Instant::now();
    let error = PostgresStore::open(&url, config).await.err().unwrap();
    assert!(begin.elapsed() < Duration::from_secs(2));
    assert!(matches!(error, OpenError::Unreachable { .. }));
    assert!(!error.to_string().contains("s3cret"), "{error}");
}

#[tokio::test]
async fn an_unreadable_row_is_set_aside_and_blocks_nothing_else() {
    let (database, store) = open().await;
    for number in 1..=3 {
        put(&store, event(number)).await.unwrap();
    }
    let mut connection = database.raw_connection().await;
    let id = event(2).id;
    let spoil = format!("UPDATE events SET status = 'NEWER' WHERE id = '{id}'");
    connection.execute(AssertSqlSafe(spoil)).await.unwrap();

    let error = store.event(id).await.unwrap_err();
    let unreadable = error.unreadable().expect("it names the row");
    assert_eq!(unreadable.table, "events");
    assert_eq!(unreadable.row, id.to_string());
    let page = Page {
        after: None,
        limit: 10,
    };
    let listed = store.events(&event(1).owner, page).await.unwrap();
    let listed: Vec<EventId> = listed.into_iter().map(|event| event.id).collect();
    assert_eq!(listed, [event(3).id, event(1).id]);
    assert_eq!(store.unreadable_rows(), 1);
}
