//! What one host tells, the others hear.

use std::sync::Arc;
use std::time::Duration;

use baepo_domain::chance::Chance;
use baepo_domain::id::{DistributionId, HolderId, Ids};
use baepo_domain::ports::{Cache as _, Signal, Signals as _};
use baepo_test_services::Redis;

use super::{Shared, behind, link, order, patient};
use crate::redis::{RedisCache, RedisConfig, RedisSignals};
use crate::switch::Switch;
use crate::system::SystemClock;

/// Longer than any machine is busy.
const LONG: Duration = Duration::from_secs(30);
/// Long enough for what is on its way to arrive.
const SHORT: Duration = Duration::from_millis(200);

fn host(seed: u8) -> HolderId {
    let chance = Arc::new(Chance::seeded([seed; 32]));
    HolderId(Ids::new(Arc::new(SystemClock), chance).next())
}

/// A host that has begun to listen.
async fn listening(url: &str, config: &RedisConfig, seed: u8) -> RedisSignals {
    let signals = RedisSignals::new(link(url, config.clone()), host(seed));
    assert_eq!(
        heard(&signals).await,
        Signal::Missed,
        "it begins with a look"
    );
    signals
}

async fn heard(signals: &RedisSignals) -> Signal {
    let heard = tokio::time::timeout(LONG, signals.hear()).await;
    heard.expect("a signal")
}

async fn hears_nothing(signals: &RedisSignals) -> bool {
    tokio::time::timeout(SHORT, signals.hear()).await.is_err()
}

#[tokio::test]
async fn the_others_hear_of_releases_and_a_host_does_not_hear_itself() {
    let redis = Shared::redis();
    let config = patient();
    let one = listening(&redis.url, &config, 1).await;
    let other = listening(&redis.url, &config, 2).await;
    let elsewhere = listening(&redis.url, &patient(), 3).await;
    one.tell(Signal::Releases);
    assert_eq!(heard(&other).await, Signal::Releases);
    assert!(hears_nothing(&one).await);
    assert!(hears_nothing(&elsewhere).await, "another installation");
}

#[tokio::test]
async fn other_signals_are_not_told_this_way() {
    let redis = Shared::redis();
    let config = patient();
    let one = listening(&redis.url, &config, 1).await;
    let other = listening(&redis.url, &config, 2).await;
    one.tell(Signal::Moved(DistributionId(host(9).0)));
    one.tell(Signal::Missed);
    assert!(hears_nothing(&other).await);
}

#[tokio::test]
async fn whoever_was_cut_off_looks_at_everything() {
    let mut redis = Redis::start().unwrap();
    // Left alone for no time: this test is about coming back.
    let config = RedisConfig {
        open_for: Duration::from_millis(10),
        ..patient()
    };
    let one = listening(&redis.url(), &config, 1).await;
    let other = listening(&redis.url(), &config, 2).await;
    redis.stop();
    one.tell(Signal::Releases);
    assert!(hears_nothing(&other).await);
    redis.start_again().unwrap();
    assert_eq!(heard(&other).await, Signal::Missed);
    assert_eq!(heard(&one).await, Signal::Missed);
    one.tell(Signal::Releases);
    assert_eq!(heard(&other).await, Signal::Releases);
}

#[tokio::test]
async fn a_silent_connection_is_given_up() {
    let (gone, next) = (Redis::start().unwrap(), Redis::start().unwrap());
    let address = Switch::to(gone.port()).await;
    let config = RedisConfig {
        connect_limit: Duration::from_millis(500),
        ..patient()
    };
    let one = listening(&behind(&address), &config, 1).await;
    gone.pause().unwrap();
    address.turn(next.port());
    assert_eq!(heard(&one).await, Signal::Missed);
}

/// Nobody tells it anything any more, and it does not say so.
#[tokio::test]
async fn a_listener_moves_on_when_calls_find_out_that_it_must() {
    let (old, next) = (Redis::start().unwrap(), Redis::start().unwrap());
    let address = Switch::to(old.port()).await;
    let config = patient();
    let link = link(&behind(&address), config.clone());
    let one = RedisSignals::new(link.clone(), host(1));
    assert_eq!(heard(&one).await, Signal::Missed, "it listens");
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
    assert_eq!(heard(&one).await, Signal::Missed, "it listens elsewhere");
    let other = listening(&next.url(), &config, 2).await;
    other.tell(Signal::Releases);
    assert_eq!(heard(&one).await, Signal::Releases);
}
