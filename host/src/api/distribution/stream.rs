//! `GET /api/distribution/{id}/stream`: server-sent events, one per change of a delivery.
//!
//! What a reader has seen is in the id of the last message: the revision of every delivery that it
//! knows. Whoever comes back with it, here or at another host, is sent what follows, all of it and
//! once. Signals only say when to look; what is sent comes from the store.

mod follower;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use baepo_domain::Timestamp;
use baepo_domain::clock::{Clock, until};
use baepo_domain::id::DistributionId;
use baepo_domain::text::{Language, both, in_language};
use futures::Stream;
use futures::stream;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::follower::{Follower, Seen};
use super::visible;
use crate::api::ApiState;
use crate::api::auth::Listening;
use crate::api::error::{Problem, ProblemBody};
use crate::api::extract::Path;
use crate::api::language::ReaderLanguage;
use crate::api::room::{Room, Seat};
use crate::worker::changes::{Changes, Moved};

/// Between two looks when no signal came: one may have been lost between hosts.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// So that nobody in between takes a quiet connection for a dead one.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// When a browser comes back after its connection was lost.
const COME_BACK: Duration = Duration::from_secs(1);

/// What streams are made of, and how many there may be.
#[derive(Clone)]
pub struct Streams {
    pub changes: Arc<Changes>,
    /// Room for so many listeners.
    pub room: Arc<Room>,
    /// Listeners come back to the next process when this one stops.
    pub stopping: CancellationToken,
}

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
        (status = 404, description = "You have no such distribution.", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 429, description = "You have as many streams as one caller may have (`share`).",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Too many listeners, or the store is away; come back.",
            body = ProblemBody, content_type = "application/problem+json"),
    ))]
#[tracing::instrument(name = "api.distribution.follow", skip_all, fields(distribution = %id))]
async fn follow(
    State(ApiState {
        store,
        streams,
        clock,
        life,
        ..
    }): State<ApiState>,
    listening: Listening,
    ReaderLanguage(language): ReaderLanguage,
    headers: HeaderMap,
    Path(id): Path<DistributionId>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    visible(store.as_ref(), &listening.reader, id).await?;
    let seen = last_seen(&headers, id);
    let seat = streams.room.take(listening.caller)?;
    let listener = Listener {
        heard: Heard::subscribe(&streams.changes, id),
        follower: Follower::new(store, life, id, seen, language),
        language,
        clock,
        expires_at: listening.until,
        state: Standing::Follows,
        stopping: streams.stopping,
        _seat: seat,
    };
    let messages = stream::unfold(listener, |mut listener| async move {
        let message = listener.next().await?;
        Some((Ok(message), listener))
    });
    Ok(Sse::new(messages).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

/// What is no id of this stream counts as none: a browser sends what it has, and cannot do otherwise.
fn last_seen(headers: &HeaderMap, distribution: DistributionId) -> Seen {
    let given = headers.get("last-event-id");
    let text = given.and_then(|given| given.to_str().ok());
    text.and_then(|text| Seen::read(text, distribution))
        .unwrap_or_default()
}

/// One reader's connection.
struct Listener {
    heard: Heard,
    follower: Follower,
    language: Language,
    clock: Arc<dyn Clock>,
    /// When its token expires.
    expires_at: Timestamp,
    state: Standing,
    stopping: CancellationToken,
    _seat: Seat,
}

enum Standing {
    Follows,
    /// The last message was that the token has expired.
    Ended,
}

impl Listener {
    /// The next message; `None` when the host stops or the token has expired.
    async fn next(&mut self) -> Option<Event> {
        loop {
            let left = until(self.clock.now(), self.expires_at);
            match self.state {
                Standing::Ended => return None,
                Standing::Follows if left.is_zero() => {
                    self.state = Standing::Ended;
                    return Some(expired(self.language));
                }
                Standing::Follows => {}
            }
            if let Some(message) = self.follower.take() {
                return Some(message.retry(COME_BACK));
            }
            match self.follower.look().await {
                Ok(true) => continue,
                Ok(false) => {}
                Err(error) => tracing::warn!(%error, "a listener waits for the store"),
            }
            tokio::select! {
                () = self.heard.something() => {}
                () = self.clock.sleep(LOOK_EVERY.min(left)) => {}
                () = self.stopping.cancelled() => return None,
            }
        }
    }
}

/// Why the stream ends; without an id, so that the reader goes on behind what they have.
fn expired(language: Language) -> Event {
    let why = both(
        "로그인한 지 오래되었습니다. 다시 로그인해 연결해 주세요.",
        "The token has expired. Connect again with a new one.",
    );
    let why = serde_json::json!({ "detail": in_language(&why, language) });
    Event::default().event("expired").data(why.to_string())
}

/// The signals of one distribution; nobody keeps them once the last listener is gone.
struct Heard {
    changes: Arc<Changes>,
    distribution: DistributionId,
    moves: Option<broadcast::Receiver<Moved>>,
}

impl Heard {
    fn subscribe(changes: &Arc<Changes>, distribution: DistributionId) -> Self {
        Self {
            changes: Arc::clone(changes),
            distribution,
            moves: Some(changes.subscribe(distribution)),
        }
    }

    /// Completes when deliveries may have moved since it was asked last. What came meanwhile is one
    /// reason to look, not many.
    async fn something(&mut self) {
        let Some(moves) = &mut self.moves else {
            return std::future::pending().await;
        };
        let _ = moves.recv().await;
        while moves.try_recv().is_ok() {}
    }
}

impl Drop for Heard {
    fn drop(&mut self) {
        self.moves = None;
        self.changes.forget_if_unheard(self.distribution);
    }
}
