//! Layers around every request: a request id, a span, the reader's language for problems, and a problem
//! in place of a panic or an unknown path.

use std::any::Any;
use std::time::Duration;

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::http::{Method, Uri};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use baepo_domain::model::text::Localized;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::request_id::{
    MakeRequestUuid, PropagateRequestIdLayer, RequestId, SetRequestIdLayer,
};
use tower_http::trace::TraceLayer;
use tracing::Span;

use super::error::{Kind, Problem};
use super::language::ReaderLanguage;

/// The routes with the layers.
pub(super) fn with_layers(routes: Router) -> Router {
    let trace = TraceLayer::new_for_http()
        .make_span_with(span)
        .on_request(())
        .on_response(log_response)
        // A problem logs its own cause, once.
        .on_failure(());
    routes.layer(
        ServiceBuilder::new()
            .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
            .layer(trace)
            .layer(PropagateRequestIdLayer::x_request_id())
            .layer(from_fn(localize_problems))
            .layer(CatchPanicLayer::custom(panic_response)),
    )
}

/// Puts every problem, wherever in a request it arose, into the language that the reader asks for.
async fn localize_problems(
    ReaderLanguage(language): ReaderLanguage,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    match response.extensions_mut().remove::<Problem>() {
        Some(problem) => {
            let localized = problem.in_language(language);
            let (parts, body) = localized.into_parts();
            // Headers that later layers added stay, such as `Allow`.
            response.headers_mut().extend(parts.headers);
            *response.body_mut() = body;
            response
        }
        None => response,
    }
}

/// Holds the registered path, so that ids do not multiply the names; never the query or a body.
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

fn log_response<B>(response: &Response<B>, latency: Duration, _span: &Span) {
    let (status, latency_ms) = (response.status().as_u16(), latency.as_millis());
    tracing::info!(status, latency_ms, "answered");
}

#[expect(clippy::needless_pass_by_value, reason = "the layer's signature")]
fn panic_response(panic: Box<dyn Any + Send>) -> Response {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    Problem::internal(text.unwrap_or("a panic without a message")).into_response()
}

pub(super) async fn unknown_path(uri: Uri) -> Problem {
    let path = uri.path();
    let detail = Localized::new(
        format!("{path} 주소는 없습니다. 쓸 수 있는 주소는 /docs에 있습니다."),
        format!("No route {path}. /docs lists the available routes."),
    );
    Problem::new(Kind::NotFound, detail)
}

pub(super) async fn wrong_method(method: Method, uri: Uri) -> Problem {
    let path = uri.path();
    let detail = Localized::new(
        format!(
            "{path}에는 {method} 요청을 보낼 수 없습니다. Allow 헤더에 쓸 수 있는 것이 있습니다."
        ),
        format!("{path} does not support {method}. See the Allow header."),
    );
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
    async fn a_panic_becomes_a_problem_without_its_message() {
        async fn broken() {
            panic!("the moon is full");
        }
        let routes = with_layers(Router::new().route("/", get(broken)));
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
