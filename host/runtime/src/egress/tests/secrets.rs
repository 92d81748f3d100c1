//! Secrets go to the origins of their grant, and come back in nothing.

use super::provider::{Provider, ScriptedResponse, ok, redirect};
use super::*;

fn everywhere(url: &str) -> Request {
    let credentials = [
        Credential::Bearer("accessToken"),
        Credential::Header("x-api-key", "accessToken"),
        Credential::Query("access_token", "accessToken"),
    ];
    Request {
        credentials: credentials.map(|named| named.to_string()).into(),
        ..get(url)
    }
}

#[tokio::test]
async fn a_secret_is_attached_where_the_component_requests_it() {
    let provider = Provider::responding(&ok("")).await;
    let scenario = Scenario::with(&provider);
    scenario
        .send(everywhere(&format!("{META}/v1/7?a=1")))
        .await
        .expect("it is granted");
    let request = &provider.requests()[0];
    assert!(request.starts_with("GET /meta/v1/7?a=1&access_token=canary%2Bof%2Fthe+mine HTTP/1.1"));
    assert!(request.contains(&format!("\r\nauthorization: Bearer {CANARY}\r\n")));
    assert!(request.contains(&format!("\r\nx-api-key: {CANARY}\r\n")));
}

#[tokio::test]
async fn a_secret_is_attached_nowhere_else() {
    let provider = Provider::responding(&ok("")).await;
    let mut scenario = Scenario::with(&provider);
    assert_eq!(
        scenario
            .denied(with_token(get("https://cdn.example/x")))
            .await,
        "rule \"credentials\": secret \"accessToken\" is not granted for https://cdn.example"
    );
    scenario.secrets.clear();
    assert_eq!(
        scenario
            .denied(with_token(get(&format!("{META}/v1/7"))))
            .await,
        "rule \"credentials\": the account has no secret \"accessToken\"; connect the account"
    );
    assert_eq!(provider.request_lines(), [""; 0]);
}

#[tokio::test]
async fn no_error_contains_a_secret() {
    let echo =
        "http://10.0.0.1/canary+of/the%20mine/canary%2Bof%2Fthe+mine?t=canary%2Bof%2Fthe+mine";
    let answers: [fn(&str) -> ScriptedResponse; 4] = [
        |_| ScriptedResponse::SayAndClose(String::new()),
        |echo| ScriptedResponse::Say(redirect(302, echo)),
        |_| {
            ScriptedResponse::SayAndClose(
                "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf".to_owned(),
            )
        },
        |_| ScriptedResponse::SayAndHang(format!("no http {CANARY}\r\n\r\n")),
    ];
    for answer in answers {
        let provider = Provider::start(move |_| answer(echo)).await;
        let request = Request {
            timeout_ms: Some(200),
            ..everywhere(&format!("{META}/v1/7"))
        };
        let error = Scenario::with(&provider)
            .send(request)
            .await
            .expect_err("no answer");
        let text = format!("{error} {error:?}");
        for secret in [CANARY, "canary%2Bof%2Fthe+mine"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}

#[tokio::test]
async fn a_token_echoed_by_a_provider_is_redacted() {
    let body = format!(
        "{{\"next\":\"{META}/v1/7?access_token=canary%2Bof%2Fthe+mine\",\"t\":\"{CANARY}\"}}"
    );
    let provider = Provider::responding(&ok(&body)).await;
    let request = with_token(get(&format!("{META}/v1/7")));
    let answer = Scenario::with(&provider)
        .send(request)
        .await
        .expect("an answer");
    let body = String::from_utf8(answer.body.0).expect("text");
    assert_eq!(
        body,
        format!("{{\"next\":\"{META}/v1/7?access_token=[secret]\",\"t\":\"[secret]\"}}")
    );
}
