//! Liveness and readiness of the process.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use baepo_domain::model::text::Localized;
use baepo_domain::ports::{StoreError, StoreHealth};
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::{Kind, Problem, ProblemBody};

/// Whether requests should be sent here: not before the start is complete, nor after a stop has begun,
/// nor while the store takes no writes.
pub struct Readiness {
    serves: AtomicBool,
    store: Arc<dyn StoreHealth>,
}

/// Why no requests should be sent here.
#[derive(Debug, thiserror::Error)]
enum NotReady {
    #[error("the host is starting or stopping; it takes no requests now")]
    StartingOrStopping,
    #[error("{0}; the host recovers automatically once the store accepts writes")]
    Store(#[source] StoreError),
}

impl Readiness {
    /// Of a host on this store; not ready yet.
    #[must_use]
    pub fn of(store: Arc<dyn StoreHealth>) -> Self {
        Self {
            serves: AtomicBool::new(false),
            store,
        }
    }

    /// The start is complete.
    pub fn set_ready(&self) {
        self.serves.store(true, Ordering::Release);
    }

    /// A stop has begun: what runs is finished, and no new requests should come.
    pub fn set_draining(&self) {
        self.serves.store(false, Ordering::Release);
    }

    fn check(&self) -> Result<(), NotReady> {
        if !self.serves.load(Ordering::Acquire) {
            return Err(NotReady::StartingOrStopping);
        }
        self.store.accepts_writes().map_err(NotReady::Store)
    }
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
struct Health {
    #[schema(example = "ok")]
    status: &'static str,
    /// Rows of the store that were met and cannot be read; the log names them.
    #[serde(skip_serializing_if = "Option::is_none")]
    unreadable_rows: Option<usize>,
}

impl Health {
    fn of(status: &'static str) -> Self {
        Self {
            status,
            unreadable_rows: None,
        }
    }
}

pub(super) fn routes() -> OpenApiRouter<Arc<Readiness>> {
    OpenApiRouter::new()
        .routes(routes!(healthz))
        .routes(routes!(readyz))
}

/// Whether the process lives
#[utoipa::path(get, path = "/healthz", tag = "health", operation_id = "healthz", security(()),
    responses((status = 200, description = "The process is alive.", body = Health)))]
async fn healthz() -> Json<Health> {
    Json(Health::of("ok"))
}

/// Whether it takes requests
#[utoipa::path(get, path = "/readyz", tag = "health", operation_id = "readyz", security(()),
    responses(
        (status = 200, description = "The host is ready.", body = Health),
        (status = 503, description = "It is starting or stopping, or its store takes no writes: \
            `detail` says which.", body = ProblemBody,
            headers(("Retry-After" = u64, description = "Seconds until a retry."))),
    ))]
async fn readyz(State(ready): State<Arc<Readiness>>) -> Result<Json<Health>, Problem> {
    let not_ready = |why: NotReady| {
        // Read by operators and proxies, not by owners: the reason is in English only.
        let detail = Localized::verbatim(why.to_string());
        Problem::new(Kind::NotReady, detail).retry_after(Duration::from_secs(1))
    };
    ready.check().map_err(not_ready)?;
    let unreadable_rows = ready.store.unreadable_rows();
    Ok(Json(Health {
        unreadable_rows: (unreadable_rows > 0).then_some(unreadable_rows),
        ..Health::of("ready")
    }))
}

#[cfg(test)]
mod tests;
