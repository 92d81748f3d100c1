//! Every limit ends the component that hits it, says so by name, and costs nobody else anything.

use std::sync::Arc;
use std::time::Duration;

use baepo_domain::model::attempt::{AttemptOutcome, GuestFailure, Limit, Report};
use baepo_domain::model::receipt::Receipt;
use tokio::net::TcpListener;

use super::support::{Guest, HangingJournal, InMemoryJournal, RuntimeFixture, job, small};
use crate::{Limits, PoolUse, RuntimeConfig};

const ENDLESS: &str = "(loop $again (br $again))";
const ACCEPTED: &str = r#"(import "baepo:channel/run@1.0.0" "accepted"
    (func $accepted (param i32 i32 i32 i32 i32 i32 i32 i64 i32 i32)))"#;
const CALL_ACCEPTED: &str =
    "(call $accepted (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)
    (i32.const 0) (i32.const 0) (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0))";
const SEND: &str = r#"(import "baepo:channel/http@1.0.0" "send" (func $send
    (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))"#;
/// A safe request without anything to `https://shop.example/`, whose 21 bytes are at 100.
const CALL_SEND: &str =
    "(call $send (i32.const 0) (i32.const 100) (i32.const 21) (i32.const 0) (i32.const 0)
    (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)
    (i32.const 0) (i32.const 0) (i32.const 1024))";
const LOG: &str = r#"(import "baepo:channel/run@1.0.0" "log" (func $log (param i32 i32 i32)))"#;
const SLEEP: &str = r#"(import "baepo:channel/run@1.0.0" "sleep" (func $sleep (param i64)))"#;

fn with_limits(limits: Limits) -> RuntimeConfig {
    RuntimeConfig {
        default_limits: limits,
        ..small()
    }
}

fn limit_hit(report: &Report) -> Limit {
    match &report.end {
        AttemptOutcome::GuestFailed(GuestFailure::Limit(hit)) => hit.limit,
        end => panic!("a limit should have ended it, not {end:?}"),
    }
}

fn guest_failure(report: &Report) -> String {
    match &report.end {
        AttemptOutcome::GuestFailed(guest_failure) => guest_failure.to_string(),
        end => panic!("it should have died, not {end:?}"),
    }
}

#[tokio::test]
async fn an_endless_loop_runs_out_of_fuel() {
    let fixture = RuntimeFixture::with(with_limits(Limits {
        fuel: 5_000_000,
        ..Limits::DEFAULT
    }));
    let report = fixture.run(&Guest::that(ENDLESS)).await;
    let guest_failure = guest_failure(&report);
    let wanted = "limit \"fuel\": used 5,000,000 of 5,000,000, channel by-hand, release ";
    assert!(guest_failure.starts_with(wanted), "{guest_failure}");
    assert_eq!(report.usage.fuel, 5_000_000);
    assert_eq!(fixture.runtime.pool_in_use(), PoolUse::default());
}

#[tokio::test]
async fn an_endless_loop_with_fuel_runs_out_of_time() {
    let limits = Limits {
        fuel: 1_000_000_000_000_000,
        active_time_ms: 60,
        ..Limits::DEFAULT
    };
    let maximum = Limits {
        fuel: 1_000_000_000_000_000,
        ..Limits::MAXIMUM
    };
    let fixture = RuntimeFixture::with(RuntimeConfig {
        maximum_limits: maximum,
        ..with_limits(limits)
    });
    let report = fixture.run(&Guest::that(ENDLESS)).await;
    assert_eq!(limit_hit(&report), Limit::ActiveTime);
    assert!(report.usage.active_time_ms >= 60);
    assert_eq!(fixture.runtime.pool_in_use(), PoolUse::default());
}

#[tokio::test]
async fn a_hanging_host_call_times_out_and_releases_its_slot() {
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let limits = Limits {
        active_time_ms: 50,
        ..Limits::DEFAULT
    };
    let port = silent.local_addr().expect("its address").port();
    let fixture = RuntimeFixture::with_provider(with_limits(limits), port);
    let guest = Guest {
        imports: SEND,
        declares: r#"(data (i32.const 100) "https://shop.example/")"#,
        manifest: r#"grants = [{ origin = "https://shop.example", requests = ["GET /"] }]"#,
        ..Guest::that(CALL_SEND)
    };
    let held = fixture.hold(&guest).await;
    // More often than the pool has slots.
    for _ in 0..8 {
        let report = held.run(job(), Arc::new(InMemoryJournal::default())).await;
        assert_eq!(limit_hit(&report), Limit::ActiveTime);
        assert_eq!(report.usage.host_calls, 1);
        assert_eq!(report.entries.len(), 1, "what it was about to send");
        assert!(!report.unsafe_sent);
    }
    assert_eq!(fixture.runtime.pool_in_use(), PoolUse::default());
}

#[tokio::test]
async fn waiting_for_the_store_does_not_count_as_active_time() {
    let fixture = RuntimeFixture::with(with_limits(Limits {
        active_time_ms: 40,
        ..Limits::DEFAULT
    }));
    let guest = Guest {
        imports: ACCEPTED,
        ..Guest::that(CALL_ACCEPTED)
    };
    let held = fixture.hold(&guest).await;
    let run = held.run(job(), Arc::new(HangingJournal));
    let waited = tokio::time::timeout(Duration::from_millis(120), run).await;
    assert!(waited.is_err(), "it waits on: {waited:?}");
}

#[tokio::test]
async fn a_dropped_attempt_releases_its_slot() {
    let fixture = RuntimeFixture::with(small());
    let guest = Guest {
        imports: ACCEPTED,
        ..Guest::that(CALL_ACCEPTED)
    };
    let held = fixture.hold(&guest).await;
    for _ in 0..8 {
        let run = held.run(job(), Arc::new(HangingJournal));
        assert!(
            tokio::time::timeout(Duration::from_millis(5), run)
                .await
                .is_err()
        );
    }
    assert_eq!(fixture.runtime.pool_in_use(), PoolUse::default());
    let report = held.run(job(), Arc::new(InMemoryJournal::default())).await;
    assert_eq!(report.end, AttemptOutcome::Live(Receipt::default()));
}

#[tokio::test]
async fn two_memories_each_below_the_limit_are_refused_together() {
    let fixture = RuntimeFixture::with(with_limits(Limits {
        memory_bytes: 10 << 16,
        ..Limits::DEFAULT
    }));
    let guest = Guest {
        declares: "(memory $other 1)",
        ..Guest::that(
            "(drop (memory.grow 0 (i32.const 5)))
             (drop (memory.grow $other (i32.const 5)))",
        )
    };
    let report = fixture.run(&guest).await;
    assert_eq!(limit_hit(&report), Limit::Memory);
    assert!(
        guest_failure(&report).contains("used 786,432 bytes of 655,360 bytes"),
        "{report:?}"
    );
    assert_eq!(report.usage.memory_bytes, 7 << 16);
}

#[tokio::test]
async fn an_endlessly_growing_table_is_stopped() {
    let guest = Guest {
        declares: "(table $t 1 funcref)",
        ..Guest::that("(drop (table.grow $t (ref.null func) (i32.const 20000)))")
    };
    let report = RuntimeFixture::with(small()).run(&guest).await;
    assert_eq!(limit_hit(&report), Limit::TableElements);
}

#[tokio::test]
async fn an_endless_recursion_is_stopped() {
    let guest = Guest {
        declares: "(func $down (param i64) (result i64)
            (i64.rotl (call $down (i64.add (local.get 0) (i64.const 1))) (local.get 0)))",
        ..Guest::that("(drop (call $down (i64.const 0)))")
    };
    let report = RuntimeFixture::with(small()).run(&guest).await;
    assert_eq!(limit_hit(&report), Limit::Stack);
}

#[tokio::test]
async fn more_instances_than_allowed_are_refused_by_name() {
    // The main module, and two more that give it its imports.
    let guest = Guest {
        imports: LOG,
        manifest: "limits.instances = 1",
        ..Guest::that("")
    };
    let why = RuntimeFixture::with(small()).refusal(guest.build()).await;
    assert!(why.contains("limit \"instances\": used 2 of 1"), "{why}");
}

#[tokio::test]
async fn host_calls_are_counted() {
    let fixture = RuntimeFixture::with(with_limits(Limits {
        host_calls: 100,
        ..Limits::DEFAULT
    }));
    let guest = Guest {
        imports: LOG,
        ..Guest::that(
            "(loop $again
                (call $log (i32.const 0) (i32.const 0) (i32.const 0))
                (br $again))",
        )
    };
    let report = fixture.run(&guest).await;
    assert!(
        guest_failure(&report).contains("\"host calls\": used 101 of 100"),
        "{report:?}"
    );
    assert_eq!(report.usage.host_calls, 100);
}

#[tokio::test]
async fn a_flood_of_logs_is_stopped() {
    let guest = Guest {
        imports: LOG,
        ..Guest::that(
            "(loop $again
                (call $log (i32.const 0) (i32.const 0) (i32.const 4000))
                (br $again))",
        )
    };
    let report = RuntimeFixture::with(small()).run(&guest).await;
    assert_eq!(limit_hit(&report), Limit::LogBytes);
}

#[tokio::test]
async fn sleep_does_not_count_as_active_time() {
    let limits = Limits {
        active_time_ms: 40,
        ..Limits::DEFAULT
    };
    let fixture = RuntimeFixture::with(RuntimeConfig {
        short_sleep_ms: 600_000,
        ..with_limits(limits)
    });
    let guest = Guest {
        imports: SLEEP,
        ..Guest::that("(call $sleep (i64.const 600000))")
    };
    let held = fixture.hold(&guest).await;
    let mut run = held.run(job(), Arc::new(InMemoryJournal::default()));
    let asleep = tokio::time::timeout(Duration::from_millis(120), &mut run).await;
    assert!(
        asleep.is_err(),
        "it sleeps on though its active time is long over: {asleep:?}"
    );
    fixture.clock.advance(Duration::from_secs(600));
    let report = run.await;
    assert_eq!(report.end, AttemptOutcome::Live(Receipt::default()));
    assert!(report.usage.active_time_ms < 40, "{report:?}");
}

#[tokio::test]
async fn a_trap_is_reported_with_the_last_error_log() {
    let guest = Guest {
        imports: LOG,
        declares: r#"(data (i32.const 100) "panic at lib.rs:7: no way on")"#,
        ..Guest::that("(call $log (i32.const 3) (i32.const 100) (i32.const 28)) unreachable")
    };
    let guest_failure = guest_failure(&RuntimeFixture::with(small()).run(&guest).await);
    let wanted = "the component trapped: panic at lib.rs:7: no way on, channel by-hand, release ";
    assert!(guest_failure.starts_with(wanted), "{guest_failure}");
}

#[tokio::test]
async fn a_trap_without_an_error_log_is_reported_with_the_trap_text() {
    let guest_failure = guest_failure(
        &RuntimeFixture::with(small())
            .run(&Guest::that("unreachable"))
            .await,
    );
    assert!(
        guest_failure.contains("wasm `unreachable` instruction executed"),
        "{guest_failure}"
    );
}
