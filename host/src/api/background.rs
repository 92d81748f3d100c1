//! Work that must run to its end though its caller has gone.

use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

use super::error::Problem;
use super::layers::internal_error;

/// Runs `work` as a task of its own and waits for it. When the client goes away, axum drops the
/// waiting; the work goes on, and a stop of the host waits for it.
pub(super) async fn run_to_completion<T, F>(tasks: &TaskTracker, work: F) -> Result<T, Problem>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let task = tasks.spawn(work.in_current_span());
    task.await
        .map_err(|error| internal_error(&error.to_string()))
}
