//! The sandbox of components alone, without the host around it: what it reports of a run.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use baepo::config::Config;
use baepo_adapters::SystemClock;
use baepo_domain::model::attempt::{
    AccountView, Action, AttemptInput, AttemptOutcome, Failure, Job, Report,
};
use baepo_domain::model::id::{AttemptId, EventId};
use baepo_domain::model::journal::Entry;
use baepo_domain::model::receipt::Receipt;
use baepo_domain::model::text::Localized;
use baepo_domain::ports::clock::Clock as _;
use baepo_domain::ports::{Channels as _, CheckInput, HeldRelease, Journal, LeaseLost};
use baepo_runtime::egress::{Egress, EgressConfig, Rewrite};
use baepo_runtime::{PoolUse, Runtime, RuntimeConfig};
use it::{EchoProvider, guest};
use serde_json::{Value, json};
use uuid::Uuid;

/// A runtime with one component.
struct Fixture {
    runtime: Arc<Runtime>,
    held: Box<dyn HeldRelease>,
}

impl Fixture {
    async fn with(name: &str, runtime: RuntimeConfig, provider: &EchoProvider) -> Self {
        let mut config = Config::default();
        provider.is_reached_by(&mut config);
        let rewrites = config.egress.rewrite.into_iter();
        let rewrites = rewrites
            .map(|(origin, to)| Rewrite { origin, to })
            .collect();
        let egress = EgressConfig {
            rewrites,
            ..EgressConfig::default()
        };
        let egress = Egress::new(egress).unwrap();
        let runtime = Runtime::new(runtime, egress, Arc::new(SystemClock)).unwrap();
        let component = std::fs::read(guest(name)).unwrap();
        let held = runtime.load(component).await.unwrap();
        Self { runtime, held }
    }

    async fn run(&self, options: Value) -> Report {
        self.held
            .run(self.job(&options), Arc::new(NullJournal))
            .await
    }

    fn job(&self, options: &Value) -> Job {
        let content = json!({"title": "가을맞이", "body": "전 메뉴 20% 할인"});
        let settings = json!({"url": "https://echo.example/v1/posts"});
        Job {
            attempt: AttemptId(Uuid::nil()),
            beginning: AttemptInput {
                idempotency_key: "key-1".to_owned(),
                event: EventId(Uuid::nil()),
                content: serde_json::from_value(content).unwrap(),
                options: self.held.options(options).unwrap().into(),
                settings: settings.as_object().unwrap().clone(),
                limits: self.held.limits(),
            },
            started_at: SystemClock.now(),
            secrets: BTreeMap::new(),
            journal: Vec::new(),
        }
    }
}

/// Keeps nothing: what these attempts report is enough.
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

#[tokio::test(flavor = "multi_thread")]
async fn every_outcome_is_returned_unchanged() {
    let provider = EchoProvider::start().await;
    let fixture = Fixture::with("any_outcome", RuntimeConfig::default(), &provider).await;
    let wished = Localized::verbatim("as you wished");
    let expected = [
        ("live", AttemptOutcome::Live(live())),
        (
            "unauthorized",
            AttemptOutcome::Failure(Failure::Unauthorized(wished.clone())),
        ),
        (
            "rate-limited",
            AttemptOutcome::Failure(Failure::RateLimited(Some(1_000))),
        ),
        (
            "unavailable",
            AttemptOutcome::Failure(Failure::Unavailable(wished.clone())),
        ),
        (
            "unknown",
            AttemptOutcome::Failure(Failure::Unknown(wished.clone())),
        ),
        ("failed", AttemptOutcome::Failure(Failure::Failed(wished))),
    ];
    for (wish, end) in expected {
        let report = fixture.run(json!({"outcome": wish})).await;
        assert_eq!(report.end, end);
        assert!(
            report.usage.fuel > 0 && report.usage.memory_bytes > 0,
            "{report:?}"
        );
    }
    let AttemptOutcome::ActionRequired(Action { prepared, .. }) =
        fixture.run(json!({"outcome": "action-required"})).await.end
    else {
        panic!("the owner has to act")
    };
    assert_eq!(prepared[0].data, "가을맞이".as_bytes());
}

fn live() -> Receipt {
    Receipt {
        external_id: Some("key-1".to_owned()),
        url: Some("https://any.example/post".to_owned()),
        estimated_reach: Some(42),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trap_after_an_unsafe_request_reports_that_it_was_sent() {
    let provider = EchoProvider::start().await;
    let fixture = Fixture::with("trap_after_send", RuntimeConfig::default(), &provider).await;
    let report = fixture.run(json!({})).await;
    let AttemptOutcome::GuestFailed(death) = &report.end else {
        panic!("it panics: {report:?}")
    };
    let death = death.to_string();
    assert!(death.contains("trap_after_send.rs:"), "{death}");
    assert!(
        death.contains("posted with status 200, and lost its head"),
        "{death}"
    );
    assert!(report.unsafe_sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hanging_provider_holds_no_concurrency_slot() {
    let provider = EchoProvider::start().await;
    provider.answer_after(Duration::from_secs(600));
    let mut config = RuntimeConfig {
        concurrency: 2,
        pool_instances: 3,
        ..RuntimeConfig::default()
    };
    config.default_limits.active_time_ms = 50;
    let fixture = Fixture::with("echo", config, &provider).await;
    for _ in 0..4 {
        let report = fixture.run(json!({})).await;
        let AttemptOutcome::GuestFailed(death) = &report.end else {
            panic!("it hangs: {report:?}")
        };
        assert!(
            death.to_string().contains("limit \"active time\""),
            "{death}"
        );
    }
    assert_eq!(fixture.runtime.pool_in_use(), PoolUse::default());
}

#[tokio::test(flavor = "multi_thread")]
async fn options_are_validated_against_the_channel_schema() {
    let provider = EchoProvider::start().await;
    let fixture = Fixture::with("echo", RuntimeConfig::default(), &provider).await;
    let filled = fixture.held.options(&json!({})).unwrap();
    assert_eq!(Value::from(filled), json!({"method": "GET"}));
    let findings = fixture
        .held
        .options(&json!({"method": "BREW"}))
        .unwrap_err();
    assert_eq!(findings[0].at, "/method");

    let job = fixture.job(&json!({}));
    let account = AccountView::default();
    let draft = CheckInput {
        content: &job.beginning.content,
        options: job.beginning.options.as_object().unwrap(),
        account: &account,
    };
    assert_eq!(fixture.held.check(draft).await.unwrap(), []);
    assert_eq!(
        fixture.held.preview(draft).await.unwrap(),
        None,
        "it has none"
    );
}
