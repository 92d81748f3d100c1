use axum::http::{Method, StatusCode};
use serde_json::json;

use crate::api::testing::TestApi;

const PAPER: &str = "/api/accounts/paper";

#[tokio::test]
async fn an_account_is_connected_changed_shown_and_disconnected() {
    let api = TestApi::start().await;
    let first = json!({"settings": {"page": 1}, "secrets": {"token": "s3cret"}});
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
async fn everything_that_is_wrong_is_listed_with_its_place() {
    let api = TestApi::start().await;
    let given = json!({"settings": {"page": "one"}, "secrets": {"pass/word": "x"}});
    let answer = api.owner(Method::PUT, PAPER, Some(given)).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    insta::assert_json_snapshot!(answer.body);
}

#[tokio::test]
async fn a_secret_in_the_wrong_place_is_not_repeated() {
    let api = TestApi::start().await;
    for given in [
        json!({"secrets": "s3cret"}),
        json!({"secrets": {"token": ["s3cret"]}}),
        json!({"settings": "s3cret"}),
        json!({"settings": {"page": "s3cret"}}),
        json!({"secrets": {"other": "s3cret"}}),
    ] {
        let answer = api.owner(Method::PUT, PAPER, Some(given)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            !answer.body.to_string().contains("s3cret"),
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
