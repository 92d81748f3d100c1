//! A new channel, from its installation to a post that is taken down, over the API
//! alone.

use std::sync::{Arc, Mutex};

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::IntoResponse;
use axum::{Json, Router};
use it::{Host, autumn_event, guest};
use serde_json::{Value, json};

/// What the hook received.
type ReceivedRequest = Arc<Mutex<Vec<(String, HeaderMap, Value)>>>;

/// Stands in for `https://hooks.example`.
async fn hook() -> (String, ReceivedRequest) {
    let seen = ReceivedRequest::default();
    let router = Router::new()
        .route("/{*path}", axum::routing::any(answer))
        .with_state(Arc::clone(&seen));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (format!("http://{address}"), seen)
}

async fn answer(
    State(seen): State<ReceivedRequest>,
    Path(path): Path<String>,
    method: Method,
    headers: HeaderMap,
    body: String,
) -> impl IntoResponse {
    let body = serde_json::from_str(&body).unwrap_or(Value::Null);
    seen.lock()
        .unwrap()
        .push((format!("{method} /{path}"), headers, body));
    let made = json!({"id": "77", "url": "https://hooks.example/posts/77"});
    (StatusCode::CREATED, Json(made))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_uploaded_channel_delivers_and_withdraws() {
    let (address, seen) = hook().await;
    let host = Host::builder()
        .config(|config| {
            let origin = "https://hooks.example".parse().unwrap();
            config
                .egress
                .rewrite
                .insert(origin, address.parse().unwrap());
        })
        .start()
        .await;
    let operator = host.operator();
    let staged = operator
        .upload("webhook", &guest("webhook"))
        .await
        .expect(201);
    let _ = operator.approve_and_promote("webhook", &staged).await;
    let owner = host.connected_owner("shop-1").await;
    let event = owner.create(&autumn_event(&["webhook"])).await;
    let check = owner
        .post(&format!("/api/events/{event}/check"), &json!({}))
        .await;
    let check = check.expect(200);
    assert_eq!(check["items"][0]["findings"], json!([]), "{check:#}");

    let answer = owner.publish(&event).await;

    let result = answer.result("webhook");
    assert_eq!(result["status"], "LIVE", "{result:#}");
    assert_eq!(result["url"], "https://hooks.example/posts/77");
    let distribution = answer.body["distributionId"].as_str().unwrap();
    let withdrawn = owner
        .act(distribution, "webhook", "withdraw", &Value::Null)
        .await;
    assert_eq!(withdrawn.expect(200)["status"], "WITHDRAWN");
    let seen = seen.lock().unwrap().clone();
    let requests: Vec<&str> = seen.iter().map(|(request, ..)| request.as_str()).collect();
    assert_eq!(requests.len(), 2, "{requests:?}");
    assert!(requests[0].starts_with("POST /"), "{requests:?}");
    assert!(requests[1].starts_with("DELETE /"), "{requests:?}");
    let (_, headers, body) = &seen[0];
    assert_eq!(headers["authorization"], "Bearer sandbox-hook-token");
    assert!(headers.contains_key("idempotency-key"));
    assert_eq!(body["title"], "가을 단골 감사 이벤트", "{body:#}");
}
