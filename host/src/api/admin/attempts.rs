//! `GET /api/admin/attempts/{id}`: an attempt with its whole journal, to be read or run again.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use baepo_domain::model::attempt::Attempt;
use baepo_domain::model::id::AttemptId;
use baepo_domain::model::journal::Entry;
use baepo_domain::model::text::Localized;
use baepo_domain::ports::{AttemptStore, JournalStore};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::auth::Operator;
use crate::api::error::{Kind, Problem, ProblemBody};
use crate::api::extract::Path;
use crate::api::state::ApiState;

/// An attempt and its journal, as `baepo replay` reads them.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = JournaledAttempt)]
pub struct AttemptRecord {
    /// What it began with and how it ended.
    #[schema(value_type = Object)]
    pub attempt: Attempt,
    /// What it asked and was answered, bodies included; secrets are never among it.
    #[schema(value_type = Vec<Object>)]
    pub journal: Vec<Entry>,
}

pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(show))
}

/// Show an attempt with its journal
///
/// Contains what the owner and the provider wrote: for operators, to find out what happened.
#[utoipa::path(get, path = "/api/admin/attempts/{id}", tag = "admin", operation_id = "showAttempt",
    params(("id" = uuid::Uuid, Path)),
    responses(
        (status = 200, description = "The attempt.", body = AttemptRecord),
        (status = 404, description = "There is no such attempt.", body = ProblemBody),
    ))]
#[tracing::instrument(name = "api.attempt.show", skip_all, fields(attempt = %id))]
async fn show(
    State(attempts): State<Arc<dyn AttemptStore>>,
    State(journals): State<Arc<dyn JournalStore>>,
    _operator: Operator,
    Path(id): Path<AttemptId>,
) -> Result<Json<AttemptRecord>, Problem> {
    let attempt = attempts.attempt(id).await?;
    let attempt = attempt.ok_or_else(|| {
        let detail = Localized::new(
            "이 ID의 시도가 없습니다.",
            "There is no attempt with this id.",
        );
        Problem::new(Kind::NotFound, detail)
    })?;
    let journal = journals.journal(id).await?;
    Ok(Json(AttemptRecord { attempt, journal }))
}
