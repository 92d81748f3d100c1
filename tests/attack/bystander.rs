//! The other channel: publishes at a steady rate, whatever happens, and its latencies.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use it::{Owner, autumn_event};
use serde::Serialize;
use tokio::task::{JoinHandle, JoinSet};

/// Publishes begin this far apart, also while earlier ones are still under way.
const EVERY: Duration = Duration::from_millis(50);

/// Somebody who has nothing to do with an attack.
pub struct Bystander {
    publishes: Arc<Mutex<Vec<Publish>>>,
    load: JoinHandle<()>,
}

#[derive(Debug, Clone, Copy)]
struct Publish {
    began: Instant,
    took: Duration,
    live: bool,
}

/// The latencies of one time.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Latency {
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub publishes: usize,
    /// Those that did not end as live.
    pub failed: usize,
}

impl Bystander {
    /// Begins to publish to `echo`.
    pub fn begin(owner: Owner) -> Self {
        let publishes = Arc::new(Mutex::new(Vec::new()));
        let load = tokio::spawn(publish_steadily(owner, Arc::clone(&publishes)));
        Self { publishes, load }
    }

    /// Publishes no more.
    pub fn stop(&self) {
        self.load.abort();
    }

    /// Of the publishes that began since then; waits for at least so many.
    pub async fn since(&self, begin: Instant, at_least: usize) -> Latency {
        let patience = Instant::now() + Duration::from_secs(30);
        loop {
            let latency = self.latency(begin);
            let over = self.load.is_finished() || Instant::now() > patience;
            if latency.publishes >= at_least || over {
                return latency;
            }
            tokio::time::sleep(EVERY).await;
        }
    }

    fn latency(&self, begin: Instant) -> Latency {
        let publishes = self.publishes.lock().expect("not poisoned").clone();
        let within: Vec<_> = publishes
            .into_iter()
            .filter(|publish| publish.began >= begin)
            .collect();
        let mut took: Vec<_> = within
            .iter()
            .map(|publish| publish.took.as_secs_f64() * 1e3)
            .collect();
        took.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let last = took.len().saturating_sub(1);
            let index = (last as f64 * share).ceil() as usize;
            took.get(index).copied().unwrap_or_default()
        };
        Latency {
            p50_ms: at(0.5),
            p99_ms: at(0.99),
            publishes: took.len(),
            failed: within.iter().filter(|publish| !publish.live).count(),
        }
    }
}

impl Drop for Bystander {
    fn drop(&mut self) {
        self.stop();
    }
}

async fn publish_steadily(owner: Owner, publishes: Arc<Mutex<Vec<Publish>>>) {
    let mut under_way = JoinSet::new();
    let mut beats = tokio::time::interval(EVERY);
    loop {
        beats.tick().await;
        while under_way.try_join_next().is_some() {}
        let (owner, publishes) = (owner.clone(), Arc::clone(&publishes));
        under_way.spawn(async move {
            let began = Instant::now();
            let live = publish(&owner).await;
            let took = began.elapsed();
            let done = Publish { began, took, live };
            publishes.lock().expect("not poisoned").push(done);
        });
    }
}

/// Creates an event and publishes it; `false` when it did not become live, or nobody answered.
async fn publish(owner: &Owner) -> bool {
    let event = owner.request(reqwest::Method::POST, "/api/events");
    let Some(event) = owner.ask(event.json(&autumn_event(&["echo"]))).await else {
        return false;
    };
    let id = event.body["id"].as_str().unwrap_or_default();
    let path = format!("/api/events/{id}/publish");
    let publish = owner.request(reqwest::Method::POST, &path);
    let Some(answer) = owner.ask(publish).await else {
        return false;
    };
    let results = answer.body["distributionResults"].as_array();
    let mut results = results.into_iter().flatten();
    results.any(|result| result["status"] == "LIVE")
}
