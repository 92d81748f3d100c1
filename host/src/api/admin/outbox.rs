//! `GET /api/admin/outbox`: every message for the bus; in the embedded mode this is the bus.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use baepo_domain::Timestamp;
use baepo_domain::model::outbox::OutboxRow;
use baepo_domain::ports::{OutboxStore, Page};
use serde::Serialize;
use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::api::auth::Operator;
use crate::api::error::Problem;
use crate::api::extract::Query;
use crate::api::page::{Listing, PageQuery};
use crate::api::state::ApiState;

/// A message as it stands in the outbox.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OutboxMessage)]
struct MessageBody {
    /// Grows with every message; `after` for the next page.
    sequence: i64,
    id: Uuid,
    #[schema(example = "event-topic")]
    topic: &'static str,
    /// Messages of one key arrive in their order.
    key: String,
    /// CloudEvents `type`.
    #[serde(rename = "type")]
    #[schema(example = "EventCreated")]
    kind: &'static str,
    payload: Value,
    created_at: Timestamp,
    /// When the bus acknowledged it; null until then.
    sent_at: Option<Timestamp>,
}

impl From<OutboxRow> for MessageBody {
    fn from(row: OutboxRow) -> Self {
        Self {
            sequence: row.sequence,
            id: row.message.id.0,
            topic: row.message.topic.as_str(),
            key: row.message.key,
            kind: row.message.kind,
            payload: row.message.payload,
            created_at: row.message.created_at,
            sent_at: row.sent_at,
        }
    }
}

pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(list))
}

/// List the messages for the bus
#[utoipa::path(get, path = "/api/admin/outbox", tag = "admin", operation_id = "listOutbox", params(PageQuery),
    responses((status = 200, description = "In the order of their sequence.",
        body = Listing<MessageBody>)))]
#[tracing::instrument(name = "api.outbox.list", skip_all)]
async fn list(
    State(outbox): State<Arc<dyn OutboxStore>>,
    _operator: Operator,
    Query(query): Query<PageQuery>,
) -> Result<Json<Listing<MessageBody>>, Problem> {
    let limit = query.limit()?;
    let page = Page {
        after: query.after()?,
        limit: limit + 1,
    };
    let rows = outbox.outbox(page).await?;
    let listing = Listing::of(rows, limit, |row| row.sequence.to_string());
    Ok(Json(listing.map(MessageBody::from)))
}
