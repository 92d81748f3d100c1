//! The sandbox's own accept loop.
//!
//! `axum::serve` always answers; a fault has to be able to close the connection without one. So
//! each connection is served by hyper directly, whose service may fail: hyper then gives the
//! connection up before it has written a status line.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};
use tower::ServiceExt;

use crate::clock::Clock;
use crate::faults::{ConnectionDropped, Credentials, Faults, perform};
use crate::ledger::{Ledger, RecordedRequest};
use crate::provider::Provider;

/// A thousand recipients with long numbers are under 100 KB.
const REQUEST_BODY_LIMIT: usize = 1024 * 1024;

/// After a failed accept, which is nearly always a lack of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// What a connection needs to answer its requests.
#[derive(Debug, Clone)]
pub(crate) struct App {
    pub(crate) router: Router,
    pub(crate) clock: Arc<Clock>,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) faults: Arc<Faults>,
}

#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    accepting: JoinHandle<()>,
}

impl Server {
    pub(crate) async fn start(listen: SocketAddr, app: App) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(listen)
            .await
            .with_context(|| format!("cannot listen on {listen} for the sandbox providers"))?;
        let address = listener
            .local_addr()
            .context("the sandbox has no local address")?;
        let (stop, stopped) = oneshot::channel();
        let accepting = tokio::spawn(accept(listener, app, stopped));
        Ok(Self {
            address,
            stop,
            accepting,
        })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) async fn stop(self) {
        drop(self.stop);
        // It neither panics nor is aborted, and if it had been, it would have stopped as well.
        self.accepting.await.ok();
    }
}

/// Runs until the other end of `stopped` is gone.
async fn accept(listener: TcpListener, app: App, mut stopped: oneshot::Receiver<()>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = &mut stopped => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => { connections.spawn(serve(stream, app.clone())); }
                Err(error) => {
                    tracing::warn!(%error, "the sandbox cannot accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
    connections.shutdown().await;
}

async fn serve(stream: TcpStream, app: App) {
    // Answers are small; held back for a full packet they would cost 40 ms each.
    stream.set_nodelay(true).ok();
    let service = service_fn(|request| answer(&app, request));
    let served = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
    if let Err(error) = served {
        // A client that left, or a fault that dropped it: both are this sandbox's daily work.
        tracing::debug!(%error, "a sandbox connection ended early");
    }
}

async fn answer(app: &App, request: Request<Incoming>) -> Result<Response, ConnectionDropped> {
    let request = request.map(Body::new);
    let Some((provider, path)) = Provider::route(request.uri().path()) else {
        return Ok(work(app.router.clone(), request).await);
    };
    let method = request.method().clone();
    let path = path.to_owned();
    let fault = app.faults.take(provider, &method, &path);
    app.ledger.record(RecordedRequest {
        provider,
        method: method.to_string(),
        path,
        at: app.clock.now(),
    });
    let Ok(mut request) = read_to_end(request).await else {
        return Ok(StatusCode::PAYLOAD_TOO_LARGE.into_response());
    };
    if let Some(fault) = &fault {
        request.extensions_mut().insert(fault.read_lag());
    }
    let credentials = Credentials::of(&request);
    let work = work(app.router.clone(), request);
    match fault {
        None => Ok(work.await),
        Some(fault) => perform(fault, credentials, work).await,
    }
}

async fn work(router: Router, request: Request<Body>) -> Response {
    match router.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

async fn read_to_end(request: Request<Body>) -> Result<Request<Body>, axum::Error> {
    let (head, body) = request.into_parts();
    let bytes = to_bytes(body, REQUEST_BODY_LIMIT).await?;
    Ok(Request::from_parts(head, Body::from(bytes)))
}
