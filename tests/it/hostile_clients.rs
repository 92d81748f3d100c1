//! Clients that mean harm or know no better: half-open, slow, huge, amplifying, and one that takes every
//! place.

use std::net::SocketAddr;
use std::time::Duration;

use futures::future::join_all;
use it::{Host, Installation, LaunchOptions, Owner, Program, autumn_event, eventually};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Only what hangs takes so long.
const HANGS: Duration = Duration::from_secs(60);
const MAX_ERROR_BYTES: usize = 64 << 10;

/// What a socket gets until it is closed.
async fn read_until_close(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let read = tokio::time::timeout(HANGS, stream.read_to_end(&mut bytes)).await;
    // A reset is an end as well.
    let _ = read.expect("the connection is closed in a bounded time");
    String::from_utf8_lossy(&bytes).into_owned()
}

async fn connect(address: SocketAddr, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.write_all(text.as_bytes()).await.expect("sent");
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn half_open_connections_do_not_exhaust_file_descriptors() {
    let launch = LaunchOptions {
        config: "[server]\nheader_ms = 3000\n",
        files: Some(160),
        ..LaunchOptions::default()
    };
    let program = Program::launch(Installation::default(), &launch).await;
    let program = program.unwrap_or_else(|ended| panic!("it starts: {}", ended.stderr));
    let owner = program.owner("shop-1");

    let mut half_open = Vec::new();
    for number in 0..240 {
        half_open.push(connect(program.api(), "GET /healthz HTTP/1.1\r\nhost:").await);
        if number % 40 == 39 {
            let _ = owner.get("/healthz").await.expect(200);
            let _ = owner.get("/api/events").await.expect(200);
        }
    }
    for mut stream in half_open {
        assert_eq!(read_until_close(&mut stream).await, "");
    }
    let _ = owner.get("/readyz").await.expect(200);
    let stopped = program.stop().await;
    assert_eq!(stopped.status.code(), Some(0), "{}", stopped.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stalled_request_body_times_out() {
    let host = Host::builder()
        .config(|config| config.server.connections.body = Duration::from_millis(200))
        .start()
        .await;
    let token = host.token("shop-1", baepo::api::Role::Owner);
    let address = host.api().trim_start_matches("http://").parse().unwrap();
    let head = format!(
        "POST /api/events HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\ncontent-length: 1000\r\n\r\n{{\"title\":"
    );
    let answer = read_until_close(&mut connect(address, &head).await).await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(
        answer.contains("urn:baepo:problem:request-timeout"),
        "{answer}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_with_300_000_problems_gets_a_64_kib_response_with_their_count() {
    let program = Program::start(&[]).await;
    let owner = program.owner("shop-1");
    let draft = json!({"content": {"title": "t", "body": "b", "hashtags": vec![""; 300_000]}});
    // What one costs, so that only what twelve at once add is counted.
    let _ = owner.post("/api/events", &draft).await.expect(422);
    let before = peak_memory(program.pid());

    let asked = (0..12).map(|_| {
        let (owner, draft) = (owner.clone(), draft.clone());
        tokio::spawn(async move {
            let request = owner.request(Method::POST, "/api/events").json(&draft);
            let response = request.send().await.expect("an answer");
            let status = response.status().as_u16();
            (status, response.bytes().await.expect("a body"))
        })
    });
    for answer in join_all(asked).await {
        let (status, body) = answer.unwrap();
        assert_eq!(status, 422);
        assert!(body.len() <= MAX_ERROR_BYTES, "{} bytes", body.len());
        let problem: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(
            problem["total"], 300_001,
            "all of them, and that there are too many"
        );
        assert_eq!(problem["errors"].as_array().unwrap().len(), 100);
    }

    let grown = peak_memory(program.pid()) - before;
    eprintln!("twelve at once: {} MiB more", grown >> 10);
    assert!(grown < 200 << 10, "{grown} KiB");
    let _ = program.stop().await;
}

/// The most memory that a process has had, in KiB.
fn peak_memory(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("its status");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.expect("a number").parse().expect("of KiB")
}

#[tokio::test(flavor = "multi_thread")]
async fn error_responses_are_at_most_64_kib() {
    let host = Host::start().await;
    let owner = host.owner("shop-1");
    let event = owner.create(&json!({})).await;
    let long = "x".repeat(900_000);
    let publish = format!("/api/events/{event}/publish");
    let channels: Vec<String> = (0..40_000)
        .map(|number| format!("channel-{number}"))
        .collect();
    for (method, path, body) in [
        (Method::POST, "/api/events", json!({long.as_str(): 1})),
        (Method::POST, "/api/events", json!({"objective": long})),
        (Method::POST, "/api/events", json!({"channels": [long]})),
        (Method::POST, "/api/events", json!({"channels": channels})),
        (
            Method::POST,
            publish.as_str(),
            json!({"channels": channels}),
        ),
        (
            Method::PUT,
            "/api/accounts/instagram",
            json!({"settings": {long.as_str(): 1}}),
        ),
        (
            Method::PUT,
            "/api/accounts/instagram",
            json!({"settings": {"x": vec![1; 400_000]}}),
        ),
        (
            Method::PUT,
            "/api/accounts/instagram",
            json!({"secrets": {long.as_str(): "x"}}),
        ),
    ] {
        let request = owner.request(method, path).json(&body);
        let response = request.send().await.expect("an answer");
        let status = response.status();
        let bytes = response.bytes().await.unwrap();
        assert!(status.is_client_error(), "{path}: {status}");
        assert!(
            bytes.len() <= MAX_ERROR_BYTES,
            "{path}: {} bytes",
            bytes.len()
        );
    }
    let nowhere = format!("/api/{}", "y".repeat(50_000));
    let response = owner.request(Method::GET, &nowhere).send().await.unwrap();
    assert!(response.bytes().await.unwrap().len() <= MAX_ERROR_BYTES);
}

#[tokio::test(flavor = "multi_thread")]
async fn event_streams_are_limited_per_owner() {
    let host = Host::builder()
        .config(|config| config.server.max_listeners = 8)
        .start()
        .await;
    let (one, two) = (
        host.connected_owner("shop-1").await,
        host.connected_owner("shop-2").await,
    );
    let (mine, theirs) = (followed(&one).await, followed(&two).await);
    let follow = |owner: &Owner, path: &str| owner.request(Method::GET, path).send();

    let first = follow(&one, &mine).await.unwrap();
    let second = follow(&one, &mine).await.unwrap();
    assert_eq!(
        (first.status().as_u16(), second.status().as_u16()),
        (200, 200)
    );
    let refused = one.get(&mine).await;
    assert!(refused.headers.contains_key("retry-after"));
    let problem = refused.expect(429);
    assert_eq!(problem["type"], "urn:baepo:problem:share-used-up");
    assert_eq!(
        (&problem["limit"], &problem["share"]),
        (&json!("listenersPerOwner"), &json!(2))
    );

    let other = follow(&two, &theirs).await.unwrap();
    assert_eq!(other.status().as_u16(), 200);
    drop(first);
    eventually("a place is free again", || async {
        follow(&one, &mine).await.unwrap().status().as_u16() == 200
    })
    .await;
}

/// The stream of something that the owner has published.
async fn followed(owner: &Owner) -> String {
    let published = owner
        .publish_new(&autumn_event(&["naver-blog"]))
        .await
        .expect(200);
    let distribution = published["distributionId"].as_str().unwrap();
    format!("/api/distribution/{distribution}/stream")
}

#[tokio::test(flavor = "multi_thread")]
async fn running_publishes_are_limited_per_owner() {
    let host = Host::builder()
        .config(|config| config.publish.max_running = 4)
        .start()
        .await;
    let (one, two) = (
        host.connected_owner("shop-1").await,
        host.connected_owner("shop-2").await,
    );
    host.sandbox()
        .faults("instagram", "media_publish", "delay", json!(3_000), 1)
        .await;
    let slow = tokio::spawn({
        let one = one.clone();
        async move { one.publish_new(&autumn_event(&["instagram"])).await }
    });
    eventually("its provider is slow", || async {
        host.sandbox().active_faults().await == 0
    })
    .await;

    let refused = one.publish_new(&autumn_event(&["naver-blog"])).await;
    assert!(refused.headers.contains_key("retry-after"));
    assert_eq!(refused.expect(429)["limit"], "runningPerOwner");
    let _ = two
        .publish_new(&autumn_event(&["naver-blog"]))
        .await
        .expect(200);

    let _ = slow.await.unwrap().expect(200);
    let _ = one
        .publish_new(&autumn_event(&["naver-blog"]))
        .await
        .expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_compressed_request_body_is_rejected_by_the_name_of_its_coding() {
    let host = Host::start().await;
    let owner = host.owner("shop-1");
    for coding in ["gzip", "br", "deflate, gzip"] {
        let request = owner
            .request(Method::POST, "/api/events")
            .header("content-encoding", coding)
            .json(&json!({}));
        let refused = owner.send(request).await;
        assert_eq!(refused.headers["accept-encoding"], "identity");
        let problem = refused.expect(415);
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(coding), "{detail}");
    }
    let plain = owner
        .request(Method::POST, "/api/events")
        .header("content-encoding", "identity")
        .json(&json!({}));
    let _ = owner.send(plain).await.expect(201);
}
