//! Callers that write at the same time: they share commits, and nothing else.

use baepo_domain::model::delivery::{Delivery, NewDelivery};
use baepo_domain::model::event::Event;
use baepo_domain::model::id::{DeliveryId, DistributionId};
use baepo_domain::ports::{CommitError, Mutation, Store};
use futures::future::join_all;

use super::sample;

pub async fn concurrent_commits_are_grouped_and_conflict_individually(store: &dyn Store) {
    let before = store.commits();
    let results = join_all((0..200).map(|caller| put(store, event(caller / 2)))).await;
    for pair in results.chunks(2) {
        let late = pair
            .iter()
            .filter(|result| matches!(result, Err(CommitError::Conflict("event"))));
        let first = pair.iter().filter(|result| result.is_ok());
        assert_eq!((first.count(), late.count()), (1, 1), "{pair:?}");
    }
    let commits = store.commits() - before;
    assert!(commits <= 4, "{commits} commits for 200 callers");
}

pub async fn a_failed_commit_leaves_grouped_commits_intact(store: &dyn Store) {
    let (before, mistaken, after) = futures::join!(
        put(store, event(1)),
        store.commit(vec![
            Mutation::PutEvent(event(2)),
            Mutation::PutDelivery(orphan())
        ]),
        put(store, event(3)),
    );
    assert!(before.is_ok() && after.is_ok());
    assert!(
        matches!(mistaken, Err(CommitError::Store(_))),
        "{mistaken:?}"
    );
    assert_eq!(store.event(event(2).id).await.expect("a read"), None);
}

/// What was asked for before is written, the events 0 to 99; the adapter's own test looks at what
/// is left when it is opened again.
pub async fn closing_flushes_queued_commits(store: &dyn Store) {
    let mut writes = Box::pin(join_all((0..100).map(|number| put(store, event(number)))));
    assert!(futures::poll!(&mut writes).is_pending());
    let ((), results) = futures::join!(store.close(), writes);
    assert!(results.iter().all(Result::is_ok));

    let late = put(store, event(200))
        .await
        .expect_err("the store is closed");
    assert!(late.to_string().contains("the store is closed"), "{late}");
    store.close().await;
}

fn event(number: u32) -> Event {
    sample::event(number, "shop-1")
}

async fn put(store: &dyn Store, event: Event) -> Result<(), CommitError> {
    store.commit(vec![Mutation::PutEvent(event)]).await
}

/// A delivery of a distribution that is not there.
fn orphan() -> Delivery {
    let event = event(1);
    let place = NewDelivery {
        distribution: DistributionId(sample::id(1)),
        event: event.id,
        owner: event.owner,
        channel: sample::channel("instagram"),
    };
    Delivery::pending(DeliveryId(sample::id(1)), place, event.created_at)
}
