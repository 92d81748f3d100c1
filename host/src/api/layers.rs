//! What surrounds every request: an id, a span, and a problem where there would be a panic or
//! nothing.

use std::any::Any;
use std::time::Duration;

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::http::{Method, Uri};
use axum::response::{IntoResponse as _, Response};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::request_id::{
    MakeRequestUuid, PropagateRequestIdLayer, RequestId, SetRequestIdLayer,
};
use tower_http::trace::TraceLayer;
use tracing::Span;

use super::error::{Kind, Problem};

/// The routes with everything that surrounds them.
pub(super) fn around(routes: Router) -> Router {
    let trace = TraceLayer::new_for_http()
        .make_span_with(span)
        .on_request(())
        .on_response(answered)
        // A problem logs its own cause, once.
        .on_failure(());
    routes.layer(
        ServiceBuilder::new()
            .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
            .layer(trace)
            .layer(PropagateRequestIdLayer::x_request_id())
            .layer(CatchPanicLayer::custom(panicked)),
    )
}

/// The path as it is registered, so that ids do not make a name each. Never the query or a body.
fn span(request: &Request) -> Span {
    let id = request.extensions().get::<RequestId>();
    let id = id.and_then(|id| id.header_value().to_str().ok());
    let route = request.extensions().get::<MatchedPath>();
    tracing::info_span!(
        "api.request",
        method = %request.method(),
        route = route.map(MatchedPath::as_str),
        request_id = id,
    )
}

fn answered<B>(response: &Response<B>, latency: Duration, _span: &Span) {
    let (status, latency_ms) = (response.status().as_u16(), latency.as_millis());
    tracing::info!(status, latency_ms, "answered");
}

// By value: that is how the layer hands it over.
#[expect(clippy::needless_pass_by_value, reason = "the layer's signature")]
fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    internal_error(text.unwrap_or("a panic without words")).into_response()
}

/// A mistake of the host's own; `cause` is for the log.
pub(super) fn internal_error(cause: &str) -> Problem {
    let detail = "an operator finds the cause in the log, under the x-request-id of this answer";
    Problem::new(Kind::InternalError, detail).cause(cause)
}

pub(super) async fn unknown_path(uri: Uri) -> Problem {
    let detail = format!("nothing is at {}; /docs lists what there is", uri.path());
    Problem::new(Kind::NotFound, detail)
}

pub(super) async fn wrong_method(method: Method, uri: Uri) -> Problem {
    let path = uri.path();
    let detail = format!("{path} does not take {method}; the Allow header lists what it takes");
    Problem::new(Kind::MethodNotAllowed, detail)
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::http::StatusCode;
    use axum::routing::get;
    use tower::ServiceExt as _;

    use super::*;

    #[tokio::test]
    async fn a_panic_is_a_problem_that_keeps_its_words_to_itself() {
        async fn broken() {
            panic!("the moon is full");
        }
        let routes = around(Router::new().route("/", get(broken)));
        let request = Request::get("/").body(Body::empty()).unwrap();
        let response = routes.oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(response.headers().contains_key("x-request-id"));
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        assert!(body.contains("urn:baepo:problem:internal-error"), "{body}");
        assert!(!body.contains("moon"), "{body}");
    }
}
