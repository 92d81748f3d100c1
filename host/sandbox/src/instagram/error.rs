//! Errors as the Graph API words them: always HTTP 400, the reason in `code` and `error_subcode`.

use std::borrow::Cow;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// Meta gives every error a trace id; support asks for it, so clients log it.
static TRACES: AtomicU64 = AtomicU64::new(1);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct GraphError {
    code: i32,
    subcode: Option<u32>,
    message: Cow<'static, str>,
    /// The text for the person in front of the screen.
    user_message: Option<Cow<'static, str>>,
}

impl GraphError {
    fn new(code: i32, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            subcode: None,
            message: message.into(),
            user_message: None,
        }
    }

    fn sub(
        code: i32,
        subcode: u32,
        message: impl Into<Cow<'static, str>>,
        user_message: impl Into<Cow<'static, str>>,
    ) -> Self {
        let user_message = Some(user_message.into());
        Self {
            code,
            subcode: Some(subcode),
            message: message.into(),
            user_message,
        }
    }

    pub(super) fn invalid_token() -> Self {
        Self::new(
            190,
            "Invalid OAuth access token - Cannot parse access token",
        )
    }

    pub(super) fn parameter_required(name: &str) -> Self {
        Self::new(100, format!("(#100) The parameter {name} is required"))
    }

    pub(super) fn invalid_parameter(detail: &str) -> Self {
        Self::new(100, format!("(#100) {detail}"))
    }

    pub(super) fn unknown_object(id: &str) -> Self {
        let message = format!(
            "Unsupported request. Object with ID '{id}' does not exist, cannot be loaded due to \
             missing permissions, or does not support this operation"
        );
        Self {
            subcode: Some(33),
            ..Self::new(100, message)
        }
    }

    pub(super) fn unknown_field(field: &str, node: &str) -> Self {
        let message =
            format!("(#100) Tried accessing nonexisting field ({field}) on node type ({node})");
        Self::new(100, message)
    }

    pub(super) fn video_type_retired() -> Self {
        Self::sub(
            100,
            2_207_067,
            "Invalid parameter",
            "The VIDEO value for media_type is no longer supported. Use the REELS media type to \
             publish a video to your Instagram feed.",
        )
    }

    /// Meta fetches media itself, and this is no address that it could fetch from.
    pub(super) fn media_not_fetched(url: &str) -> Self {
        Self::sub(
            9004,
            2_207_052,
            "Only photo or video can be accepted as media type.",
            format!("The media could not be fetched from this URI: {url}"),
        )
    }

    pub(super) fn caption_too_long() -> Self {
        Self::sub(
            36004,
            2_207_010,
            "The caption is too long.",
            "The caption was too long. Max: 2,200 characters, 30 hashtags, 20 @ tags.",
        )
    }

    pub(super) fn too_many_mentions() -> Self {
        Self::sub(
            100,
            2_207_040,
            "Invalid parameter",
            "Cannot use more than 20 tags per created media.",
        )
    }

    pub(super) fn carousel_size() -> Self {
        Self::sub(
            100,
            2_207_028,
            "Invalid parameter",
            "Your post won't work as a carousel. Carousels need at least 2 photos/videos and no \
             more than 10 photos/videos.",
        )
    }

    /// A container that never was, that is older than a day, or that has been published before.
    ///
    /// The same code also stands for a hiccup on Meta's side, after which a new container is the
    /// documented remedy, which without a lookup first posts twice.
    pub(super) fn container_gone(id: &str) -> Self {
        Self::sub(
            24,
            2_207_008,
            "The requested resource does not exist",
            format!(
                "The media builder with creation id = {id} does not exist or has been expired."
            ),
        )
    }

    pub(super) fn child_not_found(id: &str) -> Self {
        Self::sub(
            24,
            2_207_006,
            "The requested resource does not exist",
            format!("The media with {id} cannot be found."),
        )
    }

    pub(super) fn container_not_ready() -> Self {
        Self::sub(
            9007,
            2_207_027,
            "Media ID is not available",
            "The media is not ready for publishing, please wait for a moment",
        )
    }

    pub(super) fn quota_used_up() -> Self {
        Self::sub(
            9,
            2_207_042,
            "Application request limit reached",
            "You reached maximum number of posts that is allowed to be published by Content \
             Publishing API.",
        )
    }

    /// An object that is not there is a wrong method call to Meta, all else a matter of OAuth.
    fn kind(&self) -> &'static str {
        match (self.code, self.subcode) {
            (100, Some(33)) => "GraphMethodException",
            _ => "OAuthException",
        }
    }
}

impl IntoResponse for GraphError {
    fn into_response(self) -> Response {
        let trace = TRACES.fetch_add(1, Ordering::Relaxed);
        let mut error = json!({
            "message": self.message,
            "type": self.kind(),
            "code": self.code,
            "is_transient": false,
            "fbtrace_id": format!("Asandbox{trace:015}"),
        });
        if let Some(subcode) = self.subcode {
            error["error_subcode"] = subcode.into();
        }
        if let Some(user_message) = self.user_message {
            error["error_user_msg"] = user_message.into();
        }
        (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response()
    }
}
