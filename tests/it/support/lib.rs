//! What the tests and the benchmarks start from: a real host with real components, real stand-ins
//! of the providers, and clients that use them as their users do.

use std::time::{Duration, Instant};

mod cluster;
mod draft;
mod echo;
mod fault_case;
mod guests;
mod host;
mod image;
mod installation;
pub mod kill;
mod operator;
mod owner;
mod program;
mod providers;
mod proxy;
mod sandbox;
mod stack;

pub use cluster::{Cluster, ClusterNode};
pub use draft::{autumn_event, autumn_event_at};
pub use echo::EchoProvider;
pub use fault_case::{FaultCase, assert_consistent_outcome, each_fault_case};
pub use guests::{CHANNELS, WITH_PROVIDER, guest, plugin, plugins};
pub use host::{Host, HostBuilder};
pub use image::{Cosign, Layout, Repository};
pub use installation::Installation;
pub use operator::Operator;
pub use owner::{ApiResponse, Owner};
pub use program::{ExitedProgram, LaunchOptions, Program, program};
pub use providers::SandboxProviders;
pub use proxy::Proxy;
pub use sandbox::SandboxControl;
pub use stack::{LEASE, Services, Stack, TOPICS};

/// Waits until `done` holds, and says what it waited for when it does not within 20 s. For what
/// goes on behind an answer; never for an order of things that a test could fix otherwise.
///
/// # Panics
/// When it takes longer.
pub async fn eventually<F: Future<Output = bool>>(what: &str, done: impl FnMut() -> F) {
    eventually_within(Duration::from_secs(20), what, done).await;
}

/// The same, for what takes its time: a channel that looks before it repeats.
///
/// # Panics
/// When it takes longer.
pub async fn eventually_within<F: Future<Output = bool>>(
    time: Duration,
    what: &str,
    mut done: impl FnMut() -> F,
) {
    let begin = Instant::now();
    while begin.elapsed() < time {
        if done().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("waited {} s in vain: {what}", time.as_secs());
}
