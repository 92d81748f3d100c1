//! Work that runs to its end although its client has disconnected.

use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

use super::error::Problem;

/// Runs `work` as a task of its own and waits for it. When the client disconnects, axum drops only the
/// wait; the work goes on, and a stop of the host waits for it.
pub(super) async fn run_to_completion<T, F>(tasks: &TaskTracker, work: F) -> Result<T, Problem>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let task = tasks.spawn(work.in_current_span());
    task.await.map_err(Problem::internal)
}
