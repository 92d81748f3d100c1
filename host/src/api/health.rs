//! Whether the process lives, and whether it takes requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::{Kind, Problem, ProblemBody};

/// Whether requests should be sent here: not before the start is complete, nor once a stop began.
#[derive(Debug, Default)]
pub struct Readiness(AtomicBool);

impl Readiness {
    /// The start is complete.
    pub fn set_ready(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// A stop began: what runs is finished, nothing new is wanted.
    pub fn set_draining(&self) {
        self.0.store(false, Ordering::Release);
    }

    /// Whether requests should be sent here.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Health {
    #[schema(example = "ok")]
    status: &'static str,
}

pub(super) fn routes() -> OpenApiRouter<Arc<Readiness>> {
    OpenApiRouter::new()
        .routes(routes!(healthz))
        .routes(routes!(readyz))
}

/// Whether the process lives
#[utoipa::path(get, path = "/healthz", tag = "health", operation_id = "healthz", security(()),
    responses((status = 200, description = "It lives.", body = Health)))]
async fn healthz() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// Whether it takes requests
#[utoipa::path(get, path = "/readyz", tag = "health", operation_id = "readyz", security(()),
    responses(
        (status = 200, description = "It takes requests.", body = Health),
        (status = 503, description = "It is starting or stopping.", body = ProblemBody,
            content_type = "application/problem+json"),
    ))]
async fn readyz(State(ready): State<Arc<Readiness>>) -> Result<Json<Health>, Problem> {
    if ready.is_ready() {
        Ok(Json(Health { status: "ready" }))
    } else {
        let detail = "the host is starting or stopping; it takes no requests now";
        Err(Problem::new(Kind::NotReady, detail).retry_after(std::time::Duration::from_secs(1)))
    }
}
