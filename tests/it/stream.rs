//! Following a distribution: every change, once, also for those whose connection breaks.

use std::sync::Arc;
use std::time::Duration;

use baepo::api::{Role, Tokens};
use baepo_domain::ports::clock::{Clock as _, ManualClock};
use futures::future::join_all;
use it::{Host, Owner, autumn_event, autumn_event_at, eventually};
use reqwest::{Method, Response};
use serde_json::{Value, json};

/// A message of a stream.
#[derive(Debug, Clone, PartialEq)]
struct Message {
    id: String,
    data: Value,
}

/// A listener, connected.
struct StreamClient {
    response: Response,
    buffer: String,
}

impl StreamClient {
    async fn connect(owner: &Owner, distribution: &str, last: Option<&str>) -> Self {
        let path = format!("/api/distribution/{distribution}/stream");
        let mut request = owner.request(Method::GET, &path);
        if let Some(last) = last {
            request = request.header("Last-Event-ID", last);
        }
        let response = request.send().await.expect("the host answers");
        assert_eq!(response.status().as_u16(), 200);
        let kind = response.headers()["content-type"].to_str().unwrap();
        assert!(kind.starts_with("text/event-stream"), "{kind}");
        Self {
            response,
            buffer: String::new(),
        }
    }

    /// The next message; `None` when none comes within that time.
    async fn next(&mut self, within: Duration) -> Option<Message> {
        tokio::time::timeout(within, async {
            loop {
                if let Some(end) = self.buffer.find("\n\n") {
                    let block: String = self.buffer.drain(..end + 2).collect();
                    if let Some(message) = parse(&block) {
                        return message;
                    }
                    continue;
                }
                let chunk = self.response.chunk().await.expect("the stream goes on");
                let chunk = chunk.expect("the stream does not end");
                self.buffer.push_str(std::str::from_utf8(&chunk).unwrap());
            }
        })
        .await
        .ok()
    }

    /// Messages until one has this status of the delivery.
    async fn until(&mut self, status: &str) -> Vec<Message> {
        let mut messages = Vec::new();
        loop {
            let message = self.next(Duration::from_secs(20)).await;
            let message = message.unwrap_or_else(|| panic!("no {status} in {messages:#?}"));
            let is_last = message.data["status"] == status;
            messages.push(message);
            if is_last {
                return messages;
            }
        }
    }
}

/// `None`: a comment that keeps the connection alive.
fn parse(block: &str) -> Option<Message> {
    let field = |name: &str| {
        let lines = block.lines();
        let mut found = lines.filter_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        found.next().map(str::to_owned)
    };
    assert!(
        field("event").is_none_or(|event| event == "delivery"),
        "{block}"
    );
    Some(Message {
        id: field("id")?,
        data: serde_json::from_str(&field("data")?).unwrap(),
    })
}

fn statuses(messages: &[Message]) -> Vec<&str> {
    let status = |message| -> &str {
        let message: &Message = message;
        message.data["status"].as_str().unwrap()
    };
    messages.iter().map(status).collect()
}

/// A host whose advert is under review until the test ends it, and its distribution.
async fn under_review() -> (Host, Owner, String) {
    let host = Host::start().await;
    host.sandbox()
        .set_review_time(Duration::from_secs(3_600))
        .await;
    let owner = host.connected_owner("shop-1").await;
    let answer = owner.publish_new(&autumn_event(&["uridongne-tv"])).await;
    let distribution = answer.expect(200)["distributionId"]
        .as_str()
        .unwrap()
        .to_owned();
    eventually("it is under review", || async {
        owner.status(&distribution, "uridongne-tv").await == "ACCEPTED"
    })
    .await;
    (host, owner, distribution)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_is_streamed_in_order() {
    let (host, owner, distribution) = under_review().await;
    let mut listener = StreamClient::connect(&owner, &distribution, None).await;
    let before = listener.until("ACCEPTED").await;

    host.sandbox().advance(Duration::from_secs(3_700)).await;
    let after = listener.until("LIVE").await;

    assert_eq!(statuses(&before)[..2], ["PENDING", "RUNNING"]);
    assert_eq!(statuses(&after).last(), Some(&"LIVE"));
    let withdrawn = owner
        .act(&distribution, "uridongne-tv", "withdraw", &Value::Null)
        .await;
    let _ = withdrawn.expect(200);
    assert_eq!(statuses(&listener.until("WITHDRAWN").await), ["WITHDRAWN"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn reconnecting_with_any_last_event_id_misses_and_repeats_nothing() {
    let (host, owner, distribution) = under_review().await;
    host.sandbox().advance(Duration::from_secs(3_700)).await;
    let mut first = StreamClient::connect(&owner, &distribution, None).await;
    let all = first.until("LIVE").await;

    for (index, message) in all.iter().enumerate() {
        let rest = &all[index + 1..];
        let mut back = StreamClient::connect(&owner, &distribution, Some(&message.id)).await;
        let mut got = Vec::new();
        while got.len() < rest.len() {
            got.push(back.next(Duration::from_secs(5)).await.expect("one more"));
        }
        assert_eq!(got, rest, "after {}", message.id);
        let more = back.next(Duration::from_millis(100)).await;
        assert_eq!(more, None, "after {}", message.id);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_last_event_id_restarts_from_the_first_message() {
    let (host, owner, distribution) = under_review().await;
    host.sandbox().advance(Duration::from_secs(3_700)).await;
    let mut first = StreamClient::connect(&owner, &distribution, None).await;
    let all = first.until("LIVE").await;
    let other = owner.publish_new(&autumn_event(&["uridongne-tv"])).await;
    let other = other.expect(200)["distributionId"]
        .as_str()
        .unwrap()
        .to_owned();
    let mut elsewhere = StreamClient::connect(&owner, &other, None).await;
    let of_another = elsewhere.until("ACCEPTED").await.pop().unwrap().id;
    let last = &all.last().unwrap().id;
    let (_, number) = last.rsplit_once('.').unwrap();

    let ahead = format!("999999.{number}");
    let too_many = format!("1.1.1.{number}");
    let ids = [
        "",
        " ",
        "nonsense",
        "1",
        "4.2.0",
        "-1.5",
        &of_another,
        &ahead,
        &too_many,
    ];
    for id in ids {
        let mut listener = StreamClient::connect(&owner, &distribution, Some(id)).await;
        assert_eq!(listener.until("LIVE").await, all, "after {id:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_token_ends_its_stream_with_a_reason() {
    let clock = Arc::new(ManualClock::at("2027-03-02T03:00:00Z".parse().unwrap()));
    let host = Host::builder().clock(Arc::clone(&clock) as _).start().await;
    let owner = host.connected_owner("shop-1").await;
    let draft = autumn_event_at(&["naver-blog"], clock.now());
    let answer = owner.publish_new(&draft).await;
    let distribution = answer.expect(200)["distributionId"]
        .as_str()
        .unwrap()
        .to_owned();
    let tokens = Tokens::load_or_create(&host.data().join("token.key")).unwrap();
    let minute = Duration::from_secs(60);
    let short = tokens
        .issue("shop-1", Role::Owner, minute, clock.now())
        .unwrap();
    let mut listener = StreamClient::connect(&owner.with_token(&short), &distribution, None).await;
    let _ = listener.until("ACTION_REQUIRED").await;

    let mut text = std::pin::pin!(listener.response.text());
    let ended = async {
        loop {
            // Again where the stream was about to wait when its time came.
            clock.advance(minute);
            let ended = tokio::time::timeout(Duration::from_millis(100), &mut text).await;
            if let Ok(text) = ended {
                break text;
            }
        }
    };
    let rest = tokio::time::timeout(minute, ended).await;
    let rest = rest.expect("the stream ends").expect("in good order");
    assert!(rest.contains("event: expired"), "{rest}");
    assert!(rest.contains("Reconnect with a new token."), "{rest}");
    let path = format!("/api/distribution/{distribution}/stream");
    let _ = owner.with_token(&short).get(&path).await.expect(401);
}

/// Listeners whose connections break again and again, while five channels are driven.
#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_reconnecting_streams_receive_the_same_messages() {
    const LISTENERS: usize = 200;
    let host = Host::start().await;
    let owner = host.connected_owner("shop-1").await;
    let draft = autumn_event(&it::WITH_PROVIDER);
    let mut later = draft.clone();
    later["channels"] = json!(["naver-blog"]);
    let event = owner.create(&later).await;
    let first = owner.publish(&event).await.expect(200);
    let distribution: Arc<str> = first["distributionId"].as_str().unwrap().into();
    let listeners = (0..LISTENERS).map(|number| {
        let (owner, distribution) = (owner.clone(), Arc::clone(&distribution));
        tokio::spawn(async move { read_all(&owner, &distribution, number).await })
    });
    let listeners: Vec<_> = listeners.collect();

    let all = json!({"channels": it::WITH_PROVIDER});
    let publish = owner
        .post(&format!("/api/events/{event}/publish"), &all)
        .await;
    let _ = publish.expect(200);

    let heard = join_all(listeners).await;
    let heard: Vec<Vec<Message>> = heard.into_iter().map(|heard| heard.unwrap()).collect();
    for messages in &heard {
        assert_eq!(sorted(messages), sorted(&heard[0]));
    }
}

/// Follows until all five are live; breaks its connection after every few messages.
async fn read_all(owner: &Owner, distribution: &str, number: usize) -> Vec<Message> {
    let mut messages: Vec<Message> = Vec::new();
    let mut live = 0;
    while live < it::WITH_PROVIDER.len() {
        let last = messages.last().map(|message| message.id.clone());
        let mut listener = StreamClient::connect(owner, distribution, last.as_deref()).await;
        for _ in 0..1 + number % 5 {
            let message = listener.next(Duration::from_secs(60)).await;
            let message = message.expect("not all are live yet");
            live += usize::from(message.data["status"] == "LIVE");
            messages.push(message);
            if live == it::WITH_PROVIDER.len() {
                break;
            }
        }
    }
    messages
}

/// What was heard, by channel: the ids depend on who was faster, the changes do not.
fn sorted(messages: &[Message]) -> Vec<String> {
    let change = |message: &Message| {
        let mut data = message.data.clone();
        // It is of the moment in which a message is read, not of the change.
        data["possible"].take();
        format!("{} {data}", data["channel"])
    };
    let mut heard: Vec<String> = messages.iter().map(change).collect();
    heard.sort();
    heard
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_at_its_stream_limit_rejects_new_streams() {
    let host = Host::builder()
        .config(|config| config.server.max_listeners = 1)
        .start()
        .await;
    let owner = host.connected_owner("shop-1").await;
    let answer = owner.publish_new(&autumn_event(&["naver-blog"])).await;
    let distribution = answer.expect(200)["distributionId"]
        .as_str()
        .unwrap()
        .to_owned();
    let listener = StreamClient::connect(&owner, &distribution, None).await;

    let path = format!("/api/distribution/{distribution}/stream");
    let refused = owner.get(&path).await;

    assert!(refused.headers.contains_key("retry-after"));
    assert_eq!(
        refused.expect(503)["type"],
        "urn:baepo:problem:too-many-listeners"
    );
    drop(listener);
    eventually("there is room again", || async {
        let request = owner.request(Method::GET, &path).send().await;
        request.unwrap().status().as_u16() == 200
    })
    .await;
}
