//! P1 for a component of 12 MB: a channel in JavaScript installs in one go, leaves the host as large
//! as it was, and is called.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use it::autumn_event;
use serde_json::json;

use crate::bounds::Bounds;
use crate::processes;
use crate::report::{Report, Row};
use crate::victim::Victim;

const ID: &str = "javascript";
const MANIFEST: &str = r#"
id = "javascript"
names = { ko = "자바스크립트", en = "JavaScript" }
grants = [{ origin = "https://shop.example", requests = ["POST /posts"] }]
"#;
/// By how much the host may have grown when the installation is over.
const ALLOWED_MIB: u64 = 20;
const CALLS: usize = 200;

pub async fn run(bounds: &Bounds) -> anyhow::Result<Report> {
    let component = built()?;
    let mut victim = Victim::start().await;
    let quiet = victim.quiet().await;
    let mut row = Row {
        name: ID.to_owned(),
        what: "a channel in JavaScript".to_owned(),
        bytes: component.len(),
        ..Row::default()
    };
    let before = processes::resident_mib(victim.pid());
    let ongoing = victim.attacked(bounds);
    let begin = Instant::now();
    let patience = Duration::from_secs(bounds.patience_s);
    let installed = victim.upload(ID, component, patience).await;
    let (status, release) = installed.context("no answer to the installation")?;
    let seconds = begin.elapsed().as_secs_f64();
    anyhow::ensure!(status == 201, "answered {status}: {release:#}");
    tokio::time::sleep(Duration::from_secs(3)).await;
    let after = processes::resident_mib(victim.pid());
    if after > before + ALLOWED_MIB {
        row.faults.push(format!(
            "{before} MiB became {after} MiB, allowed are + {ALLOWED_MIB}"
        ));
    }
    victim
        .promote(ID, &release)
        .await
        .map_err(anyhow::Error::msg)?;
    let mut row = ongoing.end(&mut victim, bounds, bounds.host_mib, row).await;
    let calls = call(&victim).await?;
    let promoted = processes::resident_mib(victim.pid());
    row.seconds = seconds;
    row.answer = format!(
        "installed; host {before} → {after} MiB, {promoted} MiB after {CALLS} publishes; a publish \
         {:.1} ms (p50), {:.1} ms (p99)",
        calls[CALLS / 2],
        calls[CALLS * 99 / 100]
    );
    let _ = victim.end("-TERM").await;
    Ok(Report {
        quiet,
        rows: vec![row],
    })
}

/// How long publishes to it take, sorted, in ms.
async fn call(victim: &Victim) -> anyhow::Result<Vec<f64>> {
    let account = json!({"settings": {}, "secrets": {}});
    let path = format!("/api/accounts/{ID}");
    let connected = victim.owner.put(&path, &account).await;
    anyhow::ensure!(connected.status.is_success(), "{:#}", connected.body);
    let mut took = Vec::new();
    for _ in 0..CALLS {
        let event = victim.owner.create(&autumn_event(&[ID])).await;
        let begin = Instant::now();
        let answer = victim.owner.publish(&event).await;
        took.push(begin.elapsed().as_secs_f64() * 1e3);
        let result = answer.result(ID);
        anyhow::ensure!(result["status"] == "LIVE", "{result:#}");
    }
    took.sort_by(f64::total_cmp);
    Ok(took)
}

/// The component, built first where it is missing.
fn built() -> anyhow::Result<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folder = root.join("target/scripted");
    let file = folder.join("channel-js.wasm");
    if !file.exists() {
        let mut build = Command::new(root.join("tests/guests/scripted/build.sh"));
        let built = build.arg(&folder).current_dir(&root).status();
        let built = built.context("tests/guests/scripted/build.sh does not start")?;
        anyhow::ensure!(built.success(), "the channel was not built: {built}");
    }
    let component = std::fs::read(file)?;
    Ok(baepo_runtime::componentize(&component, MANIFEST)?)
}
