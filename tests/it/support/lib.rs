//! What the tests and the benchmarks start from: a real host with real components, real stand-ins
//! of the providers, and clients that use them as their users do.

mod echo;
mod guests;
mod host;
mod owner;
mod program;
mod sandbox;

pub use echo::EchoProvider;
pub use guests::{guest, plugin, plugins};
pub use host::{Host, HostBuilder};
pub use owner::{Answer, Operator, Owner, autumn_event};
pub use program::{Program, Stopped, program};
pub use sandbox::SandboxControl;

/// Waits until `done` holds, and says what it waited for when it does not within 20 s. For what
/// goes on behind an answer; never for an order of things that a test could fix otherwise.
///
/// # Panics
/// When it takes longer.
pub async fn eventually<F: Future<Output = bool>>(what: &str, mut done: impl FnMut() -> F) {
    for _ in 0..400 {
        if done().await {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("waited 20 s in vain: {what}");
}
