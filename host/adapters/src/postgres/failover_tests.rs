//! What happens when a standby takes the place of its primary, and the primary lives.

use std::time::{Duration, Instant};

use baepo_domain::model::id::{EventId, HolderId};
use baepo_domain::ports::{CommitError, EventStore as _, Signal, Signals as _, StoreHealth as _};
use baepo_test_services::Postgres;
use sqlx::{Connection as _, PgConnection, query_scalar};
use tokio::sync::watch;
use tokio::task::block_in_place;
use uuid::Uuid;

use super::tests::{event, put};
use super::*;
use crate::rows::columns::Id;
use crate::tcp_switch::TcpSwitch;

/// As long as a host may take to work again.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A primary with a standby, and the address that leads to the primary.
struct Pair {
    old: Postgres,
    new: Postgres,
    address: TcpSwitch,
}

impl Pair {
    async fn start() -> Self {
        let (old, new) = block_in_place(|| {
            let old = Postgres::start().unwrap();
            let new = old.start_standby().unwrap();
            (old, new)
        });
        let address = TcpSwitch::to(old.port()).await;
        Self { old, new, address }
    }

    async fn store(&self) -> PostgresStore {
        let url = format!(
            "postgres://postgres@127.0.0.1:{}/postgres",
            self.address.port()
        );
        let config = PostgresConfig {
            acquire_timeout: Duration::from_secs(1),
            ..PostgresConfig::default()
        };
        PostgresStore::open(&url, config).await.unwrap()
    }

    /// New connections lead to the standby, which is a primary now; old ones stay where they are.
    fn fail_over(&self) {
        block_in_place(|| self.new.promote()).unwrap();
        self.address.turn(self.new.port());
    }
}

/// Reads what must be there, again and again, until it is read from a server that has `new`. What it
/// is answered meanwhile is an error, or that it is there.
async fn read_until_found(store: &PostgresStore, known: EventId, new: EventId) {
    let begin = Instant::now();
    loop {
        let read = store.event(known).await;
        assert!(!matches!(read, Ok(None)), "it is there");
        if matches!(store.event(new).await, Ok(Some(_))) {
            return;
        }
        assert!(begin.elapsed() < TIMEOUT, "{read:?}");
        tokio::task::yield_now().await;
    }
}

async fn put_until_accepted(store: &PostgresStore, number: u128) {
    let begin = Instant::now();
    while let Err(error) = put(store, event(number)).await {
        // The commit before may have been made all the same.
        if matches!(error, CommitError::Conflict(_)) {
            return;
        }
        assert!(begin.elapsed() < TIMEOUT, "{error}");
    }
}

async fn event_exists(server: &Postgres, number: u128) -> bool {
    let mut connection = PgConnection::connect(&server.url()).await.unwrap();
    let count = query_scalar::<_, i64>("SELECT count(*) FROM events WHERE id = $1")
        .bind(Id(Uuid::from_u128(number)));
    count.fetch_one(&mut connection).await.unwrap() == 1
}

/// Waits for another generation of sessions than this one.
async fn next_generation(store: &PostgresStore, before: u64) -> u64 {
    let next = store.primary.superseded(before);
    tokio::time::timeout(TIMEOUT, next).await.unwrap();
    store.primary.generation()
}

async fn is_up(store: &PostgresStore) {
    let begin = Instant::now();
    while store.accepts_writes().is_err() {
        assert!(begin.elapsed() < TIMEOUT);
        tokio::task::yield_now().await;
    }
}

/// Waits until the watch has looked that many times more.
async fn checks_pass(store: &PostgresStore, count: u64) {
    let mut done: watch::Receiver<u64> = store.primary.checks();
    let wanted = *done.borrow() + count;
    let done = done.wait_for(|done| *done >= wanted);
    let _ = tokio::time::timeout(TIMEOUT, done).await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demoted_primary_is_replaced_while_it_serves_reads() {
    let pair = Pair::start().await;
    let store = pair.store().await;
    put(&store, event(1)).await.unwrap();
    pair.fail_over();
    block_in_place(|| pair.old.demote()).unwrap();

    let reads = (0..8).map(|_| read_until_found(&store, event(1).id, event(2).id));
    let begin = Instant::now();
    tokio::join!(
        put_until_accepted(&store, 2),
        futures::future::join_all(reads)
    );

    eprintln!("works again after {:?}", begin.elapsed());
    assert!(event_exists(&pair.new, 2).await);
    assert!(!event_exists(&pair.old, 2).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demoted_primary_is_replaced_without_any_call() {
    let pair = Pair::start().await;
    let store = pair.store().await;
    put(&store, event(1)).await.unwrap();
    assert!(store.event(event(1).id).await.unwrap().is_some());
    let before = store.primary.generation();

    block_in_place(|| pair.old.demote()).unwrap();
    let lost = next_generation(&store, before).await;
    let why = store.accepts_writes().expect_err("it is read-only");
    assert!(why.to_string().contains("demoted"), "{why}");
    pair.fail_over();
    is_up(&store).await;

    assert_eq!(store.primary.generation(), lost);
    assert!(store.event(event(1).id).await.unwrap().is_some());
    put(&store, event(2)).await.unwrap();
    assert!(event_exists(&pair.new, 2).await);
}

/// The old one has no sign of it; sessions that are still connected to it could write for ever.
#[tokio::test(flavor = "multi_thread")]
async fn a_live_primary_is_replaced_when_its_address_changes() {
    let pair = Pair::start().await;
    // It would wait for the standby that it lost: so it is one that does not.
    let no_longer = "ALTER SYSTEM RESET synchronous_standby_names";
    block_in_place(|| pair.old.execute_sql(no_longer)).unwrap();
    block_in_place(|| pair.old.execute_sql("SELECT pg_reload_conf()")).unwrap();
    let store = pair.store().await;
    put(&store, event(1)).await.unwrap();
    let before = store.primary.generation();

    pair.fail_over();
    let successor = next_generation(&store, before).await;
    put(&store, event(2)).await.unwrap();
    assert!(event_exists(&pair.new, 2).await);

    // An address that leads back does not take it back.
    pair.address.turn(pair.old.port());
    checks_pass(&store, 10).await;
    assert_eq!(store.primary.generation(), successor);
    put(&store, event(3)).await.unwrap();
    assert!(event_exists(&pair.new, 3).await);
}

/// As names do that have two addresses for a while.
#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_alternates_between_servers_finds_the_primary() {
    let pair = Pair::start().await;
    let store = pair.store().await;
    put(&store, event(1)).await.unwrap();
    block_in_place(|| pair.old.demote()).unwrap();
    pair.fail_over();
    let turning = async {
        loop {
            for port in [pair.old.port(), pair.new.port()] {
                pair.address.turn(port);
                checks_pass(&store, 1).await;
            }
        }
    };
    let working = async {
        for number in 2..20 {
            put_until_accepted(&store, number).await;
            read_until_found(&store, event(1).id, event(number).id).await;
        }
    };
    tokio::select! {
        () = turning => {}
        () = working => {}
    }
    assert!(event_exists(&pair.new, 19).await);
    assert!(!event_exists(&pair.old, 19).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hanging_primary_is_replaced_by_its_successor() {
    let pair = Pair::start().await;
    let store = pair.store().await;
    put(&store, event(1)).await.unwrap();
    block_in_place(|| pair.old.pause()).unwrap();
    pair.fail_over();

    tokio::join!(
        put_until_accepted(&store, 2),
        read_until_found(&store, event(1).id, event(2).id)
    );

    assert!(event_exists(&pair.new, 2).await);
    // It goes on with what it was doing, and nobody listens to it.
    block_in_place(|| pair.old.resume()).unwrap();
    checks_pass(&store, 7).await;
    put(&store, event(3)).await.unwrap();
    assert!(event_exists(&pair.new, 3).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_at_its_connection_limit_keeps_existing_sessions() {
    let server = block_in_place(|| Postgres::start().unwrap());
    let store = PostgresStore::open(&server.url(), PostgresConfig::default()).await;
    let store = store.unwrap();
    put(&store, event(1)).await.unwrap();
    assert!(store.event(event(1).id).await.unwrap().is_some());
    checks_pass(&store, 1).await;
    let others = block_in_place(|| server.exhaust_connections()).unwrap();

    // It has looked where the address leads meanwhile.
    checks_pass(&store, 7).await;
    assert!(PgConnection::connect(&server.url()).await.is_err());
    store.accepts_writes().unwrap();
    put(&store, event(2)).await.unwrap();
    assert!(store.event(event(2).id).await.unwrap().is_some());
    drop(others);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_takes_writes_again_is_used_again() {
    let server = block_in_place(|| Postgres::start().unwrap());
    let store = PostgresStore::open(&server.url(), PostgresConfig::default()).await;
    let store = store.unwrap();
    put(&store, event(1)).await.unwrap();
    block_in_place(|| server.demote()).unwrap();
    // A session that has not heard of it yet is refused a moment later.
    let begin = Instant::now();
    while store.accepts_writes().is_ok() {
        assert!(begin.elapsed() < TIMEOUT);
        let _ = store.event(event(1).id).await;
    }
    let refused = store.event(event(1).id).await.unwrap_err();
    assert!(refused.to_string().contains("read-only"), "{refused}");

    block_in_place(|| server.reinstate()).unwrap();
    is_up(&store).await;
    assert!(store.event(event(1).id).await.unwrap().is_some());
    put(&store, event(2)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_on_a_demoted_primary_reconnects_and_receives_missed() {
    let pair = Pair::start().await;
    let (one, other) = (pair.store().await, pair.store().await);
    let [host, neighbour] = [1, 2].map(|number| HolderId(Uuid::from_u128(number)));
    let (signals, others) = (one.signals(host), other.signals(neighbour));
    for signals in [&signals, &others] {
        assert_eq!(receive(signals).await, Signal::Missed, "it listens");
    }
    block_in_place(|| pair.old.demote()).unwrap();
    pair.fail_over();
    for signals in [&signals, &others] {
        assert_eq!(
            receive(signals).await,
            Signal::Missed,
            "it listens elsewhere"
        );
    }
    signals.broadcast(Signal::Releases);
    while receive(&others).await != Signal::Releases {}
}

async fn receive(signals: &PostgresSignals) -> Signal {
    let heard = tokio::time::timeout(TIMEOUT, signals.receive()).await;
    heard.expect("somebody told something")
}
