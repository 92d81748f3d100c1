use baepo_domain::model::id::DistributionId;
use baepo_test_services::Postgres;
use uuid::Uuid;

use super::super::PostgresConfig;
use super::super::testing::Database;
use super::*;

const TIMEOUT: Duration = Duration::from_secs(30);

/// What must be kept while the signals are used, and the signals.
struct Host {
    _watch: Watch,
    signals: PostgresSignals,
}

struct Watch(AbortHandle);

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl std::ops::Deref for Host {
    type Target = PostgresSignals;

    fn deref(&self) -> &PostgresSignals {
        &self.signals
    }
}

fn host(url: &str, number: u128) -> Host {
    let settings = PostgresConfig::default().settings(url).unwrap();
    let primary = Primary::new(settings, url.to_owned());
    Host {
        _watch: Watch(primary.watch()),
        signals: PostgresSignals::new(primary, HolderId(Uuid::from_u128(number))),
    }
}

fn moved(number: u128) -> Signal {
    Signal::Moved(DistributionId(Uuid::from_u128(number)))
}

async fn receive(signals: &PostgresSignals) -> Signal {
    let heard = tokio::time::timeout(TIMEOUT, signals.receive()).await;
    heard.expect("somebody told something")
}

#[tokio::test]
async fn signals_reach_other_hosts_and_not_the_sender() {
    let database = Database::without_tables().await;
    let (one, other) = (host(&database.url, 1), host(&database.url, 2));
    for host in [&one, &other] {
        assert_eq!(receive(host).await, Signal::Missed, "it listens");
    }
    one.broadcast(moved(1));
    one.broadcast(Signal::Releases);
    one.broadcast(moved(1));
    let mut heard = [receive(&other).await, receive(&other).await];
    heard.sort_by_key(|signal| *signal != Signal::Releases);
    assert_eq!(heard, [Signal::Releases, moved(1)]);
    other.broadcast(moved(2));
    assert_eq!(receive(&one).await, moved(2), "and nothing of its own");
}

#[tokio::test]
async fn a_disconnected_host_receives_missed() {
    let mut server = Postgres::start().unwrap();
    let (one, other) = (host(&server.url(), 1), host(&server.url(), 2));
    for host in [&one, &other] {
        assert_eq!(receive(host).await, Signal::Missed, "it listens");
    }
    server.stop();
    // Nobody waits for the server.
    for number in 0..10_000 {
        one.broadcast(moved(number));
    }
    server.restart().unwrap();
    assert_eq!(receive(&other).await, Signal::Missed);
    assert_eq!(receive(&one).await, Signal::Missed);
    one.broadcast(moved(1));
    while receive(&other).await != moved(1) {}
}

#[tokio::test]
async fn a_listener_waits_for_an_absent_server() {
    let mut server = Postgres::start().unwrap();
    server.stop();
    let (one, other) = (host(&server.url(), 1), host(&server.url(), 2));
    one.broadcast(moved(1));
    server.restart().unwrap();
    assert_eq!(receive(&other).await, Signal::Missed);
}
