//! What a delivery's `possible` lists is accepted by the call of that name, and what it does not list
//! is refused with why: in every state, by every channel.

use std::time::Duration;

use baepo_adapters::SystemClock;
use baepo_domain::model::delivery::{Delivery, DeliveryStatus};
use baepo_domain::model::time::after;
use baepo_domain::ports::clock::Clock as _;
use baepo_domain::ports::{Mutation, Store};
use it::{Host, Owner, autumn_event, eventually};
use serde_json::{Value, json};

const CHANNELS: [&str; 6] = [
    "genie-tv",
    "instagram",
    "kakao-channel",
    "naver-blog",
    "ringo-biz",
    "uridongne-tv",
];
/// LIVE first, while the provider has the post as it was.
const STATES: [DeliveryStatus; 8] = [
    DeliveryStatus::Live,
    DeliveryStatus::Accepted,
    DeliveryStatus::Running,
    DeliveryStatus::Pending,
    DeliveryStatus::ActionRequired,
    DeliveryStatus::Unknown,
    DeliveryStatus::Withdrawn,
    DeliveryStatus::Failed,
];
const ACTIONS: [&str; 4] = ["confirm", "resolve", "retry", "withdraw"];

/// Publishes to one channel: its delivery when it has ended for good or waits for its owner.
async fn published(owner: &Owner, store: &dyn Store, channel: &str) -> Delivery {
    let answer = owner.publish_new(&autumn_event(&[channel])).await;
    let distribution = answer.body["distributionId"].as_str().unwrap().to_owned();
    eventually("it is out or prepared", || async {
        let status = owner.status(&distribution, channel).await;
        status == "LIVE" || status == "ACTION_REQUIRED"
    })
    .await;
    let id = distribution.parse().unwrap();
    store.deliveries(id).await.unwrap().remove(0)
}

/// The delivery in another state, at rest: without a lease and without a due time.
async fn put(store: &dyn Store, like: &Delivery, status: DeliveryStatus) {
    let known = store.deliveries(like.distribution).await.unwrap().remove(0);
    let far = after(SystemClock.now(), Duration::from_secs(24 * 3_600));
    let delivery = Delivery {
        status,
        lease: None,
        attempt: None,
        due_at: (!status.is_settled()).then_some(far),
        receipt: like.receipt.clone(),
        action: like.action.clone(),
        revision: known.revision,
        ..known
    };
    store
        .commit(vec![Mutation::PutDelivery(delivery)])
        .await
        .unwrap();
}

fn is_korean(text: &str) -> bool {
    text.chars().any(|c| ('가'..='힣').contains(&c))
}

fn body(channel: &str, action: &str) -> Value {
    match action {
        "confirm" if channel == "naver-blog" => {
            json!({"url": "https://blog.naver.com/sandbox-shop/223456789"})
        }
        "confirm" => json!({"url": "https://www.example.co.kr/post/1"}),
        "resolve" => json!({"status": "FAILED"}),
        _ => Value::Null,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn possible_actions_are_accepted_and_others_rejected_with_a_reason() {
    let host = Host::start().await;
    let owner = host.connected_owner("shop-1").await;
    let korean = owner.reading("ko");
    let store = host.open_store().await;
    let store = store.as_ref();
    for channel in CHANNELS {
        let like = published(&owner, store, channel).await;
        let distribution = like.distribution.to_string();
        for status in STATES {
            put(store, &like, status).await;
            let seen = owner.delivery(&distribution, channel).await;
            let listed = seen["possible"].as_array().unwrap().clone();
            let is_listed = |action: &str| listed.iter().any(|listed| listed == action);
            let (accepted, refused): (Vec<&str>, Vec<&str>) =
                ACTIONS.into_iter().partition(|action| is_listed(action));

            for action in refused {
                let case = format!("{action} of a {status} {channel}");
                let given = body(channel, action);
                let answer = korean.act(&distribution, channel, action, &given).await;
                let after = owner.status(&distribution, channel).await;
                assert_eq!(after, status.as_str(), "{case} changed it");
                // What is done already is answered as it is.
                if answer.status == 200 {
                    assert_eq!(answer.body["status"], status.as_str(), "{case}");
                    continue;
                }
                let why = answer.body["detail"].as_str().unwrap_or_default();
                assert!(
                    matches!(answer.status.as_u16(), 409 | 422) && is_korean(why),
                    "{case}: {:#}",
                    answer.body
                );
            }
            for action in accepted {
                put(store, &like, status).await;
                let given = body(channel, action);
                let answer = korean.act(&distribution, channel, action, &given).await;
                let case = format!("{action} of a {status} {channel}");
                assert_eq!(answer.status, 200, "{case}: {:#}", answer.body);
                // A retry runs on; how it ends is not asked here.
                eventually("it is at rest", || async {
                    let status = owner.status(&distribution, channel).await;
                    !["PENDING", "RUNNING", "ACCEPTED"].contains(&status.as_str())
                })
                .await;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unsupported_withdrawal_is_not_listed_as_possible() {
    let host = Host::start().await;
    let owner = host.connected_owner("shop-1").await;
    let store = host.open_store().await;
    let store = store.as_ref();
    for (channel, possible) in [
        ("kakao-channel", json!([])),
        ("instagram", json!(["withdraw"])),
    ] {
        let like = published(&owner, store, channel).await;
        let seen = owner
            .delivery(&like.distribution.to_string(), channel)
            .await;
        assert_eq!(seen["possible"], possible, "{channel}");
    }
    // A post of Instagram Login can only be deleted in the app.
    let like = published(&owner, store, "instagram").await;
    let settings = json!({"settings": {"apiHost": "graph.instagram.com"}});
    let request = owner.request(reqwest::Method::PATCH, "/api/accounts/instagram");
    let _ = owner.send(request.json(&settings)).await.expect(200);
    let distribution = like.distribution.to_string();
    let seen = owner.delivery(&distribution, "instagram").await;
    assert_eq!(seen["possible"], json!([]));
    let refused = owner
        .act(&distribution, "instagram", "withdraw", &Value::Null)
        .await
        .expect(409);
    let why = refused["detail"].as_str().unwrap();
    assert!(why.contains("Instagram app"), "{why}");
}
