//! What owners write: one form of it, whatever their device sends.

use baepo_domain::ports::Mutation;
use it::{Host, Owner, autumn_event};
use serde_json::{Value, json};

/// 봄, as a Mac sends it.
const DECOMPOSED_SPRING: &str = "\u{1107}\u{1169}\u{11b7}";

fn event(channels: &[&str], change: impl FnOnce(&mut Value)) -> Value {
    let mut draft = autumn_event(channels);
    change(&mut draft);
    draft
}

/// What a channel finds wrong with a draft, by place.
async fn errors(owner: &Owner, draft: &Value) -> Vec<String> {
    let event = owner.create(draft).await;
    let check = owner
        .post(&format!("/api/events/{event}/check"), &json!({}))
        .await
        .expect(200);
    let findings = check["items"][0]["findings"].as_array().unwrap().clone();
    let errors = findings
        .into_iter()
        .filter(|finding| finding["severity"] == "error");
    errors
        .map(|finding| finding["at"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn decomposed_hangul_is_stored_and_counted_as_nfc() {
    let host = Host::start().await;
    let owner = host.connected_owner("shop-1").await;
    let draft = event(&["kakao-channel"], |draft| {
        let content = &mut draft["content"];
        content["title"] = json!(DECOMPOSED_SPRING.repeat(100));
        content["body"] = json!(DECOMPOSED_SPRING.repeat(700));
        content["hashtags"] = json!(["봄", DECOMPOSED_SPRING, "#봄", "Sale", "＃sale"]);
        content["media"][0]["altText"] = json!(DECOMPOSED_SPRING);
        draft["title"] = json!(DECOMPOSED_SPRING.repeat(200));
        draft["recommendation"] = json!({"id": DECOMPOSED_SPRING, "title": DECOMPOSED_SPRING,
            "summary": DECOMPOSED_SPRING.repeat(2_000)});
        draft["channelSettings"]["kakao-channel"] =
            json!({"buttonName": DECOMPOSED_SPRING.repeat(14)});
    });
    assert_eq!(errors(&owner, &draft).await, [""; 0]);

    let event = owner.create(&draft).await;
    let event = owner.get(&format!("/api/events/{event}")).await.expect(200);
    assert_eq!(event["content"]["title"], "봄".repeat(100));
    assert_eq!(event["content"]["hashtags"], json!(["봄", "Sale"]));
    assert_eq!(event["content"]["media"][0]["altText"], "봄");
    assert_eq!(event["recommendation"]["id"], "봄");
    let chosen = &event["channelSettings"]["kakao-channel"]["buttonName"];
    assert_eq!(*chosen, "봄".repeat(14));

    let longer = event_with_title(&DECOMPOSED_SPRING.repeat(201));
    let refused = owner.post("/api/events", &longer).await.expect(422);
    assert_eq!(refused["errors"][0]["at"], "/content/title");
    let message = refused["errors"][0]["message"].as_str().unwrap();
    assert!(
        message.contains("200") && message.contains("201"),
        "{message}"
    );
}

fn event_with_title(title: &str) -> Value {
    event(&["instagram"], |draft| {
        draft["content"]["title"] = json!(title);
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn crlf_is_normalized_to_one_line_feed() {
    let host = Host::start().await;
    let owner = host.connected_owner("shop-1").await;
    let line = "가".repeat(12);
    let draft = event(&["kakao-channel"], |draft| {
        draft["content"]["title"] = json!("봄\u{feff}");
        draft["content"]["body"] = json!(vec![line.as_str(); 95].join("\r\n"));
    });
    assert_eq!(errors(&owner, &draft).await, [""; 0]);

    let published = owner.publish_new(&draft).await;

    assert_eq!(published.result("kakao-channel")["status"], "LIVE");
    let posts = host.sandbox().posts("nhn-cloud").await;
    let text = posts[0]["text"].as_str().unwrap();
    assert!(text.contains("봄\n\n가"), "{text}");
    assert!(!text.contains(['\r', '\u{feff}']), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_normalized_to_nfc() {
    let host = Host::start().await;
    let owner = host.connected_owner("shop-1").await;
    let composed = json!({"category": "봄"});
    let draft = event(&["naver-blog"], |draft| {
        draft["channelSettings"]["naver-blog"] =
            json!({"category": format!("{DECOMPOSED_SPRING}\u{200b}")});
    });
    let event = owner.create(&draft).await;
    let kept = owner.get(&format!("/api/events/{event}")).await.expect(200);
    assert_eq!(kept["channelSettings"]["naver-blog"], composed);

    let account = json!({"settings": {"blogId": "ondam-bakery\u{feff} "}, "secrets": {}});
    let account = owner
        .put("/api/accounts/naver-blog", &account)
        .await
        .expect(200);
    assert_eq!(account["settings"]["blogId"], "ondam-bakery");
}

#[tokio::test(flavor = "multi_thread")]
async fn stored_decomposed_text_is_sent_as_nfc_and_stays_editable() {
    let host = Host::start().await;
    let owner = host.connected_owner("shop-1").await;
    let id = owner.create(&autumn_event(&["instagram"])).await;
    let store = host.open_store().await;
    let mut stored = store.event(id.parse().unwrap()).await.unwrap().unwrap();
    let content = stored.draft.content.as_mut().unwrap();
    content.title = DECOMPOSED_SPRING.to_owned();
    content.body = "하나\r\n둘".to_owned();
    store
        .commit(vec![Mutation::PutEvent(stored)])
        .await
        .unwrap();

    let published = owner.publish(&id).await;

    assert_eq!(published.result("instagram")["status"], "LIVE");
    let posts = host.sandbox().posts("instagram").await;
    let caption = posts[0]["text"].as_str().unwrap();
    assert!(caption.starts_with("봄\n\n하나\n둘\n\n"), "{caption}");
    // The same content in another form is no change that would come too late.
    let more = json!({"channels": ["instagram", "naver-blog"]});
    let _ = owner
        .put(&format!("/api/events/{id}/channels"), &more)
        .await
        .expect(200);
}
