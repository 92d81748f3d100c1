//! NHN Cloud's refusals: HTTP 200, with the failure in the header of the body.

use axum::Json;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    code: i32,
    message: String,
}

impl Failure {
    fn new(code: i32, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    /// Without a code of its own; the message has the reason.
    pub(super) fn invalid(detail: impl Into<String>) -> Self {
        Self::new(4, detail)
    }

    pub(super) fn invalid_app_key() -> Self {
        Self::new(-1000, "Invalid appKey.")
    }

    pub(super) fn invalid_secret_key() -> Self {
        Self::new(-1001, "Invalid secretKey.")
    }

    pub(super) fn duplicate_key() -> Self {
        Self::new(
            -1005,
            "The same 'X-NC-API-IDEMPOTENCY-KEY' was used within the last 10 minute.",
        )
    }

    pub(super) fn invalid_unsubscribe_number() -> Self {
        Self::new(-1019, "Invalid Sms UnSubscribeno.")
    }

    pub(super) fn too_long(field: &str, limit: usize) -> Self {
        Self::new(
            -2000,
            format!("The '{field}' must be at less than or equal to {limit}."),
        )
    }

    pub(super) fn blank(field: &str) -> Self {
        Self::new(-2001, format!("The '{field}' must not be blank."))
    }

    pub(super) fn null(field: &str) -> Self {
        Self::new(-2002, format!("The '{field}' must not be null."))
    }

    pub(super) fn wrong_length(field: &str, least: usize, most: usize) -> Self {
        Self::new(
            -2004,
            format!("The '{field}' must be between {least} and {most}."),
        )
    }

    pub(super) fn invalid_image(detail: &str) -> Self {
        Self::new(3024, format!("Image is invalid. ({detail})"))
    }

    pub(super) fn invalid_button(detail: &str) -> Self {
        Self::new(-2018, format!("Button parameter is invalid. ({detail})"))
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let header = header(self.code, &self.message, false);
        Json(json!({ "header": header })).into_response()
    }
}

pub(super) fn success() -> Value {
    header(0, "SUCCESS", true)
}

fn header(code: i32, message: &str, is_successful: bool) -> Value {
    json!({ "resultCode": code, "resultMessage": message, "isSuccessful": is_successful })
}
