//! A channel at its worst leaves the others their time and their memory.

use std::sync::Arc;

use baepo_domain::model::attempt::{AttemptOutcome, GuestFailure, Limit};
use baepo_domain::model::receipt::Receipt;
use baepo_domain::ports::Channels as _;
use futures::future::join_all;

use super::support::{Guest, InMemoryJournal, RuntimeFixture, full_channel, job};
use crate::{Limits, RuntimeConfig};

const ENDLESS: &str = "(loop $again (br $again))";
const HOG: &str = "(loop $again (drop (memory.grow (i32.const 1))) (br $again))";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_channel_that_computes_leaves_the_others_their_time() {
    let fixture = RuntimeFixture::with(RuntimeConfig::default());
    let held = fixture.hold(&Guest::that(ENDLESS)).await;
    let busy = held.release().digest;
    let other = full_channel("(i32.const 0)", "(i32.const 0)");
    let renamed = renamed(other);
    let light = fixture.runtime.load(renamed).await.expect("it loads");
    let hogs: Vec<_> = (0..64)
        .map(|_| {
            let held = fixture.runtime.hold_release(busy).expect("it is loaded");
            tokio::spawn(async move { held.run(job(), Arc::new(InMemoryJournal::default())).await })
        })
        .collect();
    // In a round with all the others each of these would be behind 64 slices.
    for _ in 0..100 {
        let report = light.run(job(), Arc::new(InMemoryJournal::default())).await;
        assert_eq!(report.end, AttemptOutcome::Live(Receipt::default()));
        tokio::task::yield_now().await;
    }
    let unfinished = hogs.iter().filter(|hog| !hog.is_finished()).count();
    assert!(unfinished > 32, "the others went first: {unfinished}");
    hogs.iter().for_each(tokio::task::JoinHandle::abort);
}

/// The same component under the name of another channel.
fn renamed(mut component: Vec<u8>) -> Vec<u8> {
    let name = b"id = \"by-hand\"";
    let place = component
        .windows(name.len())
        .position(|bytes| bytes == name);
    let place = place.expect("its channel.toml");
    component[place..place + name.len()].copy_from_slice(b"id = \"by-foot\"");
    component
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_hogs_wait_for_each_other_and_all_end() {
    const MIB: u64 = 1 << 20;
    let limits = Limits {
        memory_bytes: 8 * MIB,
        ..Limits::DEFAULT
    };
    let fixture = RuntimeFixture::with(RuntimeConfig {
        memory_bytes: 64 * MIB,
        default_limits: limits,
        maximum_limits: Limits {
            memory_bytes: 8 * MIB,
            ..Limits::MAXIMUM
        },
        ..RuntimeConfig::default()
    });
    let held = fixture.hold(&Guest::that(HOG)).await;
    let runs = (0..32).map(|_| held.run(job(), Arc::new(InMemoryJournal::default())));
    for report in join_all(runs).await {
        let AttemptOutcome::GuestFailed(GuestFailure::Limit(hit)) = report.end else {
            panic!("it takes all that it gets: {report:?}");
        };
        assert_eq!(hit.limit, Limit::Memory);
    }
}
