//! What happens when the server goes away, and comes again.

use std::time::{Duration, Instant};

use baepo_test_services::Postgres;
use futures::future::join_all;

use super::tests::{event, put};
use super::*;

async fn open(server: &Postgres) -> PostgresStore {
    let config = PostgresConfig::default();
    PostgresStore::open(&server.url(), config).await.unwrap()
}

#[tokio::test]
async fn a_server_that_is_away_is_an_error_soon_and_is_found_again() {
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

    server.start_again().unwrap();
    assert!(store.event(event(1).id).await.unwrap().is_some());
    put(&store, event(2)).await.unwrap();
}

/// A read right behind another trusts its connection; the one after it knows better.
#[tokio::test]
async fn a_restart_while_nobody_calls_costs_one_read_at_most() {
    let mut server = Postgres::start().unwrap();
    let store = open(&server).await;
    put(&store, event(1)).await.unwrap();
    assert!(store.event(event(1).id).await.unwrap().is_some());
    server.stop();
    server.start_again().unwrap();
    let read = match store.event(event(1).id).await {
        Ok(read) => read,
        Err(_) => store.event(event(1).id).await.unwrap(),
    };
    assert!(read.is_some());
    put(&store, event(2)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_committed_is_there_after_a_kill() {
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
    server.start_again().unwrap();
    let said: Vec<u128> = (50..5_000)
        .zip(&writes)
        .filter_map(|(number, result)| result.is_ok().then_some(number))
        .collect();
    for number in (0..50).chain(said) {
        let read = store.event(event(number).id).await.unwrap();
        assert!(read.is_some(), "{number} was said to be committed");
    }
}
