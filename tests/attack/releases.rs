//! P12: a host that has installed, promoted and retired many releases is as large as before.

use std::time::{Duration, Instant};

use guests::hostile::with_custom_section;
use it::guest;

use crate::bounds::Bounds;
use crate::processes;
use crate::report::{Report, Row};
use crate::victim::Victim;

/// Either way.
const ALLOWED_MIB: u64 = 20;
/// What the allocator and the store take once, whatever follows.
const WARM: usize = 20;

pub async fn run(number: usize, bounds: &Bounds) -> Report {
    let mut victim = Victim::start().await;
    let quiet = victim.quiet().await;
    let component = std::fs::read(guest("echo")).expect("a component");
    let mut row = Row {
        name: format!("releases-{number}"),
        what: format!("{number} releases installed, promoted and retired"),
        bytes: component.len(),
        ..Row::default()
    };
    let install = async |victim: &Victim, count: usize| -> Result<(), String> {
        let component =
            with_custom_section(component.clone(), "release", count.to_string().as_bytes());
        let patience = Duration::from_secs(bounds.patience_s);
        let installed = victim.upload("echo", component, patience).await;
        let (status, release) = installed.ok_or("no answer")?;
        if !(200..300).contains(&status) {
            return Err(format!("release {count}: {status} {}", release["detail"]));
        }
        victim.promote("echo", &release).await
    };
    for count in 0..WARM {
        row.faults.extend(install(&victim, count).await.err());
    }
    let before = settled_mib(&victim).await;
    let ongoing = victim.attacked(bounds);
    let begin = Instant::now();
    for count in WARM..WARM + number {
        if let Err(why) = install(&victim, count).await {
            row.faults.push(why);
            break;
        }
        if count % 100 == 0 {
            println!("{count}: {} MiB", processes::resident_mib(victim.pid()));
        }
    }
    let took = begin.elapsed().as_secs_f64();
    let mut row = ongoing.end(&mut victim, bounds, bounds.host_mib, row).await;
    let after = settled_mib(&victim).await;
    row.answer = format!(
        "{before} MiB before, {after} MiB after, {:.0} ms each",
        took * 1e3 / number as f64
    );
    if after.abs_diff(before) > ALLOWED_MIB {
        row.faults.push(format!(
            "{before} MiB became {after} MiB, allowed are ± {ALLOWED_MIB}"
        ));
    }
    row.faults
        .iter()
        .for_each(|fault| println!("  fault: {fault}"));
    let _ = victim.end("-TERM").await;
    Report {
        quiet,
        rows: vec![row],
    }
}

/// What it takes when what was begun is over.
async fn settled_mib(victim: &Victim) -> u64 {
    tokio::time::sleep(Duration::from_secs(3)).await;
    processes::resident_mib(victim.pid())
}
