//! What a reader sees of deliveries, move by move.

use baepo_domain::model::attempt::Attempt;
use baepo_domain::model::delivery::Delivery;
use baepo_domain::model::delivery::revision::DeliveryRevision;
use baepo_domain::model::distribution::Distribution;
use baepo_domain::model::event::Event;
use baepo_domain::model::id::DeliveryId;
use baepo_domain::ports::{CommitError, Mutation, Store};
use futures::future::join_all;

use super::sample::{self, at, commit, id, lease, published};

pub async fn revisions_are_read_in_order_from_a_given_one(store: &dyn Store) {
    let (_, distribution) = published(store, 1).await;
    let made = sample::full_delivery(1, &distribution, "instagram");
    let other = sample::full_delivery(2, &distribution, "kakao-channel");
    commit(store, [&made, &other].map(put)).await;
    let [asleep, resumed] = two_moves(&made);
    // Moves of one commit are moves like any others.
    commit(store, [&asleep, &resumed].map(put)).await;

    let transitions = [&made, &asleep, &resumed].map(DeliveryRevision::after_storing);
    let revisions = transitions.iter().map(|change| change.revision);
    assert_eq!(revisions.collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(read(store, 1, 0, 10).await, transitions);
    assert_eq!(read(store, 1, 1, 2).await, transitions[..2]);
    assert_eq!(read(store, 1, 2, 10).await, transitions[1..]);
    assert_eq!(read(store, 1, 4, 10).await, []);
    assert_eq!(read(store, 9, 0, 10).await, [], "nobody's");
    let other = DeliveryRevision::after_storing(&other);
    assert_eq!(read(store, 2, 0, 10).await, [other]);
}

pub async fn a_refused_commit_stores_no_revision(store: &dyn Store) {
    let (event, distribution) = published(store, 1).await;
    let made = sample::full_delivery(1, &distribution, "instagram");
    commit(store, [put(&made)]).await;
    let [asleep, resumed] = two_moves(&made);
    let new = sample::delivery(2, &distribution, "kakao-channel");

    let late = Mutation::PutDistribution(Distribution {
        revision: 17,
        ..distribution
    });
    let there_already = Mutation::PutEvent(Event {
        revision: 0,
        ..event
    });
    let refused = [
        vec![put(&asleep), late.clone()],
        vec![put(&new), late],
        vec![put(&asleep), there_already],
        // The revision that it has come to is the next one's alone.
        vec![put(&asleep), put(&asleep)],
        vec![put(&resumed)],
        vec![put(&made)],
    ];
    for changes in refused {
        let result = store.commit(changes).await;
        assert!(
            matches!(result, Err(CommitError::Conflict(_))),
            "{result:?}"
        );
    }
    let transitions = [DeliveryRevision::after_storing(&made)];
    assert_eq!(read(store, 1, 0, 10).await, transitions);
    assert_eq!(read(store, 2, 0, 10).await, []);
}

/// Callers of one group whose deliveries have moved meanwhile, and others: each keeps its own.
pub async fn concurrent_transitions_each_store_their_revision(store: &dyn Store) {
    let (_, distribution) = published(store, 1).await;
    let made: Vec<Delivery> = (1..=40)
        .map(|number| sample::full_delivery(number, &distribution, &format!("channel-{number}")))
        .collect();
    let commits = made.iter().map(|made| store.commit(vec![put(made)]));
    assert!(join_all(commits).await.iter().all(Result::is_ok));
    let moved_before = |delivery: &Delivery| delivery.id.0.as_u128().is_multiple_of(7);
    let next = made.iter().map(|made| {
        let [asleep, resumed] = two_moves(made);
        if moved_before(made) { resumed } else { asleep }
    });
    let next: Vec<Delivery> = next.collect();
    let commits = next.iter().map(|next| store.commit(vec![put(next)]));
    for (next, result) in next.iter().zip(join_all(commits).await) {
        assert_eq!(result.is_ok(), !moved_before(next), "{}", next.channel);
    }
    for (number, (made, next)) in (1..).zip(made.iter().zip(&next)) {
        let mut transitions = vec![DeliveryRevision::after_storing(made)];
        if !moved_before(made) {
            transitions.push(DeliveryRevision::after_storing(next));
        }
        assert_eq!(read(store, number, 0, 10).await, transitions);
    }
}

pub async fn forgetting_a_journal_keeps_the_last_revision(store: &dyn Store) {
    let (_, distribution) = published(store, 1).await;
    let made = [(1, "instagram"), (2, "kakao-channel"), (3, "genie-tv")]
        .map(|(number, on)| sample::full_delivery(number, &distribution, on));
    let mut attempts = Vec::new();
    for (number, made) in (1..).zip(&made) {
        let [asleep, resumed] = two_moves(made);
        let attempt = sample::attempt(number, made);
        // The third one's still runs.
        let attempt = if number < 3 {
            sample::ended(attempt)
        } else {
            attempt
        };
        attempts.push(attempt.id);
        commit(store, [made, &asleep, &resumed].map(put)).await;
        commit(store, [Mutation::PutAttempt(attempt)]).await;
    }
    // A later attempt of the first one, which is forgotten with it.
    let again = sample::ended(Attempt {
        number: 2,
        ..sample::attempt(4, &made[0])
    });
    attempts.push(again.id);
    commit(store, [Mutation::PutAttempt(again)]).await;

    let forgotten = vec![attempts[0], attempts[2], attempts[3]];
    commit(store, [Mutation::ForgetJournals(forgotten)]).await;
    let last = two_moves(&made[0])[1].clone();
    let last = [DeliveryRevision::after_storing(&last)];
    assert_eq!(read(store, 1, 0, 10).await, last);
    assert_eq!(read(store, 2, 0, 10).await.len(), 3, "not asked for");
    assert_eq!(read(store, 3, 0, 10).await.len(), 3, "it runs");

    // It moves on from there.
    let next = Delivery {
        revision: 3,
        ..made[0].clone().sleep(at(60), at(61))
    };
    commit(store, [put(&next)]).await;
    let [last] = last;
    let transitions = [last, DeliveryRevision::after_storing(&next)];
    assert_eq!(read(store, 1, 0, 10).await, transitions);
}

/// A delivery from its first row on: it sleeps, and goes on.
fn two_moves(made: &Delivery) -> [Delivery; 2] {
    let asleep = Delivery {
        revision: 1,
        ..made.clone().sleep(at(50), at(12))
    };
    let resumed = Delivery {
        revision: 2,
        message: None,
        ..asleep.clone().resume(lease(9_001, 60_000), at(50))
    };
    [asleep, resumed]
}

fn put(delivery: &Delivery) -> Mutation {
    Mutation::PutDelivery(delivery.clone())
}

async fn read(store: &dyn Store, number: u32, from: i64, limit: u32) -> Vec<DeliveryRevision> {
    let delivery = DeliveryId(id(number));
    let read = store.delivery_revisions(delivery, from, limit).await;
    read.expect("a read")
}
