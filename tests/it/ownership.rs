//! Owners' data is isolated: every endpoint, with the ids of another owner.

use std::collections::BTreeSet;

use baepo::api::Role;
use it::{Host, Owner, autumn_event};
use reqwest::Method;
use serde_json::{Value, json};

/// In everything that the first owner keeps, and in no answer to the second.
const SECRET_SHOP: &str = "비밀의 국밥집";

/// What the second owner is answered.
enum Expected {
    /// There is no such thing.
    NotFound,
    /// Only what is their own; the answer does not know the first.
    OwnOnly(u16),
}

/// A request of the second owner with the ids of the first.
struct EndpointCase {
    /// As in the API's description.
    operation: &'static str,
    method: Method,
    path: String,
    body: Value,
    expected: Expected,
}

#[tokio::test(flavor = "multi_thread")]
async fn every_endpoint_isolates_owners() {
    let host = Host::start().await;
    let (first, second) = (
        host.connected_owner("shop-1").await,
        host.connected_owner("shop-2").await,
    );
    let mut draft = autumn_event(&["kakao-channel"]);
    draft["title"] = json!(SECRET_SHOP);
    draft["content"]["title"] = json!(SECRET_SHOP);
    let event = first.create(&draft).await;
    let published = first.publish(&event).await.expect(200);
    let distribution = published["distributionId"].as_str().unwrap().to_owned();
    let before = first.get(&format!("/api/events/{event}")).await.body;

    let endpoint_cases = endpoint_cases(&event, &distribution, &draft);
    for attempt in &endpoint_cases {
        let answer = send_case(&second, attempt).await;
        let body_text = answer.body.to_string();
        let what = format!("{} {}", attempt.method, attempt.path);
        match attempt.expected {
            Expected::NotFound => assert_eq!(answer.status, 404, "{what}: {body_text}"),
            Expected::OwnOnly(status) => assert_eq!(answer.status, status, "{what}: {body_text}"),
        }
        assert!(!body_text.contains(SECRET_SHOP), "{what}: {body_text}");
        assert!(!body_text.contains("shop-1"), "{what}: {body_text}");
    }

    let after = first.get(&format!("/api/events/{event}")).await.body;
    assert_eq!(before, after, "nothing was changed");
    let account = first.get("/api/accounts/kakao-channel").await;
    assert_eq!(account.status, 200, "the account is still there");
    assert_eq!(host.sandbox().posts("kakao-channel").await.len(), 1);
    is_complete(&first, &endpoint_cases).await;
}

async fn send_case(owner: &Owner, attempt: &EndpointCase) -> it::ApiResponse {
    let request = owner.request(attempt.method.clone(), &attempt.path);
    match &attempt.body {
        Value::Null => owner.send(request).await,
        body => owner.send(request.json(body)).await,
    }
}

fn endpoint_cases(event: &str, distribution: &str, draft: &Value) -> Vec<EndpointCase> {
    let not_found = |operation, method, path: String, body| EndpointCase {
        operation,
        method,
        path,
        body,
        expected: Expected::NotFound,
    };
    let own_only = |operation, method, path: &str, body, status| EndpointCase {
        operation,
        method,
        path: path.to_owned(),
        body,
        expected: Expected::OwnOnly(status),
    };
    let of_event = |part: &str| format!("/api/events/{event}{part}");
    let of_delivery =
        |act: &str| format!("/api/distribution/{distribution}/deliveries/kakao-channel/{act}");
    let null = || Value::Null;
    vec![
        not_found("showEvent", Method::GET, of_event(""), null()),
        not_found(
            "changeEvent",
            Method::PATCH,
            of_event(""),
            json!({"title": "mine"}),
        ),
        not_found(
            "putObjective",
            Method::PUT,
            of_event("/objective"),
            json!({"objective": "SALES"}),
        ),
        not_found(
            "putRecommendation",
            Method::PUT,
            of_event("/recommendation"),
            draft["recommendation"].clone(),
        ),
        not_found(
            "putContent",
            Method::PUT,
            of_event("/content"),
            draft["content"].clone(),
        ),
        not_found(
            "putChannels",
            Method::PUT,
            of_event("/channels"),
            json!({"channels": ["kakao-channel"]}),
        ),
        not_found("publishEvent", Method::POST, of_event("/publish"), null()),
        not_found("checkEvent", Method::POST, of_event("/check"), null()),
        not_found(
            "showDistribution",
            Method::GET,
            format!("/api/distribution/{distribution}"),
            null(),
        ),
        not_found(
            "scheduleEvent",
            Method::PUT,
            of_event("/schedule"),
            json!({"publishAt": "2026-12-31T00:00:00Z"}),
        ),
        not_found(
            "cancelSchedule",
            Method::DELETE,
            of_event("/schedule"),
            null(),
        ),
        not_found(
            "followDistribution",
            Method::GET,
            format!("/api/distribution/{distribution}/stream"),
            null(),
        ),
        not_found(
            "showAsset",
            Method::GET,
            of_delivery("assets/post.html"),
            null(),
        ),
        not_found("retryDelivery", Method::POST, of_delivery("retry"), null()),
        not_found(
            "confirmDelivery",
            Method::POST,
            of_delivery("confirm"),
            json!({"url": "https://pf.kakao.com/_sandbox"}),
        ),
        not_found(
            "withdrawDelivery",
            Method::POST,
            of_delivery("withdraw"),
            null(),
        ),
        not_found(
            "resolveDelivery",
            Method::POST,
            of_delivery("resolve"),
            json!({"status": "FAILED"}),
        ),
        own_only("listAudit", Method::GET, "/api/audit", null(), 200),
        own_only("listEvents", Method::GET, "/api/events", null(), 200),
        own_only("createEvent", Method::POST, "/api/events", json!({}), 201),
        own_only("listChannels", Method::GET, "/api/channels", null(), 200),
        own_only("listAccounts", Method::GET, "/api/accounts", null(), 200),
        // Their own account, connected by the same examples.
        own_only(
            "showAccount",
            Method::GET,
            "/api/accounts/kakao-channel",
            null(),
            200,
        ),
        own_only(
            "disconnectAccount",
            Method::DELETE,
            "/api/accounts/kakao-channel",
            null(),
            204,
        ),
    ]
}

/// A new endpoint has its line above, or the reason below why it needs none.
async fn is_complete(owner: &Owner, endpoint_cases: &[EndpointCase]) {
    let description = owner.get("/openapi.json").await.expect(200);
    let tried: BTreeSet<&str> = endpoint_cases
        .iter()
        .map(|attempt| attempt.operation)
        .collect();
    // It has no id in it but the caller's own.
    let own_by_nature = BTreeSet::from(["connectAccount", "changeAccount"]);
    let mut missing = Vec::new();
    for (path, operations) in description["paths"].as_object().unwrap() {
        let for_others = [
            "/api/admin/",
            "/healthz",
            "/readyz",
            "/api/distribution/distribute",
        ];
        if for_others.iter().any(|prefix| path.starts_with(prefix)) {
            continue;
        }
        for operation in operations.as_object().unwrap().values() {
            let Some(id) = operation["operationId"].as_str() else {
                continue;
            };
            if !tried.contains(id) && !own_by_nature.contains(id) {
                missing.push(format!("{id} ({path})"));
            }
        }
    }
    assert_eq!(missing, Vec::<String>::new(), "endpoints that nobody tried");
}

/// What operators and services do is not for owners, and the other way round.
#[tokio::test(flavor = "multi_thread")]
async fn every_endpoint_rejects_other_roles() {
    let host = Host::start().await;
    let description = host.owner("shop-1").get("/openapi.json").await.expect(200);
    for (path, operations) in description["paths"].as_object().unwrap() {
        if path.starts_with("/healthz") || path.starts_with("/readyz") {
            continue;
        }
        let wrong = if path.starts_with("/api/admin/") {
            [Role::Owner, Role::Service]
        } else if path == "/api/distribution/distribute" {
            [Role::Owner, Role::Operator]
        } else {
            // Operators may read distributions.
            [Role::Service, Role::Service]
        };
        for method in operations.as_object().unwrap().keys() {
            let method: Method = method.to_uppercase().parse().unwrap();
            let id = "018f0000-0000-7000-8000-000000000000";
            let asked = path
                .replace("{id}", id)
                .replace("{channel}", "kakao-channel")
                .replace("{digest}", &"0".repeat(64));
            for role in wrong {
                let caller = host.owner("nobody").with_token(&host.token("nobody", role));
                let request = caller.request(method.clone(), &asked);
                let answer = caller.send(request.json(&json!({}))).await;
                assert_eq!(
                    answer.status, 403,
                    "{method} {asked} as {role:?}: {}",
                    answer.body
                );
            }
            let stranger = host.owner("nobody").with_token("no token");
            let request = stranger.request(method.clone(), &asked);
            assert_eq!(stranger.send(request).await.status, 401, "{method} {asked}");
        }
    }
}
