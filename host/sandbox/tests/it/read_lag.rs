//! What is read later than it was done.

use reqwest::Method;
use serde_json::json;

use crate::support::{Fixture, USER, answer, fixture, message, publish_under};

#[tokio::test]
async fn a_lagging_container_can_be_published_before_it_can_be_read() {
    let fixture = fixture().await;
    let lag =
        json!({ "provider": "instagram", "path": "*/media", "fault": "lag", "value": 600_000 });
    fixture.fault(lag).await;
    let container = fixture.ready_image("보이지 않는 준비").await;
    let unreadable = || fixture.graph(Method::GET, &format!("/{container}?fields=status_code"));

    let (status, error) = answer(unreadable().send().await.unwrap()).await;
    assert_eq!(status, 400);
    assert_eq!(error["error"]["code"], 100);
    assert_eq!(error["error"]["error_subcode"], 33);
    fixture.advance_clock(600_000).await;
    assert_eq!(fixture.status(&container).await, "FINISHED");
}

#[tokio::test]
async fn a_lagging_post_is_published_and_visible_later() {
    let fixture = fixture().await;
    let container = fixture.ready_image("늦게 보이는 게시").await;
    let lag = json!({
        "provider": "instagram", "path": "media_publish", "fault": "lag", "value": 600_000,
    });
    fixture.fault(lag).await;

    let (status, post) = fixture.publish(&container).await;

    assert_eq!(status, 200);
    assert_eq!(
        fixture.posts("instagram").await.len(),
        1,
        "the public sees it"
    );
    let node = format!("/{}?fields=permalink", post["id"].as_str().unwrap());
    assert_eq!(fixture.status(&container).await, "FINISHED");
    let (status, _) = answer(fixture.graph(Method::GET, &node).send().await.unwrap()).await;
    assert_eq!(status, 400);
    assert_eq!(listed(&fixture).await, 0);
    let (status, again) = fixture.publish(&container).await;
    assert_eq!(
        status, 400,
        "it is published once, whatever is shown: {again}"
    );

    fixture.advance_clock(600_000).await;
    assert_eq!(fixture.status(&container).await, "PUBLISHED");
    assert!(fixture.graph_get(&node).await["permalink"].is_string());
    assert_eq!(listed(&fixture).await, 1);
}

async fn listed(fixture: &Fixture) -> usize {
    let list = fixture.graph_get(&format!("/{USER}/media?fields=id")).await;
    list["data"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_late_list_lags_behind_single_reads() {
    let fixture = fixture().await;
    let container = fixture.ready_image("늦은 목록").await;
    let late = json!({ "provider": "instagram", "path": "media_publish", "fault": "late-list", "value": 600_000 });
    fixture.fault(late).await;

    let (_, post) = fixture.publish(&container).await;

    assert_eq!(fixture.status(&container).await, "PUBLISHED");
    let node = format!("/{}?fields=permalink", post["id"].as_str().unwrap());
    assert!(fixture.graph_get(&node).await["permalink"].is_string());
    assert_eq!(listed(&fixture).await, 0);
    fixture.advance_clock(600_000).await;
    assert_eq!(listed(&fixture).await, 1);
}

#[tokio::test]
async fn a_contradiction_is_an_error_for_completed_work_visible_later() {
    let fixture = fixture().await;
    let container = fixture.ready_image("모순").await;
    let fault = json!({
        "provider": "instagram", "path": "media_publish", "fault": "contradict", "value": 600_000,
    });
    fixture.fault(fault).await;

    let (status, error) = fixture.publish(&container).await;

    assert_eq!(status, 400);
    assert_eq!(error["error"]["error_subcode"], 2_207_051);
    assert_eq!(fixture.posts("instagram").await.len(), 1);
    assert_eq!(fixture.status(&container).await, "FINISHED");
    fixture.advance_clock(600_000).await;
    assert_eq!(fixture.status(&container).await, "PUBLISHED");
}

#[tokio::test]
async fn a_contradiction_can_have_a_custom_response() {
    let fixture = fixture().await;
    let value = json!({ "ms": 1_000, "status": 503, "body": { "why": "busy" } });

    let (met, out) =
        publish_under(&fixture, json!({ "fault": "contradict", "value": value })).await;

    assert_eq!(answer(met.unwrap()).await, (503, json!({ "why": "busy" })));
    assert_eq!(out, 1);
}

#[tokio::test]
async fn a_lagging_message_is_sent_and_found_later() {
    let fixture = fixture().await;
    let by_key = "senderGroupingKey=delivery-1";
    for fault in ["lag", "late-list"] {
        let key = format!("key-{fault}");
        let lag = json!({ "provider": "kakao-channel", "fault": fault, "value": 600_000 });
        let before = fixture.look_up(by_key).await["totalCount"].clone();
        fixture.fault(lag).await;

        let sent = fixture.send(&key, &message(&["01012345678"])).await;

        let id = sent["message"]["requestId"].as_str().unwrap();
        let by_id = fixture.look_up(&format!("requestId={id}")).await;
        assert_eq!(by_id["totalCount"] == 1, fault == "late-list", "{fault}");
        assert_eq!(
            fixture.look_up(by_key).await["totalCount"],
            before,
            "{fault}"
        );
        fixture.advance_clock(600_000).await;
        let by_id = fixture.look_up(&format!("requestId={id}")).await;
        assert_eq!(by_id["totalCount"], 1, "{fault}");
        assert_ne!(
            fixture.look_up(by_key).await["totalCount"],
            before,
            "{fault}"
        );
    }
}
