//! The page at `/`: each channel as its audience sees it.

use axum::{
    Router,
    http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE},
    response::IntoResponse,
    routing::get,
};

/// The page is its own script and style, and asks nobody but this server; only pictures and
/// videos come from where the shop owner keeps them.
const POLICY: &str = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; \
                      img-src http: https:; media-src http: https:; connect-src 'self'; base-uri 'none'";

pub(crate) fn router() -> Router {
    Router::new().route("/", get(show))
}

async fn show() -> impl IntoResponse {
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, POLICY),
    ];
    (headers, include_str!("page.html"))
}
