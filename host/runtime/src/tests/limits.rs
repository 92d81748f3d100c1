//! Every limit ends the component that hits it, says so by name, and costs nobody else anything.

use std::sync::Arc;
use std::time::Duration;

use baepo_domain::attempt::{Death, End, Limit, Receipt, Report};

use tokio::net::TcpListener;

use super::support::{Guest, Hanging, Kept, Stage, job, small};
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
        End::Died(Death::Limit(hit)) => hit.limit,
        end => panic!("a limit should have ended it, not {end:?}"),
    }
}

fn death(report: &Report) -> String {
    match &report.end {
        End::Died(death) => death.to_string(),
        end => panic!("it should have died, not {end:?}"),
    }
}

#[tokio::test]
async fn an_endless_loop_runs_out_of_fuel() {
    let stage = Stage::with(with_limits(Limits {
        fuel: 5_000_000,
        ..Limits::DEFAULT
    }));
    let report = stage.run(&Guest::that(ENDLESS)).await;
    let death = death(&report);
    let told = "limit \"fuel\": used 5,000,000 of 5,000,000, channel by-hand, release ";
    assert!(death.starts_with(told), "{death}");
    assert_eq!(report.usage.fuel, 5_000_000);
    assert_eq!(stage.runtime.pool_in_use(), PoolUse::default());
}

#[tokio::test]
async fn an_endless_loop_with_fuel_runs_out_of_time() {
    let limits = Limits {
        fuel: u64::MAX,
        active_time_ms: 60,
        ..Limits::DEFAULT
    };
    let maximum = Limits {
        fuel: u64::MAX,
        ..Limits::MAXIMUM
    };
    let stage = Stage::with(RuntimeConfig {
        maximum_limits: maximum,
        ..with_limits(limits)
    });
    let report = stage.run(&Guest::that(ENDLESS)).await;
    assert_eq!(limit_hit(&report), Limit::ActiveTime);
    assert!(report.usage.active_time_ms >= 60);
    assert_eq!(stage.runtime.pool_in_use(), PoolUse::default());
}

#[tokio::test]
async fn a_host_call_that_hangs_ends_by_time_and_its_slot_comes_back() {
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let limits = Limits {
        active_time_ms: 50,
        ..Limits::DEFAULT
    };
    let port = silent.local_addr().expect("its address").port();
    let stage = Stage::with_provider(with_limits(limits), port);
    let guest = Guest {
        imports: SEND,
        declares: r#"(data (i32.const 100) "https://shop.example/")"#,
        manifest: r#"grants = [{ origin = "https://shop.example", requests = ["GET /"] }]"#,
        ..Guest::that(CALL_SEND)
    };
    let held = stage.hold(&guest).await;
    // More often than the pool has slots.
    for _ in 0..8 {
        let report = held.run(job(), Arc::new(Kept::default())).await;
        assert_eq!(limit_hit(&report), Limit::ActiveTime);
        assert_eq!(report.usage.host_calls, 1);
        assert_eq!(report.entries.len(), 1, "what it was about to send");
        assert!(!report.unsafe_sent);
    }
    assert_eq!(stage.runtime.pool_in_use(), PoolUse::default());
}

#[tokio::test]
async fn waiting_for_the_store_is_no_active_time() {
    let stage = Stage::with(with_limits(Limits {
        active_time_ms: 40,
        ..Limits::DEFAULT
    }));
    let guest = Guest {
        imports: ACCEPTED,
        ..Guest::that(CALL_ACCEPTED)
    };
    let held = stage.hold(&guest).await;
    let run = held.run(job(), Arc::new(Hanging));
    let waited = tokio::time::timeout(Duration::from_millis(120), run).await;
    assert!(waited.is_err(), "it waits on: {waited:?}");
}

#[tokio::test]
async fn an_attempt_that_is_dropped_gives_its_slot_back() {
    let stage = Stage::with(small());
    let guest = Guest {
        imports: ACCEPTED,
        ..Guest::that(CALL_ACCEPTED)
    };
    let held = stage.hold(&guest).await;
    for _ in 0..8 {
        let run = held.run(job(), Arc::new(Hanging));
        assert!(
            tokio::time::timeout(Duration::from_millis(5), run)
                .await
                .is_err()
        );
    }
    assert_eq!(stage.runtime.pool_in_use(), PoolUse::default());
    let report = held.run(job(), Arc::new(Kept::default())).await;
    assert_eq!(report.end, End::Live(Receipt::default()));
}

#[tokio::test]
async fn two_memories_each_below_the_limit_are_refused_together() {
    let stage = Stage::with(with_limits(Limits {
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
    let report = stage.run(&guest).await;
    assert_eq!(limit_hit(&report), Limit::Memory);
    assert!(
        death(&report).contains("used 786,432 bytes of 655,360 bytes"),
        "{report:?}"
    );
    assert_eq!(report.usage.memory_bytes, 7 << 16);
}

#[tokio::test]
async fn a_table_that_grows_without_end_is_stopped() {
    let guest = Guest {
        declares: "(table $t 1 funcref)",
        ..Guest::that("(drop (table.grow $t (ref.null func) (i32.const 20000)))")
    };
    let report = Stage::with(small()).run(&guest).await;
    assert_eq!(limit_hit(&report), Limit::TableElements);
}

#[tokio::test]
async fn a_recursion_without_end_is_stopped() {
    let guest = Guest {
        declares: "(func $down (param i64) (result i64)
            (i64.rotl (call $down (i64.add (local.get 0) (i64.const 1))) (local.get 0)))",
        ..Guest::that("(drop (call $down (i64.const 0)))")
    };
    let report = Stage::with(small()).run(&guest).await;
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
    let why = Stage::with(small()).refusal(guest.build()).await;
    assert!(why.contains("limit \"instances\": used 2 of 1"), "{why}");
}

#[tokio::test]
async fn host_calls_are_counted() {
    let stage = Stage::with(with_limits(Limits {
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
    let report = stage.run(&guest).await;
    assert!(
        death(&report).contains("\"host calls\": used 101 of 100"),
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
    let report = Stage::with(small()).run(&guest).await;
    assert_eq!(limit_hit(&report), Limit::LogBytes);
}

#[tokio::test]
async fn sleep_is_no_active_time() {
    let limits = Limits {
        active_time_ms: 40,
        ..Limits::DEFAULT
    };
    let stage = Stage::with(RuntimeConfig {
        short_sleep_ms: u64::MAX,
        ..with_limits(limits)
    });
    let guest = Guest {
        imports: SLEEP,
        ..Guest::that("(call $sleep (i64.const 86400000))")
    };
    let held = stage.hold(&guest).await;
    let mut run = held.run(job(), Arc::new(Kept::default()));
    let asleep = tokio::time::timeout(Duration::from_millis(120), &mut run).await;
    assert!(
        asleep.is_err(),
        "it sleeps on though its active time is long over: {asleep:?}"
    );
    stage.clock.advance(Duration::from_secs(86_400));
    let report = run.await;
    assert_eq!(report.end, End::Live(Receipt::default()));
    assert!(report.usage.active_time_ms < 40, "{report:?}");
}

#[tokio::test]
async fn a_trap_is_told_with_the_last_words() {
    let guest = Guest {
        imports: LOG,
        declares: r#"(data (i32.const 100) "panic at lib.rs:7: no way on")"#,
        ..Guest::that("(call $log (i32.const 3) (i32.const 100) (i32.const 28)) unreachable")
    };
    let death = death(&Stage::with(small()).run(&guest).await);
    let told = "the component trapped: panic at lib.rs:7: no way on, channel by-hand, release ";
    assert!(death.starts_with(told), "{death}");
}

#[tokio::test]
async fn what_trapped_without_a_word_is_told_as_it_is() {
    let death = death(&Stage::with(small()).run(&Guest::that("unreachable")).await);
    assert!(
        death.contains("wasm `unreachable` instruction executed"),
        "{death}"
    );
}
