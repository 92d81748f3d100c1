//! What a component gets from each import, called from this side of the wall.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use baepo_domain::attempt::AccountView;
use baepo_domain::clock::ManualClock;
use baepo_domain::id::{AttemptId, Digest};
use baepo_domain::manifest::Manifest;
use baepo_domain::ports::{Abilities, LoadedRelease};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use uuid::Uuid;

use super::support::Notes;
use crate::Limits;
use crate::bindings::account::Host as _;
use crate::bindings::http::{Host as _, Method, Repeat, Request, SendError};
use crate::bindings::run::{Host as _, Level};
use crate::bindings::{account, types};
use crate::egress::{Egress, EgressConfig, Rewrite};
use crate::imports::{Beginning, CallState, Outside, Purpose};

const MANIFEST: &str = r#"
    id = "by-hand"
    names = { ko = "손", en = "Hand" }
    grants = [{ origin = "https://shop.example", requests = ["POST /posts"] }]
    secrets = [{ name = "token", description = "", example = "" }]
"#;

struct Scene {
    state: CallState,
    clock: Arc<ManualClock>,
    notes: Arc<Notes>,
}

/// An attempt whose provider listens at this port.
fn attempt(port: u16) -> Scene {
    let notes = Arc::new(Notes::default());
    let attempt = AttemptId(Uuid::nil());
    let log = notes.clone();
    let (state, clock) = begin(port, Purpose::Distribute { attempt, log });
    Scene {
        state,
        clock,
        notes,
    }
}

fn begin(port: u16, purpose: Purpose) -> (CallState, Arc<ManualClock>) {
    let to = format!("http://127.0.0.1:{port}")
        .parse()
        .expect("an address");
    let origin = "https://shop.example".parse().expect("an origin");
    let rewrites = vec![Rewrite { origin, to }];
    let egress = EgressConfig {
        rewrites,
        ..EgressConfig::default()
    };
    let now = "2026-10-01T09:00:00Z".parse().expect("a time");
    let clock = Arc::new(ManualClock::at(now));
    let secrets = [("token", "canary-71c2"), ("foreign", "not declared")];
    let settings = json!({"shop": "떡집", "radius": 500, "none": null});
    let state = CallState::new(Beginning {
        release: Arc::new(LoadedRelease {
            digest: Digest::of(b""),
            bytes: 0,
            manifest: Manifest::parse(MANIFEST).expect("a manifest"),
            abilities: Abilities::default(),
        }),
        limits: Limits::DEFAULT,
        purpose,
        account: AccountView {
            settings: settings.as_object().expect("an object").clone(),
            secrets: secrets
                .map(|(name, secret)| (name.to_owned(), secret.into()))
                .into_iter()
                .collect::<BTreeMap<_, _>>(),
        },
        outside: Outside {
            egress: Egress::new(egress).expect("egress"),
            clock: clock.clone(),
            request_time: Duration::from_secs(5),
            longest_request_time: Duration::from_secs(5),
        },
    });
    (state, clock)
}

/// Answers one request after another with `ok`.
async fn provider() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("its address").port();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let _ = socket.read(&mut [0; 4096]).await;
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";
            let _ = socket.write_all(answer).await;
        }
    });
    port
}

/// A port where nobody listens.
async fn nobody() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    listener.local_addr().expect("its address").port()
}

fn post(url: &str, repeat: Repeat) -> Request {
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

#[tokio::test]
async fn an_unsafe_request_that_may_be_out_is_remembered() {
    let mut scene = attempt(provider().await);
    let state = &mut scene.state;
    let granted = "https://shop.example/posts";

    let safe = state
        .send(post(granted, Repeat::Idempotent))
        .await
        .expect("no trap");
    assert_eq!(safe.expect("answered").body, b"ok");
    assert!(!state.unsafe_sent(), "it may be repeated");

    let denied = state
        .send(post("https://shop.example/secret", Repeat::Unsafe))
        .await;
    assert!(matches!(
        denied.expect("no trap"),
        Err(SendError::Denied(_))
    ));
    assert!(!state.unsafe_sent(), "it never left");

    let requests = vec![
        post("https://shop.example/secret", Repeat::Unsafe),
        post(granted, Repeat::Unsafe),
    ];
    let answers = state.send_all(requests).await.expect("no trap");
    assert!(
        matches!(answers[0], Err(SendError::Denied(_))),
        "in the order of the requests"
    );
    assert!(answers[1].is_ok());
    assert!(state.unsafe_sent());

    let denied = state
        .send(post("https://shop.example/secret", Repeat::Unsafe))
        .await;
    assert!(denied.expect("no trap").is_err());
    assert!(state.unsafe_sent(), "what has left stays out");
    assert_eq!(state.host_calls(), 5, "each request of a send-all counts");
}

#[tokio::test]
async fn an_unsafe_request_that_reached_nobody_is_none() {
    let mut scene = attempt(nobody().await);
    let unsafe_one = post("https://shop.example/posts", Repeat::Unsafe);
    let answer = scene.state.send(unsafe_one).await.expect("no trap");
    assert!(matches!(answer, Err(SendError::NotSent(_))), "{answer:?}");
    assert!(!scene.state.unsafe_sent());
}

#[tokio::test]
async fn an_unsafe_request_that_is_under_way_counts_as_sent() {
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let mut scene = attempt(silent.local_addr().expect("its address").port());
    let unsafe_one = post("https://shop.example/posts", Repeat::Unsafe);
    let sending = scene.state.send(unsafe_one);
    assert!(
        tokio::time::timeout(Duration::from_millis(50), sending)
            .await
            .is_err()
    );
    assert!(scene.state.unsafe_sent());
}

#[tokio::test]
async fn check_must_not_send_nor_sleep_nor_be_accepted() {
    let (mut state, _) = begin(provider().await, Purpose::Look);
    let answer = state
        .send(post("https://shop.example/posts", Repeat::Unsafe))
        .await;
    let Err(SendError::Denied(why)) = answer.expect("no trap") else {
        panic!("it was sent")
    };
    assert_eq!(why, "check must not send");
    assert!(!state.unsafe_sent());
    assert!(state.sleep(1).await.is_err());
    assert!(state.accepted(receipt(), String::new()).await.is_err());
}

fn receipt() -> types::Receipt {
    types::Receipt {
        external_id: Some("post of canary-71c2".to_owned()),
        url: None,
        estimated_reach: None,
    }
}

#[tokio::test]
async fn settings_are_text_or_json() {
    let mut state = attempt(0).state;
    let mut setting = async |name: &str| state.setting(name.to_owned()).await.expect("no trap");
    assert_eq!(setting("shop").await.as_deref(), Some("떡집"));
    assert_eq!(setting("radius").await.as_deref(), Some("500"));
    assert_eq!(setting("none").await, None);
    assert_eq!(setting("unknown").await, None);
}

#[tokio::test]
async fn only_declared_secrets_sign() {
    let mut state = attempt(0).state;
    let mut sign = async |secret: &str, digest| {
        let signature = state
            .sign(secret.to_owned(), digest, b"data".to_vec())
            .await;
        signature.expect("no trap").map(hex::encode)
    };
    // python3 -c "import hmac; print(hmac.new(b'canary-71c2', b'data', 'sha256').hexdigest())"
    assert_eq!(
        sign("token", account::Digest::HmacSha256).await.as_deref(),
        Some(SHA256)
    );
    assert_eq!(
        sign("token", account::Digest::HmacSha1).await.as_deref(),
        Some(SHA1)
    );
    assert_eq!(sign("foreign", account::Digest::HmacSha256).await, None);
}

const SHA256: &str = "0bb909d46c53c2bae2be0492f00c777b3ad211d9e7b0aaf41488138e24e1e9c7";
const SHA1: &str = "5de7130e4b3b83616a3ba337f5fed4f005d108b0";

#[tokio::test]
async fn time_stands_still_between_calls_that_take_time() {
    let Scene {
        mut state, clock, ..
    } = attempt(0);
    let begun = state.now().await.expect("no trap");
    clock.advance(Duration::from_secs(9));
    state
        .log(Level::Info, "a line".to_owned())
        .await
        .expect("no trap");
    assert_eq!(state.now().await.expect("no trap"), begun);
    state
        .accepted(receipt(), String::new())
        .await
        .expect("no trap");
    assert_eq!(state.now().await.expect("no trap"), begun + 9_000);
}

#[tokio::test]
async fn no_secret_leaves_in_words() {
    let Scene {
        mut state, notes, ..
    } = attempt(0);
    state
        .accepted(receipt(), "canary-71c2 it was".to_owned())
        .await
        .expect("no trap");
    let noted = notes
        .0
        .lock()
        .expect("not poisoned")
        .pop()
        .expect("one note");
    assert_eq!(noted.0.external_id.as_deref(), Some("post of [secret]"));
    assert_eq!(noted.1, "[secret] it was");

    state
        .log(Level::Error, "panic: canary-71c2".to_owned())
        .await
        .expect("no trap");
    assert_eq!(state.last_words(), Some("panic: [secret]"));
    let failure = types::Failure::Unauthorized("no canary-71c2 here".to_owned());
    let end = state.leaving().end(Err(failure));
    assert!(format!("{end:?}").contains("no [secret] here"), "{end:?}");
}

#[tokio::test]
async fn only_the_last_thing_said_is_the_last_word() {
    let mut state = attempt(0).state;
    state
        .log(Level::Error, "handled".to_owned())
        .await
        .expect("no trap");
    state.now().await.expect("no trap");
    assert_eq!(state.last_words(), None);
}
