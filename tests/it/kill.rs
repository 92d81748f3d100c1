//! A killed program resumes where it was: no post is lost, none is published twice.

use std::time::Duration;

use baepo_domain::usecases::failpoint::POINTS;
use it::kill::{KillReport, Moment, Plan, chance, run};
use it::{
    FaultCase, Installation, LaunchOptions, Program, SandboxProviders, WITH_PROVIDER, autumn_event,
    eventually, eventually_within,
};
use serde_json::Value;

/// Whatever it is, a failure can be repeated with it.
const SEED: u64 = 20_260_302;

/// Longer than a channel looks for a post in doubt.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(90);

async fn killed(channels: &[&str], moments: Vec<Moment>) -> KillReport {
    let plan = Plan {
        channels: channels.iter().map(ToString::to_string).collect(),
        moments,
        load: 4,
        drain: Duration::from_secs(60),
        read_lag: Duration::ZERO,
    };
    run(&plan, |_, _| {}).await
}

fn expect_clean(report: &KillReport) {
    let violations: Vec<&str> = report.violations().collect();
    let kept = &report.kept;
    assert!(report.is_clean(), "{report}: {violations:#?}, in {kept:?}");
    assert!(
        report.interrupted > 0,
        "nothing was under way at any kill: {report}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_kills_at_random_times_lose_and_duplicate_nothing() {
    let chance = chance(SEED);
    let moments = (0..50).map(|_| Moment::random(&chance)).collect();

    let report = killed(&WITH_PROVIDER, moments).await;

    expect_clean(&report);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_at_any_fault_point_loses_and_duplicates_nothing() {
    let first_passages = POINTS.map(|point| Moment::At { point, passage: 1 });
    let each = WITH_PROVIDER.map(|channel| killed_on(channel, first_passages.to_vec()));
    for report in futures::future::join_all(each).await {
        expect_clean(&report);
    }
}

async fn killed_on(channel: &str, moments: Vec<Moment>) -> KillReport {
    killed(&[channel], moments).await
}

/// A program whose owner publishes one event, and the providers outside of it.
struct Fixture {
    providers: SandboxProviders,
    program: Program,
    channel: &'static str,
    event: String,
    publishing: tokio::task::JoinHandle<Option<it::ApiResponse>>,
}

impl Fixture {
    /// The publish is under way when the fault has been met.
    async fn publishing(channel: &'static str, path: &str, fault: &str, value: Value) -> Self {
        let providers = SandboxProviders::start().await;
        let installation = Installation::default();
        let program = start(installation, &providers, channel).await;
        let owner = program.owner("shop-1");
        owner.connect_all().await;
        let control = providers.control();
        control.faults(channel, path, fault, value, 1).await;
        let event = owner.create(&autumn_event(&[channel])).await;
        let publishing = tokio::spawn({
            let (owner, event) = (owner.clone(), event.clone());
            async move { owner.ask(owner.publish_request(&event, "key-1")).await }
        });
        eventually("the fault is met, or nobody comes by it", || async {
            publishing.is_finished() || control.active_faults().await == 0
        })
        .await;
        Self {
            providers,
            program,
            channel,
            event,
            publishing,
        }
    }

    /// Kills the program, starts it again, and waits until the delivery has come to its end by
    /// itself: its result and how many posts are out.
    async fn killed_now(self) -> (Value, usize) {
        let killed = self.program.kill().await;
        // It may have had its answer a moment before.
        let _ = self.publishing.await.unwrap();
        let program = start(killed.into_installation(), &self.providers, self.channel).await;
        let owner = program.owner("shop-1");
        let event = owner.get(&format!("/api/events/{}", self.event)).await;
        let event = event.expect(200);
        let distribution = event["distributionId"].as_str().unwrap();
        eventually_within(LOOKUP_TIMEOUT, "the distribution is complete", || async {
            owner.distribution(distribution).await["completedAt"].is_string()
        })
        .await;
        let delivery = owner.distribution(distribution).await["deliveries"][0].clone();
        let control = self.providers.control();
        // What stands at a provider is out by then.
        control.advance(Duration::from_secs(3_600)).await;
        let posts = control.posts(self.channel).await.len();
        let _ = program.stop().await;
        (delivery, posts)
    }
}

/// A program with that channel alone: the sweep starts a thousand of them.
async fn start(installation: Installation, providers: &SandboxProviders, channel: &str) -> Program {
    let launch = LaunchOptions {
        providers: Some(providers),
        channel: Some(channel),
        ..LaunchOptions::default()
    };
    let program = Program::launch(installation, &launch).await;
    program.unwrap_or_else(|ended| panic!("it ended at once: {}", ended.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publish_hanging_at_the_kill_resumes_and_goes_live() {
    let fixture = Fixture::publishing("instagram", "media_publish", "hang", Value::Null).await;

    let (delivery, posts) = fixture.killed_now().await;

    assert_eq!(delivery["status"], "LIVE", "{delivery:#}");
    assert_eq!(delivery["attempts"], 1, "it is the same attempt");
    assert_eq!(posts, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publish_sent_before_the_kill_is_found_and_not_repeated() {
    let fixture =
        Fixture::publishing("instagram", "media_publish", "reset-after", Value::Null).await;

    let (delivery, posts) = fixture.killed_now().await;

    assert_eq!(delivery["status"], "LIVE", "{delivery:#}");
    assert!(delivery["externalId"].is_string(), "{delivery:#}");
    assert_eq!(posts, 1);
}

/// Every fault, at every request, and a kill right behind it.
#[tokio::test(flavor = "multi_thread")]
async fn any_fault_before_a_kill_posts_at_most_once() {
    it::each_fault_case(6, at_most_once).await;
}

async fn at_most_once((channel, path, fault, value): FaultCase) {
    let fixture = Fixture::publishing(channel, path, fault, value).await;
    let (delivery, posts) = fixture.killed_now().await;
    it::assert_consistent_outcome(&format!("{channel} {path} {fault}"), &delivery, posts);
}
