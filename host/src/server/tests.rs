//! Connections as their clients see them, on real sockets.

use std::net::SocketAddr;

use axum::routing::{get, post};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::{Notify, Semaphore};

use super::slots::RESERVE_SLOTS;
use super::*;

/// Longer than any limit of these tests; only what hangs takes so long.
const TEST_TIMEOUT: Duration = Duration::from_secs(30);
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
        let begun = tokio::time::timeout(TEST_TIMEOUT, self.begun.acquire()).await;
        begun.expect("it begins").unwrap().forget();
        stream
    }
}

fn request(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: a\r\n\r\n")
}

/// All that comes until the connection is closed.
async fn read_to_close(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let read = tokio::time::timeout(TEST_TIMEOUT, stream.read_to_end(&mut bytes)).await;
    // A reset is an end as well.
    let _ = read.expect("the connection is closed");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What comes until it ends so.
async fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut text = String::new();
    let read = async {
        while !text.ends_with(end) {
            text.push(char::from(stream.read_u8().await.expect("more")));
        }
    };
    tokio::time::timeout(TEST_TIMEOUT, read)
        .await
        .expect("an answer");
    text
}

#[tokio::test]
async fn half_open_connections_do_not_block_new_ones() {
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
            let answer = read_until(&mut asks, "ok").await;
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        }
    }
    for mut stream in half_open {
        assert_eq!(
            read_to_close(&mut stream).await,
            "",
            "each is closed in a bounded time"
        );
    }
}

#[tokio::test]
async fn idle_connections_are_closed_and_active_ones_are_kept() {
    let server = server(ConnectionLimits {
        idle: SHORT,
        ..limits()
    })
    .await;
    let mut slow = server.slow().await;
    let mut idle = server.connect(&request("/healthz")).await;
    let answer = read_to_close(&mut idle).await;
    assert!(answer.ends_with("ok"), "{answer}");
    // The second header has no longer than the pause between two requests.
    let mut slow_header = server.connect(&request("/healthz")).await;
    let _ = read_until(&mut slow_header, "ok").await;
    // It may be closed already.
    let _ = slow_header.write_all(b"GET /he").await;
    assert_eq!(read_to_close(&mut slow_header).await, "");

    server.open.notify_one();
    let answer = read_to_close(&mut slow).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn health_is_served_at_the_connection_limit_and_other_requests_get_503() {
    let server = server(limits()).await;
    let mut busy = Vec::new();
    for _ in 0..4 {
        busy.push(server.slow().await);
    }
    for _ in 0..2 * RESERVE_SLOTS {
        let mut asks = server.connect(&request("/healthz")).await;
        let answer = read_to_close(&mut asks).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    let mut refused = server.connect(&request("/echo")).await;
    let answer = read_to_close(&mut refused).await.to_lowercase();
    assert!(answer.starts_with("http/1.1 503"), "{answer}");
    assert!(answer.contains("retry-after: "), "{answer}");
    assert!(answer.contains("too-many-connections"), "{answer}");
    // Half-open ones do not use up what is left.
    let mut more = Vec::new();
    for _ in 0..3 * RESERVE_SLOTS {
        more.push(server.connect("GET /heal").await);
    }
    let mut asks = server.connect(&request("/healthz")).await;
    let answer = read_to_close(&mut asks).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn an_unread_response_times_out() {
    let server = server(ConnectionLimits {
        body: SHORT,
        ..limits()
    })
    .await;
    let mut takes_nothing = server.connect(&request("/big")).await;
    // Its system takes a part on its own; then nothing moves until the server gives up.
    let _ = read_until(&mut takes_nothing, "xxxx").await;
    server.stopping.cancel();
    let stopped = tokio::time::timeout(TEST_TIMEOUT, server.task).await;
    stopped.expect("it does not wait for ever").unwrap();
}

#[tokio::test]
async fn shutdown_drains_requests_in_flight() {
    let server = server(limits()).await;
    let mut slow = server.slow().await;
    let mut quiet = server.connect(&request("/healthz")).await;
    let _ = read_until(&mut quiet, "ok").await;

    server.stopping.cancel();
    assert_eq!(read_to_close(&mut quiet).await, "");
    server.open.notify_one();

    let answer = read_to_close(&mut slow).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    server.task.await.unwrap();
}

#[tokio::test]
async fn a_slot_is_released_however_its_connection_ends() {
    let slots = Arc::new(ConnectionSlots::new(limits()));
    let slot = slots.take().unwrap();
    let running = slot.begin();
    let other = slots.take().unwrap();
    assert_eq!(slots.open(), 2);
    slots.close_longest_idle();
    assert_eq!(slots.open(), 1, "the other one gave way");
    tokio::time::timeout(TEST_TIMEOUT, other.closed())
        .await
        .unwrap();
    drop((other, running, slot));
    assert_eq!(slots.open(), 0);
    slots.close_longest_idle();
}

#[test]
fn connections_are_limited_to_half_of_the_file_descriptors() {
    assert_eq!(within_file_limit(4_096, Some(160)), 80);
    assert_eq!(within_file_limit(4_096, Some(1 << 20)), 4_096);
    assert_eq!(within_file_limit(4_096, None), 4_096);
    assert_eq!(within_file_limit(4_096, Some(0)), 1);
}
