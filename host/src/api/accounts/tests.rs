use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use serde_json::{Value, json};

use crate::api::Role;
use crate::api::testing::TestApi;

const PAPER: &str = "/api/accounts/paper";
const DAY: Duration = Duration::from_secs(24 * 3_600);

/// Connects `paper` with a token that runs out in ten days.
async fn connected() -> TestApi {
    let api = TestApi::start().await;
    let given = json!({
        "settings": {"page": 1, "size": "A3"},
        "secrets": {"token": "s3cret-of-the-shop"},
        "secretsExpireAt": {"token": "2027-01-25T17:00:00+09:00"},
    });
    let answer = api.owner(Method::PUT, PAPER, Some(given)).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    api
}

async fn shown(api: &TestApi, language: &str) -> Value {
    let token = api.token("shop-1", Role::Owner);
    let request = Request::get(PAPER)
        .header("authorization", format!("Bearer {token}"))
        .header("accept-language", language)
        .body(Body::empty());
    api.send(request.unwrap()).await.body
}

#[tokio::test]
async fn an_account_is_connected_changed_shown_and_disconnected() {
    let api = TestApi::start().await;
    let first = json!({"settings": {"page": 1}, "secrets": {"token": "s3cret-of-the-shop"}});
    let connected = api.owner(Method::PUT, PAPER, Some(first)).await;
    assert_eq!(connected.status, StatusCode::CREATED, "{}", connected.body);
    assert_eq!(connected.headers["location"], PAPER);

    let kept = json!({"settings": {"page": 2}});
    let changed = api.owner(Method::PUT, PAPER, Some(kept)).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.body);
    assert_eq!(changed.body["secrets"], json!(["token"]));
    assert_eq!(changed.body["settings"], json!({"page": 2}));

    let shown = api.owner(Method::GET, PAPER, None).await;
    assert_eq!(shown.body, changed.body);
    let listed = api.owner(Method::GET, "/api/accounts", None).await;
    assert_eq!(listed.body, json!({"items": [changed.body], "next": null}));

    let gone = api.owner(Method::DELETE, PAPER, None).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    assert_eq!(
        api.owner(Method::GET, PAPER, None).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        api.owner(Method::DELETE, PAPER, None).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn all_account_errors_are_listed_with_their_locations() {
    let api = TestApi::start().await;
    let given = json!({"settings": {"page": "one"}, "secrets": {"pass/word": "x"}});
    let answer = api.owner(Method::PUT, PAPER, Some(given)).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    insta::assert_json_snapshot!(answer.body);
}

#[tokio::test]
async fn a_misplaced_secret_is_not_echoed() {
    let api = TestApi::start().await;
    for given in [
        json!({"secrets": "s3cret-of-the-shop"}),
        json!({"secrets": {"token": ["s3cret-of-the-shop"]}}),
        json!({"settings": "s3cret-of-the-shop"}),
        json!({"settings": {"page": "s3cret-of-the-shop"}}),
        json!({"secrets": {"other": "s3cret-of-the-shop"}}),
        json!({"secretsExpireAt": "s3cret-of-the-shop"}),
        json!({"secretsExpireAt": {"token": "s3cret-of-the-shop"}}),
    ] {
        let answer = api.owner(Method::PUT, PAPER, Some(given)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            !answer.body.to_string().contains("s3cret-of-the-shop"),
            "{}",
            answer.body
        );
    }
}

#[tokio::test]
async fn a_channel_that_is_not_installed_cannot_be_connected() {
    let api = TestApi::start().await;
    let answer = api
        .owner(Method::PUT, "/api/accounts/radio", Some(json!({})))
        .await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_patch_changes_the_named_fields_only() {
    let api = connected().await;
    let patch = json!({"settings": {"size": null, "page": 2}});
    let answer = api.owner(Method::PATCH, PAPER, Some(patch)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(answer.body["settings"], json!({"page": 2}));
    assert_eq!(answer.body["secrets"], json!(["token"]));
    assert_eq!(
        answer.body["expiresAt"],
        json!({"token": "2027-01-25T08:00:00Z"})
    );

    let rotated = json!({"secrets": {"token": "newer-s3cret"}});
    let answer = api.owner(Method::PATCH, PAPER, Some(rotated)).await;
    assert_eq!(answer.body["settings"], json!({"page": 2}));
    assert_eq!(answer.body["expiresAt"], json!({}), "nobody knows any more");
}

#[tokio::test]
async fn a_patch_is_validated_after_merging() {
    let api = connected().await;
    let patch = json!({"settings": {"page": null}});
    let answer = api.owner(Method::PATCH, PAPER, Some(patch)).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answer.body["errors"][0]["at"], "/settings/page");
    assert_eq!(shown(&api, "en").await["settings"]["page"], 1);
}

#[tokio::test]
async fn an_unconnected_account_cannot_be_patched() {
    let api = TestApi::start().await;
    let answer = api.owner(Method::PATCH, PAPER, Some(json!({}))).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_account_reports_its_expiry_and_when_to_reconnect() {
    let api = connected().await;
    let account = shown(&api, "en").await;
    assert_eq!(account["status"], "connected");
    assert_eq!(account["reconnect"], Value::Null);

    api.clock.advance(DAY * 4);
    assert_eq!(shown(&api, "en").await["status"], "expiring");

    api.clock.advance(DAY * 6);
    let account = shown(&api, "en").await;
    assert_eq!(account["status"], "reconnect");
    assert_eq!(
        account["reconnect"],
        "Connect the account again. Ran out on 2027-01-25 17:00 KST: a secret."
    );
    assert_eq!(
        shown(&api, "ko").await["reconnect"],
        "계정을 다시 연결해 주세요. 인증 정보: 유효 기간이 2027년 1월 25일 17:00에 끝났습니다."
    );
    let listed = api.owner(Method::GET, "/api/accounts", None).await.body;
    assert_eq!(listed["items"][0]["status"], "reconnect");

    let again = json!({"secrets": {"token": "newer-s3cret"}});
    let answer = api.owner(Method::PATCH, PAPER, Some(again)).await;
    assert_eq!(answer.body["status"], "connected", "{}", answer.body);
}

#[tokio::test]
async fn a_secret_expiry_is_in_the_future_and_requires_its_secret() {
    let api = connected().await;
    let past = json!({
        "secrets": {"token": "s3cret-of-the-shop"},
        "secretsExpireAt": {"token": "2027-01-15T08:00:00Z"},
    });
    let alone = json!({"secretsExpireAt": {"token": "2028-01-01T00:00:00Z"}});
    for given in [past, alone] {
        let answer = api.owner(Method::PATCH, PAPER, Some(given)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answer.body["errors"][0]["at"], "/secretsExpireAt/token");
    }
}

#[tokio::test]
async fn a_secret_too_short_to_redact_is_refused_at_its_field() {
    let api = TestApi::start().await;
    for (secret, status) in [
        ("1234567", StatusCode::UNPROCESSABLE_ENTITY),
        ("12345678", StatusCode::OK),
    ] {
        let given = json!({"settings": {"page": 1}, "secrets": {"token": secret}});
        let answer = api.owner(Method::PUT, PAPER, Some(given)).await;
        if status == StatusCode::OK {
            assert!(answer.status.is_success(), "{}", answer.body);
            continue;
        }
        assert_eq!(answer.status, status);
        let error = &answer.body["errors"][0];
        assert_eq!(error["at"], "/secrets/token", "{}", answer.body);
        let message = error["message"].as_str().unwrap_or_default();
        assert!(
            message.contains("8자") || message.contains("have 8"),
            "{message}"
        );
    }
}
