//! Requests that a component may not send: refused before they leave, each with its rule.

use it::{Host, autumn_event, guest};
use serde_json::json;

/// What a component reads that asks for this address.
async fn refusal_of(url: &str) -> String {
    let host = Host::builder()
        .components([guest("forged_requests")])
        .start()
        .await;
    let owner = host.connected_owner("shop-1").await;
    let mut draft = autumn_event(&["forged-requests"]);
    draft["channelSettings"] = json!({"forged-requests": {"url": url}});
    let answer = owner.publish_new(&draft).await;
    let result = answer.result("forged-requests");
    assert_eq!(result["status"], "FAILED", "{result:#}");
    result["message"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn private_addresses_are_denied_in_every_notation() {
    for url in [
        "http://127.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:10.0.0.1]/",
        "http://2130706433/",
        "http://0x7f.1/",
        "https://localhost/",
    ] {
        let message = refusal_of(url).await;
        assert!(
            message.contains("rule \"private address\""),
            "{url}: {message}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_outside_the_grants_is_denied() {
    for url in [
        "https://elsewhere.example/allowed/x",
        "https://granted.example/forbidden",
        "https://granted.example/allowed/../forbidden",
        "https://granted.example:8443/allowed/x",
        "http://granted.example/allowed/x",
    ] {
        let message = refusal_of(url).await;
        assert!(message.contains("rule \"grants\""), "{url}: {message}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_to_a_private_address_is_denied() {
    let host = Host::start().await;
    let owner = host.connected_owner("shop-1").await;
    let sandbox = host.sandbox();
    let metadata = json!("http://169.254.169.254/latest/meta-data/");
    sandbox
        .faults(
            "instagram",
            "content_publishing_limit",
            "redirect",
            metadata,
            0,
        )
        .await;

    let answer = owner.publish_new(&autumn_event(&["instagram"])).await;

    // The owner reads what happened; the rule is the operator's.
    let id = answer.body["distributionId"].as_str().unwrap();
    let seen = host
        .operator()
        .get(&format!("/api/distribution/{id}"))
        .await
        .expect(200);
    assert!(seen.to_string().contains("private address"), "{seen:#}");
    assert!(!answer.body.to_string().contains("private address"));
    assert!(sandbox.posts("instagram").await.is_empty());
}
