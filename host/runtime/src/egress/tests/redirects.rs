//! Answers that send a request elsewhere.

use super::provider::{Provider, ScriptedResponse, ok, redirect};
use super::*;

/// Redirects `/meta/v1/old` and posts, and answers everything else.
async fn redirecting(status: u16, location: &str) -> Provider {
    let elsewhere = redirect(status, location);
    Provider::start(move |request| {
        let old = request.contains("/v1/old") || request.contains("/v1/posts");
        ScriptedResponse::Say(if old { elsewhere.clone() } else { ok("found") })
    })
    .await
}

#[tokio::test]
async fn a_safe_request_follows_granted_redirects() {
    for location in ["new", "/meta/v1/new", "https://graph.facebook.com/v1/new"] {
        let provider = redirecting(302, location).await;
        let scenario = Scenario::with(&provider);
        let answer = scenario
            .send(with_token(get(&format!("{META}/v1/old"))))
            .await;
        assert_eq!(
            answer.expect("it is granted").body.0,
            b"found",
            "{location}"
        );
        assert_eq!(
            provider.request_lines(),
            ["GET /meta/v1/old HTTP/1.1", "GET /meta/v1/new HTTP/1.1"]
        );
        assert!(
            provider
                .requests()
                .iter()
                .all(|request| request.contains("\r\nauthorization: "))
        );
    }
}

#[tokio::test]
async fn a_redirect_drops_secrets_not_granted_for_its_target() {
    let provider = redirecting(307, "https://cdn.example/file").await;
    let scenario = Scenario::with(&provider);
    scenario
        .send(with_token(get(&format!("{META}/v1/old"))))
        .await
        .expect("both are granted");
    let requests = provider.requests();
    assert!(requests[0].contains("\r\nauthorization: Bearer "));
    assert!(requests[1].starts_with("GET /cdn/file") && !requests[1].contains("authorization"));
}

#[tokio::test]
async fn a_redirect_outside_the_grants_is_denied_with_its_rule() {
    for (location, shown, rule) in [
        (
            "http://169.254.169.254/latest",
            "http://169.254.169.254/latest",
            "rule \"private address\": 169.254.169.254 is link-local (cloud metadata)",
        ),
        (
            "http://2130706433/",
            "http://127.0.0.1/",
            "rule \"private address\": 127.0.0.1 is loopback",
        ),
        (
            "http://[::ffff:10.0.0.1]/",
            "http://[::ffff:a00:1]/",
            "rule \"private address\": ::ffff:10.0.0.1 is an IPv4-mapped address",
        ),
        (
            "https://elsewhere.example/?x=1",
            "https://elsewhere.example/",
            "rule \"grants\": GET https://elsewhere.example/ is not granted",
        ),
        (
            "https://graph.facebook.com/v1/a/b",
            "https://graph.facebook.com/v1/a/b",
            "rule \"grants\": GET https://graph.facebook.com/v1/a/b is not granted",
        ),
        (
            "ftp://a.example/",
            "ftp://a.example/",
            "rule \"url\": only http and https",
        ),
        (
            "https://u:p@cdn.example/",
            "https://cdn.example/",
            "rule \"url\": an address has no user",
        ),
        ("https://", "https://", "rule \"url\": it is not an address"),
    ] {
        let provider = redirecting(301, location).await;
        let text = Scenario::with(&provider)
            .denied(get(&format!("{META}/v1/old")))
            .await;
        assert!(
            text.starts_with(&format!("redirect to {shown}: {rule}")),
            "{text}"
        );
        assert_eq!(provider.request_lines().len(), 1);
    }
}

#[tokio::test]
async fn a_stand_in_redirects_only_to_itself() {
    let provider = redirecting(301, "/_control/faults").await;
    let text = Scenario::with(&provider)
        .denied(get(&format!("{META}/v1/old")))
        .await;
    assert!(
        text.ends_with("rule \"private address\": 127.0.0.1 is loopback"),
        "{text}"
    );
}

#[tokio::test]
async fn at_most_three_redirects_are_followed() {
    let provider = Provider::responding(&redirect(302, "https://cdn.example/again")).await;
    let text = Scenario::with(&provider)
        .denied(get(&format!("{META}/v1/old")))
        .await;
    assert_eq!(
        text,
        "redirect to https://cdn.example/again: rule \"redirects\": more than 3 in a row"
    );
    assert_eq!(provider.request_lines().len(), 4);
}

#[tokio::test]
async fn a_non_safe_request_is_not_redirected() {
    let provider = redirecting(307, "https://graph.facebook.com/v1/posts").await;
    let scenario = Scenario::with(&provider);
    let request = post(&format!("{META}/v1/posts"));
    assert_eq!(
        scenario.send(request.clone()).await,
        Err(SendError::InDoubt(
            "graph.facebook.com answered with a redirect to https://graph.facebook.com/v1/posts, \
             not followed: rule \"redirects\": only safe requests follow one"
                .to_owned()
        ))
    );
    let text = scenario
        .denied(Request {
            repeat: Repeat::Idempotent,
            ..request
        })
        .await;
    assert_eq!(
        text,
        "redirect to https://graph.facebook.com/v1/posts: rule \"redirects\": only safe requests \
         follow one"
    );
    assert_eq!(provider.request_lines().len(), 2);
}

#[tokio::test]
async fn a_post_is_not_repeated_by_a_redirect() {
    let provider = redirecting(303, "https://graph.facebook.com/v1/result").await;
    let headers = vec![("content-type".to_owned(), "text/plain".to_owned())];
    let request = Request {
        repeat: Repeat::Safe,
        headers,
        ..post(&format!("{META}/v1/posts"))
    };
    Scenario::with(&provider)
        .send(request)
        .await
        .expect("it is granted");
    let requests = provider.requests();
    assert!(requests[1].starts_with("GET /meta/v1/result"));
    assert!(!requests[1].contains("content-type") && !requests[1].contains("caption"));
}

#[tokio::test]
async fn other_3xx_responses_are_returned() {
    for head in [
        "304 Not Modified\r\nlocation: http://127.0.0.1/",
        "302 Found",
    ] {
        let provider =
            Provider::responding(&format!("HTTP/1.1 {head}\r\ncontent-length: 0\r\n\r\n")).await;
        let answer = Scenario::with(&provider)
            .send(get(&format!("{META}/v1/old")))
            .await;
        assert_eq!(answer.expect("an answer").status / 100, 3);
    }
}
