//! Connections as their clients see them, on real sockets.

use std::net::SocketAddr;

use axum::routing::{get, post};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::{Notify, Semaphore};

use super::places::RESERVE;
use super::*;

/// Longer than any limit of these tests; only what hangs takes so long.
const HANGS: Duration = Duration::from_secs(30);
const LONG: Duration = Duration::from_secs(3_600);
const SHORT: Duration = Duration::from_millis(100);

struct Server {
    address: SocketAddr,
    stopping: CancellationToken,
    task: JoinHandle<()>,
    /// Lets a request to `/slow` go on.
    open: Arc<Notify>,
    /// A permit for every request that came to `/slow`.
    begun: Arc<Semaphore>,
}

async fn server(limits: ConnectionLimits) -> Server {
    let open = Arc::new(Notify::new());
    let begun = Arc::new(Semaphore::new(0));
    let (waits, begins) = (Arc::clone(&open), Arc::clone(&begun));
    let slow = move || async move {
        begins.add_permits(1);
        waits.notified().await;
    };
    let router = Router::new()
        .route("/healthz", get(|| async { "ok" }))
        .route("/big", get(|| async { vec![b'x'; 64 << 20] }))
        .route("/echo", post(|body: String| async move { body }))
        .route("/slow", get(slow));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let stopping = CancellationToken::new();
    let task = serve(listener, router, limits, stopping.clone());
    Server {
        address,
        stopping,
        task,
        open,
        begun,
    }
}

fn limits() -> ConnectionLimits {
    ConnectionLimits {
        most: 4,
        header: LONG,
        idle: LONG,
        body: LONG,
    }
}

impl Server {
    async fn connect(&self, text: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        stream
    }
}

impl Server {
    /// A connection whose request has begun and waits.
    async fn slow(&self) -> TcpStream {
        let stream = self.connect(&request("/slow")).await;
        let begun = tokio::time::timeout(HANGS, self.begun.acquire()).await;
        begun.expect("it begins").unwrap().forget();
        stream
    }
}

fn request(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: a\r\n\r\n")
}

/// All that comes until the connection is closed.
async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let read = tokio::time::timeout(HANGS, stream.read_to_end(&mut bytes)).await;
    // A reset is an end as well.
    let _ = read.expect("the connection is closed");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What comes until it ends so.
async fn until(stream: &mut TcpStream, end: &str) -> String {
    let mut text = String::new();
    let read = async {
        while !text.ends_with(end) {
            text.push(char::from(stream.read_u8().await.expect("more")));
        }
    };
    tokio::time::timeout(HANGS, read).await.expect("an answer");
    text
}

#[tokio::test]
async fn two_hundred_and_forty_half_open_connections_keep_nobody_out() {
    let server = server(ConnectionLimits {
        header: Duration::from_secs(3),
        ..limits()
    })
    .await;
    let mut half_open = Vec::new();
    for number in 0..240 {
        let part = [
            "",
            "GET /heal",
            "GET /healthz HTTP/1.1\r\nhost: a\r\n",
            "PRI * HTT",
        ];
        half_open.push(server.connect(part[number % part.len()]).await);
        if number % 20 == 0 {
            let mut asks = server.connect(&request("/healthz")).await;
            let answer = until(&mut asks, "ok").await;
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        }
    }
    for mut stream in half_open {
        assert_eq!(
            rest(&mut stream).await,
            "",
            "each is closed in a bounded time"
        );
    }
}

#[tokio::test]
async fn a_connection_without_a_request_is_closed_and_one_with_a_request_is_not() {
    let server = server(ConnectionLimits {
        idle: SHORT,
        ..limits()
    })
    .await;
    let mut slow = server.slow().await;
    let mut idle = server.connect(&request("/healthz")).await;
    let answer = rest(&mut idle).await;
    assert!(answer.ends_with("ok"), "{answer}");
    // The second header has no longer than the pause between two requests.
    let mut slow_header = server.connect(&request("/healthz")).await;
    let _ = until(&mut slow_header, "ok").await;
    // It may be closed already.
    let _ = slow_header.write_all(b"GET /he").await;
    assert_eq!(rest(&mut slow_header).await, "");

    server.open.notify_one();
    let answer = rest(&mut slow).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn health_answers_though_every_connection_has_a_request_and_others_hear_why_not() {
    let server = server(limits()).await;
    let mut busy = Vec::new();
    for _ in 0..4 {
        busy.push(server.slow().await);
    }
    for _ in 0..2 * RESERVE {
        let mut asks = server.connect(&request("/healthz")).await;
        let answer = rest(&mut asks).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    let mut refused = server.connect(&request("/echo")).await;
    let answer = rest(&mut refused).await.to_lowercase();
    assert!(answer.starts_with("http/1.1 503"), "{answer}");
    assert!(answer.contains("retry-after: "), "{answer}");
    assert!(answer.contains("too-many-connections"), "{answer}");
    // Half-open ones do not use up what is left.
    let mut more = Vec::new();
    for _ in 0..3 * RESERVE {
        more.push(server.connect("GET /heal").await);
    }
    let mut asks = server.connect(&request("/healthz")).await;
    let answer = rest(&mut asks).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn an_answer_that_nobody_takes_ends() {
    let server = server(ConnectionLimits {
        body: SHORT,
        ..limits()
    })
    .await;
    let mut takes_nothing = server.connect(&request("/big")).await;
    // Its system takes a part on its own; then nothing moves until the server gives up.
    let _ = until(&mut takes_nothing, "xxxx").await;
    server.stopping.cancel();
    let stopped = tokio::time::timeout(HANGS, server.task).await;
    stopped.expect("it does not wait for ever").unwrap();
}

#[tokio::test]
async fn a_stop_lets_requests_come_to_their_end() {
    let server = server(limits()).await;
    let mut slow = server.slow().await;
    let mut quiet = server.connect(&request("/healthz")).await;
    let _ = until(&mut quiet, "ok").await;

    server.stopping.cancel();
    assert_eq!(rest(&mut quiet).await, "");
    server.open.notify_one();

    let answer = rest(&mut slow).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    server.task.await.unwrap();
}

#[tokio::test]
async fn a_place_is_free_when_its_connection_ends_whichever_way() {
    let places = Arc::new(Places::new(limits()));
    let place = places.take().unwrap();
    let running = place.begin();
    let other = places.take().unwrap();
    assert_eq!(places.open(), 2);
    places.close_quietest();
    assert_eq!(places.open(), 1, "the other one gave way");
    tokio::time::timeout(HANGS, other.is_closed())
        .await
        .unwrap();
    drop((other, running, place));
    assert_eq!(places.open(), 0);
    places.close_quietest();
}

#[test]
fn connections_have_half_of_the_files() {
    assert_eq!(within_files(4_096, Some(160)), 80);
    assert_eq!(within_files(4_096, Some(1 << 20)), 4_096);
    assert_eq!(within_files(4_096, None), 4_096);
    assert_eq!(within_files(4_096, Some(0)), 1);
}
