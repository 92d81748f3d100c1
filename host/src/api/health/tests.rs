//! Readiness as a load balancer asks for it.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use serde_json::json;

use crate::api::testing::TestApi;

#[tokio::test]
async fn readiness_follows_the_host() {
    let api = TestApi::start().await;
    let get = |path: &str| Request::get(path).body(Body::empty()).unwrap();
    assert_eq!(api.send(get("/healthz")).await.status, StatusCode::OK);
    let starting = api.send(get("/readyz")).await;
    assert_eq!(starting.body["type"], "urn:baepo:problem:not-ready");
    api.ready.set_ready();
    assert_eq!(api.send(get("/readyz")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_read_only_store_fails_readiness_and_is_no_404() {
    let api = TestApi::start().await;
    api.ready.set_ready();
    let draft = Some(json!({"title": "가을"}));
    let event = api.owner(Method::POST, "/api/events", draft).await;
    let path = format!("/api/events/{}", event.body["id"].as_str().unwrap());
    let get = |path: &str| Request::get(path).body(Body::empty()).unwrap();
    let kept = api.folder.path().join("kept.db");

    std::fs::rename(api.database(), &kept).unwrap();
    let not_ready = api.send(get("/readyz")).await;
    assert_eq!(not_ready.body["type"], "urn:baepo:problem:not-ready");
    assert!(not_ready.headers.contains_key("retry-after"));
    let why = not_ready.body["detail"].as_str().unwrap();
    assert!(why.contains("moved, deleted or replaced"), "{why}");
    assert_eq!(api.send(get("/healthz")).await.status, StatusCode::OK);
    let read = api.owner(Method::GET, &path, None).await;
    assert_eq!(read.body["type"], "urn:baepo:problem:store-unavailable");
    assert!(read.headers.contains_key("retry-after"));

    std::fs::rename(&kept, api.database()).unwrap();
    assert_eq!(api.send(get("/readyz")).await.status, StatusCode::OK);
    let read = api.owner(Method::GET, &path, None).await;
    assert_eq!(read.status, StatusCode::OK);
}
