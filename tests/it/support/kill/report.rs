//! After all deliveries have ended: the host's state compared with the providers'.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use baepo_domain::model::outbox::{DISTRIBUTION_COMPLETED, EVENT_CREATED, OutboxRow};
use baepo_domain::ports::{Page, Store};
use futures::StreamExt as _;
use serde_json::Value;

use super::app::{App, OWNER, RequestedPublish, mark_in};
use super::consumer::{Consumed, consume};
use crate::cluster::Cluster;
use crate::installation::Installation;
use crate::owner::Owner;
use crate::program::{LaunchOptions, Program};
use crate::providers::SandboxProviders;
use crate::stack::Stack;

/// Distributions that are looked at, at once.
const CONCURRENT_LOOKUPS: usize = 8;
const POLL_INTERVAL: Duration = Duration::from_millis(200);
const OUTBOX_PAGE: u32 = 1_000;

/// What came out of it all.
#[derive(Debug, Default)]
pub struct KillReport {
    pub kills: usize,
    pub events: usize,
    /// Claimed and not out, failed with no reason to, or never heard of again.
    pub lost: Vec<String>,
    /// Out, or announced, more than once.
    pub duplicated: Vec<String>,
    /// Neither the one nor the other, in the end.
    pub stuck: Vec<String>,
    /// Deliveries that the host reports as UNKNOWN.
    pub unknown: Vec<String>,
    /// Publishes that were under way at a kill: without any, nothing was tried.
    pub interrupted: usize,
    /// The program did something that was not asked of it.
    pub unexpected: Vec<String>,
    /// The data folder, where it should be inspected.
    pub kept: Option<PathBuf>,
}

impl KillReport {
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.violations().next().is_none()
    }

    /// Every violation, in a sentence.
    pub fn violations(&self) -> impl Iterator<Item = &str> {
        let all = [&self.lost, &self.duplicated, &self.stuck, &self.unexpected];
        all.into_iter().flatten().map(String::as_str)
    }
}

impl std::fmt::Display for KillReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (lost, duplicated, stuck) = (self.lost.len(), self.duplicated.len(), self.stuck.len());
        write!(
            f,
            "kills {}, events {}, lost {lost}, twice {duplicated}, stuck {stuck}, unknown {}",
            self.kills,
            self.events,
            self.unknown.len()
        )
    }
}

/// What is there after the last start.
pub(super) struct FinalState {
    channels: Vec<String>,
    found: Vec<EventOutcome>,
    interrupted: usize,
    outbox: Vec<OutboxRow>,
    /// What another client has read, where there is a bus.
    consumed: Option<Consumed>,
    /// Where it can be inspected.
    installation: Option<Installation>,
}

/// An event and its distribution; `None`: its host has none.
struct EventOutcome {
    asked: RequestedPublish,
    distribution: Option<Value>,
}

/// Starts the program once more and lets it come to its end with everything.
pub(super) async fn settle_program(
    installation: Installation,
    providers: &SandboxProviders,
    app: &mut App,
    drain: Duration,
) -> FinalState {
    let launch = LaunchOptions {
        providers: Some(providers),
        ..LaunchOptions::default()
    };
    let program = Program::launch(installation, &launch).await;
    let program = program.unwrap_or_else(|ended| panic!("no last start: {}", ended.stderr));
    let give_up_at = Instant::now() + drain;
    let found = find_all(&program.owner(OWNER), app, give_up_at).await;
    if let Stack::Production(_) = program.stack() {
        let store = program.stack().open_store(&program.data()).await;
        wait_for_outbox(store.as_ref(), give_up_at).await;
        store.close().await;
    }
    let installation = program.stop().await.into_installation();
    let store = installation.stack().open_store(&installation.data()).await;
    let ended = FinalState::read(app, found, installation.stack(), store.as_ref()).await;
    FinalState {
        installation: Some(installation),
        ..ended
    }
}

/// Lets a cluster, all of whose members are up, come to its end with everything.
pub(super) async fn settle_cluster(
    cluster: &mut Cluster<'_>,
    app: &mut App,
    drain: Duration,
) -> FinalState {
    let give_up_at = Instant::now() + drain;
    let found = find_all(&cluster.owner(OWNER), app, give_up_at).await;
    let nowhere = std::path::Path::new("");
    let store = cluster.stack().open_store(nowhere).await;
    wait_for_outbox(store.as_ref(), give_up_at).await;
    cluster.stop_all().await;
    let ended = FinalState::read(app, found, cluster.stack(), store.as_ref()).await;
    store.close().await;
    ended
}

/// Asks again for what has had no answer, and waits for the end of every distribution.
async fn find_all(owner: &Owner, app: &mut App, give_up_at: Instant) -> Vec<EventOutcome> {
    while !app.open.is_empty() && Instant::now() < give_up_at {
        app.repeat(owner).await;
    }
    let asked = app.answered.iter().chain(&app.open).cloned();
    futures::stream::iter(asked)
        .map(|asked| find(owner, asked, give_up_at))
        .buffered(CONCURRENT_LOOKUPS)
        .collect()
        .await
}

/// Waits for the end of its distribution.
async fn find(owner: &Owner, asked: RequestedPublish, give_up_at: Instant) -> EventOutcome {
    loop {
        let event = owner.get(&format!("/api/events/{}", asked.event)).await;
        let distribution = match event.body["distributionId"].as_str() {
            Some(id) => Some(owner.distribution(id).await),
            None => None,
        };
        let completed = distribution.as_ref().map(|found| &found["completedAt"]);
        if completed.is_some_and(Value::is_string) || Instant::now() > give_up_at {
            return EventOutcome {
                asked,
                distribution,
            };
        }
        tokio::time::sleep(POLL_INTERVAL).await;
    }
}

/// What the dead had not sent is sent by others, once their leases have run out.
async fn wait_for_outbox(store: &dyn Store, give_up_at: Instant) {
    let unsent = |row: &OutboxRow| row.sent_at.is_none();
    while outbox(store).await.iter().any(unsent) && Instant::now() < give_up_at {
        tokio::time::sleep(POLL_INTERVAL).await;
    }
}

async fn outbox(store: &dyn Store) -> Vec<OutboxRow> {
    let mut rows: Vec<OutboxRow> = Vec::new();
    loop {
        let page = Page {
            after: rows.last().map(|row| row.sequence),
            limit: OUTBOX_PAGE,
        };
        let next = store.outbox(page).await.expect("its outbox");
        if next.is_empty() {
            return rows;
        }
        rows.extend(next);
    }
}

impl FinalState {
    async fn read(app: &App, found: Vec<EventOutcome>, stack: &Stack, store: &dyn Store) -> Self {
        let consumed = match stack.services() {
            Some(services) => Some(consume(&services.kafka).await),
            None => None,
        };
        Self {
            channels: app.channels().to_vec(),
            found,
            interrupted: app.interrupted,
            outbox: outbox(store).await,
            consumed,
            installation: None,
        }
    }

    /// The comparison. The folder is kept where something is wrong.
    pub(super) async fn evaluate(
        self,
        providers: &SandboxProviders,
        unexpected: Vec<String>,
        kills: usize,
    ) -> KillReport {
        let mut report = KillReport {
            kills,
            events: self.found.len(),
            interrupted: self.interrupted,
            unexpected,
            ..KillReport::default()
        };
        for channel in &self.channels {
            let posts = posts_by_mark(providers, channel).await;
            for found in &self.found {
                let count = posts.get(&found.asked.mark).copied().unwrap_or(0);
                report.compare(found, channel, count);
            }
        }
        let messages = messages_by_event(&self.outbox);
        for found in &self.found {
            let none = Vec::new();
            let own = messages.get(found.asked.event.as_str()).unwrap_or(&none);
            report.compare_messages(&found.asked, own);
            if let Some(consumed) = &self.consumed {
                let violations = consumed.violations(&found.asked.event);
                report.lost.extend(violations);
            }
        }
        if !report.is_clean() {
            report.kept = self.installation.map(Installation::keep);
        }
        report
    }
}

async fn posts_by_mark(providers: &SandboxProviders, channel: &str) -> HashMap<String, u32> {
    let mut posts = HashMap::new();
    for post in providers.control().posts(channel).await {
        if let Some(mark) = post["text"].as_str().and_then(mark_in) {
            *posts.entry(mark.to_owned()).or_insert(0) += 1;
        }
    }
    posts
}

fn messages_by_event(outbox: &[OutboxRow]) -> HashMap<&str, Vec<&OutboxRow>> {
    let mut messages: HashMap<&str, Vec<&OutboxRow>> = HashMap::new();
    for row in outbox {
        messages.entry(&row.message.key).or_default().push(row);
    }
    messages
}

impl KillReport {
    fn compare(&mut self, found: &EventOutcome, channel: &str, posts: u32) {
        let RequestedPublish { mark, event } = &found.asked;
        let deliveries = found.distribution.as_ref().map(|all| &all["deliveries"]);
        let delivery = deliveries
            .and_then(Value::as_array)
            .and_then(|all| all.iter().find(|delivery| delivery["channel"] == channel));
        let status = delivery.map_or("none", |delivery| {
            delivery["status"].as_str().unwrap_or("none")
        });
        let what = || {
            let message = delivery.map_or(&Value::Null, |delivery| &delivery["message"]);
            format!("{mark} at {channel}: {status} with {posts} posts; event {event}, {message}")
        };
        if posts > 1 {
            self.duplicated.push(what());
            return;
        }
        match status {
            "LIVE" if posts == 1 => {}
            "UNKNOWN" => self.unknown.push(what()),
            // The providers are well: nothing has a reason to fail.
            "LIVE" | "FAILED" | "none" => self.lost.push(what()),
            _ => self.stuck.push(what()),
        }
    }

    fn compare_messages(&mut self, asked: &RequestedPublish, own: &[&OutboxRow]) {
        let RequestedPublish { mark, event } = asked;
        for kind in [EVENT_CREATED, DISTRIBUTION_COMPLETED] {
            let count = own.iter().filter(|row| row.message.kind == kind).count();
            let what = format!("{mark}: {count} messages {kind} of event {event}");
            match count {
                1 => {}
                0 => self.lost.push(what),
                _ => self.duplicated.push(what),
            }
        }
        let first = own.first().map(|row| row.message.kind);
        if first.is_some_and(|kind| kind != EVENT_CREATED) {
            let what = format!("{mark}: {first:?} is the first message of event {event}");
            self.lost.push(what);
        }
        if own.iter().any(|row| row.sent_at.is_none()) {
            let what = format!("{mark}: a message of event {event} is not sent");
            self.stuck.push(what);
        }
    }
}
