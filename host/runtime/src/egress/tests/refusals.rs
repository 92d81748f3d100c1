//! What never leaves.

use std::collections::VecDeque;
use std::io;
use std::net::IpAddr;
use std::sync::Mutex;

use async_trait::async_trait;

use super::provider::{Provider, ScriptedResponse, ok};
use super::*;

#[tokio::test]
async fn a_grant_for_a_private_address_has_no_effect() {
    let origins = [
        "http://127.0.0.1",
        "http://169.254.169.254",
        "http://[::ffff:10.0.0.1]",
        "http://10.0.0.1",
        "http://localhost",
        "http://[::1]",
        "http://[64:ff9b::a00:1]",
    ];
    let mut scenario = Scenario::of(Egress::new(EgressConfig::default()).expect("a way out"));
    scenario.grants = origins
        .map(|origin| grant(origin, &["GET /**"], &[]))
        .into();
    for (url, refusal) in [
        ("http://127.0.0.1/x", "127.0.0.1 is loopback"),
        ("http://2130706433/x", "127.0.0.1 is loopback"),
        ("http://0177.1/x", "127.0.0.1 is loopback"),
        ("http://0x7f000001/x", "127.0.0.1 is loopback"),
        (
            "http://169.254.169.254/latest/meta-data",
            "169.254.169.254 is link-local (cloud metadata)",
        ),
        (
            "http://[::ffff:10.0.0.1]/x",
            "::ffff:10.0.0.1 is an IPv4-mapped address",
        ),
        (
            "http://[64:ff9b::a00:1]/x",
            "64:ff9b::a00:1 is behind NAT64",
        ),
        ("http://localhost/x", "localhost is loopback"),
    ] {
        let text = scenario.denied(get(url)).await;
        assert_eq!(
            text,
            format!("rule \"private address\": {refusal}"),
            "{url}"
        );
    }
}

#[tokio::test]
async fn ungranted_requests_do_not_reach_the_provider() {
    let provider = Provider::responding(&ok("")).await;
    let scenario = Scenario::with(&provider);
    for url in [
        "/v2/7",
        "/v1/7/comments",
        "/v1/..%2fadmin",
        "/v1/../admin",
        "/v1/%2e%2e/admin",
    ] {
        scenario.denied(get(&format!("{META}{url}"))).await;
    }
    let text = scenario
        .denied(get("https://elsewhere.example/v1/7?q=1"))
        .await;
    assert_eq!(
        text,
        "rule \"grants\": GET https://elsewhere.example/v1/7 is not granted to channel instagram; \
         granted are: https://graph.facebook.com, https://cdn.example"
    );
    assert_eq!(provider.request_lines(), [""; 0]);
}

#[tokio::test]
async fn a_header_field_cannot_inject_another_request() {
    let provider = Provider::responding(&ok("")).await;
    let scenario = Scenario::with(&provider);
    for (name, value) in [
        ("Host", "evil.example"),
        ("Content-Length", "0"),
        ("Transfer-Encoding", "chunked"),
        ("x-note", "a\r\n\r\nGET /v1/evil HTTP/1.1"),
        ("x-note\r\nhost", "evil.example"),
        ("authorization", "Bearer forged"),
    ] {
        let headers = vec![(name.to_owned(), value.to_owned())];
        let text = scenario
            .denied(Request {
                headers,
                ..post(&format!("{META}/v1/posts"))
            })
            .await;
        assert!(text.starts_with("rule \"headers\""), "{text}");
    }
    let body = Some(Body(b"0\r\n\r\nGET /v1/evil HTTP/1.1\r\n\r\n".to_vec()));
    let request = Request {
        body,
        ..post(&format!("{META}/v1/posts"))
    };
    scenario.send(request).await.expect("a body is only a body");
    assert_eq!(provider.request_lines(), ["POST /meta/v1/posts HTTP/1.1"]);
    assert_eq!(provider.requests()[0].matches("\r\nhost: ").count(), 1);
}

#[tokio::test]
async fn an_oversized_request_is_not_sent() {
    let provider = Provider::responding(&ok("")).await;
    let scenario = Scenario::with(&provider);
    let request = Request {
        body: Some(Body(vec![b'x'; 10_000])),
        ..post(&format!("{META}/v1/posts"))
    };
    assert_eq!(
        scenario.denied(request).await,
        "limit \"request bytes\": used 10,035 of 10,000, channel instagram"
    );
    assert_eq!(provider.request_lines(), [""; 0]);
}

#[tokio::test]
async fn too_many_header_fields_are_denied_without_a_panic() {
    let provider = Provider::responding(&ok("")).await;
    let mut scenario = Scenario::with(&provider);
    scenario.limits.request_bytes = 10_000_000;
    let url = format!("{META}/v1/7");
    let headers = (0..40_000)
        .map(|number| (format!("x-{number}"), String::new()))
        .collect();
    let credentials = vec!["query q accessToken".to_owned(); 40_000];
    for flood in [
        Request {
            headers,
            ..get(&url)
        },
        Request {
            credentials,
            ..get(&url)
        },
    ] {
        let text = scenario.denied(flood).await;
        assert_eq!(
            text,
            "rule \"headers\": more than 100 fields and credentials"
        );
    }
    let path = "%25".repeat(1_000_000);
    scenario.denied(get(&format!("{META}/v1/{path}/"))).await;
    assert_eq!(provider.request_lines(), [""; 0]);
}

/// A name with another answer to each question; the last one stays.
#[derive(Debug)]
struct Names(Mutex<VecDeque<Vec<IpAddr>>>);

#[async_trait]
impl Resolver for Names {
    async fn resolve(&self, _host: &str) -> io::Result<Vec<IpAddr>> {
        let mut answers = self.0.lock().expect("no panic");
        let answer = answers
            .pop_front()
            .expect("one more question than expected");
        Ok(answer)
    }
}

/// A way out for which 127.0.0.77 is the public internet.
fn resolving(answers: &[&[&str]]) -> (Egress, Arc<Names>) {
    let addresses = |answer: &&[&str]| {
        answer
            .iter()
            .map(|address| address.parse().expect("an address"))
            .collect()
    };
    let names = Arc::new(Names(Mutex::new(answers.iter().map(addresses).collect())));
    let resolver = Arc::clone(&names) as Arc<dyn Resolver>;
    let config = EgressConfig {
        resolver,
        ..EgressConfig::default()
    };
    let egress = Egress::with_rule(config, |address| {
        (address != IpAddr::from([127, 0, 0, 77])).then(|| addresses::not_public(address))?
    });
    (egress.expect("a way out"), names)
}

#[tokio::test]
async fn dns_rebinding_to_a_private_address_is_denied() {
    let close = |_: &str| ScriptedResponse::SayAndClose(ok("public"));
    let public = Provider::at("127.0.0.77:0", close)
        .await
        .expect("a free port");
    let port = public.address.port();
    let private = Provider::at(&format!("127.0.0.1:{port}"), close)
        .await
        .expect("the same port");
    let (egress, names) = resolving(&[&["127.0.0.77"], &["127.0.0.1"]]);
    let mut scenario = Scenario::of(egress);
    scenario.grants = vec![grant(
        &format!("http://rebind.example:{port}"),
        &["GET /"],
        &[],
    )];

    let url = format!("http://rebind.example:{port}/");
    let answer = scenario.send(get(&url)).await.expect("it is public");
    assert_eq!(answer.body.0, b"public");
    assert_eq!(
        names.0.lock().expect("no panic").len(),
        1,
        "one question for one connection"
    );

    // A connection that is being closed may be found so only when it is used.
    let text = match scenario.send(get(&url)).await {
        Err(SendError::InDoubt(_)) => scenario.denied(get(&url)).await,
        Err(SendError::Denied(text)) => text,
        other => panic!("not denied: {other:?}"),
    };
    let refusal = "rebind.example resolves to 127.0.0.1, which is loopback";
    assert_eq!(text, format!("rule \"private address\": {refusal}"));
    assert_eq!(private.request_lines(), [""; 0]);
}

#[tokio::test]
async fn a_name_with_one_private_address_is_denied() {
    for scheme in ["http", "https"] {
        let (egress, _) = resolving(&[&["127.0.0.77", "fd00:ec2::254"]]);
        let mut scenario = Scenario::of(egress);
        scenario.grants = vec![grant(&format!("{scheme}://mixed.example"), &["GET /"], &[])];
        assert_eq!(
            scenario
                .denied(get(&format!("{scheme}://mixed.example/")))
                .await,
            "rule \"private address\": mixed.example resolves to fd00:ec2::254, which is unique \
             local (private)"
        );
    }
}
