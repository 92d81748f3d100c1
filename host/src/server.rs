//! The API's connections: how many are open at once, and how long each may take to send and to read. No
//! client can keep others out by holding connections, and `/healthz` always answers.
//!
//! At the limit, the connection that has been idle for longest is closed for a new one. When none is
//! idle, a few more are accepted for one request each, and answered with health or with a 503
//! ([ADR 19](../../docs/adr/0019-a-quiet-connection-gives-way.md)).

mod slots;
#[cfg(test)]
mod tests;
mod write_timeout;

use std::convert::Infallible;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::http::header::{CONNECTION, HeaderValue};
use axum::http::{Request, Response};
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::{sleep, sleep_until};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

pub use self::slots::ConnectionLimits;
use self::slots::{ActiveRequest, Activity, Admission, ConnectionSlot, ConnectionSlots};
use self::write_timeout::WriteTimeout;
use crate::api::too_many_connections;

/// Before the next attempt to accept when the process has no file descriptor left.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(100);
/// Between two pings of an HTTP/2 connection, and the time limit of each.
const PING_EVERY: Duration = Duration::from_secs(20);

/// Serves until `stopping`; requests that have begun are finished.
pub fn serve(
    listener: TcpListener,
    router: Router,
    limits: ConnectionLimits,
    stopping: CancellationToken,
) -> JoinHandle<()> {
    tokio::spawn(accept_all(listener, router, limits, stopping))
}

/// The limit of connections, at most half of the open files that the process may have: the other half is
/// for the store, the bus and the providers.
#[must_use]
pub fn within_file_limit(most: usize, files: Option<u64>) -> usize {
    let half = files.map_or(usize::MAX, |files| {
        usize::try_from(files / 2).unwrap_or(usize::MAX)
    });
    most.min(half).max(1)
}

async fn accept_all(
    listener: TcpListener,
    router: Router,
    limits: ConnectionLimits,
    stopping: CancellationToken,
) {
    let slots = Arc::new(ConnectionSlots::new(limits));
    let connections = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stopping.cancelled() => break,
        };
        match accepted {
            Ok((stream, _)) => {
                // None: every connection is busy, those above the limit included.
                if let Some(slot) = slots.take() {
                    let served = connection(stream, router.clone(), slot, limits, stopping.clone());
                    connections.spawn(served);
                }
            }
            // The client had closed it already.
            Err(error) if is_connection_error(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "accepting connections failed");
                slots.close_longest_idle();
                sleep(ACCEPT_RETRY_DELAY).await;
            }
        }
    }
    drop(listener);
    connections.close();
    connections.wait().await;
}

fn is_connection_error(error: &io::Error) -> bool {
    use io::ErrorKind as K;
    matches!(
        error.kind(),
        K::ConnectionRefused | K::ConnectionAborted | K::ConnectionReset | K::Interrupted
    )
}

/// Serves one connection until it ends.
async fn connection(
    stream: TcpStream,
    router: Router,
    slot: Arc<ConnectionSlot>,
    limits: ConnectionLimits,
    stopping: CancellationToken,
) {
    let io = TokioIo::new(WriteTimeout::new(stream, limits.body));
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        // The slot measures how long it has been idle, for every protocol alike.
        .header_read_timeout(None::<Duration>)
        .keep_alive(slot.admission() == Admission::Regular);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(PING_EVERY)
        .keep_alive_timeout(PING_EVERY);
    let service = {
        let slot = Arc::clone(&slot);
        service_fn(move |request| handle_request(router.clone(), Arc::clone(&slot), request))
    };
    let mut served = pin!(builder.serve_connection(io, service));
    let mut activity = slot.activity();
    let mut draining = false;
    loop {
        let now = *activity.borrow_and_update();
        tokio::select! {
            ended = served.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "a connection failed");
                }
                return;
            }
            () = slot.closed() => return,
            () = idle_timeout(now) => return,
            // The sender is in the slot, which outlives the loop.
            _ = activity.changed() => {}
            () = stopping.cancelled(), if !draining => {
                draining = true;
                served.as_mut().graceful_shutdown();
            }
        }
    }
}

/// Completes when a connection has been idle for too long.
async fn idle_timeout(activity: Activity) {
    match activity {
        Activity::Idle { until } => sleep_until(until).await,
        Activity::Busy => std::future::pending().await,
    }
}

async fn handle_request(
    router: Router,
    slot: Arc<ConnectionSlot>,
    request: Request<Incoming>,
) -> Result<Response<TrackedBody>, Infallible> {
    let active_request = slot.begin();
    let is_admitted = match slot.admission() {
        Admission::Regular => true,
        Admission::Reserve => matches!(request.uri().path(), "/healthz" | "/readyz"),
    };
    let response = if is_admitted {
        match router.oneshot(request.map(Body::new)).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    } else {
        let mut refused = too_many_connections(request.headers());
        let close = HeaderValue::from_static("close");
        refused.headers_mut().insert(CONNECTION, close);
        refused
    };
    Ok(response.map(|body| TrackedBody {
        body,
        _active_request: active_request,
    }))
}

/// A response's body: its connection is busy until the client has read it.
struct TrackedBody {
    body: Body,
    _active_request: ActiveRequest,
}

impl HttpBody for TrackedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
