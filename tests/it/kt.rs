//! KT's refusals, from its stand-in to the text for the owner.

use it::{Host, Owner, autumn_event, eventually};
use serde_json::{Value, json};

/// Publishes to one channel: its delivery when it has ended.
async fn ended(owner: &Owner, draft: &Value, channel: &str) -> Value {
    let answer = owner.publish_new(draft).await;
    let distribution = answer.body["distributionId"].as_str().unwrap();
    eventually("it has ended", || async {
        owner.distribution(distribution).await["completedAt"].is_string()
    })
    .await;
    owner.delivery(distribution, channel).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_advert_is_forecast_reviewed_and_goes_live() {
    let host = Host::start().await;
    let owner = host.connected_owner("shop-1").await;
    for channel in ["uridongne-tv", "genie-tv", "ringo-biz"] {
        let delivery = ended(&owner, &autumn_event(&[channel]), channel).await;
        assert_eq!(delivery["status"], "LIVE", "{delivery:#}");
        assert_eq!(delivery["attempts"], 1);
        let campaigns = host.sandbox().campaigns(channel).await;
        assert_eq!(campaigns[0]["id"], delivery["externalId"]);
        let is_forecast = delivery["estimatedReach"].is_u64();
        assert_eq!(is_forecast, channel != "ringo-biz", "{delivery:#}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_review_fails_with_the_provider_reason_and_place() {
    let host = Host::start().await;
    let owner = host.connected_owner("shop-1").await;
    let reason = "과장된 표현이 있습니다.";
    let rejecting = json!({"review": "reject", "rejectionReason": reason});
    host.sandbox().set(&rejecting).await;

    let delivery = ended(&owner, &autumn_event(&["genie-tv"]), "genie-tv").await;

    assert_eq!(delivery["status"], "FAILED", "{delivery:#}");
    let finding = &delivery["findings"][0];
    assert_eq!(finding["at"], "/content/media/1", "{finding:#}");
    let message = finding["message"].as_str().unwrap();
    assert!(message.contains(reason), "{message}");
    assert_eq!(host.sandbox().posts("genie-tv").await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn unavailable_inventory_budget_or_region_fails_with_a_remedy() {
    let host = Host::start().await;
    let owner = host.connected_owner("shop-1").await;
    let sandbox = host.sandbox();
    let refused = async |change: &dyn Fn(&mut Value)| {
        let mut draft = autumn_event(&["genie-tv"]);
        change(&mut draft);
        let delivery = ended(&owner, &draft, "genie-tv").await;
        assert_eq!(delivery["status"], "FAILED", "{delivery:#}");
        delivery["findings"][0].clone()
    };

    let cheap = refused(&|draft| draft["channelSettings"]["genie-tv"]["budget"] = json!(60_000));
    let cheap = cheap.await;
    assert_eq!(cheap["at"], "/channelSettings/genie-tv/budget");
    assert!(
        cheap["message"].as_str().unwrap().contains("100,000"),
        "{cheap:#}"
    );
    let nowhere = refused(&|draft| {
        draft["channelSettings"]["genie-tv"]["areas"] = json!(["9999999999"]);
    });
    let at = nowhere.await["at"].clone();
    assert!(
        at.as_str()
            .unwrap()
            .starts_with("/channelSettings/genie-tv/areas"),
        "{at}"
    );
    sandbox.set(&json!({"inventory": "sold-out"})).await;
    let sold_out = refused(&|_| {}).await;
    let message = sold_out["message"].as_str().unwrap();
    assert!(message.contains("sold out"), "{message}");
    assert_eq!(sandbox.campaigns("genie-tv").await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_not_owned_requires_reconnecting() {
    let host = Host::start().await;
    let owner = host.connected_owner("shop-1").await;
    host.sandbox().set(&json!({"lines": "not-owned"})).await;

    let delivery = ended(&owner, &autumn_event(&["ringo-biz"]), "ringo-biz").await;

    assert_eq!(delivery["status"], "FAILED", "{delivery:#}");
    assert_eq!(delivery["findings"][0]["at"], "/accounts/ringo-biz");
    assert_eq!(host.sandbox().campaigns("ringo-biz").await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_rejected_by_kt_require_reconnecting_and_stay_secret() {
    let host = Host::start().await;
    let owner = host.connected_owner("shop-1").await;
    let wrong = json!({"secrets": {"clientSecret": "not-of-the-sandbox"}});
    let patch = owner.request(reqwest::Method::PATCH, "/api/accounts/genie-tv");
    let _ = owner.send(patch.json(&wrong)).await.expect(200);

    let delivery = ended(&owner, &autumn_event(&["genie-tv"]), "genie-tv").await;

    assert_eq!(delivery["status"], "FAILED", "{delivery:#}");
    assert_eq!(delivery["findings"][0]["at"], "/accounts/genie-tv");
    assert!(!delivery.to_string().contains("not-of-the-sandbox"));
}
