//! `GET /api/audit`: who did what to publications and accounts, and when.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use baepo_domain::Timestamp;
use baepo_domain::model::audit::{Action, ActorRole, AuditEntry};
use baepo_domain::ports::{AuditStore, Page};
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::auth::Reader;
use super::error::Problem;
use super::extract::Query;
use super::page::{Listing, PageQuery};
use super::state::ApiState;

/// One thing that somebody did.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AuditEntry)]
struct EntryBody {
    id: Uuid,
    at: Timestamp,
    /// The `sub` of their token.
    #[schema(example = "shop-1")]
    actor: String,
    role: ActorRole,
    action: Action,
    /// Whose event or account it is.
    #[schema(example = "shop-1")]
    owner: String,
    event_id: Option<Uuid>,
    distribution_id: Option<Uuid>,
    #[schema(example = "instagram")]
    channel: Option<String>,
    /// What was given with it, such as the address of a post.
    detail: Option<String>,
}

impl From<AuditEntry> for EntryBody {
    fn from(entry: AuditEntry) -> Self {
        Self {
            id: entry.id.0,
            at: entry.at,
            actor: entry.actor.subject.into(),
            role: entry.actor.role,
            action: entry.action,
            owner: entry.owner.into(),
            event_id: entry.event.map(|id| id.0),
            distribution_id: entry.distribution.map(|id| id.0),
            channel: entry.channel.map(String::from),
            detail: entry.detail,
        }
    }
}

pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(list))
}

/// List what was done
///
/// Owners see what was done to what is theirs, operators everything.
#[utoipa::path(get, path = "/api/audit", tag = "audit", operation_id = "listAudit", params(PageQuery),
    responses((status = 200, description = "Newest first.", body = Listing<EntryBody>)))]
#[tracing::instrument(name = "api.audit.list", skip_all)]
async fn list(
    State(audit): State<Arc<dyn AuditStore>>,
    reader: Reader,
    Query(query): Query<PageQuery>,
) -> Result<Json<Listing<EntryBody>>, Problem> {
    let limit = query.limit()?;
    let page = Page {
        after: query.after()?,
        limit: limit + 1,
    };
    let owner = match &reader {
        Reader::Owner(owner) => Some(owner),
        Reader::Operator => None,
    };
    let entries = audit.audit(owner, page).await?;
    let listing = Listing::of(entries, limit, |entry| entry.id.to_string());
    Ok(Json(listing.map(EntryBody::from)))
}
