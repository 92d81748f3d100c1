//! Everything that a component hands over has a limit, which ends the call by its name.

use baepo_domain::model::attempt::{
    AccountView, AttemptOutcome, Failure, GuestFailure, Limit, LimitHit, Report,
};
use baepo_domain::model::id::EventId;
use baepo_domain::model::receipt::Receipt;
use baepo_domain::ports::{
    CallError, Channels as _, CheckInput, HeldRelease, JsonObject, ProbeInconclusive, ProbeRequest,
    WithdrawError, WithdrawRequest,
};
use uuid::Uuid;

use super::call_fixture::{attempt, unused_port};
use super::support::{Guest, RuntimeFixture, full_channel_that, job, small};
use crate::bindings::run::Host as _;
use crate::bindings::types;
use crate::limits::Exceeded;
use crate::{PoolUse, ResultLimits, RuntimeConfig};

/// `rejected` with that many findings, whose messages are all the same bytes of the memory.
fn rejected(findings: u32, message_bytes: u32) -> Guest {
    let body = format!(
        "(local $i i32)
         (drop (memory.grow (i32.const 20)))
         (loop $again
            (i32.store
                (i32.add (i32.const 1012) (i32.mul (local.get $i) (i32.const 20)))
                (i32.const 65536))
            (i32.store
                (i32.add (i32.const 1016) (i32.mul (local.get $i) (i32.const 20)))
                (i32.const {message_bytes}))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $again (i32.lt_u (local.get $i) (i32.const {findings}))))
         (i32.store8 (i32.const 0) (i32.const 1))
         (i32.store (i32.const 16) (i32.const 1000))
         (i32.store (i32.const 20) (i32.const {findings}))"
    );
    Guest::that(body.leak())
}

/// A failure of this kind with a text of that many bytes.
fn failure(kind: u32, text_bytes: u32) -> Guest {
    let body = format!(
        "(drop (memory.grow (i32.const 20)))
         (i32.store8 (i32.const 0) (i32.const 1))
         (i32.store8 (i32.const 8) (i32.const {kind}))
         (i32.store (i32.const 16) (i32.const 65536))
         (i32.store (i32.const 20) (i32.const {text_bytes}))"
    );
    Guest::that(body.leak())
}

/// `action-required` with that many assets of no bytes.
fn assets(count: u32) -> Guest {
    let body = format!(
        "(drop (memory.grow (i32.const 20)))
         (i32.store8 (i32.const 8) (i32.const 1))
         (i32.store (i32.const 24) (i32.const 65536))
         (i32.store (i32.const 28) (i32.const {count}))"
    );
    Guest::that(body.leak())
}

fn limit_hit(report: &Report) -> &LimitHit {
    match &report.end {
        AttemptOutcome::GuestFailed(GuestFailure::Limit(hit)) => hit,
        end => panic!("a limit should have ended it, not {end:?}"),
    }
}

async fn hit(guest: Guest) -> (Limit, String) {
    let fixture = RuntimeFixture::with(small());
    let report = fixture.run(&guest).await;
    assert_eq!(fixture.runtime.pool_in_use(), PoolUse::default());
    let hit = limit_hit(&report);
    (hit.limit, hit.to_string())
}

#[tokio::test]
async fn findings_that_share_their_bytes_are_not_read_beyond_the_limit() {
    let (limit, text) = hit(rejected(50, 1_000_000)).await;
    assert_eq!(limit, Limit::CallBytes);
    let wanted = "limit \"call_bytes\": used more than 2,162,688 bytes of 2,162,688 bytes \
                  (request_bytes + log_bytes + runtime.result_limits.result_bytes: hand over less in \
                  one call), channel by-hand, release ";
    assert!(text.starts_with(wanted), "{text}");
}

#[tokio::test]
async fn findings_have_limits_of_number_and_bytes() {
    let (limit, text) = hit(rejected(101, 1)).await;
    assert_eq!(limit, Limit::Findings);
    assert!(
        text.starts_with("limit \"findings\": used 101 of 100, channel by-hand"),
        "{text}"
    );
    let (limit, text) = hit(rejected(50, 2_000)).await;
    assert_eq!(limit, Limit::FindingBytes);
    let wanted = "limit \"finding_bytes\": used 100,000 bytes of 65,536 bytes";
    assert!(text.starts_with(wanted), "{text}");
    let report = RuntimeFixture::with(small()).run(&rejected(100, 600)).await;
    let AttemptOutcome::Failure(Failure::Rejected(findings)) = report.end else {
        panic!("it is within the limits: {report:?}");
    };
    assert_eq!(findings.len(), 100);
}

#[tokio::test]
async fn every_text_of_a_failure_has_a_limit() {
    // unauthorized, unavailable, unknown, failed
    for kind in [1, 3, 4, 5] {
        let (limit, text) = hit(failure(kind, 40_000)).await;
        assert_eq!(limit, Limit::TextBytes);
        assert!(text.contains("used 40,000 bytes of 32,768 bytes"), "{text}");
    }
}

#[tokio::test]
async fn assets_have_a_limit() {
    assert_eq!(hit(assets(33)).await.0, Limit::Assets);
    let report = RuntimeFixture::with(small()).run(&assets(32)).await;
    assert!(
        matches!(report.end, AttemptOutcome::ActionRequired(_)),
        "{report:?}"
    );
}

#[tokio::test]
async fn a_long_error_log_is_clipped_where_it_says_why() {
    let guest = Guest {
        imports: r#"(import "baepo:channel/run@1.0.0" "log" (func $log (param i32 i32 i32)))"#,
        ..Guest::that(
            "(drop (memory.grow (i32.const 1)))
             (call $log (i32.const 3) (i32.const 65536) (i32.const 60000)) unreachable",
        )
    };
    let report = RuntimeFixture::with(small()).run(&guest).await;
    let AttemptOutcome::GuestFailed(GuestFailure::Trap(why, ..)) = report.end else {
        panic!("it trapped: {report:?}");
    };
    assert_eq!(why.chars().count(), 4_097);
}

/// A channel all of whose optional exports hand over too much.
async fn oversized() -> (RuntimeFixture, Box<dyn HeldRelease>) {
    let fixture = RuntimeFixture::with(RuntimeConfig {
        result_limits: ResultLimits {
            findings: 10,
            preview_bytes: 1_024,
            text_bytes: 1_024,
            ..ResultLimits::default()
        },
        ..small()
    });
    let look =
        "(i32.store (i32.const 0) (i32.const 30000)) (i32.store (i32.const 4) (i32.const 1025))
        (i32.const 0)";
    let failed = "(i32.store8 (i32.const 0) (i32.const 1)) (i32.store8 (i32.const 8) (i32.const 5))
        (i32.store (i32.const 20) (i32.const 1025)) (i32.const 0)";
    let component = full_channel_that(look, failed, failed);
    let held = fixture.runtime.load(component).await.expect("it loads");
    (fixture, held)
}

#[tokio::test]
async fn every_export_is_within_the_limits() {
    let (_fixture, held) = oversized().await;
    let content = job().beginning.content;
    let input = CheckInput {
        content: &content,
        options: &JsonObject::new(),
        account: &AccountView::default(),
    };
    let Err(CallError(checked)) = held.check(input).await else {
        panic!("1,025 findings");
    };
    assert!(
        checked
            .to_string()
            .contains("limit \"findings\": used 1,025 of 10"),
        "{checked}"
    );
    let Err(CallError(previewed)) = held.preview(input).await else {
        panic!("1,025 bytes");
    };
    let wanted = "limit \"preview_bytes\": used 1,025 bytes of 1,024 bytes, channel by-hand";
    assert!(previewed.to_string().contains(wanted), "{previewed}");

    let wanted = "limit \"text_bytes\": used 1,025 bytes of 1,024 bytes, channel by-hand";
    let question = ProbeRequest {
        idempotency_key: "key".to_owned(),
        event: EventId(Uuid::nil()),
        account: AccountView::default(),
    };
    let Some(Err(ProbeInconclusive(why))) = held.probe(question).await else {
        panic!("1,025 bytes");
    };
    assert!(why.contains(wanted), "{why}");
    let withdrawal = WithdrawRequest {
        idempotency_key: "key".to_owned(),
        receipt: Receipt::default(),
        account: AccountView::default(),
    };
    let Some(Err(WithdrawError::GuestFailed(died))) = held.withdraw(withdrawal).await else {
        panic!("1,025 bytes");
    };
    assert!(died.to_string().contains(wanted), "{died}");
}

#[tokio::test]
async fn notes_remarks_and_receipts_on_the_way_have_limits() {
    let long = || "x".repeat(40_000);
    let receipt = |bytes: usize| types::Receipt {
        external_id: None,
        url: Some("x".repeat(bytes)),
        estimated_reach: None,
    };
    let limit = |result: wasmtime::Result<()>| {
        let error = result.expect_err("too long");
        error.downcast_ref::<Exceeded>().expect("a limit").limit
    };
    let mut call = attempt(unused_port().await);
    assert_eq!(limit(call.state.waiting(long()).await), Limit::TextBytes);
    assert_eq!(limit(call.state.remark(long()).await), Limit::TextBytes);
    let accepted = call.state.accepted(receipt(10), long()).await;
    assert_eq!(limit(accepted), Limit::TextBytes);
    let accepted = call.state.accepted(receipt(5_000), String::new()).await;
    assert_eq!(limit(accepted), Limit::ReceiptBytes);
    assert_eq!(call.recording.take(), [], "nothing of it is written");
}

#[tokio::test]
async fn a_flood_of_requests_does_not_fill_the_journal() {
    let fixture = RuntimeFixture::with(RuntimeConfig {
        result_limits: ResultLimits {
            journal_bytes: 1 << 20,
            ..ResultLimits::default()
        },
        ..small()
    });
    // A safe request with a body of 200,000 bytes to where nothing is granted.
    let guest = Guest {
        imports: r#"(import "baepo:channel/http@1.0.0" "send" (func $send
            (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))"#,
        declares: r#"(data (i32.const 100) "https://shop.example/")"#,
        ..Guest::that(
            "(drop (memory.grow (i32.const 4)))
            (loop $again
                (call $send (i32.const 0) (i32.const 100) (i32.const 21) (i32.const 0) (i32.const 0)
                    (i32.const 1) (i32.const 0) (i32.const 200000) (i32.const 0) (i32.const 0)
                    (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 20000))
                (br $again))",
        )
    };
    let report = fixture.run(&guest).await;
    let hit = limit_hit(&report);
    assert_eq!(hit.limit, Limit::JournalBytes);
    assert_eq!(report.usage.host_calls, 7);
    assert!(!report.unsafe_sent);
}
