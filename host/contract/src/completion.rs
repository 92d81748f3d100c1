//! Hosts that move deliveries of one distribution at once, each as if it were alone.

use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use async_trait::async_trait;
use baepo_domain::model::delivery::{Delivery, DeliveryStatus, InvalidTransition};
use baepo_domain::model::distribution::Distribution;
use baepo_domain::model::id::{DeliveryId, DistributionId, HolderId, MessageId};
use baepo_domain::model::node_identity::{NodeIdentity, Sharing};
use baepo_domain::model::outbox::DISTRIBUTION_COMPLETED;
use baepo_domain::model::reason::Reason;
use baepo_domain::ports::chance::Chance;
use baepo_domain::ports::clock::Clock;
use baepo_domain::ports::id_generator::IdGenerator;
use baepo_domain::ports::{DeliveryObserver, Mutation, Page, Relay, Store, StoreError};
use baepo_domain::usecases::transitions::{DeliveryRef, TransitionBatcher, Transitions};
use futures::future::{BoxFuture, join_all, poll_fn};
use futures::{FutureExt as _, StreamExt as _, stream};
use jiff::Timestamp;

use super::sample::{self, at, commit, id, published};

const DISTRIBUTIONS: u32 = 400;
/// So few that the reads of one fall between those of another.
const AT_ONCE: usize = 4;

/// However many hosts the last deliveries of a distribution settle on at once: one of them
/// completes it.
pub async fn deliveries_settling_at_once_on_two_hosts_complete_once(store: Arc<dyn Store>) {
    let hosts = [1, 2, 3].map(|number| host(&store, number));
    let mut ended = stream::iter(1..=DISTRIBUTIONS)
        .map(|number| settle_on_all(&store, &hosts, number))
        .buffer_unordered(AT_ONCE);
    while let Some(distribution) = ended.next().await {
        assert!(distribution.completed_at.is_some(), "{distribution:?}");
    }
    let messages = store.outbox(Page {
        after: None,
        limit: 10 * DISTRIBUTIONS,
    });
    let messages = messages.await.expect("a read").into_iter();
    let completions = messages.filter(|row| row.message.kind == DISTRIBUTION_COMPLETED);
    let completions = completions.map(|row| row.message.key);
    let distinct: std::collections::BTreeSet<String> = completions.clone().collect();
    assert_eq!(completions.count(), distinct.len(), "none twice");
    assert_eq!(distinct.len(), DISTRIBUTIONS as usize);
}

/// Of two deliveries one is tried anew while the other settles: whichever came first, the
/// distribution is not complete in the end.
pub async fn a_retry_during_the_last_settlement_prevents_completion(store: Arc<dyn Store>) {
    let [one, other] = [1, 2].map(|number| host(&store, number));
    let ended = (1..=DISTRIBUTIONS).map(|number| {
        let (store, one, other) = (&store, &one, &other);
        async move {
            let (distribution, deliveries) = open(store.as_ref(), number, 2).await;
            settle(one, &deliveries[0]).await;
            let anew = |delivery: Delivery, now| delivery.retry(now);
            futures::join!(
                apply(one, &deliveries[0], anew),
                settle(other, &deliveries[1]),
            );
            read(store.as_ref(), distribution.id).await
        }
    });
    for distribution in join_all(ended).await {
        assert_eq!(distribution.completed_at, None, "{distribution:?}");
    }
}

async fn settle_on_all(store: &Arc<dyn Store>, hosts: &[Transitions], number: u32) -> Distribution {
    let (distribution, deliveries) = open(store.as_ref(), number, hosts.len()).await;
    let transitions = hosts.iter().zip(&deliveries);
    join_all(transitions.map(|(host, delivery)| settle(host, delivery))).await;
    read(store.as_ref(), distribution.id).await
}

async fn open(store: &dyn Store, number: u32, count: usize) -> (Distribution, Vec<Delivery>) {
    let (_, distribution) = published(store, number).await;
    let channels = ["instagram", "kakao-channel", "genie-tv"];
    let deliveries: Vec<Delivery> = (1..)
        .zip(&channels[..count])
        .map(|(place, channel)| sample::delivery(10 * number + place, &distribution, channel))
        .collect();
    commit(store, deliveries.iter().cloned().map(Mutation::PutDelivery)).await;
    (distribution, deliveries)
}

async fn settle(host: &Transitions, delivery: &Delivery) {
    let fail = |delivery: Delivery, now| delivery.fail(Reason::ContentMissing, now);
    let settled = apply(host, delivery, fail).await;
    assert_eq!(settled.status, DeliveryStatus::Failed);
}

async fn apply(
    host: &Transitions,
    delivery: &Delivery,
    to: fn(Delivery, jiff::Timestamp) -> Result<Delivery, InvalidTransition>,
) -> Delivery {
    let moved = host.apply(DeliveryRef::from(delivery), Arc::new(to), Vec::new());
    moved.await.expect("a store").expect("a move")
}

async fn read(store: &dyn Store, distribution: DistributionId) -> Distribution {
    let read = store.distribution(distribution).await.expect("a read");
    read.expect("it is there")
}

fn host(store: &Arc<dyn Store>, number: u32) -> Transitions {
    let clock = Arc::new(Hurried);
    let seed = [u8::try_from(number).expect("a small number"); 32];
    Transitions {
        unit_of_work: Arc::clone(store) as _,
        events: Arc::clone(store) as _,
        distributions: Arc::clone(store) as _,
        deliveries: Arc::clone(store) as _,
        relay: Arc::new(Nobody),
        observer: Arc::new(Nobody),
        clock: Arc::clone(&clock) as _,
        ids: IdGenerator::new(clock, Arc::new(Chance::seeded(seed))),
        node: NodeIdentity {
            holder: HolderId(id(9_000 + number)),
            lease: Duration::from_secs(30),
            sharing: Sharing::Shared,
        },
        batcher: TransitionBatcher::default(),
    }
}

/// Every pause is over once the others have had a turn.
#[derive(Debug)]
struct Hurried;

impl Clock for Hurried {
    fn now(&self) -> Timestamp {
        at(100)
    }

    fn sleep(&self, _duration: Duration) -> BoxFuture<'static, ()> {
        let mut waited = false;
        let turn = poll_fn(move |context| {
            if std::mem::replace(&mut waited, true) {
                return Poll::Ready(());
            }
            context.waker().wake_by_ref();
            Poll::Pending
        });
        turn.boxed()
    }
}

/// A relay and an observer that do nothing.
struct Nobody;

#[async_trait]
impl Relay for Nobody {
    fn wake(&self) {}

    async fn acknowledged(&self, _message: MessageId, _within: Duration) -> bool {
        false
    }
}

impl DeliveryObserver for Nobody {
    fn moved(&self, _delivery: &Delivery) {}

    fn store_unavailable(&self, _delivery: DeliveryId, _error: &StoreError) {}
}
