//! A host that is told to end in the middle of the worst compile, and one that is killed there:
//! nothing of it is left.

use std::path::Path;
use std::time::{Duration, Instant};

use guests::hostile;

use crate::bounds::Bounds;
use crate::processes;
use crate::report::Row;
use crate::victim::{DRAIN, Victim};

/// Beyond the drain.
const GRACE: Duration = Duration::from_secs(5);
/// Besides the slowest that is compiled at all: the worst where nothing bounds the bytes.
const WORST: &str = "loops-300-locals-3000";

/// The ways to end.
pub const SIGNALS: [(&str, &str); 2] = [
    ("sigterm-while-compiling", "-TERM"),
    ("sigkill-while-compiling", "-KILL"),
];

pub async fn run(name: &str, signal: &str, bounds: &Bounds) -> Row {
    let victim = Victim::start().await;
    let uploads = hostile::uploads();
    let worst = uploads
        .iter()
        .filter(|upload| upload.name == WORST || upload.name == hostile::SLOWEST);
    let components: Vec<_> = worst.map(hostile::Upload::component).collect();
    let mut row = Row {
        name: name.to_owned(),
        what: format!("kill {signal} in the middle of the worst compile"),
        bytes: components.iter().map(Vec::len).max().unwrap_or_default(),
        ..Row::default()
    };
    let pid = victim.pid();
    let ongoing = victim.attacked(bounds);
    let posts = components.into_iter().map(|component| {
        let path = format!("/api/admin/channels/{}/releases", hostile::ID);
        let request = victim.operator.request(reqwest::Method::POST, &path);
        let operator = victim.operator.clone();
        let request = request
            .header("content-type", "application/wasm")
            .body(component);
        tokio::spawn(async move { operator.ask(request).await.is_some() })
    });
    let posts: Vec<_> = posts.collect();
    // A worker is there, or the host itself is at it.
    let begun = Instant::now();
    while ongoing.so_far().children.is_empty() && begun.elapsed() < Duration::from_secs(3) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // It has begun to compile by then, and takes longer.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let compiling = processes::descendants(pid).len();
    let took = victim.end(signal).await;
    let children = ongoing.so_far().children;
    row.seconds = took.as_secs_f64();
    row.answer = format!(
        "{compiling} workers; ended after {:.1} s",
        took.as_secs_f64()
    );
    row.children_peak_mib = ongoing.so_far().children_mib;
    row.host_peak_mib = ongoing.so_far().host_mib;
    if took > DRAIN + GRACE {
        let allowed = (DRAIN + GRACE).as_secs();
        row.faults
            .push(format!("ended after {took:.1?}, allowed are {allowed} s"));
    }
    row.faults.extend(left_behind(pid, &children).await);
    for post in posts {
        post.abort();
    }
    row
}

/// Those of its children that live on, and any other that runs the same program without a parent.
async fn left_behind(host: u32, children: &std::collections::BTreeSet<u32>) -> Option<String> {
    let begun = Instant::now();
    loop {
        let mut alive: Vec<_> = children
            .iter()
            .copied()
            .filter(|child| processes::is_alive(*child))
            .collect();
        let program = std::fs::canonicalize(it::program());
        let program = program.as_deref().unwrap_or(Path::new("/"));
        alive.extend(processes::of_program(program, children));
        if alive.is_empty() {
            return None;
        }
        if begun.elapsed() > Duration::from_secs(2) {
            return Some(format!("processes of {host} live on: {alive:?}"));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
