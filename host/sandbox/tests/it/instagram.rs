//! Publishing on Instagram.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Fixture, USER, answer, fixture, graph_error, id};

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

fn reel() -> Value {
    json!({ "media_type": "REELS", "video_url": "https://shop.example/tea.mp4", "caption": "릴스" })
}

async fn carousel_item(fixture: &Fixture) -> String {
    let item = json!({ "image_url": "https://shop.example/1.jpg", "is_carousel_item": "true" });
    id(fixture.container(item).await)
}

#[tokio::test]
async fn an_image_goes_from_container_to_post() {
    let fixture = fixture().await;
    let container = fixture.ready_image("봄맞이 세일 #차").await;
    assert_eq!(fixture.status(&container).await, "FINISHED");
    assert!(
        fixture.posts("instagram").await.is_empty(),
        "a container is invisible"
    );

    let media = id(fixture.publish(&container).await);

    assert_eq!(fixture.status(&container).await, "PUBLISHED");
    let post = &fixture.posts("instagram").await[0];
    assert_eq!(post["externalId"], media);
    assert_eq!(post["reference"], container);
    assert_eq!(post["text"], "봄맞이 세일 #차");
    let permalink = fixture
        .graph_get(&format!("/{media}?fields=permalink"))
        .await;
    assert!(
        permalink["permalink"]
            .as_str()
            .unwrap()
            .starts_with("https://www.instagram.com/p/")
    );
}

#[tokio::test]
async fn a_container_publishes_once() {
    let fixture = fixture().await;
    let container = fixture.ready_image("하나만").await;
    id(fixture.publish(&container).await);

    let second = fixture.publish(&container).await;

    assert_eq!(graph_error(second), (24, Some(2_207_008)));
    assert_eq!(fixture.posts("instagram").await.len(), 1);
}

#[tokio::test]
async fn publishing_one_container_many_times_at_once_makes_one_post() {
    let fixture = fixture().await;
    let container = fixture.ready_image("동시에").await;
    let answers = (0..32).map(|_| fixture.publish(&container));

    let published = futures::future::join_all(answers).await;

    assert_eq!(
        published
            .iter()
            .filter(|(status, _)| *status == 200)
            .count(),
        1
    );
    assert_eq!(fixture.posts("instagram").await.len(), 1);
}

#[tokio::test]
async fn a_video_stays_in_progress_for_the_configured_reads() {
    let fixture = fixture().await;
    let (status, settings) = fixture
        .control(Method::PATCH, "/settings", json!({ "videoReads": 2 }))
        .await;
    assert_eq!((status, &settings["videoReads"]), (200, &json!(2)));
    let container = id(fixture.container(reel()).await);
    assert_eq!(
        graph_error(fixture.publish(&container).await),
        (9007, Some(2_207_027))
    );

    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.push(fixture.status(&container).await);
    }

    assert_eq!(seen, ["IN_PROGRESS", "IN_PROGRESS", "FINISHED"]);
    let media = id(fixture.publish(&container).await);
    let node = fixture
        .graph_get(&format!("/{media}?fields=permalink,media_type"))
        .await;
    assert!(node["permalink"].as_str().unwrap().contains("/reel/"));
    assert_eq!(node["media_type"], "VIDEO");
}

#[tokio::test]
async fn a_carousel_shows_its_children_in_order() {
    let fixture = fixture().await;
    let children = [carousel_item(&fixture).await, carousel_item(&fixture).await];
    let parent = json!({
        "media_type": "CAROUSEL", "children": children.join(","), "caption": "두 장",
    });

    id(fixture.publish(&id(fixture.container(parent).await)).await);

    let post = &fixture.posts("instagram").await[0];
    assert_eq!(post["media"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_carousel_needs_two_to_ten_children_that_are_carousel_items() {
    let fixture = fixture().await;
    let item = carousel_item(&fixture).await;
    let image = fixture.ready_image("").await;
    let carousel = |children: String| json!({ "media_type": "CAROUSEL", "children": children });
    let refused = async |children| graph_error(fixture.container(carousel(children)).await);

    assert_eq!(refused(String::new()).await, (100, None));
    assert_eq!(refused(item.clone()).await, (100, Some(2_207_028)));
    assert_eq!(
        refused(vec![item.clone(); 11].join(",")).await,
        (100, Some(2_207_028))
    );
    assert_eq!(refused(format!("{item},1")).await, (24, Some(2_207_006)));
    assert_eq!(refused(format!("{item},{image}")).await, (100, None));
}

#[tokio::test]
async fn invalid_requests_get_the_graph_error_codes() {
    let fixture = fixture().await;
    let image =
        |caption: String| json!({ "image_url": "https://a.example/1.jpg", "caption": caption });
    let refused = async |parameters| graph_error(fixture.container(parameters).await);

    assert_eq!(
        refused(json!({ "caption": "그림 없음" })).await,
        (100, None)
    );
    assert_eq!(
        refused(json!({ "image_url": "data:,x" })).await,
        (9004, Some(2_207_052))
    );
    assert_eq!(refused(json!({ "media_type": "REELS" })).await, (100, None));
    assert_eq!(
        refused(json!({ "media_type": "POSTER" })).await,
        (100, None)
    );
    assert_eq!(
        refused(json!({ "media_type": "VIDEO", "video_url": "https://a.example/1.mp4" })).await,
        (100, Some(2_207_067))
    );
    assert_eq!(
        refused(image("가".repeat(2_201))).await,
        (36004, Some(2_207_010))
    );
    assert_eq!(
        refused(image("#가 ".repeat(31))).await,
        (36004, Some(2_207_010))
    );
    assert_eq!(
        refused(image("@a ".repeat(21))).await,
        (100, Some(2_207_040))
    );
}

#[tokio::test]
async fn a_container_expires_after_a_day() {
    let fixture = fixture().await;
    let container = fixture.ready_image("늦었다").await;

    fixture.advance_clock(DAY_MS).await;

    assert_eq!(fixture.status(&container).await, "EXPIRED");
    assert_eq!(
        graph_error(fixture.publish(&container).await),
        (24, Some(2_207_008))
    );
}

#[tokio::test]
async fn only_tokens_of_the_sandbox_are_accepted() {
    let fixture = fixture().await;
    let path = format!("/instagram/v26.0/{USER}/media");
    let get = async |request: reqwest::RequestBuilder| answer(request.send().await.unwrap()).await;

    let none = get(fixture.request(Method::GET, &path)).await;
    let real = get(fixture.request(Method::GET, &path).bearer_auth("EAAG-real")).await;
    let query = fixture.request(Method::GET, &format!("{path}?access_token=sandbox-1"));

    assert_eq!(graph_error(none), (190, None));
    assert_eq!(graph_error(real), (190, None));
    assert_eq!(get(query).await.0, 200);
}

#[tokio::test]
async fn parameters_may_come_as_json_and_the_token_with_them() {
    let fixture = fixture().await;
    let body = json!({
        "image_url": "https://shop.example/tea.jpg", "caption": "JSON", "access_token": "sandbox-1",
    });
    let path = format!("/instagram/v26.0/{USER}/media");

    let created = fixture
        .request(Method::POST, &path)
        .json(&body)
        .send()
        .await
        .unwrap();

    assert_eq!(created.status(), 200);
}

#[tokio::test]
async fn the_media_list_is_the_users_own_newest_first_and_paged() {
    let fixture = fixture().await;
    for caption in ["첫째", "둘째", "셋째"] {
        id(fixture.publish(&fixture.ready_image(caption).await).await);
    }

    let path = format!("/{USER}/media?fields=id,caption,permalink,timestamp&limit=2");
    let first = fixture.graph_get(&path).await;
    let after = first["paging"]["cursors"]["after"].as_str().unwrap();
    let second = fixture.graph_get(&format!("{path}&after={after}")).await;

    assert_eq!(captions(&first), ["셋째", "둘째"]);
    assert!(
        first["data"][0]["timestamp"]
            .as_str()
            .unwrap()
            .ends_with("+0000")
    );
    assert_eq!(captions(&second), ["첫째"]);
    let other = fixture.graph_get("/17841400000000002/media").await;
    assert_eq!(other["data"], json!([]));
}

fn captions(list: &Value) -> Vec<&str> {
    let posts = list["data"].as_array().unwrap();
    posts
        .iter()
        .map(|post| post["caption"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn the_publishing_limit_counts_and_holds_for_a_day() {
    let fixture = fixture().await;
    fixture
        .control(Method::PATCH, "/settings", json!({ "publishingQuota": 1 }))
        .await;
    id(fixture
        .publish(&fixture.ready_image("하루 하나").await)
        .await);
    let quota = || {
        fixture.graph_get("/17841400000000001/content_publishing_limit?fields=quota_usage,config")
    };

    let over = fixture.publish(&fixture.ready_image("둘째").await).await;

    assert_eq!(graph_error(over), (9, Some(2_207_042)));
    let limit = &quota().await["data"][0];
    assert_eq!(limit["quota_usage"], 1);
    assert_eq!(
        limit["config"],
        json!({ "quota_total": 1, "quota_duration": 86_400 })
    );

    fixture.advance_clock(DAY_MS).await;
    assert_eq!(quota().await["data"][0]["quota_usage"], 0);
    id(fixture.publish(&fixture.ready_image("다음 날").await).await);
}

#[tokio::test]
async fn a_deleted_post_is_no_longer_public() {
    let fixture = fixture().await;
    let media = id(fixture
        .publish(&fixture.ready_image("잘못 올림").await)
        .await);

    let deleted = fixture
        .graph(Method::DELETE, &format!("/{media}"))
        .send()
        .await
        .unwrap();

    assert_eq!(answer(deleted).await, (200, json!({ "success": true })));
    assert!(fixture.posts("instagram").await.is_empty());
    let again = fixture
        .graph(Method::DELETE, &format!("/{media}"))
        .send()
        .await
        .unwrap();
    assert_eq!(graph_error(answer(again).await), (100, Some(33)));
}

#[tokio::test]
async fn a_refreshed_token_is_accepted() {
    let fixture = fixture().await;
    let path = "/instagram/refresh_access_token?grant_type=ig_refresh_token&access_token=sandbox-1";

    let (status, fresh) = answer(fixture.request(Method::GET, path).send().await.unwrap()).await;

    assert_eq!(status, 200);
    assert!(
        fresh["access_token"]
            .as_str()
            .unwrap()
            .starts_with("sandbox-")
    );
    assert!(fresh["expires_in"].as_u64().unwrap() > 5_000_000);
}
