//! A release is replaced while the host serves.

use std::sync::Arc;

use baepo_domain::model::attempt::AttemptOutcome;
use baepo_domain::model::receipt::Receipt;
use baepo_domain::ports::{Channels as _, NotLoaded};
use tokio::task::JoinSet;

use super::support::{Guest, InMemoryJournal, RuntimeFixture, job, small};
use crate::PoolUse;

const ONE: Guest = release("(nop)");
const OTHER: Guest = release("(nop) (nop)");

const fn release(distribute: &'static str) -> Guest {
    Guest {
        imports: "",
        declares: "",
        distribute,
        manifest: "",
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn activating_a_release_under_load_fails_no_call() {
    let fixture = Arc::new(RuntimeFixture::with(small()));
    let one = fixture.hold(&ONE).await;
    let other = fixture.runtime.load(OTHER.build()).await.expect("it loads");
    let mut callers: JoinSet<_> = (0..8).map(|_| call_often(fixture.clone())).collect();

    let mut swaps = 0;
    loop {
        let digest = if swaps % 2 == 0 {
            other.release().digest
        } else {
            one.release().digest
        };
        fixture
            .runtime
            .activate(&one.release().manifest.id, digest)
            .expect("it is loaded");
        swaps += 1;
        tokio::select! {
            caller = callers.join_next() => match caller {
                Some(caller) => caller.expect("no call failed"),
                None => break,
            },
            () = tokio::task::yield_now() => {}
        }
    }
    assert!(swaps > 8, "{swaps}");
    assert_eq!(fixture.runtime.pool_in_use(), PoolUse::default());
}

async fn call_often(fixture: Arc<RuntimeFixture>) {
    let channel = "by-hand".parse().expect("an id");
    for _ in 0..200 {
        let held = fixture
            .runtime
            .hold(&channel)
            .expect("one is always active");
        let report = held.run(job(), Arc::new(InMemoryJournal::default())).await;
        assert_eq!(report.end, AttemptOutcome::Live(Receipt::default()));
    }
}

#[tokio::test]
async fn a_held_release_finishes_its_run() {
    let fixture = RuntimeFixture::with(small());
    let held = fixture.hold(&ONE).await;
    let one = held.release().digest;
    let newer = fixture.hold(&OTHER).await;
    let other = newer.release().digest;

    assert_eq!(held.release().digest, one);
    assert_eq!(
        (fixture.runtime.holders(one), fixture.runtime.holders(other)),
        (1, 1)
    );
    drop(held);
    assert_eq!(
        (fixture.runtime.holders(one), fixture.runtime.holders(other)),
        (0, 1)
    );
    let active: Vec<_> = fixture
        .runtime
        .active()
        .iter()
        .map(|release| release.digest)
        .collect();
    assert_eq!(active, [other]);
}

#[tokio::test]
async fn only_a_release_loaded_for_the_channel_can_be_activated() {
    let fixture = RuntimeFixture::with(small());
    let held = fixture.runtime.load(ONE.build()).await.expect("it loads");
    let about = held.release();
    let stranger = "somebody-else".parse().expect("an id");
    let refused = fixture.runtime.activate(&stranger, about.digest);
    assert_eq!(refused, Err(NotLoaded(about.digest)));
    assert!(
        fixture.runtime.hold(&about.manifest.id).is_none(),
        "loaded, not active"
    );
}

#[tokio::test]
async fn a_release_that_is_neither_active_nor_held_is_not_kept() {
    let fixture = RuntimeFixture::with(small());
    let loaded = fixture.runtime.load(ONE.build()).await.expect("it loads");
    let one = loaded.release().digest;
    drop(loaded);
    assert!(fixture.runtime.hold_release(one).is_none(), "only staged");

    drop(fixture.hold(&ONE).await);
    assert!(fixture.runtime.hold_release(one).is_some(), "active");
    let running = fixture.runtime.hold_release(one);
    drop(fixture.hold(&OTHER).await);
    assert!(
        fixture.runtime.hold_release(one).is_some(),
        "replaced, but held"
    );
    drop(running);
    assert!(fixture.runtime.hold_release(one).is_none(), "replaced");
}

#[tokio::test]
async fn a_channel_without_an_active_release_is_not_kept() {
    let fixture = RuntimeFixture::with(small());
    let held = fixture.hold(&ONE).await;
    let (channel, digest) = (held.release().manifest.id.clone(), held.release().digest);
    fixture.runtime.deactivate(&channel);
    assert!(fixture.runtime.hold(&channel).is_none());
    assert!(fixture.runtime.hold_release(digest).is_some(), "still held");
    drop(held);
    assert!(fixture.runtime.hold_release(digest).is_none());
}
