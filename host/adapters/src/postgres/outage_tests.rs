//! What happens when the server goes away, and comes again.

use std::time::{Duration, Instant};

use baepo_domain::ports::{CommitError, EventStore as _};
use baepo_test_services::Postgres;
use futures::future::join_all;

use super::tests::{event, put};
use super::*;

async fn open(server: &Postgres) -> PostgresStore {
    let config = PostgresConfig::default();
    PostgresStore::open(&server.url(), config).await.unwrap()
}

#[tokio::test]
async fn a_stopped_server_fails_fast_and_is_reconnected() {
    let mut server = Postgres::start().unwrap();
    let store = open(&server).await;
    put(&store, event(1)).await.unwrap();
    server.stop();

    let begin = Instant::now();
    let writes = join_all((10..400).map(|number| put(&store, event(number))));
    let (writes, read) = tokio::join!(writes, store.event(event(1).id));
    for result in writes {
        assert!(matches!(result, Err(CommitError::Store(_))), "{result:?}");
    }
    assert!(read.is_err());
    assert!(
        begin.elapsed() < Duration::from_secs(3),
        "{:?}",
        begin.elapsed()
    );

    server.restart().unwrap();
    assert!(store.event(event(1).id).await.unwrap().is_some());
    put(&store, event(2)).await.unwrap();
}

/// A read right behind another trusts its connection; the one after it knows better.
#[tokio::test]
async fn a_restart_while_idle_fails_at_most_one_read() {
    let mut server = Postgres::start().unwrap();
    let store = open(&server).await;
    put(&store, event(1)).await.unwrap();
    assert!(store.event(event(1).id).await.unwrap().is_some());
    server.stop();
    server.restart().unwrap();
    let read = match store.event(event(1).id).await {
        Ok(read) => read,
        Err(_) => store.event(event(1).id).await.unwrap(),
    };
    assert!(read.is_some());
    put(&store, event(2)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn commits_survive_a_kill() {
    let mut server = Postgres::start().unwrap();
    let store = open(&server).await;
    let first = join_all((0..50).map(|number| put(&store, event(number)))).await;
    assert!(first.iter().all(Result::is_ok));
    let writes = join_all((50..5_000).map(|number| put(&store, event(number))));
    let kill = async {
        tokio::task::yield_now().await;
        tokio::task::block_in_place(|| server.kill());
    };
    let (writes, ()) = tokio::join!(writes, kill);
    server.restart().unwrap();
    let said: Vec<u128> = (50..5_000)
        .zip(&writes)
        .filter_map(|(number, result)| result.is_ok().then_some(number))
        .collect();
    for number in (0..50).chain(said) {
        let read = store.event(event(number).id).await.unwrap();
        assert!(read.is_some(), "{number} was said to be committed");
    }
}
