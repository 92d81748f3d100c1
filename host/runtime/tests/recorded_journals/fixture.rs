//! A runtime with one component, and attempts of it from their beginning to their end.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use baepo_domain::Timestamp;
use baepo_domain::model::attempt::{AttemptInput, AttemptOutcome, Job};
use baepo_domain::model::id::{AttemptId, EventId};
use baepo_domain::model::journal::Entry;
use baepo_domain::model::time::after;
use baepo_domain::ports::clock::Clock as _;
use baepo_domain::ports::{Channels as _, HeldRelease, Journal, LeaseLost};
use baepo_runtime::egress::{Egress, EgressConfig, Rewrite};
use baepo_runtime::{Runtime, RuntimeConfig};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::clock::SleepingClock;
use super::recording::{CHANNELS, Recording};

const TWO_WEEKS: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// A runtime with one component and a clock that only its sleeps move.
pub struct Fixture {
    held: Box<dyn HeldRelease>,
    pub clock: Arc<SleepingClock>,
    _runtime: Arc<Runtime>,
}

impl Fixture {
    pub async fn with(name: &str, rewrites: Vec<Rewrite>, clock: Arc<SleepingClock>) -> Self {
        let egress = EgressConfig {
            rewrites,
            ..EgressConfig::default()
        };
        let egress = Egress::new(egress).unwrap();
        let config = RuntimeConfig {
            concurrency: 2,
            pool_instances: 4,
            ..RuntimeConfig::default()
        };
        let runtime = Runtime::new(config, egress, clock.clone()).unwrap();
        let held = runtime
            .load(std::fs::read(component(name)).unwrap())
            .await
            .unwrap();
        Self {
            held,
            clock,
            _runtime: runtime,
        }
    }

    /// What an attempt of this component begins with, from the examples of its manifest.
    pub fn beginning(&self, name: &str) -> AttemptInput {
        let options = match name {
            "echo" => json!({"method": "POST"}),
            "slow" => json!({"sleepMs": 7_200_000, "times": 2, "accepted": true}),
            "uridongne-tv" => json!({"budget": 300_000}),
            "genie-tv" => json!({"budget": 300_000, "areas": ["1144068000"]}),
            "ringo-biz" => json!({"phoneNumber": "02-332-1234"}),
            _ => json!({}),
        };
        let manifest = &self.held.release().manifest;
        let settings = examples(&manifest.settings);
        AttemptInput {
            idempotency_key: "recorded-key".to_owned(),
            event: EventId(Uuid::from_u128(7)),
            content: serde_json::from_value(content(name, self.clock.now())).unwrap(),
            options: self.held.options(&options).unwrap().into(),
            settings: self.held.settings(&settings.into()).unwrap(),
            limits: self.held.limits(),
        }
    }

    /// Runs an attempt to its end, woken whenever it has slept.
    pub async fn run(
        &self,
        started_at: Timestamp,
        beginning: AttemptInput,
        mut journal: Vec<Entry>,
    ) -> Recording {
        let secrets = self.held.release().manifest.secrets.iter();
        let secrets: BTreeMap<_, _> = secrets
            .map(|secret| (secret.name.clone(), secret.example.as_str().into()))
            .collect();
        loop {
            let committed = Arc::new(InMemoryJournal::default());
            let job = Job {
                attempt: AttemptId(Uuid::nil()),
                beginning: beginning.clone(),
                started_at,
                secrets: secrets.clone(),
                journal: journal.clone(),
            };
            let report = self.held.run(job, committed.clone()).await;
            journal.append(&mut committed.0.lock().unwrap());
            journal.extend(report.entries);
            let AttemptOutcome::Asleep { until } = report.end else {
                return Recording {
                    started_at,
                    beginning,
                    end: report.end.name().to_owned(),
                    journal,
                };
            };
            self.clock.pass_until(until).await;
        }
    }
}

/// An event whose period has just begun.
fn content(name: &str, begin: Timestamp) -> Value {
    let mut media = vec![json!({
        "kind": "image", "url": "https://shop.example/autumn.jpg", "mimeType": "image/jpeg",
        "bytes": 400_000, "width": 1080, "height": 1080, "altText": "국밥 한 그릇"
    })];
    if name.ends_with("-tv") {
        media.push(json!({
            "kind": "video", "url": "https://shop.example/autumn.mp4", "mimeType": "video/mp4",
            "bytes": 9_000_000, "width": 1920, "height": 1080, "durationMs": 15_000,
            "altText": "국밥을 담는 영상"
        }));
    }
    json!({
        "title": "가을 단골 감사 이벤트",
        "body": "이번 주말 전 메뉴 20% 할인",
        "hashtags": ["가을", "할인"],
        "link": "https://shop.example/autumn",
        "media": media,
        "period": {"startsAt": begin, "endsAt": after(begin, TWO_WEEKS)}
    })
}

/// A component that `cargo xtask guests` has built.
fn component(name: &str) -> PathBuf {
    let folder = if CHANNELS.contains(&name) {
        "plugins"
    } else {
        "guests"
    };
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target");
    let file = target.join(folder).join(format!("{name}.wasm"));
    let is_built = file.exists();
    assert!(
        is_built,
        "{} is missing: run `cargo xtask guests` first",
        file.display()
    );
    file
}

/// The examples of a schema's properties.
fn examples(schema: &Value) -> Map<String, Value> {
    let properties = schema["properties"].as_object().into_iter().flatten();
    properties
        .filter_map(|(name, property)| Some((name.clone(), property["examples"].get(0)?.clone())))
        .collect()
}

#[derive(Default)]
struct InMemoryJournal(Mutex<Vec<Entry>>);

#[async_trait]
impl Journal for InMemoryJournal {
    async fn commit(&self, entries: Vec<Entry>) -> Result<(), LeaseLost> {
        self.0.lock().unwrap().extend(entries);
        Ok(())
    }

    async fn attributable(&self, external_ids: &[String], _: Timestamp) -> Vec<String> {
        external_ids[..1].to_vec()
    }
}
