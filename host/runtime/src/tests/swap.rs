//! A release is replaced while the host serves.

use std::sync::Arc;

use baepo_domain::attempt::{End, Receipt};
use baepo_domain::ports::{Channels as _, NotLoaded};
use tokio::task::JoinSet;

use super::support::{Guest, Kept, Stage, job, small};
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
async fn a_swap_under_load_fails_no_call() {
    let stage = Arc::new(Stage::with(small()));
    let one = stage.hold(&ONE).await.release().clone();
    let other = stage.runtime.load(OTHER.build()).await.expect("it loads");
    let mut callers: JoinSet<_> = (0..8).map(|_| call_often(stage.clone())).collect();

    let mut swaps = 0;
    loop {
        let digest = if swaps % 2 == 0 {
            other.digest
        } else {
            one.digest
        };
        stage
            .runtime
            .activate(&one.manifest.id, digest)
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
    assert_eq!(stage.runtime.pool_in_use(), PoolUse::default());
}

async fn call_often(stage: Arc<Stage>) {
    let channel = "by-hand".parse().expect("an id");
    for _ in 0..200 {
        let held = stage.runtime.hold(&channel).expect("one is always active");
        let report = held.run(job(), Arc::new(Kept::default())).await;
        assert_eq!(report.end, End::Live(Receipt::default()));
    }
}

#[tokio::test]
async fn who_holds_a_release_finishes_on_it() {
    let stage = Stage::with(small());
    let held = stage.hold(&ONE).await;
    let one = held.release().digest;
    let newer = stage.hold(&OTHER).await;
    let other = newer.release().digest;

    assert_eq!(held.release().digest, one);
    assert_eq!(
        (stage.runtime.holders(one), stage.runtime.holders(other)),
        (1, 1)
    );
    drop(held);
    assert_eq!(
        (stage.runtime.holders(one), stage.runtime.holders(other)),
        (0, 1)
    );
    let active: Vec<_> = stage
        .runtime
        .active()
        .iter()
        .map(|release| release.digest)
        .collect();
    assert_eq!(active, [other]);
}

#[tokio::test]
async fn only_what_is_loaded_for_the_channel_becomes_active() {
    let stage = Stage::with(small());
    let about = stage.runtime.load(ONE.build()).await.expect("it loads");
    let stranger = "somebody-else".parse().expect("an id");
    let refused = stage.runtime.activate(&stranger, about.digest);
    assert_eq!(refused, Err(NotLoaded(about.digest)));
    assert!(
        stage.runtime.hold(&about.manifest.id).is_none(),
        "loaded, not active"
    );
}
