//! The control API and the page.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{answer, fixture, id, message};

#[tokio::test]
async fn every_real_origin_has_a_stand_in() {
    let fixture = fixture().await;
    let base = fixture.url("");

    let rewrites = fixture.sandbox.rewrites();

    let expected = [
        ("https://graph.facebook.com", "/instagram"),
        ("https://graph.instagram.com", "/instagram"),
        (
            "https://kakaotalk-bizmessage.api.nhncloudservice.com",
            "/nhn-cloud",
        ),
        ("https://partner.uridongne-tv.example", "/uridongne-tv"),
        ("https://partner.genie-tv.example", "/genie-tv"),
        ("https://partner.ringo-biz.example", "/ringo-biz"),
    ];
    let expected = expected.map(|(origin, path)| (origin.to_owned(), format!("{base}{path}")));
    assert_eq!(rewrites, expected);
}

#[tokio::test]
async fn posts_are_listed_oldest_first_for_one_provider_or_all() {
    let fixture = fixture().await;
    id(fixture.publish(&fixture.ready_image("첫째").await).await);
    fixture.send("key-1", &message(&["01012345678"])).await;
    id(fixture.publish(&fixture.ready_image("셋째").await).await);

    let get = async |query: &str| {
        let request = fixture.request(Method::GET, &format!("/_control/posts{query}"));
        texts(&answer(request.send().await.unwrap()).await.1)
    };

    assert_eq!(get("").await, ["첫째", "(광고) 봄맞이 세일", "셋째"]);
    assert_eq!(get("?provider=instagram").await, ["첫째", "셋째"]);
    assert_eq!(get("?limit=2").await, ["(광고) 봄맞이 세일", "셋째"]);
}

fn texts(body: &Value) -> Vec<String> {
    let posts = body["posts"].as_array().unwrap();
    posts
        .iter()
        .map(|post| post["text"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn deleting_the_posts_resets_the_providers() {
    let fixture = fixture().await;
    let container = fixture.ready_image("연습").await;
    id(fixture.publish(&container).await);
    let sent = message(&["01012345678"]);
    fixture.send("key-1", &sent).await;

    let (status, _) = fixture.control(Method::DELETE, "/posts", json!({})).await;

    assert_eq!(status, 204);
    assert!(fixture.posts("instagram").await.is_empty());
    assert_eq!(
        fixture.publish(&container).await.0,
        400,
        "the container is gone too"
    );
    assert_eq!(
        fixture.send("key-1", &sent).await["header"]["resultCode"],
        0,
        "so is the key"
    );
}

#[tokio::test]
async fn requests_are_counted_without_their_credentials() {
    let fixture = fixture().await;
    let path = "/instagram/v26.0/1?fields=id&access_token=sandbox-secret";
    fixture.request(Method::GET, path).send().await.unwrap();
    fixture.send("key-1", &message(&["01012345678"])).await;

    let requests = fixture.request(Method::GET, "/_control/requests?provider=instagram");
    let (_, seen) = answer(requests.send().await.unwrap()).await;

    let seen_requests = seen["requests"].as_array().unwrap();
    assert_eq!(seen_requests.len(), 1);
    assert_eq!(seen_requests[0]["method"], "GET");
    assert_eq!(seen_requests[0]["path"], "/v26.0/1");
    assert!(!seen.to_string().contains("sandbox-secret"));
}

#[tokio::test]
async fn an_unknown_provider_or_setting_is_rejected() {
    let fixture = fixture().await;

    let posts = fixture.request(Method::GET, "/_control/posts?provider=myspace");
    let (status, problem) = answer(posts.send().await.unwrap()).await;
    assert_eq!(status, 400);
    assert!(
        problem["detail"].as_str().unwrap().contains("instagram"),
        "{problem}"
    );

    let (status, _) = fixture
        .control(Method::PATCH, "/settings", json!({ "volume": 11 }))
        .await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn the_page_loads_no_external_resources() {
    let fixture = fixture().await;

    let html = fixture.request(Method::GET, "/").send().await.unwrap();
    let html = html.text().await.unwrap();
    assert!(html.contains("배포 연습장"));
    let files = ["main", "draw", "social", "status", "blog", "tv", "ringback"];
    let scripts = files.map(|name| format!("/page/{name}.js"));
    let styles = ["frame", "social", "kt"].map(|name| format!("/page/{name}.css"));
    for path in scripts
        .iter()
        .chain(&styles)
        .map(String::as_str)
        .chain(["/"])
    {
        let page = fixture.request(Method::GET, path).send().await.unwrap();
        assert_eq!(page.status(), 200, "{path}");
        let policy = page.headers()["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"));
        let text = page.text().await.unwrap();
        assert!(
            !text.contains("src=\"http") && !text.contains("href=\"http"),
            "no foreign asset: {path}"
        );
        assert!(
            !text.contains("innerHTML") && !text.contains("insertAdjacentHTML"),
            "what clients sent is text, never markup: {path}"
        );
    }
}

#[tokio::test]
async fn hundreds_of_concurrent_clients_lose_nothing() {
    let fixture = fixture().await;
    let change = json!({ "publishingQuota": 1_000 });
    fixture.control(Method::PATCH, "/settings", change).await;
    let publishes = (0..300).map(async |n: u32| {
        let container = fixture.ready_image(&format!("게시물 {n}")).await;
        fixture.publish(&container).await.0
    });

    let statuses = futures::future::join_all(publishes).await;

    assert!(statuses.iter().all(|status| *status == 200));
    assert_eq!(fixture.posts("instagram").await.len(), 300);
}
