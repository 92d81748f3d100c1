//! What a commit is: whole, seen by the next read, and never over what somebody else wrote.

use std::collections::{BTreeMap, BTreeSet};

use baepo_domain::model::account::Account;
use baepo_domain::model::attempt::Attempt;
use baepo_domain::model::delivery::Delivery;
use baepo_domain::model::distribution::Distribution;
use baepo_domain::model::event::Event;
use baepo_domain::model::id::{DeliveryId, DistributionId, HolderId, MessageId};
use baepo_domain::model::release::Release;
use baepo_domain::model::schedule::Schedule;
use baepo_domain::model::text::Localized;
use baepo_domain::ports::{CommitError, Mutation, Store};
use futures::future::join_all;

use super::sample::{self, at, commit, published};

pub async fn a_committed_row_is_read_back(store: &dyn Store) {
    let one = EveryKind::new(1);
    commit(store, one.changes()).await;
    one.with_revision(1).assert_stored(store).await;
}

pub async fn a_missing_row_is_none(store: &dyn Store) {
    let none = EveryKind::new(1);
    let owner = &none.event.owner;
    assert_eq!(store.event(none.event.id).await.expect("a read"), None);
    assert_eq!(
        store
            .distribution(none.distribution.id)
            .await
            .expect("a read"),
        None
    );
    assert_eq!(
        store.delivery(none.delivery.id).await.expect("a read"),
        None
    );
    assert_eq!(store.attempt(none.attempt.id).await.expect("a read"), None);
    assert_eq!(
        store
            .account(owner, &none.account.channel)
            .await
            .expect("a read"),
        None
    );
    assert_eq!(
        store.component(none.release.digest).await.expect("a read"),
        None
    );
    let key = "k-1".parse().expect("a key");
    assert_eq!(store.idempotency(owner, &key).await.expect("a read"), None);
    assert_eq!(
        store
            .deliveries(none.distribution.id)
            .await
            .expect("a read"),
        []
    );
    assert_eq!(
        store.attempts(none.distribution.id).await.expect("a read"),
        []
    );
    let transitions = store.delivery_revisions(none.delivery.id, 0, 10).await;
    assert_eq!(transitions.expect("a read"), []);
    let nobody = HolderId(sample::id(9_000));
    assert_eq!(store.unsent(nobody, 10).await.expect("a read"), []);
    let message = MessageId(none.event.id.0);
    assert_eq!(store.message(message).await.expect("a read"), None);
}

pub async fn a_second_insert_is_a_conflict(store: &dyn Store) {
    let one = EveryKind::new(1);
    commit(store, one.changes()).await;
    for change in one.changes() {
        assert_conflict(store, vec![change]).await;
    }
    one.with_revision(1).assert_stored(store).await;
}

pub async fn an_update_of_a_missing_row_is_a_conflict(store: &dyn Store) {
    for change in EveryKind::new(1).with_revision(1).changes() {
        assert_conflict(store, vec![change]).await;
    }
}

pub async fn an_update_with_an_old_revision_is_a_conflict(store: &dyn Store) {
    let one = EveryKind::new(1);
    commit(store, one.changes()).await;
    let changed = one.with_revision(1).changed();
    commit(store, changed.changes()).await;
    for change in one.with_revision(1).changes() {
        assert_conflict(store, vec![change]).await;
    }
    changed.with_revision(2).assert_stored(store).await;
}

pub async fn a_commit_is_atomic(store: &dyn Store) {
    let there = sample::event(1, "shop-1");
    commit(store, [Mutation::PutEvent(there.clone())]).await;
    let new = sample::event(2, "shop-1");
    assert_conflict(
        store,
        vec![Mutation::PutEvent(new.clone()), Mutation::PutEvent(there)],
    )
    .await;
    assert_eq!(store.event(new.id).await.expect("a read"), None);
}

pub async fn mutations_of_one_commit_see_each_other(store: &dyn Store) {
    let event = sample::event(1, "shop-1");
    let again = Event {
        updated_at: at(99),
        revision: 1,
        ..event.clone()
    };
    commit(
        store,
        [Mutation::PutEvent(event), Mutation::PutEvent(again.clone())],
    )
    .await;
    let stored = store.event(again.id).await.expect("a read");
    assert_eq!(
        stored,
        Some(Event {
            revision: 2,
            ..again
        })
    );
}

/// Callers that read the same revision at the same time: in each round exactly one of them gets
/// through, and what it wrote stands.
pub async fn one_of_many_concurrent_updates_wins(store: &dyn Store) {
    const CALLERS: i64 = 50;
    let event = sample::event(1, "shop-1");
    commit(store, [Mutation::PutEvent(event.clone())]).await;
    for revision in 1..=4 {
        let update = |caller| Event {
            updated_at: at(caller),
            revision,
            ..event.clone()
        };
        let commits =
            (0..CALLERS).map(|caller| store.commit(vec![Mutation::PutEvent(update(caller))]));
        let mut winners =
            (0..CALLERS)
                .zip(join_all(commits).await)
                .filter_map(|(caller, result)| match result {
                    Ok(()) => Some(caller),
                    Err(CommitError::Conflict(_)) => None,
                    Err(CommitError::Store(error)) => panic!("{error}"),
                });
        let (winner, other) = (winners.next(), winners.next());
        assert_eq!(other, None, "two updates of revision {revision}");
        let stored = store.event(event.id).await.expect("a read");
        let written = winner.map(|caller| Event {
            revision: revision + 1,
            ..update(caller)
        });
        assert_eq!(stored, written);
    }
}

pub async fn an_event_has_one_distribution_and_a_channel_one_delivery(store: &dyn Store) {
    let (event, distribution) = published(store, 1).await;
    let second = Distribution {
        id: DistributionId(sample::id(2)),
        ..sample::distribution(&event)
    };
    assert_conflict(store, vec![Mutation::PutDistribution(second)]).await;

    commit(
        store,
        [Mutation::PutDelivery(sample::delivery(
            1,
            &distribution,
            "instagram",
        ))],
    )
    .await;
    let second = sample::delivery(2, &distribution, "instagram");
    assert_conflict(store, vec![Mutation::PutDelivery(second)]).await;
    commit(
        store,
        [Mutation::PutDelivery(sample::delivery(
            3,
            &distribution,
            "kakao-channel",
        ))],
    )
    .await;

    let deliveries = store.deliveries(distribution.id).await.expect("a read");
    let ids: BTreeSet<DeliveryId> = deliveries.iter().map(|delivery| delivery.id).collect();
    assert_eq!(
        ids,
        [1, 3].map(|number| DeliveryId(sample::id(number))).into()
    );
}

async fn assert_conflict(store: &dyn Store, changes: Vec<Mutation>) {
    let reader_text = format!("{changes:?}");
    let result = store.commit(changes).await;
    assert!(
        matches!(result, Err(CommitError::Conflict(_))),
        "{result:?} of {reader_text}"
    );
}

/// One of each kind that has a revision.
#[derive(Clone)]
struct EveryKind {
    event: Event,
    distribution: Distribution,
    delivery: Delivery,
    attempt: Attempt,
    account: Account,
    release: Release,
}

impl EveryKind {
    fn new(number: u32) -> Self {
        let schedule = Schedule {
            problem: Some(Localized::verbatim("제목이 없습니다")),
            ..sample::schedule(70)
        };
        let event = Event {
            schedule: Some(schedule),
            ..sample::publishing(number, "shop-1")
        };
        let distribution = sample::distribution(&event);
        let delivery = sample::full_delivery(number, &distribution, "instagram");
        let attempt = sample::ended(sample::attempt(number, &delivery));
        let account = sample::account("shop-1", "instagram");
        let release = Release {
            reason: Some("왜냐하면".into()),
            promoted_at: Some(at(50)),
            ..sample::release("instagram", b"component")
        };
        Self {
            event,
            distribution,
            delivery,
            attempt,
            account,
            release,
        }
    }

    fn with_revision(&self, revision: i64) -> Self {
        let mut all = self.clone();
        all.event.revision = revision;
        all.distribution.revision = revision;
        all.delivery.revision = revision;
        all.attempt.revision = revision;
        all.account.revision = revision;
        all.release.revision = revision;
        all
    }

    /// The same, emptied where a field may be empty: an update must write nothing there too.
    fn changed(&self) -> Self {
        let mut all = self.clone();
        all.event = Event {
            schedule: None,
            publishing: None,
            distributed_at: Some(at(99)),
            ..all.event
        };
        all.distribution = all.distribution.complete(at(99));
        let emptied = sample::delivery(1, &all.distribution, "instagram");
        all.delivery = Delivery {
            due_at: None,
            revision: all.delivery.revision,
            ..emptied
        };
        all.attempt.ended = None;
        all.account = Account {
            secrets: BTreeMap::new(),
            expires: BTreeMap::new(),
            renew_at: None,
            problem: None,
            ..all.account
        };
        all.release = Release {
            reason: None,
            promoted_at: None,
            ..all.release
        }
        .retire();
        all
    }

    fn changes(&self) -> Vec<Mutation> {
        vec![
            Mutation::PutEvent(self.event.clone()),
            Mutation::PutDistribution(self.distribution.clone()),
            Mutation::PutDelivery(self.delivery.clone()),
            Mutation::PutAttempt(self.attempt.clone()),
            Mutation::PutAccount(self.account.clone()),
            Mutation::PutRelease {
                release: self.release.clone(),
                component: None,
            },
        ]
    }

    async fn assert_stored(self, store: &dyn Store) {
        let Account { owner, channel, .. } = &self.account;
        let account = store.account(owner, channel).await.expect("a read");
        assert_eq!(account, Some(self.account));
        assert_eq!(
            store.event(self.event.id).await.expect("a read"),
            Some(self.event)
        );
        let distribution = store
            .distribution(self.distribution.id)
            .await
            .expect("a read");
        assert_eq!(distribution, Some(self.distribution));
        assert_eq!(
            store.delivery(self.delivery.id).await.expect("a read"),
            Some(self.delivery)
        );
        assert_eq!(
            store.attempt(self.attempt.id).await.expect("a read"),
            Some(self.attempt)
        );
        assert_eq!(store.releases().await.expect("a read"), [self.release]);
    }
}
