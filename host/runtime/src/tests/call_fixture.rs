//! The host's side of a call without a component: tests call the imports as it would.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use baepo_domain::model::attempt::AccountView;
use baepo_domain::model::id::{AttemptId, Digest};
use baepo_domain::model::manifest::Manifest;
use baepo_domain::model::offer_end::OfferEnd;
use baepo_domain::model::permissions::Permissions;
use baepo_domain::ports::clock::{Clock, ManualClock};
use baepo_domain::ports::{LoadedRelease, OptionalExports};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use uuid::Uuid;

use super::support::{InMemoryJournal, provided, start};
use crate::bindings::http::{Method, Repeat, Request};
use crate::egress::Egress;
use crate::imports::{CallContext, CallState, HostServices, JournalCursor, Purpose};
use crate::machine::Machine;
use crate::{Limits, ResultLimits, RuntimeConfig};

const MANIFEST: &str = r#"
    id = "by-hand"
    names = { ko = "손", en = "Hand" }
    grants = [{ origin = "https://shop.example", requests = ["POST /posts", "POST /posts/{id}"] }]
    secrets = [{ name = "token", description = "", example = "" }]
"#;

pub const DISTRIBUTE: Purpose = Purpose::Distribute(AttemptId(Uuid::nil()));

pub struct CallFixture {
    pub state: CallState,
    pub clock: Arc<ManualClock>,
    pub recording: Arc<InMemoryJournal>,
}

/// An attempt whose provider listens at this port.
pub fn attempt(port: u16) -> CallFixture {
    let recording = Arc::new(InMemoryJournal::default());
    let cursor = JournalCursor::recording(Vec::new(), start(), recording.clone());
    let (state, clock) = begin(port, DISTRIBUTE, cursor);
    CallFixture {
        state,
        clock,
        recording,
    }
}

pub fn begin(port: u16, purpose: Purpose, cursor: JournalCursor) -> (CallState, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::at(start()));
    (call(provided(port), clock.clone(), purpose, cursor), clock)
}

pub fn call(
    egress: Egress,
    clock: Arc<dyn Clock>,
    purpose: Purpose,
    cursor: JournalCursor,
) -> CallState {
    call_until(egress, clock, purpose, cursor, None)
}

/// The same, of an attempt whose offer may end.
pub fn call_until(
    egress: Egress,
    clock: Arc<dyn Clock>,
    purpose: Purpose,
    cursor: JournalCursor,
    offer: Option<OfferEnd>,
) -> CallState {
    let secrets = [("token", "canary-71c2"), ("foreign", "not declared")];
    let settings = json!({"shop": "떡집", "radius": 500, "none": null});
    CallState::new(CallContext {
        release: Arc::new(LoadedRelease {
            digest: Digest::of(b""),
            bytes: 0,
            manifest: Manifest::parse(MANIFEST).expect("a manifest"),
            abilities: OptionalExports::default(),
            permissions: Permissions::default(),
            author_mistakes: None,
        }),
        limits: Limits {
            requests_per_second: 1_000_000,
            ..Limits::DEFAULT
        },
        purpose,
        account: AccountView {
            settings: settings.as_object().expect("an object").clone(),
            secrets: secrets
                .map(|(name, secret)| (name.to_owned(), secret.into()))
                .into_iter()
                .collect::<BTreeMap<_, _>>(),
        },
        offer,
        cursor,
        services: HostServices {
            egress,
            clock,
            request_time: Duration::from_secs(5),
            longest_request_time: Duration::from_secs(5),
            short_sleep: Duration::from_secs(5),
            longest_sleep: Duration::from_secs(24 * 3_600),
            result_limits: ResultLimits::default(),
            machine: Arc::new(Machine::new(&RuntimeConfig::default())),
        },
    })
}

/// Answers one request after another with `ok`.
pub async fn provider() -> u16 {
    listening_provider().await.0
}

/// The same, and reports the address of every request that reaches it.
pub async fn listening_provider() -> (u16, UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("its address").port();
    let (reached, requests) = unbounded_channel();
    tokio::spawn(answer_all(listener, reached));
    (port, requests)
}

async fn answer_all(listener: TcpListener, reached: UnboundedSender<String>) {
    while let Ok((mut socket, _)) = listener.accept().await {
        let mut request = [0; 4096];
        let read = socket.read(&mut request).await.unwrap_or(0);
        let request = String::from_utf8_lossy(&request[..read]);
        let address = request.split(' ').nth(1).unwrap_or_default();
        // Nobody has to listen.
        let _ = reached.send(address.to_owned());
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";
        let _ = socket.write_all(answer).await;
    }
}

/// A port where nobody listens.
pub async fn unused_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    listener.local_addr().expect("its address").port()
}

pub fn post(url: &str, repeat: Repeat) -> Request {
    Request {
        method: Method::Post,
        url: url.to_owned(),
        headers: Vec::new(),
        body: None,
        credentials: Vec::new(),
        repeat,
        timeout_ms: None,
    }
}
