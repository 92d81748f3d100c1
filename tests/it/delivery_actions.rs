//! What an owner does with a delivery once it was published, and what is written down of it.

use std::time::Duration;

use it::{Host, Owner, autumn_event, eventually};
use serde_json::{Value, json};

/// Publishes to one channel: its distribution, when the delivery has come that far.
async fn published(owner: &Owner, channel: &str, status: &str) -> String {
    let answer = owner.publish_new(&autumn_event(&[channel])).await;
    let distribution = answer.body["distributionId"].as_str().unwrap().to_owned();
    eventually(status, || async {
        owner.status(&distribution, channel).await == status
    })
    .await;
    distribution
}

/// The actions in the audit log, oldest first.
async fn audited(owner: &Owner) -> Vec<String> {
    let log = owner.get("/api/audit?limit=100").await.expect(200);
    let entries = log["items"].as_array().unwrap().iter().rev();
    let about_deliveries = entries.filter(|entry| entry["eventId"].is_string());
    about_deliveries
        .map(|entry| entry["action"].as_str().unwrap().to_owned())
        .collect()
}

fn problem(kind: &str) -> Value {
    json!(format!("urn:baepo:problem:{kind}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_delivery_is_retried_and_goes_live_once() {
    let host = Host::start().await;
    let owner = host.connected_owner("shop-1").await;
    let sandbox = host.sandbox();
    let gone = json!({"status": 400, "body": {"error": {"message": "policy", "type": "OAuthException", "code": 368, "is_transient": false, "fbtrace_id": "x"}}});
    sandbox
        .faults("instagram", "*/media", "status", gone, 1)
        .await;
    let distribution = published(&owner, "instagram", "FAILED").await;
    let failed = owner.delivery(&distribution, "instagram").await;
    assert_eq!(failed["possible"], json!(["retry"]), "{failed:#}");

    let retried = owner
        .act(&distribution, "instagram", "retry", &Value::Null)
        .await;
    let retried = retried.expect(200);

    assert_eq!(retried["status"], "PENDING");
    eventually("it is live", || async {
        owner.status(&distribution, "instagram").await == "LIVE"
    })
    .await;
    assert_eq!(sandbox.posts("instagram").await.len(), 1);
    let again = owner
        .act(&distribution, "instagram", "retry", &Value::Null)
        .await;
    let refused = again.expect(409);
    assert_eq!(refused["type"], problem("delivery-in-other-state"));
    assert_eq!(refused["deliveryStatus"], "LIVE");
    assert_eq!(
        refused["detail"],
        "It is already live. Only a FAILED delivery can be retried."
    );
    assert_eq!(audited(&owner).await, ["publish", "retry"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blog_post_is_confirmed_with_a_url_of_the_owners_blog() {
    let host = Host::start().await;
    let owner = host.connected_owner("shop-1").await;
    let distribution = published(&owner, "naver-blog", "ACTION_REQUIRED").await;
    let delivery = owner.delivery(&distribution, "naver-blog").await;
    let prepared = delivery["action"]["prepared"].as_array().unwrap();
    let html = prepared.iter().find(|asset| asset["name"] == "post.html");
    let html = html.unwrap_or_else(|| panic!("no post.html in {delivery:#}"));
    let file = owner.get(html["href"].as_str().unwrap()).await;
    assert_eq!(file.headers["x-content-type-options"], "nosniff");
    let kind = file.headers["content-disposition"].to_str().unwrap();
    assert!(kind.starts_with("attachment"), "{kind}");
    assert_eq!(file.body, html["text"]);

    let elsewhere = json!({"url": "https://blog.naver.com/somebody-else/223456"});
    let refused = owner
        .act(&distribution, "naver-blog", "confirm", &elsewhere)
        .await;
    let refused = refused.expect(422);
    assert_eq!(refused["errors"][0]["at"], "/url", "{refused:#}");
    let posted = json!({"url": "https://blog.naver.com/sandbox-shop/223456"});
    for _ in 0..2 {
        let confirmed = owner
            .act(&distribution, "naver-blog", "confirm", &posted)
            .await;
        let confirmed = confirmed.expect(200);
        assert_eq!(confirmed["status"], "LIVE");
        assert_eq!(confirmed["externalId"], "223456");
    }

    let other = json!({"url": "https://blog.naver.com/sandbox-shop/1"});
    let refused = owner
        .act(&distribution, "naver-blog", "confirm", &other)
        .await;
    assert_eq!(
        refused.expect(409)["type"],
        problem("delivery-in-other-state")
    );
    let event = owner.distribution(&distribution).await["eventId"].clone();
    let event = owner
        .get(&format!("/api/events/{}", event.as_str().unwrap()))
        .await;
    assert_eq!(event.expect(200)["status"], "ACTIVE");
    assert_eq!(audited(&owner).await, ["publish", "confirm"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_confirmed_post_url_is_normalized() {
    let host = Host::start().await;
    let owner = host.connected_owner("shop-1").await;
    let distribution = published(&owner, "naver-blog", "ACTION_REQUIRED").await;
    let confirm = async |url: &str| {
        let body = json!({ "url": url });
        owner
            .act(&distribution, "naver-blog", "confirm", &body)
            .await
    };
    for short in ["https://naver.me/GxYz12Ab", "naver.me/GxYz12Ab"] {
        let refused = confirm(short).await.expect(422);
        let message = refused["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains("copy the address"), "{message}");
    }
    for url in [
        "https://blog.naver.com/PostView.naver?blogId=sandbox-shop&logNo=223456789012&from=search",
        "http://blog.naver.com/PostView.nhn?blogId=sandbox-shop&logNo=223456789012",
        "https://m.blog.naver.com/PostView.naver?isHttpsRedirect=true&blogId=sandbox-shop&logNo=223456789012",
        "https://m.blog.naver.com/sandbox-shop/223456789012",
        "http://blog.naver.com/Sandbox-Shop/223456789012",
        "HTTPS://BLOG.NAVER.COM/sandbox-shop/223456789012/?fromRss=true&trackingCode=rss#comment",
        "https://blog.naver.com/sandbox-shop?Redirect=Log&logNo=223456789012",
        "blog.naver.com/sandbox-shop/223456789012",
        " https://blog.naver.com/sandbox%2Dshop/223456789012\n",
    ] {
        let confirmed = confirm(url).await.expect(200);
        assert_eq!(confirmed["status"], "LIVE", "{url}");
        assert_eq!(confirmed["externalId"], "223456789012", "{url}");
        let kept = "https://blog.naver.com/sandbox-shop/223456789012";
        assert_eq!(confirmed["url"], kept, "{url}");
    }
    let _ = confirm("https://blog.naver.com/sandbox-shop/1")
        .await
        .expect(409);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_post_stays_withdrawn() {
    let host = Host::start().await;
    let owner = host.connected_owner("shop-1").await;
    let distribution = published(&owner, "instagram", "LIVE").await;

    for _ in 0..2 {
        let withdrawn = owner
            .act(&distribution, "instagram", "withdraw", &Value::Null)
            .await;
        assert_eq!(withdrawn.expect(200)["status"], "WITHDRAWN");
    }

    assert_eq!(host.sandbox().posts("instagram").await.len(), 0);
    let event = owner.distribution(&distribution).await["eventId"].clone();
    let again = owner.publish(event.as_str().unwrap()).await;
    assert_eq!(again.result("instagram")["status"], "WITHDRAWN");
    assert_eq!(host.sandbox().posts("instagram").await.len(), 0);
    assert_eq!(
        audited(&owner).await,
        ["publish", "withdraw", "publish"],
        "once, however often it is asked for"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_advert_under_review_is_cancelled_at_its_provider() {
    let host = Host::builder()
        .config(|config| config.runtime.short_sleep_ms = 100)
        .start()
        .await;
    let sandbox = host.sandbox();
    sandbox.set_review_time(Duration::from_secs(3_600)).await;
    let owner = host.connected_owner("shop-1").await;
    for channel in ["genie-tv", "uridongne-tv", "ringo-biz"] {
        let distribution = published(&owner, channel, "ACCEPTED").await;

        let withdrawn = owner
            .act(&distribution, channel, "withdraw", &Value::Null)
            .await;

        assert_eq!(withdrawn.expect(200)["status"], "WITHDRAWN");
        let campaigns = sandbox.campaigns(channel).await;
        assert_eq!(campaigns.len(), 1, "{campaigns:#?}");
        assert_eq!(campaigns[0]["status"], "CANCELLED");
        let completed = owner.distribution(&distribution).await["completedAt"].clone();
        assert!(completed.is_string(), "{completed}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unsupported_withdrawal_reports_a_remedy_for_the_owner() {
    let host = Host::start().await;
    let owner = host.connected_owner("shop-1").await;
    let distribution = published(&owner, "kakao-channel", "LIVE").await;

    for (language, word) in [("en", "correction"), ("ko", "바로잡는")] {
        let reader = owner.reading(language);
        let refused = reader
            .act(&distribution, "kakao-channel", "withdraw", &Value::Null)
            .await
            .expect(409);
        assert_eq!(refused["type"], problem("channel-cannot"));
        let detail = refused["detail"].as_str().unwrap();
        assert!(detail.contains(word), "{detail}");
    }

    assert_eq!(owner.status(&distribution, "kakao-channel").await, "LIVE");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unanswered_withdrawal_changes_nothing_and_can_be_repeated() {
    let host = Host::start().await;
    let owner = host.connected_owner("shop-1").await;
    let distribution = published(&owner, "instagram", "LIVE").await;
    let broken = json!(503);
    let sandbox = host.sandbox();
    sandbox
        .faults("instagram", "/v26.0/*", "status", broken, 0)
        .await;

    let refused = owner
        .act(&distribution, "instagram", "withdraw", &Value::Null)
        .await;
    let refused = refused.expect(503);

    assert_eq!(refused["type"], problem("provider-unavailable"));
    assert_eq!(owner.status(&distribution, "instagram").await, "LIVE");
    sandbox.clear_faults().await;
    let withdrawn = owner
        .act(&distribution, "instagram", "withdraw", &Value::Null)
        .await;
    assert_eq!(withdrawn.expect(200)["status"], "WITHDRAWN");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_delivery_is_resolved_manually() {
    let host = Host::start().await;
    let owner = host.connected_owner("shop-1").await;
    let sandbox = host.sandbox();
    sandbox
        .faults(
            "kakao-channel",
            "freestyle-messages",
            "reset-before",
            Value::Null,
            0,
        )
        .await;
    sandbox
        .faults("kakao-channel", "*/messages", "status", json!(500), 0)
        .await;
    let found = published(&owner, "kakao-channel", "UNKNOWN").await;
    let lost = published(&owner, "kakao-channel", "UNKNOWN").await;

    let is_out = json!({"status": "LIVE", "externalId": "20261123"});
    for _ in 0..2 {
        let resolved = owner.act(&found, "kakao-channel", "resolve", &is_out).await;
        assert_eq!(resolved.expect(200)["externalId"], "20261123");
    }
    let operator = owner.with_token(&host.token("operator-1", baepo::api::Role::Operator));
    let resolved = operator
        .act(
            &lost,
            "kakao-channel",
            "resolve",
            &json!({"status": "FAILED"}),
        )
        .await;
    assert_eq!(resolved.expect(200)["status"], "FAILED");

    let refused = owner
        .act(
            &found,
            "kakao-channel",
            "resolve",
            &json!({"status": "FAILED"}),
        )
        .await;
    assert_eq!(
        refused.expect(409)["type"],
        problem("delivery-in-other-state")
    );
    let log = owner.get("/api/audit").await.expect(200);
    let resolves: Vec<&Value> = log["items"].as_array().unwrap().iter().collect();
    let by_operator = resolves.iter().find(|entry| entry["role"] == "operator");
    assert_eq!(by_operator.unwrap()["actor"], "operator-1", "{log:#}");
    sandbox.clear_faults().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn delivery_actions_are_limited_to_the_owner() {
    let host = Host::start().await;
    let owner = host.connected_owner("shop-1").await;
    let distribution = published(&owner, "naver-blog", "ACTION_REQUIRED").await;
    let other = host.owner("shop-2");

    let url = json!({"url": "https://blog.naver.com/sandbox-shop/1"});
    for (act, body) in [
        ("retry", Value::Null),
        ("confirm", url),
        ("withdraw", Value::Null),
        ("resolve", json!({"status": "FAILED"})),
    ] {
        let refused = other.act(&distribution, "naver-blog", act, &body).await;
        assert_eq!(refused.expect(404)["type"], problem("not-found"), "{act}");
    }

    let log = other.get("/api/audit").await.expect(200);
    assert_eq!(log["items"], json!([]));
    let asset = format!("/api/distribution/{distribution}/deliveries/naver-blog/assets/post.html");
    let _ = other.get(&asset).await.expect(404);
    let stream = other
        .get(&format!("/api/distribution/{distribution}/stream"))
        .await;
    let _ = stream.expect(404);
}
