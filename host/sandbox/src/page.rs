//! The page at `/`: each channel as its audience sees it.

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::IntoResponse;
use axum::routing::get;

/// The page's scripts and styles, and whom it asks, are this server's; only pictures, videos and
/// recordings come from where the shop owner keeps them. What a blog's html may do inside its frame
/// is said where it is served, see [`crate::control`].
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src http: https:; \
                      media-src http: https:; connect-src 'self'; frame-src 'self'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

const FILES: [(&str, &str, &str); 11] = [
    ("/", HTML, include_str!("page/index.html")),
    ("/page/frame.css", CSS, include_str!("page/frame.css")),
    ("/page/social.css", CSS, include_str!("page/social.css")),
    ("/page/kt.css", CSS, include_str!("page/kt.css")),
    ("/page/main.js", SCRIPT, include_str!("page/main.js")),
    ("/page/draw.js", SCRIPT, include_str!("page/draw.js")),
    ("/page/social.js", SCRIPT, include_str!("page/social.js")),
    ("/page/status.js", SCRIPT, include_str!("page/status.js")),
    ("/page/blog.js", SCRIPT, include_str!("page/blog.js")),
    ("/page/tv.js", SCRIPT, include_str!("page/tv.js")),
    (
        "/page/ringback.js",
        SCRIPT,
        include_str!("page/ringback.js"),
    ),
];

pub(crate) fn router() -> Router {
    let files = FILES.into_iter();
    files.fold(Router::new(), |router, (path, content_type, text)| {
        router.route(path, get(async move || file(content_type, text)))
    })
}

fn file(content_type: &'static str, text: &'static str) -> impl IntoResponse {
    let headers = [
        (CONTENT_TYPE, content_type),
        (CONTENT_SECURITY_POLICY, POLICY),
        // Another version of the sandbox may answer at this address next.
        (CACHE_CONTROL, "no-store"),
    ];
    (headers, text)
}
