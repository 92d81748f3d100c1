//! Sending brand messages through NHN Cloud.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{answer, fixture, message};

const TEN_MINUTES_MS: u64 = 10 * 60 * 1000;

fn code(body: &Value) -> i64 {
    assert_eq!(
        body["header"]["isSuccessful"],
        body["header"]["resultCode"] == 0
    );
    body["header"]["resultCode"].as_i64().unwrap()
}

#[tokio::test]
async fn a_message_is_one_post_and_a_result_per_recipient() {
    let fixture = fixture().await;

    let sent = fixture
        .send("key-1", &message(&["010-1234-5678", "010-9999-3018"]))
        .await;

    assert_eq!(code(&sent), 0);
    let results = sent["message"]["sendResults"].as_array().unwrap();
    assert_eq!(results[0]["resultCode"], 0);
    assert_eq!(results[1]["resultCode"], 3018);
    assert_eq!(results[1]["recipientSeq"], 2);
    let posts = fixture.posts("kakao-channel").await;
    assert_eq!(posts.len(), 1);
    assert_eq!(posts[0]["provider"], "nhn-cloud");
    assert_eq!(posts[0]["externalId"], sent["message"]["requestId"]);
    assert_eq!(posts[0]["reference"], "delivery-1");
    assert_eq!(posts[0]["text"], "(광고) 봄맞이 세일");
    assert_eq!(posts[0]["recipients"], 1);
}

#[tokio::test]
async fn a_message_without_reached_recipients_is_no_post() {
    let fixture = fixture().await;

    let sent = fixture
        .send("key-1", &message(&["01099991020", "01099993008"]))
        .await;

    assert_eq!(code(&sent), 0);
    assert!(fixture.posts("nhn-cloud").await.is_empty());
}

#[tokio::test]
async fn a_message_with_an_unknown_receipt_is_still_posted() {
    let fixture = fixture().await;

    let sent = fixture.send("key-1", &message(&["01099990997"])).await;

    assert_eq!(sent["message"]["sendResults"][0]["resultCode"], "K997");
    assert_eq!(fixture.posts("nhn-cloud").await.len(), 1);
}

#[tokio::test]
async fn a_repeated_key_is_rejected_for_ten_minutes() {
    let fixture = fixture().await;
    let message = message(&["01012345678"]);
    assert_eq!(code(&fixture.send("key-1", &message).await), 0);

    assert_eq!(code(&fixture.send("key-1", &message).await), -1005);
    assert_eq!(fixture.posts("nhn-cloud").await.len(), 1);

    fixture.advance_clock(TEN_MINUTES_MS).await;
    assert_eq!(code(&fixture.send("key-1", &message).await), 0);
    assert_eq!(
        fixture.posts("nhn-cloud").await.len(),
        2,
        "after ten minutes nothing protects"
    );
}

#[tokio::test]
async fn a_rejected_message_does_not_consume_its_key() {
    let fixture = fixture().await;
    let mut refused = message(&["01012345678"]);
    refused["content"] = json!("가".repeat(1_301));
    assert_eq!(code(&fixture.send("key-1", &refused).await), -2000);

    assert_eq!(
        code(&fixture.send("key-1", &message(&["01012345678"])).await),
        0
    );
}

#[tokio::test]
async fn a_sent_message_is_found_by_its_grouping_key() {
    let fixture = fixture().await;
    let sent = fixture
        .send("key-1", &message(&["01012345678", "01099993019"]))
        .await;

    let found = fixture.look_up("senderGroupingKey=delivery-1").await;

    assert_eq!(code(&found), 0);
    assert_eq!(found["totalCount"], 2);
    let first = &found["messages"][0];
    assert_eq!(first["requestId"], sent["message"]["requestId"]);
    assert_eq!(first["senderGroupingKey"], "delivery-1");
    assert_eq!(first["messageStatus"], "COMPLETED");
    assert_eq!(first["resultCode"], "1000");
    assert_eq!(found["messages"][1]["messageStatus"], "FAILED");
    assert_eq!(found["messages"][1]["resultCode"], "3019");
    assert_eq!(
        found["messageSearchResultResponse"]["messages"],
        found["messages"]
    );
}

#[tokio::test]
async fn a_lookup_is_paged_and_limited_to_its_own_app_key() {
    let fixture = fixture().await;
    fixture.send("key-1", &message(&["01012345678"; 20])).await;

    let page = fixture.look_up("senderGroupingKey=delivery-1").await;
    let rest = fixture
        .look_up("senderGroupingKey=delivery-1&pageNum=2")
        .await;

    assert_eq!(page["messages"].as_array().unwrap().len(), 15);
    assert_eq!(rest["messages"].as_array().unwrap().len(), 5);
    assert_eq!(page["totalCount"], 20);
    assert_eq!(
        fixture.look_up("senderGroupingKey=delivery-2").await["totalCount"],
        0
    );
    assert_eq!(code(&fixture.look_up("").await), -2002);
    let path = "/nhn-cloud/brand-message/v1.0/appkeys/other/messages?senderGroupingKey=delivery-1";
    let other = fixture
        .request(Method::GET, path)
        .header("X-Secret-Key", "sandbox-1");
    assert_eq!(answer(other.send().await.unwrap()).await.1["totalCount"], 0);
}

#[tokio::test]
async fn only_secret_keys_of_the_sandbox_are_accepted() {
    let fixture = fixture().await;
    let path = "/nhn-cloud/brand-message/v1.0/appkeys/app/freestyle-messages";
    let request = fixture
        .request(Method::POST, path)
        .header("X-Secret-Key", "a-real-one");

    let (status, body) = answer(
        request
            .json(&message(&["01012345678"]))
            .send()
            .await
            .unwrap(),
    )
    .await;

    assert_eq!((status, code(&body)), (200, -1001));
}

#[tokio::test]
async fn invalid_messages_get_the_nhn_cloud_error_codes() {
    let fixture = fixture().await;
    let refused = async |field: &str, value: Value| {
        let mut message = message(&["01012345678"]);
        message[field] = value;
        code(&fixture.send("", &message).await)
    };
    let button = |name: &str, kind: &str| json!({ "name": name, "type": kind });
    let web = json!({ "name": "이동", "type": "WL", "linkMo": "https://shop.example" });

    assert_eq!(refused("senderKey", json!("short")).await, -2004);
    assert_eq!(refused("senderKey", Value::Null).await, -2002);
    assert_eq!(refused("content", json!("  ")).await, -2001);
    assert_eq!(refused("content", json!("줄\n".repeat(100))).await, 4);
    assert_eq!(refused("chatBubbleType", json!("CAROUSEL_FEED")).await, 4);
    assert_eq!(refused("chatBubbleType", json!("IMAGE")).await, -2002);
    assert_eq!(
        refused("buttons", json!([button("이동", "WL")])).await,
        -2018
    );
    assert_eq!(
        refused("buttons", json!([button("이동", "XX")])).await,
        -2018
    );
    assert_eq!(
        refused("buttons", json!([button(&"가".repeat(15), "MD")])).await,
        -2000
    );
    assert_eq!(refused("buttons", json!(vec![web; 6])).await, -2018);
    assert_eq!(refused("recipientList", json!([])).await, -2004);
    assert_eq!(
        refused("recipientList", many_recipients(1_001)).await,
        -2004
    );
    assert_eq!(
        refused("recipientList", json!([{ "recipientNo": "" }])).await,
        -2001
    );
    assert_eq!(
        refused(
            "recipientList",
            json!([{ "recipientNo": "010", "targeting": "M" }])
        )
        .await,
        4
    );
    assert_eq!(refused("unsubscribeNo", json!("02-123-4567")).await, -1019);
    assert_eq!(refused("requestDate", json!("2199-01-01 00:00")).await, 4);
    assert_eq!(refused("requestDate", json!("soon")).await, 4);
    assert_eq!(refused("recipientList", many_recipients(1_000)).await, 0);
}

#[tokio::test]
async fn an_unsupported_picture_is_rejected() {
    let fixture = fixture().await;
    let sent = async |bubble: &str, name: &str| {
        let mut message = message(&["01012345678"]);
        message["chatBubbleType"] = json!(bubble);
        message["image"] = json!({ "imageUrl": format!("https://shop.example/{name}") });
        code(&fixture.send(&format!("{bubble}-{name}"), &message).await)
    };

    for name in [
        "autumn.heic",
        "autumn.gif",
        "autumn-12mb.jpg",
        "autumn-499x499.png",
        "autumn-2001x1000.jpg",
        "autumn-749x1000.jpg",
    ] {
        assert_eq!(sent("IMAGE", name).await, 3024, "{name}");
    }
    for name in ["autumn.jpg", "autumn", "a-5mb.png", "a-750x1000.JPG"] {
        assert_eq!(sent("IMAGE", name).await, 0, "{name}");
    }
    assert_eq!(sent("WIDE", "a-750x1000.jpg").await, 3024);
    assert_eq!(sent("WIDE", "a-1000x1000.jpg").await, 0);
}

fn many_recipients(count: usize) -> Value {
    json!(vec![json!({ "recipientNo": "01012345678" }); count])
}

#[tokio::test]
async fn a_scheduled_message_is_sent_at_its_time() {
    let fixture = fixture().await;
    let tomorrow = in_seoul_tomorrow(&fixture).await;
    let mut scheduled = message(&["01012345678"]);
    scheduled["requestDate"] = json!(tomorrow);

    assert_eq!(code(&fixture.send("key-1", &scheduled).await), 0);

    assert!(fixture.posts("nhn-cloud").await.is_empty());
    let waiting = fixture.look_up("senderGroupingKey=delivery-1").await;
    assert_eq!(waiting["messages"][0]["messageStatus"], "READY");
    fixture.advance_clock(25 * 60 * 60 * 1000).await;
    assert_eq!(fixture.posts("nhn-cloud").await.len(), 1);
}

#[tokio::test]
async fn only_a_scheduled_message_can_be_cancelled() {
    let fixture = fixture().await;
    let mut scheduled = message(&["01012345678"]);
    scheduled["requestDate"] = json!(in_seoul_tomorrow(&fixture).await);
    let waiting = fixture.send("key-1", &scheduled).await;
    let sent = fixture.send("key-2", &message(&["01012345678"])).await;
    let cancel = async |sent: &Value| {
        let path = format!(
            "/messages/{}",
            sent["message"]["requestId"].as_str().unwrap()
        );
        answer(
            fixture
                .bizmessage(Method::DELETE, &path)
                .send()
                .await
                .unwrap(),
        )
        .await
        .1
    };

    assert_eq!(code(&cancel(&waiting).await), 0);
    assert_eq!(code(&cancel(&sent).await), 4);

    fixture.advance_clock(25 * 60 * 60 * 1000).await;
    assert_eq!(fixture.posts("nhn-cloud").await.len(), 1);
}

/// A day ahead by the sandbox's own clock, as NHN Cloud writes it.
async fn in_seoul_tomorrow(fixture: &crate::support::Fixture) -> String {
    let (_, clock) = fixture
        .control(Method::POST, "/clock", json!({ "advanceMs": 0 }))
        .await;
    let now: jiff::Timestamp = clock["now"].as_str().unwrap().parse().unwrap();
    let tomorrow = now + jiff::SignedDuration::from_hours(24 + 9);
    tomorrow.strftime("%Y-%m-%d %H:%M").to_string()
}
