//! Which requests meet a fault, and how a wrong one is refused.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{fixture, id, message};

#[tokio::test]
async fn a_fault_applies_the_requested_number_of_times() {
    let fixture = fixture().await;
    fixture
        .fault(json!({ "provider": "instagram", "fault": "status", "value": 500, "times": 2 }))
        .await;

    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(
            fixture
                .container(json!({ "image_url": "https://a.example/1.jpg" }))
                .await
                .0,
        );
    }

    assert_eq!(statuses, [500, 500, 200]);
}

#[tokio::test]
async fn an_unlimited_fault_applies_until_deleted() {
    let fixture = fixture().await;
    fixture
        .fault(json!({ "provider": "instagram", "fault": "status", "value": 500, "times": null }))
        .await;
    for _ in 0..5 {
        assert_eq!(fixture.publish("1").await.0, 500);
    }
    let (_, listed) = fixture.control(Method::GET, "/faults", json!({})).await;
    assert_eq!(listed["faults"][0]["hits"], 5);

    fixture.control(Method::DELETE, "/faults", json!({})).await;

    assert_eq!(fixture.publish("1").await.0, 400);
}

#[tokio::test]
async fn a_fault_matches_provider_method_and_path() {
    let fixture = fixture().await;
    fixture
        .fault(json!({
            "provider": "instagram", "method": "POST", "path": "*/media",
            "fault": "status", "value": 500, "times": 0,
        }))
        .await;

    assert_eq!(
        fixture
            .container(json!({ "image_url": "https://a.example/1.jpg" }))
            .await
            .0,
        500
    );
    assert_eq!(fixture.publish("1").await.0, 400, "not this path");
    fixture.graph_get("/17841400000000001/media").await;
    assert_eq!(
        fixture.send("k", &message(&["010"])).await["header"]["resultCode"],
        0
    );
}

#[tokio::test]
async fn an_invalid_fault_is_rejected_with_the_reason() {
    let fixture = fixture().await;
    let refused = async |fault: Value| {
        let (status, problem) = fixture.control(Method::POST, "/faults", fault).await;
        assert_eq!(status, 400);
        problem["detail"].as_str().unwrap().to_owned()
    };
    let fault = |fault: &str, value: Value| json!({ "provider": "instagram", "fault": fault, "value": value });

    let provider = refused(json!({ "provider": "myspace", "fault": "hang" })).await;
    assert!(
        provider.contains("myspace") && provider.contains("nhn-cloud"),
        "{provider}"
    );
    let kind = refused(fault("explode", json!(null))).await;
    assert!(
        kind.contains("explode") && kind.contains("reset-before"),
        "{kind}"
    );
    let field = refused(json!({ "provider": "instagram", "fault": "hang", "when": 1 })).await;
    assert!(field.contains("when") && field.contains("times"), "{field}");
    assert!(
        refused(fault("status", json!(99)))
            .await
            .contains("200 to 599")
    );
    assert!(
        refused(fault("status", json!({ "code": 400 })))
            .await
            .contains("code")
    );
    assert!(
        refused(fault("delay", json!("1s")))
            .await
            .contains("milliseconds")
    );
    assert!(
        refused(fault("redirect", json!("a\nb")))
            .await
            .contains("header")
    );
    assert!(
        refused(fault("hang", json!(1)))
            .await
            .contains("takes none")
    );
}

#[tokio::test]
async fn faults_do_not_touch_the_control_api() {
    let fixture = fixture().await;
    fixture
        .fault(json!({ "provider": "instagram", "fault": "reset-before", "times": 0 }))
        .await;
    let container = fixture.publish_request("1").send().await;

    assert!(container.is_err());
    assert!(fixture.posts("instagram").await.is_empty());
    fixture.control(Method::DELETE, "/faults", json!({})).await;
    id(fixture
        .publish(&fixture.ready_image("다시 된다").await)
        .await);
}
