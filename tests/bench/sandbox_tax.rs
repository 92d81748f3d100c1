//! P1: what the sandbox costs a call: a fresh instance with every limit on, and one host call,
//! against the same code called natively.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use baepo_adapters::SystemClock;
use baepo_domain::model::attempt::{AttemptInput, AttemptOutcome, Job};
use baepo_domain::model::content::Content;
use baepo_domain::model::id::{AttemptId, EventId};
use baepo_domain::model::journal::Entry;
use baepo_domain::model::receipt::Receipt;
use baepo_domain::ports::clock::Clock;
use baepo_domain::ports::{Channels, HeldRelease, Journal, LeaseLost};
use baepo_runtime::egress::{Egress, EgressConfig};
use baepo_runtime::{Runtime, RuntimeConfig};
use serde_json::json;

use crate::figure::Figure;

const RUNS: usize = 15;
const CALLS: u32 = 2_000;

/// The guest is `slow`, which with no sleeps at all asks the time once and is live.
pub async fn measure() -> anyhow::Result<Vec<Figure>> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let egress = Egress::new(EgressConfig::default())?;
    let runtime = Runtime::new(RuntimeConfig::default(), egress, Arc::clone(&clock))?;
    let held = runtime.load(std::fs::read(it::guest("slow"))?).await?;
    let job = job(held.as_ref(), clock.as_ref());
    let mut tax = Vec::new();
    let mut native = Vec::new();
    for run in 0..=RUNS {
        let sandboxed = sandboxed_micros(held.as_ref(), &job).await;
        let bare = native_micros(&job, clock.as_ref());
        // The first run warms caches and the pool up.
        if run > 0 {
            tax.push(sandboxed - bare);
            native.push(bare);
        }
    }
    Ok(vec![
        Figure::of(
            "P1",
            "sandbox tax: fresh instance, limits, one host call",
            "µs",
            tax,
        )
        .at_most(10.0),
        Figure::of("P1", "the same code called natively", "µs", native),
    ])
}

async fn sandboxed_micros(held: &dyn HeldRelease, job: &Job) -> f64 {
    let journal: Arc<dyn Journal> = Arc::new(NullJournal);
    let begin = Instant::now();
    for _ in 0..CALLS {
        let report = held.run(job.clone(), Arc::clone(&journal)).await;
        assert!(
            matches!(report.end, AttemptOutcome::Live(_)),
            "{:?}",
            report.end
        );
    }
    begin.elapsed().as_secs_f64() * 1e6 / f64::from(CALLS)
}

fn native_micros(job: &Job, clock: &dyn Clock) -> f64 {
    let begin = Instant::now();
    for _ in 0..CALLS {
        black_box(native(black_box(&job.clone()), clock));
    }
    begin.elapsed().as_secs_f64() * 1e6 / f64::from(CALLS)
}

/// What the guest does, without a sandbox around it.
#[inline(never)]
fn native(job: &Job, clock: &dyn Clock) -> AttemptOutcome {
    let options = job.beginning.options.to_string();
    let options: BTreeMap<String, serde_json::Value> =
        serde_json::from_str(&options).expect("the job's options");
    black_box(options);
    let external_id = format!("slow-{}", clock.now().as_millisecond());
    AttemptOutcome::Live(Receipt {
        external_id: Some(external_id),
        ..Receipt::default()
    })
}

struct NullJournal;

#[async_trait]
impl Journal for NullJournal {
    async fn commit(&self, _: Vec<Entry>) -> Result<(), LeaseLost> {
        Ok(())
    }

    async fn attributable(
        &self,
        external_ids: &[String],
        _: baepo_domain::Timestamp,
    ) -> Vec<String> {
        external_ids.to_vec()
    }
}

fn job(held: &dyn HeldRelease, clock: &dyn Clock) -> Job {
    let content: Content =
        serde_json::from_value(it::autumn_event(&[])["content"].clone()).expect("a valid content");
    Job {
        attempt: AttemptId(uuid::Uuid::nil()),
        beginning: AttemptInput {
            idempotency_key: "bench-1".to_owned(),
            event: EventId(uuid::Uuid::nil()),
            content,
            options: json!({"times": 0}),
            settings: serde_json::Map::new(),
            limits: held.limits(),
        },
        started_at: clock.now(),
        secrets: BTreeMap::new(),
        journal: Vec::new(),
    }
}
