//! `GET /api/distribution/{id}/stream`: server-sent events, one per change of a delivery.
//!
//! The id of each message holds what the reader has seen: the revision of every delivery. A reader that
//! reconnects with it, to this host or another, gets everything that follows exactly once. Signals only
//! trigger a read; every message comes from the store.

mod follower;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use baepo_domain::Timestamp;
use baepo_domain::model::id::DistributionId;
use baepo_domain::model::text::{Language, Localized};
use baepo_domain::model::time::until;
use baepo_domain::ports::clock::Clock;
use futures::{Stream, stream};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::follower::{Follower, StreamPosition};
use super::visible::find_visible;
use crate::api::auth::StreamReader;
use crate::api::concurrency_limit::ConcurrencyPermit;
use crate::api::error::{Problem, ProblemBody};
use crate::api::extract::Path;
use crate::api::language::ReaderLanguage;
use crate::api::state::ApiState;
use crate::worker::delivery_feed::{DeliveryFeed, Moved};

/// Between two reads of the store without a signal: one may be lost between hosts.
const POLL_INTERVAL: Duration = Duration::from_secs(5);
/// Keeps proxies from closing an idle connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// After which a browser reconnects.
const RECONNECT_DELAY: Duration = Duration::from_secs(1);

pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(follow))
}

/// Follow a distribution
///
/// Server-sent events: `event: delivery`, one per change, from the first. `Last-Event-ID` goes on
/// behind the message with that id; one that is no id of this stream, or is ahead of it, counts as none,
/// so that the stream begins with the first. It stays open: a delivery may be confirmed or
/// withdrawn long after. When the token expires it ends with `event: expired`: connect with a new one.
/// Owners follow their own, operators all.
#[utoipa::path(get, path = "/api/distribution/{id}/stream", tag = "publishing", operation_id = "followDistribution",
    params(
        ("id" = uuid::Uuid, Path),
        ("Last-Event-ID" = Option<String>, Header, description = "The id of the last message \
            that you have. Empty, unreadable or another stream's: as if there were none."),
    ),
    responses(
        (status = 200, description = "Messages whose data is a `DeliveryChange`.",
            body = follower::ChangeBody, content_type = "text/event-stream"),
        (status = 404, description = "You have no such distribution.", body = ProblemBody),
        (status = 429, description = "The caller's limit of concurrent streams (`share`) is reached.",
            body = ProblemBody),
        (status = 503, description = "Too many streams, or the store is unavailable; retry later.",
            body = ProblemBody),
    ))]
#[tracing::instrument(name = "api.distribution.follow", skip_all, fields(distribution = %id))]
async fn follow(
    State(ApiState {
        distributions,
        deliveries,
        revisions,
        streams,
        clock,
        delivery_actions,
        ..
    }): State<ApiState>,
    stream_reader: StreamReader,
    ReaderLanguage(language): ReaderLanguage,
    headers: HeaderMap,
    Path(id): Path<DistributionId>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    find_visible(distributions.as_ref(), &stream_reader.reader, id).await?;
    let position = last_event_position(&headers, id);
    let permit = streams.concurrency_limit.take(stream_reader.caller)?;
    let connection = StreamConnection {
        subscription: FeedSubscription::subscribe(&streams.delivery_feed, id),
        follower: Follower::new(
            (deliveries, revisions),
            delivery_actions,
            id,
            position,
            language,
        ),
        language,
        clock,
        expires_at: stream_reader.until,
        state: StreamState::Following,
        stopping: streams.stopping,
        _permit: permit,
    };
    let messages = stream::unfold(connection, |mut connection| async move {
        let message = connection.next().await?;
        Some((Ok(message), connection))
    });
    Ok(Sse::new(messages).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

/// An id of another stream counts as none: a browser sends the last that it got.
fn last_event_position(headers: &HeaderMap, distribution: DistributionId) -> StreamPosition {
    let given = headers.get("last-event-id");
    let text = given.and_then(|given| given.to_str().ok());
    text.and_then(|text| StreamPosition::read(text, distribution))
        .unwrap_or_default()
}

/// One reader's connection.
struct StreamConnection {
    subscription: FeedSubscription,
    follower: Follower,
    language: Language,
    clock: Arc<dyn Clock>,
    /// When its token expires.
    expires_at: Timestamp,
    state: StreamState,
    stopping: CancellationToken,
    _permit: ConcurrencyPermit,
}

enum StreamState {
    Following,
    /// The last message reported that the token has expired.
    TokenExpired,
}

impl StreamConnection {
    /// The next message; `None` when the host stops or the token has expired.
    async fn next(&mut self) -> Option<Event> {
        loop {
            let left = until(self.clock.now(), self.expires_at);
            match self.state {
                StreamState::TokenExpired => return None,
                StreamState::Following if left.is_zero() => {
                    self.state = StreamState::TokenExpired;
                    return Some(expired(self.language));
                }
                StreamState::Following => {}
            }
            if let Some(message) = self.follower.take() {
                return Some(message.retry(RECONNECT_DELAY));
            }
            match self.follower.poll().await {
                Ok(true) => continue,
                Ok(false) => {}
                Err(error) => tracing::warn!(%error, "a listener waits for the store"),
            }
            tokio::select! {
                () = self.subscription.changed() => {}
                () = self.clock.sleep(POLL_INTERVAL.min(left)) => {}
                () = self.stopping.cancelled() => return None,
            }
        }
    }
}

/// Reports why the stream ends. Without an id, so that the reader resumes after the last change.
fn expired(language: Language) -> Event {
    let why = Localized::new(
        "로그인이 만료되었습니다. 다시 로그인한 다음 연결해 주세요.",
        "The token has expired. Reconnect with a new token.",
    );
    let why = serde_json::json!({ "detail": why.get(language) });
    Event::default().event("expired").data(why.to_string())
}

/// A subscription to the changes of one distribution; the feed forgets the distribution with its last one.
struct FeedSubscription {
    delivery_feed: Arc<DeliveryFeed>,
    distribution: DistributionId,
    moves: Option<broadcast::Receiver<Moved>>,
}

impl FeedSubscription {
    fn subscribe(delivery_feed: &Arc<DeliveryFeed>, distribution: DistributionId) -> Self {
        Self {
            delivery_feed: Arc::clone(delivery_feed),
            distribution,
            moves: Some(delivery_feed.subscribe(distribution)),
        }
    }

    /// Completes when deliveries may have changed since the last call. Several changes count as one.
    async fn changed(&mut self) {
        let Some(moves) = &mut self.moves else {
            return std::future::pending().await;
        };
        let _ = moves.recv().await;
        while moves.try_recv().is_ok() {}
    }
}

impl Drop for FeedSubscription {
    fn drop(&mut self) {
        self.moves = None;
        self.delivery_feed.remove_if_unsubscribed(self.distribution);
    }
}
