//! The shape of answers and problems, seen through the whole router.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use serde_json::{Value, json};

use super::error::Kind;
use super::testing::{TestApi, TestResponse};
use super::{ApiLimits, Role};

fn complete_draft() -> Value {
    json!({
        "objective": "SALES",
        "recommendation": {"id": "r-1", "title": "가을 할인", "summary": "20% off"},
        "content": {"title": "Come in!", "body": "Everything must go."},
        "channels": ["paper"],
        "channelSettings": {"paper": {"colour": "red"}},
    })
}

async fn created(api: &TestApi, draft: Value) -> String {
    let answer = api.owner(Method::POST, "/api/events", Some(draft)).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    format!("/api/events/{}", answer.body["id"].as_str().unwrap())
}

fn problem_type(answer: &TestResponse) -> &str {
    assert_eq!(answer.headers["content-type"], "application/problem+json");
    assert_eq!(answer.body["status"], answer.status.as_u16());
    answer.body["type"].as_str().unwrap()
}

#[test]
fn problem_types_are_stable() {
    let lines = Kind::ALL.map(|kind| {
        let (uri, status, title) = (kind.uri(), kind.status(), kind.title());
        format!("{uri} | {status} | {}", title.tagged())
    });
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn the_body_limit_is_below_the_component_limit() {
    let limits = ApiLimits::default();
    assert_eq!(
        (limits.body_bytes, limits.release_bytes),
        (1_048_576, 33_554_432)
    );
}

#[tokio::test]
async fn an_event_is_created_in_one_call() {
    let api = TestApi::start().await;
    let answer = api
        .owner(Method::POST, "/api/events", Some(complete_draft()))
        .await;
    assert_eq!(answer.status, StatusCode::CREATED);
    let location = answer.headers["location"].to_str().unwrap();
    assert_eq!(
        location,
        format!("/api/events/{}", answer.body["id"].as_str().unwrap())
    );
    let shown = api.owner(Method::GET, location, None).await;
    assert_eq!(shown.body, answer.body);
    insta::assert_json_snapshot!(shown.body, {".id" => "[id]"});
}

#[tokio::test]
async fn an_empty_draft_is_filled_part_by_part() {
    let api = TestApi::start().await;
    let event = created(&api, json!({})).await;
    let draft = complete_draft();
    let parts = [
        ("objective", json!({"objective": draft["objective"]})),
        ("recommendation", draft["recommendation"].clone()),
        ("content", draft["content"].clone()),
        (
            "channels",
            json!({"channels": draft["channels"], "channelSettings": draft["channelSettings"]}),
        ),
    ];
    for (part, body) in parts {
        let answer = api
            .owner(Method::PUT, &format!("{event}/{part}"), Some(body))
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{part}: {}", answer.body);
    }
    let shown = api.owner(Method::GET, &event, None).await.body;
    for part in ["objective", "recommendation", "channels", "channelSettings"] {
        assert_eq!(shown[part], draft[part], "{part}");
    }
    assert_eq!(shown["title"], "Come in!");
    let purpose = api.cache.get("purpose:shop-1").await.unwrap();
    assert_eq!(purpose.as_deref(), Some("SALES"));
}

#[tokio::test]
async fn a_patch_replaces_removes_and_leaves_parts() {
    let api = TestApi::start().await;
    let event = created(&api, complete_draft()).await;
    let patch = json!({"objective": null, "title": "Quiet", "channels": []});
    let answer = api.owner(Method::PATCH, &event, Some(patch)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(answer.body["objective"], Value::Null);
    assert_eq!(answer.body["title"], "Quiet");
    assert_eq!(answer.body["channels"], json!([]));
    assert_eq!(answer.body["recommendation"]["id"], "r-1");
}

#[tokio::test]
async fn events_of_other_owners_are_not_found() {
    let api = TestApi::start().await;
    let event = created(&api, complete_draft()).await;
    let stranger = api.token("shop-2", Role::Owner);
    for (method, path) in [
        (Method::GET, event.clone()),
        (Method::PATCH, event.clone()),
        (Method::POST, format!("{event}/publish")),
        (Method::POST, format!("{event}/check")),
    ] {
        let body = (method == Method::PATCH).then(|| json!({}));
        let answer = api.json(&stranger, method, &path, body).await;
        assert_eq!(
            problem_type(&answer),
            "urn:baepo:problem:not-found",
            "{path}"
        );
    }
}

#[tokio::test]
async fn events_are_listed_newest_first_and_page_by_page() {
    let api = TestApi::start().await;
    for title in ["one", "two", "three"] {
        created(&api, json!({"title": title})).await;
        api.clock.advance(std::time::Duration::from_millis(5));
    }
    let first = api
        .owner(Method::GET, "/api/events?limit=2", None)
        .await
        .body;
    let next = first["next"].as_str().unwrap();
    let second = api
        .owner(
            Method::GET,
            &format!("/api/events?limit=2&after={next}"),
            None,
        )
        .await
        .body;
    let titles: Vec<&Value> = [&first, &second]
        .into_iter()
        .flat_map(|page| page["items"].as_array().unwrap())
        .map(|event| &event["title"])
        .collect();
    assert_eq!(titles, ["three", "two", "one"]);
    assert_eq!(second["next"], Value::Null);
}

#[tokio::test]
async fn a_malformed_body_is_reported_with_its_location() {
    let api = TestApi::start().await;
    let token = api.token("shop-1", Role::Owner);
    let mut answers = Vec::new();
    for (kind, body) in [
        ("application/json", "{\"title\": \n  oops}"),
        ("application/json", "{\"colour\": \"red\"}"),
        ("application/json", "{\"objective\": \"FAME\"}"),
        (
            "application/json",
            "{\"content\": {\"title\": \"x\", \"body\": \"y\", \"media\": [{\"kind\": \"image\", \"url\": 5}]}}",
        ),
        (
            "application/json",
            "{\"content\": {\"title\": \"x\", \"body\": \"y\", \"link\": \"http://a.example\"}, \"channels\": [\"paper\", \"paper\"]}",
        ),
        ("text/plain", "{}"),
    ] {
        for language in ["ko", "en"] {
            let request = Request::post("/api/events")
                .header("authorization", format!("Bearer {token}"))
                .header("content-type", kind)
                .header("accept-language", language)
                .body(Body::from(body))
                .unwrap();
            answers.push(api.send(request).await.body);
        }
    }
    insta::assert_json_snapshot!(answers);
}

#[tokio::test]
async fn a_large_body_is_refused() {
    let api = TestApi::start().await;
    let draft = json!({"title": "x".repeat(5_000)});
    let answer = api.owner(Method::POST, "/api/events", Some(draft)).await;
    assert_eq!(problem_type(&answer), "urn:baepo:problem:body-too-large");
}

#[tokio::test]
async fn unknown_paths_and_methods_are_problems() {
    let api = TestApi::start().await;
    let nowhere = api.owner(Method::GET, "/api/nowhere", None).await;
    assert_eq!(problem_type(&nowhere), "urn:baepo:problem:not-found");
    assert!(nowhere.headers.contains_key("x-request-id"));
    let wrong = api.owner(Method::DELETE, "/api/events", None).await;
    assert_eq!(problem_type(&wrong), "urn:baepo:problem:method-not-allowed");
    assert!(wrong.headers["allow"].to_str().unwrap().contains("POST"));
    let no_id = api.owner(Method::GET, "/api/events/1", None).await;
    assert_eq!(problem_type(&no_id), "urn:baepo:problem:not-found");
    let limit = api.owner(Method::GET, "/api/events?limit=0", None).await;
    assert_eq!(problem_type(&limit), "urn:baepo:problem:malformed-request");
    let colour = api.owner(Method::GET, "/api/events?colour=red", None).await;
    assert_eq!(problem_type(&colour), "urn:baepo:problem:malformed-request");
}

#[tokio::test]
async fn an_incomplete_event_lists_every_missing_part() {
    let api = TestApi::start().await;
    let event = created(&api, json!({})).await;
    let answer = api
        .owner(Method::POST, &format!("{event}/publish"), None)
        .await;
    insta::assert_json_snapshot!(answer.body);
    let answer = api
        .owner(Method::POST, &format!("{event}/check"), None)
        .await;
    assert_eq!(answer.body["missing"], json!(["content", "channels"]));
}

#[tokio::test]
async fn uninstalled_channels_are_listed_in_the_problem() {
    let api = TestApi::start().await;
    let event = created(&api, complete_draft()).await;
    let body = json!({"channels": ["paper", "radio"]});
    for verb in ["publish", "check"] {
        let answer = api
            .owner(Method::POST, &format!("{event}/{verb}"), Some(body.clone()))
            .await;
        assert_eq!(problem_type(&answer), "urn:baepo:problem:unknown-channels");
        assert_eq!(answer.body["channels"], json!(["radio"]));
    }
}

#[tokio::test]
async fn an_accepted_publish_locks_the_event() {
    let api = TestApi::start().await;
    let event = created(&api, complete_draft()).await;
    let answer = api
        .owner(Method::POST, &format!("{event}/publish"), None)
        .await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.body);
    let distribution = answer.body["distributionId"].as_str().unwrap();
    assert_eq!(
        answer.headers["location"],
        format!("/api/distribution/{distribution}")
    );
    assert_eq!(answer.headers["retry-after"], "10");
    assert_eq!(answer.body["status"], "APPROVED");

    let again = api
        .owner(Method::POST, &format!("{event}/publish"), None)
        .await;
    assert_eq!(again.status, StatusCode::ACCEPTED, "it is tried again");
    assert_eq!(again.body["distributionId"], distribution);
    let edit = api
        .owner(Method::PATCH, &event, Some(json!({"title": "x"})))
        .await;
    assert_eq!(
        problem_type(&edit),
        "urn:baepo:problem:event-is-distributed"
    );

    let path = format!("/api/distribution/{distribution}");
    let shown = api.owner(Method::GET, &path, None).await;
    assert_eq!(shown.body["deliveries"][0]["channel"], "paper");
    assert_eq!(shown.body["deliveries"][0]["status"], "PENDING");
    assert_eq!(shown.body["deliveries"][0]["attemptLog"], json!([]));
    assert_eq!(
        api.operator(Method::GET, &path).await.status,
        StatusCode::OK
    );
    let stranger = api.token("shop-2", Role::Owner);
    let hidden = api.json(&stranger, Method::GET, &path, None).await;
    assert_eq!(problem_type(&hidden), "urn:baepo:problem:not-found");

    let outbox = api.operator(Method::GET, "/api/admin/outbox").await.body;
    assert_eq!(outbox["items"][0]["type"], "EventCreated");
    assert_eq!(outbox["items"][0]["topic"], "event-topic");
    assert_eq!(outbox["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_distributed_event_keeps_its_content_while_its_channels_can_change() {
    let api = TestApi::start().await;
    let event = created(&api, complete_draft()).await;
    api.owner(Method::POST, &format!("{event}/publish"), None)
        .await;
    // The publish's lease runs out; its delivery is still under way.
    api.clock.advance(std::time::Duration::from_secs(120));
    let content = json!({"title": "Other", "body": "words"});
    let answer = api
        .owner(Method::PUT, &format!("{event}/content"), Some(content))
        .await;
    assert_eq!(
        problem_type(&answer),
        "urn:baepo:problem:event-is-distributed"
    );
    let channels = json!({"channels": ["paper", "radio"]});
    let answer = api
        .owner(Method::PUT, &format!("{event}/channels"), Some(channels))
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
}

#[tokio::test]
async fn a_check_lists_missing_accounts_then_findings() {
    let api = TestApi::start().await;
    let event = created(&api, complete_draft()).await;
    let path = format!("{event}/check");
    let before = api.owner(Method::POST, &path, None).await.body;
    let connection = json!({"settings": {"page": 1}, "secrets": {"token": "s3cret-of-the-shop"}});
    api.owner(Method::PUT, "/api/accounts/paper", Some(connection))
        .await;
    let after = api.owner(Method::POST, &path, None).await.body;
    insta::assert_json_snapshot!([before, after]);
}

#[tokio::test]
async fn channels_describe_their_settings_and_secrets() {
    let api = TestApi::start().await;
    let answer = api.owner(Method::GET, "/api/channels", None).await;
    insta::assert_json_snapshot!(answer.body, {".items[].release" => "[digest]"});
}

#[tokio::test]
async fn rejected_and_oversized_components_are_problems() {
    let api = TestApi::start().await;
    let token = api.token("jan", Role::Operator);
    let upload = |bytes: usize| {
        Request::post("/api/admin/channels/paper/releases")
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/wasm")
            .body(Body::from(vec![0; bytes]))
            .unwrap()
    };
    let rejected = api.send(upload(8_000)).await;
    assert_eq!(
        problem_type(&rejected),
        "urn:baepo:problem:release-rejected"
    );
    assert_eq!(rejected.body["reason"], "it is not a component");
    let large = api.send(upload(9_000)).await;
    assert_eq!(problem_type(&large), "urn:baepo:problem:body-too-large");
    let listed = api
        .operator(Method::GET, "/api/admin/rejected-releases")
        .await
        .body;
    let release = &listed["items"][0];
    assert_eq!(release["state"], "REJECTED");
    let channels = api.operator(Method::GET, "/api/admin/channels").await.body;
    assert_eq!(channels["items"], Value::Array(Vec::new()));

    let digest = &release["digest"].as_str().unwrap()[..8];
    let promote = |digest: &str| format!("/api/admin/channels/paper/releases/{digest}/promote");
    let none = api.operator(Method::POST, &promote("00000000")).await;
    assert_eq!(problem_type(&none), "urn:baepo:problem:not-found");
    let short = api.operator(Method::POST, &promote("0000")).await;
    assert_eq!(problem_type(&short), "urn:baepo:problem:invalid-request");
    let rejected = api.operator(Method::POST, &promote(digest)).await;
    assert_eq!(
        problem_type(&rejected),
        "urn:baepo:problem:release-not-promotable"
    );
    let back = api
        .operator(Method::POST, "/api/admin/channels/paper/rollback")
        .await;
    assert_eq!(
        problem_type(&back),
        "urn:baepo:problem:nothing-to-roll-back-to"
    );
}
