//! Releases and their components.

use std::collections::HashMap;

use baepo_domain::model::delivery::{Delivery, DeliveryStatus};
use baepo_domain::model::id::{AttemptId, Digest};
use baepo_domain::model::permissions::{Permission, Permissions};
use baepo_domain::model::release::{Approval, Release, ReleaseState};
use baepo_domain::ports::{CommitError, Mutation, Store};

use super::sample::{self, at, commit};

pub async fn releases_come_in_the_order_of_installation(store: &dyn Store) {
    let installed = [
        ("kakao-channel", "k1"),
        ("instagram", "i2"),
        ("instagram", "i1"),
    ];
    for (on, component) in installed {
        let release = sample::release(on, component.as_bytes());
        commit(
            store,
            [Mutation::PutRelease {
                release,
                component: None,
            }],
        )
        .await;
    }
    let first = Release {
        revision: 1,
        ..sample::release("kakao-channel", b"k1")
    };
    let release = first.promote(at(40)).expect("a staged release");
    commit(
        store,
        [Mutation::PutRelease {
            release,
            component: None,
        }],
    )
    .await;

    let releases = store.releases().await.expect("a read");
    let digests: Vec<Digest> = releases.iter().map(|release| release.digest).collect();
    assert_eq!(
        digests,
        installed.map(|(_, component)| Digest::of(component.as_bytes()))
    );
    assert_eq!(releases[0].promoted_at, Some(at(40)));
    let provenance = sample::release("kakao-channel", b"k1").provenance;
    assert_eq!(releases[0].provenance, provenance);
}

pub async fn a_component_is_kept_once_for_all_channels(store: &dyn Store) {
    let bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    for on in ["instagram", "kakao-channel"] {
        let release = sample::release(on, &bytes);
        commit(
            store,
            [Mutation::PutRelease {
                release,
                component: Some(bytes.clone()),
            }],
        )
        .await;
    }
    assert_eq!(store.releases().await.expect("a read").len(), 2);
    let component = store.component(Digest::of(&bytes)).await.expect("a read");
    assert!(component.is_some_and(|component| component == bytes));

    let refused = sample::release("instagram", b"refused");
    let digest = refused.digest;
    commit(
        store,
        [Mutation::PutRelease {
            release: refused,
            component: None,
        }],
    )
    .await;
    assert_eq!(store.component(digest).await.expect("a read"), None);
}

pub async fn a_channel_has_one_active_release(store: &dyn Store) {
    let put = |release| Mutation::PutRelease {
        release,
        component: None,
    };
    let installed = |on, component: &[u8]| {
        sample::release(on, component)
            .promote(at(40))
            .expect("staged")
    };
    let first = installed("instagram", b"i1");
    commit(store, [put(first.clone())]).await;
    commit(store, [put(installed("kakao-channel", b"k1"))]).await;

    let staged = sample::release("instagram", b"i2");
    commit(store, [put(staged.clone())]).await;
    let second = Release {
        revision: 1,
        ..staged.promote(at(41)).expect("staged")
    };
    for late in [second.clone(), installed("instagram", b"i3")] {
        let result = store.commit(vec![put(late)]).await;
        assert!(
            matches!(result, Err(CommitError::Conflict("release"))),
            "{result:?}"
        );
    }

    let first = Release {
        revision: 1,
        ..first
    };
    commit(store, [put(first.retire()), put(second)]).await;
    let releases = store.releases().await.expect("a read");
    let states: Vec<ReleaseState> = releases.iter().map(|release| release.state).collect();
    let expected = [
        ReleaseState::Retired,
        ReleaseState::Active,
        ReleaseState::Active,
    ];
    assert_eq!(states, expected, "i1, k1, i2");
}

pub async fn permissions_and_their_approval_are_read_back(store: &dyn Store) {
    let asked = Permissions::from_iter([
        Permission::Secret {
            name: "access_token".to_owned(),
        },
        Permission::Limit {
            name: "fuel".to_owned(),
            value: u64::MAX,
        },
    ]);
    let approval = Approval {
        by: Some(sample::owner("operator-1")),
        at: at(12),
        approved: vec!["limit fuel 18,446,744,073,709,551,615".to_owned()],
    };
    let staged = Release {
        permissions: Some(asked.clone()),
        ..sample::release("instagram", b"i1")
    };
    let put = |release| Mutation::PutRelease {
        release,
        component: None,
    };
    commit(store, [put(staged.clone())]).await;
    let approved = Release {
        approval: Some(approval.clone()),
        revision: 1,
        ..staged
    };
    commit(store, [put(approved)]).await;

    let release = store.releases().await.expect("a read").remove(0);
    assert_eq!(release.permissions, Some(asked));
    assert_eq!(release.approval, Some(approval));
}

pub async fn a_deleted_release_is_gone_and_its_component_once_nobody_needs_it(store: &dyn Store) {
    let releases = ["instagram", "kakao-channel"].map(|on| sample::release(on, b"shared"));
    let digest = releases[0].digest;
    for release in releases.clone() {
        let component = Some(b"shared".to_vec());
        commit(store, [Mutation::PutRelease { release, component }]).await;
    }
    let has_component = async || {
        commit(store, [Mutation::DeleteUnusedComponents]).await;
        store.component(digest).await.expect("a read").is_some()
    };
    let [first, second] = releases.map(|release| Release {
        revision: 1,
        ..release
    });
    let stale = Release {
        revision: 2,
        ..first.clone()
    };
    let result = store.commit(vec![Mutation::DeleteRelease(stale)]).await;
    assert!(matches!(result, Err(CommitError::Conflict("release"))));
    commit(store, [Mutation::DeleteRelease(first)]).await;
    assert_eq!(store.releases().await.expect("a read").len(), 1);
    assert!(has_component().await, "the other channel has it");

    let (_, distribution) = sample::published(store, 1).await;
    let running = Delivery {
        release: Some(digest),
        attempt: Some(AttemptId(sample::id(1))),
        ..sample::delivery(1, &distribution, "kakao-channel")
    };
    commit(
        store,
        [
            Mutation::PutDelivery(running.clone()),
            Mutation::DeleteRelease(second),
        ],
    )
    .await;
    assert!(has_component().await, "an attempt may go on with it");

    let ended = Delivery {
        attempt: None,
        revision: 1,
        ..running
    };
    commit(store, [Mutation::PutDelivery(ended)]).await;
    assert!(!has_component().await);
}

pub async fn unsettled_deliveries_are_counted_per_channel(store: &dyn Store) {
    let (_, distribution) = sample::published(store, 1).await;
    let channel = |id: &str| id.parse().expect("a channel's id");
    let unsettled = async |id: &str| {
        let count = store.unsettled_deliveries(&channel(id)).await;
        count.expect("a read")
    };
    let lease = sample::lease(1, 60);
    for (number, status, due_at, lease, expected) in [
        (1, DeliveryStatus::Pending, None, None, 1),
        (2, DeliveryStatus::Pending, Some(at(50)), None, 1),
        (3, DeliveryStatus::Running, None, Some(lease), 1),
        (4, DeliveryStatus::Accepted, None, None, 1),
        (5, DeliveryStatus::Unknown, Some(at(50)), None, 1),
        (6, DeliveryStatus::Unknown, None, None, 0),
        (7, DeliveryStatus::Live, None, None, 0),
        (8, DeliveryStatus::Failed, None, None, 0),
    ] {
        let on = format!("channel-{number}");
        let delivery = Delivery {
            status,
            due_at,
            lease,
            ..sample::delivery(number, &distribution, &on)
        };
        commit(store, [Mutation::PutDelivery(delivery)]).await;
        assert_eq!(unsettled(&on).await, expected, "{status:?}");
    }
    assert_eq!(unsettled("another").await, 0);
}

pub async fn unfinished_attempts_are_counted_per_release(store: &dyn Store) {
    let (_, distribution) = sample::published(store, 1).await;
    let [one, other] = [b"1", b"2"].map(|component| Digest::of(component));
    let attempt = |number| Some(AttemptId(sample::id(number)));
    for (number, release, attempt) in [
        (1, Some(one), attempt(1)),
        (2, Some(one), attempt(2)),
        (3, Some(other), attempt(3)),
        (4, Some(other), None),
        (5, None, None),
    ] {
        let delivery = Delivery {
            release,
            attempt,
            ..sample::delivery(number, &distribution, &format!("channel-{number}"))
        };
        commit(store, [Mutation::PutDelivery(delivery)]).await;
    }
    let unfinished = store.unfinished_attempts().await.expect("a read");
    assert_eq!(unfinished, HashMap::from([(one, 2), (other, 1)]));
}
