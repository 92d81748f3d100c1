//! What comes back, and what is known when nothing does.

use std::io;
use std::net::IpAddr;

use async_trait::async_trait;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;

use super::provider::{Provider, ScriptedResponse, ok};
use super::*;

const SHORT: Option<u64> = Some(50);

async fn answering(answer: fn() -> ScriptedResponse) -> (Provider, Scenario) {
    let provider = Provider::start(move |_| answer()).await;
    let scenario = Scenario::with(&provider);
    (provider, scenario)
}

fn in_doubt(answer: Result<Response, SendError>) -> String {
    match answer {
        Err(SendError::InDoubt(text)) => text,
        other => panic!("not in doubt: {other:?}"),
    }
}

fn not_sent(answer: Result<Response, SendError>) -> String {
    match answer {
        Err(SendError::NotSent(text)) => text,
        other => panic!("not \"not sent\": {other:?}"),
    }
}

#[tokio::test]
async fn a_response_is_returned_unchanged_without_cookies() {
    let provider = Provider::responding(
        "HTTP/1.1 422 No\r\nX-Request-ID: 7\r\nSet-Cookie: a=b\r\nContent-Encoding: identity\r\n\
         Content-Length: 4\r\n\r\n\x1f\x00ab",
    )
    .await;
    let request = get(&format!("{META}/v1/7?fields=id,caption%20x"));
    let answer = Scenario::with(&provider)
        .send(request)
        .await
        .expect("an answer");
    assert_eq!(answer.status, 422);
    assert_eq!(answer.body.0, b"\x1f\x00ab");
    let names: Vec<_> = answer
        .headers
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(names, ["x-request-id", "content-length"]);
    assert_eq!(
        provider.request_lines(),
        ["GET /meta/v1/7?fields=id,caption%20x HTTP/1.1"]
    );
}

#[tokio::test]
async fn a_failed_connection_is_not_sent() {
    let gone = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = gone.local_addr().expect("its address");
    drop(gone);
    let refused = Scenario::to(&format!("http://{address}"));
    let text = not_sent(refused.send(post(&format!("{META}/v1/posts"))).await);
    assert!(
        text.starts_with("could not connect to graph.facebook.com: "),
        "{text}"
    );

    let no_tls = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = no_tls.local_addr().expect("its address");
    tokio::spawn(async move {
        let (mut stream, _) = no_tls.accept().await.expect("a connection");
        stream
            .write_all(ok("").as_bytes())
            .await
            .expect("nobody hangs up first");
        std::future::pending::<()>().await;
    });
    let deaf = Scenario::to(&format!("https://{address}"));
    let text = not_sent(deaf.send(post(&format!("{META}/v1/posts"))).await);
    assert!(
        text.starts_with("could not connect to graph.facebook.com: "),
        "{text}"
    );
}

#[derive(Debug)]
struct NoNames;

#[async_trait]
impl Resolver for NoNames {
    async fn resolve(&self, _host: &str) -> io::Result<Vec<IpAddr>> {
        Err(io::Error::other("no such name"))
    }
}

#[tokio::test]
async fn an_unresolvable_name_is_not_sent() {
    let config = EgressConfig {
        resolver: Arc::new(NoNames),
        ..EgressConfig::default()
    };
    let scenario = Scenario::of(Egress::new(config).expect("a way out"));
    let text = not_sent(scenario.send(post(&format!("{META}/v1/posts"))).await);
    assert_eq!(
        text,
        "could not connect to graph.facebook.com: no such name"
    );
}

#[tokio::test]
async fn a_connection_closed_without_a_response_is_in_doubt_and_not_retried() {
    let (provider, scenario) = answering(|| ScriptedResponse::SayAndClose(String::new())).await;
    let text = in_doubt(scenario.send(post(&format!("{META}/v1/posts"))).await);
    assert!(
        text.starts_with("no answer from graph.facebook.com: "),
        "{text}"
    );
    assert_eq!(provider.request_lines().len(), 1);
}

#[tokio::test]
async fn a_closed_idle_connection_does_not_duplicate_a_request() {
    let (provider, scenario) = answering(|| ScriptedResponse::SayAndClose(ok("posted"))).await;
    for sent in 1..=20 {
        // Whether the closing is seen before the next request is a matter of microseconds.
        match scenario.send(post(&format!("{META}/v1/posts"))).await {
            Ok(answer) => assert_eq!(answer.body.0, b"posted"),
            Err(error) => assert!(matches!(error, SendError::InDoubt(_)), "{error:?}"),
        }
        assert!(provider.request_lines().len() <= sent);
    }
}

#[tokio::test]
async fn a_truncated_response_is_in_doubt() {
    let half = || {
        ScriptedResponse::SayAndClose("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf".to_owned())
    };
    let (_provider, scenario) = answering(half).await;
    let text = in_doubt(scenario.send(post(&format!("{META}/v1/posts"))).await);
    assert!(
        text.starts_with("the answer of graph.facebook.com broke off: "),
        "{text}"
    );
}

#[tokio::test]
async fn a_hanging_provider_times_out() {
    let silent = || ScriptedResponse::SayAndHang(String::new());
    let slow_body =
        || ScriptedResponse::SayAndHang("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n1".to_owned());
    for answer in [silent as fn() -> ScriptedResponse, slow_body] {
        let (_provider, scenario) = answering(answer).await;
        for repeat in [Repeat::Safe, Repeat::Idempotent, Repeat::Unsafe] {
            let request = Request {
                repeat,
                timeout_ms: SHORT,
                ..get(&format!("{META}/v1/7"))
            };
            assert_eq!(
                in_doubt(scenario.send(request).await),
                "limit \"request time\": no answer from graph.facebook.com within 50 ms"
            );
        }
    }
}

#[tokio::test]
async fn a_component_timeout_is_capped_by_the_limit() {
    let (_provider, mut scenario) = answering(|| ScriptedResponse::SayAndHang(String::new())).await;
    scenario.limits.longest_request_time = Duration::from_millis(50);
    let timeout_ms = Some(3_600_000);
    let text = in_doubt(
        scenario
            .send(Request {
                timeout_ms,
                ..get(&format!("{META}/v1/7"))
            })
            .await,
    );
    assert!(text.ends_with("within 50 ms"), "{text}");
}

#[tokio::test]
async fn an_oversized_response_is_not_read_to_the_end() {
    let announced = || {
        ScriptedResponse::SayAndHang("HTTP/1.1 200 OK\r\ncontent-length: 99999\r\n\r\n".to_owned())
    };
    let endless =
        || ScriptedResponse::SayForever("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n".to_owned());
    let header = || {
        let field = "x".repeat(10_001);
        ScriptedResponse::Say(format!(
            "HTTP/1.1 200 OK\r\nx: {field}\r\ncontent-length: 0\r\n\r\n"
        ))
    };
    for answer in [announced as fn() -> ScriptedResponse, endless, header] {
        let (_provider, scenario) = answering(answer).await;
        let answer = scenario.send(get(&format!("{META}/v1/7"))).await;
        assert_eq!(answer, Err(SendError::TooLarge(10_000)));
    }
}

#[tokio::test]
async fn a_head_response_may_declare_a_body_over_the_limit() {
    let head =
        || ScriptedResponse::Say("HTTP/1.1 200 OK\r\ncontent-length: 99999\r\n\r\n".to_owned());
    let (_provider, scenario) = answering(head).await;
    let request = Request {
        method: "HEAD".to_owned(),
        ..get(&format!("{META}/v1/7"))
    };
    assert_eq!(scenario.send(request).await.expect("an answer").body.0, b"");
}

#[tokio::test]
async fn a_request_without_a_turn_before_its_deadline_is_not_sent() {
    let (provider, mut scenario) = answering(|| ScriptedResponse::Say(ok(""))).await;
    scenario.limits.requests_per_second = 1;
    let request = || Request {
        timeout_ms: Some(500),
        ..get(&format!("{META}/v1/7"))
    };
    scenario.send(request()).await.expect("its turn is now");
    assert_eq!(
        not_sent(scenario.send(request()).await),
        "limit \"requests per second\": 1 to graph.facebook.com, channel instagram, and no turn \
         within 500 ms"
    );
    scenario.channel = "naver-blog".parse().expect("a channel");
    scenario
        .send(request())
        .await
        .expect("every channel has turns of its own");
    assert_eq!(provider.request_lines().len(), 2);
}
