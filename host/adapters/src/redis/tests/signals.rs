//! What one host sends, the others receive.

use std::sync::Arc;
use std::time::Duration;

use baepo_domain::model::id::{DistributionId, HolderId};
use baepo_domain::ports::chance::Chance;
use baepo_domain::ports::id_generator::IdGenerator;
use baepo_domain::ports::{Cache as _, Signal, Signals as _};
use baepo_test_services::Redis;
use futures::StreamExt as _;

use super::{Shared, link, order, relaxed_config, switch_url};
use crate::redis::{RedisCache, RedisConfig, RedisSignals};
use crate::system::SystemClock;
use crate::tcp_switch::TcpSwitch;

/// Longer than any machine is busy.
const LONG: Duration = Duration::from_secs(30);

fn host(seed: u8) -> HolderId {
    let chance = Arc::new(Chance::seeded([seed; 32]));
    HolderId(IdGenerator::new(Arc::new(SystemClock), chance).next())
}

/// A host that has begun to listen.
async fn listening(url: &str, config: &RedisConfig, seed: u8) -> RedisSignals {
    let signals = RedisSignals::new(link(url, config.clone()), host(seed));
    assert_eq!(
        next_signal(&signals).await,
        Signal::Missed,
        "it begins with a look"
    );
    signals
}

async fn next_signal(signals: &RedisSignals) -> Signal {
    let next_signal = tokio::time::timeout(LONG, signals.receive()).await;
    next_signal.expect("a signal")
}

#[tokio::test]
async fn releases_signals_reach_the_hosts_of_the_installation() {
    let redis = Shared::redis();
    let config = relaxed_config();
    let one = listening(&redis.url, &config, 1).await;
    let other = listening(&redis.url, &config, 2).await;
    one.broadcast(Signal::Releases);
    assert_eq!(next_signal(&other).await, Signal::Releases);
}

/// Hosts of another installation listen on a channel with another prefix.
#[tokio::test]
async fn a_signal_is_published_with_its_sender_on_the_channel_behind_the_prefix() {
    let redis = Shared::redis();
    let config = relaxed_config();
    let client = redis::Client::open(redis.url.as_str()).unwrap();
    let mut messages = client.get_async_pubsub().await.unwrap();
    messages.psubscribe(config.own("*")).await.unwrap();
    let one = listening(&redis.url, &config, 1).await;
    one.broadcast(Signal::Releases);
    let message = tokio::time::timeout(LONG, messages.on_message().next()).await;
    let message = message.unwrap().expect("a message");
    assert_eq!(message.get_channel_name(), config.own("signals"));
    let text: String = message.get_payload().unwrap();
    assert!(text.ends_with(" releases"), "{text}");
}

#[tokio::test]
async fn only_releases_signals_are_published() {
    let redis = Shared::redis();
    let config = relaxed_config();
    let one = listening(&redis.url, &config, 1).await;
    let other = listening(&redis.url, &config, 2).await;
    one.broadcast(Signal::Moved(DistributionId(host(9).0)));
    one.broadcast(Signal::Missed);
    one.broadcast(Signal::Releases);
    assert_eq!(
        next_signal(&other).await,
        Signal::Releases,
        "the others are not"
    );
}

#[tokio::test]
async fn a_reconnected_listener_receives_missed() {
    let mut redis = Redis::start().unwrap();
    // Left alone for no time: this test is about coming back.
    let config = RedisConfig {
        open_for: Duration::from_millis(10),
        ..relaxed_config()
    };
    let one = listening(&redis.url(), &config, 1).await;
    let other = listening(&redis.url(), &config, 2).await;
    redis.stop();
    one.broadcast(Signal::Releases);
    redis.restart().unwrap();
    assert_eq!(next_signal(&other).await, Signal::Missed);
    assert_eq!(next_signal(&one).await, Signal::Missed);
    one.broadcast(Signal::Releases);
    assert_eq!(next_signal(&other).await, Signal::Releases);
}

#[tokio::test]
async fn a_silent_connection_is_closed() {
    let (gone, next) = (Redis::start().unwrap(), Redis::start().unwrap());
    let address = TcpSwitch::to(gone.port()).await;
    let config = RedisConfig {
        connect_limit: Duration::from_millis(500),
        ..relaxed_config()
    };
    let one = listening(&switch_url(&address), &config, 1).await;
    gone.pause().unwrap();
    address.turn(next.port());
    assert_eq!(next_signal(&one).await, Signal::Missed);
}

/// A server that gets no commands any more, and does not report it.
#[tokio::test]
async fn a_listener_reconnects_when_calls_reset_the_connection() {
    let (old, next) = (Redis::start().unwrap(), Redis::start().unwrap());
    let address = TcpSwitch::to(old.port()).await;
    let config = relaxed_config();
    let link = link(&switch_url(&address), config.clone());
    let one = RedisSignals::new(link.clone(), host(1));
    assert_eq!(next_signal(&one).await, Signal::Missed, "it listens");
    order(
        &old.url(),
        &["REPLICAOF", "127.0.0.1", &next.port().to_string()],
    )
    .await;
    address.turn(next.port());
    let cache = RedisCache::new(link);
    cache
        .put("key", "value", Duration::from_secs(60))
        .await
        .unwrap();
    assert_eq!(
        next_signal(&one).await,
        Signal::Missed,
        "it listens elsewhere"
    );
    let other = listening(&next.url(), &config, 2).await;
    other.broadcast(Signal::Releases);
    assert_eq!(next_signal(&one).await, Signal::Releases);
}
