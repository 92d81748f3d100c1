//! A secret's new value: how it is requested, and the error when there is none.

use baepo_domain::model::manifest::RefreshSpec;
use baepo_domain::model::text::Language;
use baepo_domain::ports::{RenewError, RenewedSecret};
use secrecy::ExposeSecret as _;
use serde_json::json;

use super::provider::{Provider, ScriptedResponse, ok};
use super::*;

fn spec() -> RefreshSpec {
    let spec = json!({
        "url": format!("{META}/refresh_access_token"),
        "query": {"grant_type": "ig_refresh_token"},
        "secret_query": "access_token",
    });
    serde_json::from_value(spec).expect("as in channel.toml")
}

async fn renewed(scenario: &Scenario) -> Result<RenewedSecret, RenewError> {
    let policy = scenario.policy();
    scenario.egress.renew(policy, "accessToken", &spec()).await
}

/// Without a grant for this address: the manifest declares it.
#[tokio::test]
async fn a_secret_is_refreshed_with_its_old_value() {
    let body =
        r#"{"access_token": "the-new-value", "token_type": "bearer", "expires_in": 5184000}"#;
    let provider = Provider::responding(&ok(body)).await;
    let renewed = renewed(&Scenario::with(&provider))
        .await
        .expect("a new one");
    assert_eq!(renewed.secret.expose_secret(), "the-new-value");
    assert_eq!(renewed.good_for, Some(Duration::from_secs(60 * 86_400)));
    assert!(!format!("{renewed:?}").contains("the-new-value"));
    assert_eq!(
        provider.request_lines(),
        ["GET /meta/refresh_access_token?grant_type=ig_refresh_token\
          &access_token=canary%2Bof%2Fthe+mine HTTP/1.1"]
    );
}

#[tokio::test]
async fn a_refusal_contains_the_redacted_provider_message_for_operators() {
    for (status, transient) in [(400, ""), (401, r#", "is_transient": false"#), (403, "")] {
        let body = format!(
            r#"{{"error": {{"message": "Session of {CANARY} has expired\n[en] Anything", "code": 190{transient}}}}}"#
        );
        let answer = format!(
            "HTTP/1.1 {status} No\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let provider = Provider::responding(&answer).await;
        let Err(RenewError::Refused(why)) = renewed(&Scenario::with(&provider)).await else {
            panic!("{status} is a refusal")
        };
        assert_eq!(
            why.get(Language::Korean),
            "제공사가 연결을 이어 주지 않았습니다."
        );
        assert_eq!(
            why.get(Language::English),
            "The provider did not renew the connection."
        );
        let message = why.detail().expect("what it said, for operators");
        assert_eq!(
            message,
            format!(
                "graph.facebook.com answered {status}: Session of [secret] has expired [en] Anything"
            )
        );
    }
}

#[tokio::test]
async fn a_temporary_failure_is_not_a_refusal() {
    let answers: [fn() -> ScriptedResponse; 8] = [
        || {
            no(
                400,
                r#"{"error": {"message": "try again", "code": 190, "is_transient": true}}"#,
            )
        },
        || no(401, r#"{"error": "invalid_token"}"#),
        || no(401, "<html>Unauthorized</html>"),
        || {
            let body = r#"{"error": {"message": "Application request limit reached", "code": 4}}"#;
            let length = body.len();
            ScriptedResponse::Say(format!(
                "HTTP/1.1 403 No\r\ncontent-length: {length}\r\n\r\n{body}"
            ))
        },
        || ScriptedResponse::Say("HTTP/1.1 503 Away\r\ncontent-length: 0\r\n\r\n".to_owned()),
        || ScriptedResponse::Say("HTTP/1.1 429 Slow\r\ncontent-length: 0\r\n\r\n".to_owned()),
        || ScriptedResponse::Say(ok(CANARY)),
        || ScriptedResponse::SayAndClose(String::new()),
    ];
    for answer in answers {
        let provider = Provider::start(move |_| answer()).await;
        let Err(RenewError::Unavailable(why)) = renewed(&Scenario::with(&provider)).await else {
            panic!("it may work later")
        };
        assert!(why.contains("graph.facebook.com"), "{why}");
        assert!(!why.contains("canary"), "{why}");
    }
}

fn no(status: u16, body: &str) -> ScriptedResponse {
    let length = body.len();
    ScriptedResponse::Say(format!(
        "HTTP/1.1 {status} No\r\ncontent-length: {length}\r\n\r\n{body}"
    ))
}

#[tokio::test]
async fn an_invalid_grant_is_a_refusal() {
    let provider = Provider::start(|_| no(400, r#"{"error": "invalid_grant"}"#)).await;
    let refused = renewed(&Scenario::with(&provider)).await;
    assert!(
        matches!(refused, Err(RenewError::Refused(_))),
        "{refused:?}"
    );
}

/// Then the one in use stays, with the end that is known of it.
#[tokio::test]
async fn an_implausible_lifetime_is_rejected() {
    for expires_in in [
        "0",
        "-1",
        "59",
        "3599",
        "\"5184000\"",
        "1e300",
        "99999999999",
        "true",
        "[]",
    ] {
        let body = format!(r#"{{"access_token": "the-new-value", "expires_in": {expires_in}}}"#);
        let provider = Provider::responding(&ok(&body)).await;
        let Err(RenewError::Unavailable(why)) = renewed(&Scenario::with(&provider)).await else {
            panic!("{expires_in} was believed")
        };
        assert!(why.contains("is not believed"), "{why}");
        assert!(!why.contains("the-new-value"), "{why}");
    }
    let untold = r#"{"access_token": "the-new-value"}"#;
    let provider = Provider::responding(&ok(untold)).await;
    let renewed = renewed(&Scenario::with(&provider)).await;
    assert_eq!(renewed.expect("a new one").good_for, None);
}

#[tokio::test]
async fn a_missing_secret_requires_the_owner() {
    let provider = Provider::responding(&ok("")).await;
    let mut scenario = Scenario::with(&provider);
    scenario.secrets.clear();
    let refused = renewed(&scenario).await.expect_err("there is none");
    assert!(matches!(refused, RenewError::Refused(_)), "{refused:?}");
    assert_eq!(provider.request_lines(), [""; 0]);
}

#[tokio::test]
async fn a_secret_is_not_sent_to_a_private_address() {
    let scenario = Scenario::of(Egress::new(EgressConfig::default()).expect("a way out"));
    let spec = RefreshSpec {
        url: "https://10.0.0.1/refresh".parse().expect("a url"),
        ..spec()
    };
    let renewed = scenario
        .egress
        .renew(scenario.policy(), "accessToken", &spec)
        .await;
    assert_eq!(
        renewed.expect_err("it is refused").to_string(),
        "rule \"private address\": 10.0.0.1 is private"
    );
}
