//! Pictures: how their type is written does not matter, and what a provider does not take is said.

use it::{Host, autumn_event};
use serde_json::{Value, json};

const CHANNELS: [&str; 6] = [
    "instagram",
    "naver-blog",
    "kakao-channel",
    "uridongne-tv",
    "genie-tv",
    "ringo-biz",
];

fn errors(item: &Value) -> Vec<&str> {
    let findings = item["findings"].as_array().unwrap().iter();
    findings
        .filter(|finding| finding["severity"] == "error")
        .map(|finding| finding["at"].as_str().unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn uppercase_media_types_with_parameters_are_accepted_by_every_channel() {
    let host = Host::start().await;
    let owner = host.connected_owner("shop-1").await;
    let mut event = autumn_event(&CHANNELS);
    event["content"]["media"][0]["mimeType"] = json!("IMAGE/JPEG; charset=binary");
    event["content"]["media"][1]["mimeType"] = json!("Video/MP4");
    let id = owner.create(&event).await;

    let path = format!("/api/events/{id}");
    let stored = owner.get(&path).await.expect(200);
    assert_eq!(stored["content"]["media"][0]["mimeType"], "image/jpeg");
    let check = owner
        .post(&format!("{path}/check"), &json!({}))
        .await
        .expect(200);
    for item in check["items"].as_array().unwrap() {
        assert_eq!(errors(item), [""; 0], "{item:#}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_unsupported_by_kakao_fails_check_and_publish() {
    let host = Host::start().await;
    let owner = host.connected_owner("shop-1").await;
    let mut event = autumn_event(&["kakao-channel"]);
    let picture = &mut event["content"]["media"][0];
    picture["mimeType"] = json!("image/heic");
    picture["bytes"] = json!(12_000_000);
    (picture["width"], picture["height"]) = (json!(4_032), json!(1_024));
    let id = owner.create(&event).await;
    let check = owner
        .post(&format!("/api/events/{id}/check"), &json!({}))
        .await
        .expect(200);
    let places = ["mimeType", "bytes", "width"];
    let places = places.map(|field| format!("/content/media/0/{field}"));
    assert_eq!(errors(&check["items"][0]), places);
    let _ = owner.publish(&id).await.expect(502);
    let requests = host.sandbox().requests("kakao-channel").await;
    assert_eq!(requests, [""; 0], "it is not even tried");

    // What the owner's app leaves out, the provider refuses.
    let mut event = autumn_event(&["kakao-channel"]);
    let picture = &mut event["content"]["media"][0];
    picture["url"] = json!("https://shop.example/autumn-4032x1024.jpg");
    for unknown in ["bytes", "width", "height"] {
        picture.as_object_mut().unwrap().remove(unknown);
    }
    let answer = owner.publish_new(&event).await;
    let refused = answer.result("kakao-channel");
    assert_eq!(refused["status"], "FAILED", "{refused:#}");
    assert_eq!(refused["findings"][0]["at"], "/content/media/0/url");
    assert_eq!(host.sandbox().posts("kakao-channel").await.len(), 0);
}
