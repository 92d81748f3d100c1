//! Carries a fault out, on top of a request whose body has been read to the end.
//!
//! Reading first makes a dropped connection look the same each time: the client has sent
//! everything, and then the connection closes before any status line.

use std::convert::Infallible;
use std::error::Error;
use std::fmt;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::{StreamExt, stream};

use super::echo::Credentials;
use super::fault::{CannedResponse, Fault, Work};

/// Blanks may follow any JSON document, so a client that reads it all still understands it.
static PADDING: [u8; 64 * 1024] = [b' '; 64 * 1024];

/// There is no answer: the connection is to be closed.
#[derive(Debug)]
pub(crate) struct ConnectionDropped;

impl fmt::Display for ConnectionDropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("connection dropped by a fault")
    }
}

impl Error for ConnectionDropped {}

/// `work` is what the provider would do; it happens only if it is polled. `credentials` are the
/// request's.
pub(crate) async fn perform(
    fault: Fault,
    credentials: Credentials,
    work: impl Future<Output = Response> + Send + 'static,
) -> Result<Response, ConnectionDropped> {
    match fault {
        Fault::Lag(_) => Ok(work.await),
        Fault::Status(answer) | Fault::Contradict(answer, _) => {
            if answer.work == Work::Done {
                work.await;
            }
            Ok(answer.into_response())
        }
        Fault::Delay(pause) => delayed(pause, work).await,
        Fault::ResetBefore => Err(ConnectionDropped),
        Fault::ResetAfter => {
            work.await;
            Err(ConnectionDropped)
        }
        Fault::SlowBody(pause) => trickle(work.await, pause).await,
        Fault::HugeBody(bytes) => pad(work.await, bytes).await,
        // 307 keeps method and body: of all redirects the worst to follow blindly.
        Fault::Redirect(location) => Ok((
            StatusCode::TEMPORARY_REDIRECT,
            [(header::LOCATION, location)],
        )
            .into_response()),
        Fault::Hang => std::future::pending().await,
        Fault::Compressed(encoding) => {
            let (head, body) = work.await.into_parts();
            let body = read_body(body).await?;
            Ok(encoding.of(Response::from_parts(head, Body::empty()), &body))
        }
        Fault::EchoSecret(Some(status)) => Ok(credentials.refusal(status)),
        Fault::EchoSecret(None) => {
            let (head, body) = work.await.into_parts();
            let body = read_body(body).await?;
            Ok(credentials.append_to(Response::from_parts(head, Body::empty()), &body))
        }
    }
}

impl IntoResponse for CannedResponse {
    fn into_response(self) -> Response {
        (self.status, self.headers, self.body).into_response()
    }
}

/// The work has a task of its own: a client that gives up after its timeout takes the connection
/// with it, but no provider un-does a request because of that.
async fn delayed(
    pause: Duration,
    work: impl Future<Output = Response> + Send + 'static,
) -> Result<Response, ConnectionDropped> {
    let worked = tokio::spawn(async move {
        tokio::time::sleep(pause).await;
        work.await
    });
    worked.await.map_err(|_| ConnectionDropped)
}

async fn trickle(response: Response, pause: Duration) -> Result<Response, ConnectionDropped> {
    let (head, body) = response.into_parts();
    let bytes = read_body(body).await?;
    let slowly = stream::unfold(bytes, move |mut left| async move {
        if left.is_empty() {
            return None;
        }
        tokio::time::sleep(pause).await;
        let byte = left.split_to(1);
        Some((Ok::<_, Infallible>(byte), left))
    });
    Ok(Response::from_parts(head, Body::from_stream(slowly)))
}

async fn pad(response: Response, total: u64) -> Result<Response, ConnectionDropped> {
    let (mut head, body) = response.into_parts();
    // Without a length up front the client learns the size only by reading.
    head.headers.remove(header::CONTENT_LENGTH);
    let first = read_body(body).await?;
    let blanks = total.saturating_sub(first.len() as u64);
    let padding = stream::unfold(blanks, |left| async move {
        let next = usize::try_from(left).map_or(PADDING.len(), |left| left.min(PADDING.len()));
        let chunk = Bytes::from_static(&PADDING[..next]);
        (next > 0).then(|| (Ok::<_, Infallible>(chunk), left - next as u64))
    });
    let padded = stream::once(async { Ok(first) }).chain(padding);
    Ok(Response::from_parts(head, Body::from_stream(padded)))
}

/// A stand-in's own answer, which is small and in memory already.
async fn read_body(body: Body) -> Result<Bytes, ConnectionDropped> {
    to_bytes(body, usize::MAX)
        .await
        .map_err(|_| ConnectionDropped)
}
