//! Refusals as the partners word them: RFC 9457, with a `code` that a client decides by.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    /// What only this code has.
    members: Map<String, Value>,
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            code,
            detail: detail.into(),
            members: Map::new(),
        }
    }

    fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    pub(super) fn unauthorized() -> Self {
        let detail = "the access token is missing, unknown or expired";
        Self::new(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", detail)
    }

    pub(super) fn invalid(field: &str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "INVALID_REQUEST", detail).with("field", field)
    }

    pub(super) fn not_found() -> Self {
        let detail = "there is nothing under this address";
        Self::new(StatusCode::NOT_FOUND, "NOT_FOUND", detail)
    }

    pub(super) fn creative_rejected(reason: &str) -> Self {
        let detail = "the creative cannot be used";
        Self::unprocessable("CREATIVE_REJECTED", detail).with("reason", reason)
    }

    pub(super) fn creative_processing() -> Self {
        let detail = "the creative is not READY yet";
        Self::conflict("CREATIVE_PROCESSING", detail)
    }

    pub(super) fn tone_processing() -> Self {
        Self::conflict("TONE_PROCESSING", "the tone is not READY yet")
    }

    pub(super) fn period_invalid(detail: &str) -> Self {
        Self::unprocessable("PERIOD_INVALID", detail)
    }

    pub(super) fn region_not_served() -> Self {
        Self::unprocessable("REGION_NOT_SERVED", "no set-top box is in this region")
    }

    pub(super) fn budget_too_low(min_budget: u64) -> Self {
        let detail = format!("the budget is below {min_budget} won");
        Self::unprocessable("BUDGET_TOO_LOW", detail).with("minBudget", min_budget)
    }

    pub(super) fn inventory_sold_out() -> Self {
        let detail = "no airtime is left in this period and region";
        Self::conflict("INVENTORY_SOLD_OUT", detail)
    }

    pub(super) fn campaign_ended() -> Self {
        Self::conflict("CAMPAIGN_ENDED", "the campaign has ended by itself")
    }

    pub(super) fn line_not_owned() -> Self {
        let detail = "the line does not belong to this customer";
        Self::new(StatusCode::FORBIDDEN, "LINE_NOT_OWNED", detail)
    }

    pub(super) fn duplicate_reference(existing_id: &str) -> Self {
        let detail = "the clientReference has been used before";
        Self::conflict("DUPLICATE_CLIENT_REFERENCE", detail).with("existingId", existing_id)
    }

    pub(super) fn key_reused() -> Self {
        let detail = "the Idempotency-Key has been used with another body";
        Self::unprocessable("IDEMPOTENCY_KEY_REUSED", detail)
    }

    fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, detail)
    }

    fn unprocessable(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut body = json!({
            "type": format!("urn:kt:problem:{}", self.code.to_lowercase().replace('_', "-")),
            "title": self.code.to_lowercase().replace('_', " "),
            "status": self.status.as_u16(),
            "detail": self.detail,
            "code": self.code,
        });
        for (name, value) in self.members {
            body[name] = value;
        }
        let content_type = [(header::CONTENT_TYPE, "application/problem+json")];
        let mut response = (self.status, content_type, Json(body)).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            let scheme = header::HeaderValue::from_static("Bearer");
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, scheme);
        }
        response
    }
}
