//! The process that compiles: what it is confined to, and what its end says.

use std::process::{Command, ExitCode, Stdio};

use baepo_domain::ports::{Channels as _, LoadError};

use super::support::{Guest, RuntimeFixture, small};
use crate::admission::worker::protocol::WORKER_COMMAND;
use crate::{Confinement, RuntimeConfig, WorkerLimits, run_as_worker, self_test};

/// What makes this very program the worker of the tests beside it, which start it as a host starts itself. Started by
/// anybody else it says so and ends.
#[test]
fn admission_worker() {
    if let Some(ended) = run_as_worker() {
        std::process::exit(i32::from(ended != ExitCode::SUCCESS));
    }
    let this = std::env::current_exe().expect("this program's own file");
    let by_hand = Command::new(this)
        .arg(WORKER_COMMAND)
        .stdin(Stdio::null())
        .output()
        .expect("it starts");
    assert_eq!(by_hand.status.code(), Some(1));
    let why = String::from_utf8_lossy(&by_hand.stderr);
    assert!(why.contains("this is the host's own command"), "{why}");
}

#[tokio::test]
async fn a_worker_has_only_the_system_calls_of_a_compiler() {
    let confinement = self_test(&small()).await;
    assert_eq!(confinement, Ok(Confinement { system_calls: true }));
}

fn with_worker(worker: WorkerLimits) -> RuntimeConfig {
    RuntimeConfig { worker, ..small() }
}

/// As many functions of many locals in loops in loops as a component may have: they take a compiler much longer than
/// any limit of these tests.
fn expensive() -> Vec<u8> {
    const FUNCTIONS: usize = 20;
    const LOOPS: usize = 16;
    const LOCALS: usize = 3_000;
    let body = format!(
        "{locals} {open} {sets} {close}",
        locals = "(local i64)".repeat(LOCALS),
        open = "(loop ".repeat(LOOPS),
        close = ")".repeat(LOOPS),
        sets = (0..LOCALS)
            .map(|local| format!("(local.set {local} (i64.add (local.get {local}) (i64.const 1)))"))
            .collect::<String>(),
    );
    let function = |number| format!("(func (export \"expensive-{number}\") {body})");
    Guest::declaring(&(0..FUNCTIONS).map(function).collect::<String>())
}

#[tokio::test]
async fn a_compilation_that_takes_too_long_is_rejected_by_the_name_of_the_limit() {
    let fixture = RuntimeFixture::with(with_worker(WorkerLimits {
        processor_time_ms: 1_000,
        ..WorkerLimits::default()
    }));
    let why = fixture.refusal(expensive()).await;
    assert!(why.contains("runtime.worker.processor_time_ms"), "{why}");
    let fixture = RuntimeFixture::with(with_worker(WorkerLimits {
        time_ms: 1_000,
        ..WorkerLimits::default()
    }));
    let why = fixture.refusal(expensive()).await;
    assert!(why.contains("runtime.worker.time_ms"), "{why}");
}

#[tokio::test]
async fn a_compilation_that_needs_too_much_memory_is_rejected_by_the_name_of_the_limit() {
    let fixture = RuntimeFixture::with(with_worker(WorkerLimits {
        memory_bytes: 128 << 20,
        ..WorkerLimits::default()
    }));
    // It is copied more than once on its way to machine code.
    let large = Guest::declaring(&format!("(data \"{}\")", "x".repeat(24 << 20)));
    let why = fixture.refusal(large).await;
    assert!(why.contains("runtime.worker.memory_bytes"), "{why}");
}

#[tokio::test]
async fn a_slow_compilation_holds_up_no_other() {
    let fixture = RuntimeFixture::with(small());
    let slow = fixture.runtime.load(expensive());
    let quick = fixture.runtime.load(Guest::that("").build());
    tokio::select! {
        biased;
        quick = quick => drop(quick.expect("it loads")),
        slow = slow => panic!("the slow one was first: {:?}", slow.map(|_| ())),
    }
}

#[tokio::test]
async fn a_component_that_is_started_sends_nothing_and_ends() {
    let fixture = RuntimeFixture::with(small());
    let endless = Guest::declaring("(func $start (loop (br 0))) (start $start)");
    let why = fixture.refusal(endless).await;
    assert!(
        why.starts_with("it does not start: limit \"fuel\""),
        "{why}"
    );
}

#[tokio::test]
async fn machine_code_above_the_limit_is_rejected() {
    let fixture = RuntimeFixture::with(with_worker(WorkerLimits {
        artefact_bytes: 1_024,
        ..WorkerLimits::default()
    }));
    let loaded = fixture.runtime.load(Guest::that("").build()).await;
    let Err(LoadError::Rejected(why)) = loaded else {
        panic!("it should be rejected")
    };
    assert!(why.contains("runtime.worker.artefact_bytes"), "{why}");
}
