//! Releases and their components.

use baepo_domain::model::id::Digest;
use baepo_domain::model::release::{Release, ReleaseState};
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
