//! What the channels say of a draft before anything is sent.

use it::{CHANNELS, Host, autumn_event};
use serde_json::{Value, json};

/// By channel.
async fn checked(owner: &it::Owner, draft: &Value) -> Vec<Value> {
    let event = owner.create(draft).await;
    let check = owner
        .post(&format!("/api/events/{event}/check"), &json!({}))
        .await
        .expect(200);
    check["items"].as_array().unwrap().clone()
}

fn errors(item: &Value) -> Vec<&str> {
    let findings = item["findings"].as_array().unwrap().iter();
    findings
        .filter(|finding| finding["severity"] == "error")
        .map(|finding| finding["at"].as_str().unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_valid_draft_passes_the_check_and_is_previewed_by_all_six_channels() {
    let host = Host::start().await;
    let owner = host.connected_owner("shop-1").await;
    let mut draft = autumn_event(&CHANNELS);
    draft["content"]["title"] = json!("<script>alert('x')</script>&\"");

    let items = checked(&owner, &draft).await;

    assert_eq!(items.len(), CHANNELS.len());
    for item in &items {
        assert_eq!(errors(item), [""; 0], "{item:#}");
        let preview = item["preview"].as_str().unwrap();
        assert!(preview.contains("&lt;script&gt;"), "{preview}");
        assert!(!preview.to_lowercase().contains("<script"), "{preview}");
        assert!(!preview.contains("onerror="), "{preview}");
    }
    for provider in it::WITH_PROVIDER {
        let requests = host.sandbox().requests(provider).await;
        assert_eq!(requests, [""; 0], "a check sends nothing");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn check_errors_are_reported_in_both_languages_with_their_place() {
    let host = Host::start().await;
    let owner = host.connected_owner("shop-1").await;
    let mut draft = autumn_event(&CHANNELS);
    draft["content"]["title"] = json!("긴".repeat(150));
    draft["content"]["body"] = json!("");
    draft["content"]["media"][0]["width"] = json!(100);
    draft["content"]["media"][1]["durationMs"] = json!(40_000);
    draft["content"]["period"] =
        json!({"startsAt": "2020-01-01T00:00:00Z", "endsAt": "2020-01-02T00:00:00Z"});
    draft["channelSettings"]["uridongne-tv"] = json!({"radius": "9km"});

    let english = checked(&owner, &draft).await;
    let korean = checked(&owner.reading("ko"), &draft).await;

    let places = |channel: &str| -> Vec<String> {
        let item = english.iter().find(|item| item["channel"] == channel);
        let places = errors(item.unwrap());
        places.into_iter().map(str::to_owned).collect()
    };
    assert!(places("instagram").contains(&"/content/media/0/width".to_owned()));
    assert!(places("naver-blog").contains(&"/content/body".to_owned()));
    for channel in ["genie-tv", "ringo-biz"] {
        let found = places(channel);
        assert!(
            found.contains(&"/content/period".to_owned())
                || found.contains(&"/content/period/endsAt".to_owned()),
            "{channel}: {found:?}"
        );
    }
    let options = places("uridongne-tv");
    assert!(
        options.contains(&"/channelSettings/uridongne-tv/radius".to_owned()),
        "{options:?}"
    );
    for (english, korean) in english.iter().zip(&korean) {
        let messages = |item: &Value| -> Vec<String> {
            let findings = item["findings"].as_array().unwrap().iter();
            findings
                .map(|finding| finding["message"].as_str().unwrap().to_owned())
                .collect()
        };
        for (english, korean) in messages(english).iter().zip(messages(korean)) {
            assert_ne!(*english, korean);
            assert!(
                korean.chars().any(|c| ('가'..='힣').contains(&c)),
                "{korean}"
            );
            assert!(!english.contains("[ko]") && !korean.contains("[en]"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_without_accounts_gets_all_errors_at_once() {
    let host = Host::start().await;
    let owner = host.owner("shop-1");
    let mut draft = autumn_event(&["instagram"]);
    draft["content"]["media"][0]["width"] = json!(100);

    let items = checked(&owner, &draft).await;

    let found = errors(&items[0]);
    assert!(found.contains(&"/accounts/instagram"), "{found:?}");
    assert!(found.contains(&"/content/media/0/width"), "{found:?}");
    assert!(items[0]["preview"].is_string());
}
