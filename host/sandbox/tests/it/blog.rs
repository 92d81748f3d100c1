//! The blog editor, as the owner uses it.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Fixture, answer, fixture};

fn draft() -> Value {
    json!({
        "title": "봄 신메뉴 안내",
        "html": "<h2>딸기 라떼</h2><script>alert(1)</script>",
        "tags": ["연남동카페"],
        "images": [{ "url": "https://shop.example/latte.jpg", "altText": "딸기 라떼" }],
    })
}

async fn post(fixture: &Fixture, path: &str, body: &Value) -> (u16, Value) {
    let request = fixture.request(Method::POST, &format!("/naver-blog{path}"));
    answer(request.json(body).send().await.unwrap()).await
}

#[tokio::test]
async fn a_published_draft_is_a_post_with_a_url() {
    let fixture = fixture().await;
    let (status, kept) = post(&fixture, "/teahouse/drafts", &draft()).await;
    assert_eq!(status, 201, "{kept}");
    let id = kept["draftId"].as_str().unwrap();
    let edit_url = format!("{}#draft-{id}", fixture.url("/"));
    assert_eq!(kept["editUrl"], edit_url);
    assert!(fixture.posts("naver-blog").await.is_empty());

    let publish = format!("/teahouse/drafts/{id}/publish");
    let (status, published) = post(&fixture, &publish, &Value::Null).await;
    let again = post(&fixture, &publish, &Value::Null).await;

    assert_eq!(status, 201);
    assert_eq!(again.1, published, "a draft is published once");
    let url = published["url"].as_str().unwrap();
    let log_number = url
        .strip_prefix("https://blog.naver.com/teahouse/")
        .unwrap();
    assert!(log_number.len() == 12 && log_number.parse::<u64>().is_ok());
    let posts = fixture.posts("naver-blog").await;
    assert_eq!(posts.len(), 1);
    assert_eq!(posts[0]["reference"], id);
    assert_eq!(posts[0]["externalId"], log_number);
    assert_eq!(posts[0]["text"], "봄 신메뉴 안내");
}

#[tokio::test]
async fn drafts_are_listed_with_their_url() {
    let fixture = fixture().await;
    let first = post(&fixture, "/teahouse/drafts", &draft()).await.1;
    post(&fixture, "/teahouse/drafts", &draft()).await;
    let publish = format!(
        "/teahouse/drafts/{}/publish",
        first["draftId"].as_str().unwrap()
    );
    let published = post(&fixture, &publish, &Value::Null).await.1;

    let (_, listed) = fixture.control(Method::GET, "/drafts", json!({})).await;

    let drafts = listed["drafts"].as_array().unwrap();
    assert_eq!(drafts.len(), 2);
    assert_eq!(drafts[0]["draftId"], first["draftId"]);
    assert_eq!(drafts[0]["url"], published["url"]);
    assert_eq!(drafts[0]["tags"], json!(["연남동카페"]));
    assert_eq!(drafts[1]["url"], Value::Null);
}

#[tokio::test]
async fn foreign_html_is_served_with_a_restrictive_policy() {
    let fixture = fixture().await;
    let kept = post(&fixture, "/teahouse/drafts", &draft()).await.1;
    let path = format!("/_control/drafts/{}", kept["draftId"].as_str().unwrap());

    let shown = fixture.request(Method::GET, &path).send().await.unwrap();

    let policy = shown.headers()["content-security-policy"].to_str().unwrap();
    assert!(
        policy.starts_with("sandbox; default-src 'none'"),
        "{policy}"
    );
    assert!(shown.text().await.unwrap().contains("딸기 라떼"));
}

#[tokio::test]
async fn an_invalid_draft_is_rejected() {
    let fixture = fixture().await;
    let refused = async |path: &str, field: &str, value: Value| {
        let mut draft = draft();
        draft[field] = value;
        post(&fixture, path, &draft).await.0
    };

    assert_eq!(refused("/teahouse/drafts", "title", json!(" ")).await, 400);
    assert_eq!(refused("/teahouse/drafts", "html", json!(7)).await, 400);
    assert_eq!(refused("/tea%20house/drafts", "tags", json!([])).await, 400);
    let unknown = post(&fixture, "/teahouse/drafts/1/publish", &Value::Null).await;
    assert_eq!(unknown.0, 404);
    let kept = post(&fixture, "/teahouse/drafts", &draft()).await.1;
    let others = format!(
        "/other/drafts/{}/publish",
        kept["draftId"].as_str().unwrap()
    );
    assert_eq!(post(&fixture, &others, &Value::Null).await.0, 404);
}
