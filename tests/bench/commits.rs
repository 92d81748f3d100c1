//! P4: how many transactions of the store a publish of six channels takes, alone and with others.

use it::{EchoProvider, Host, Owner, autumn_event, guest};
use serde_json::Value;

use crate::figure::Figure;

const RUNS: usize = 5;
/// As many as the product will have; those that are not there yet are stood in for by guests,
/// `trap` among them: an attempt that dies is written down as any other.
const CHANNELS: [&str; 6] = [
    "instagram",
    "kakao-channel",
    "echo",
    "slow",
    "any-outcome",
    "trap",
];

pub async fn measure() -> anyhow::Result<Vec<Figure>> {
    let provider = EchoProvider::start().await;
    let host = Host::builder()
        .also(guest("echo"))
        .also(guest("slow"))
        .also(guest("any_outcome"))
        .also(guest("trap"))
        .config(|config| {
            provider.is_reached_by(config);
            // What dies here is meant to.
            config.breaker.failures_to_open = u32::MAX;
        })
        .start()
        .await;
    host.sandbox().publishing_quota(1_000_000).await;
    let owner = host.connected_owner("bench").await;
    let alone = samples(&host, &owner, 1).await;
    let eight = samples(&host, &owner, 8).await;
    let many = samples(&host, &owner, 64).await;
    host.stop().await;
    let figure = |what, samples| Figure::of("P4", what, "", samples);
    Ok(vec![
        figure("commits per publish of six channels, alone", alone),
        figure("commits per publish of six channels, 8 at once", eight),
        figure("commits per publish of six channels, 64 at once", many).at_most(1.0),
    ])
}

async fn samples(host: &Host, owner: &Owner, at_once: usize) -> Vec<f64> {
    let mut samples = Vec::new();
    for run in 0..=RUNS {
        let commits = commits_of(host, owner, at_once).await;
        // The first run warms caches and connections up.
        if run > 0 {
            samples.push(commits);
        }
    }
    samples
}

/// The events are there already: what is counted is the publish.
async fn commits_of(host: &Host, owner: &Owner, at_once: usize) -> f64 {
    let drafts = (0..at_once).map(|_| event());
    let events = futures::future::join_all(drafts.map(|draft| {
        let owner = owner.clone();
        async move { owner.create(&draft).await }
    }));
    let events = events.await;
    let before = host.app().store_health().commits();
    let published = futures::future::join_all(events.iter().map(|event| owner.publish(event)));
    for answer in published.await {
        let _ = answer.expect(200);
    }
    let commits = host.app().store_health().commits() - before;
    commits as f64 / at_once as f64
}

fn event() -> Value {
    let mut draft = autumn_event(&CHANNELS);
    draft["channelSettings"] = serde_json::json!({"slow": {"times": 0}});
    draft
}
