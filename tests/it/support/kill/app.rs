//! The owner's app: it publishes, and publishes again with the same key what got no answer.

use std::time::{Duration, Instant};

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use serde_json::{Value, json};

use crate::draft::autumn_event;
use crate::owner::Owner;

/// The owner whose app publishes.
pub(super) const OWNER: &str = "shop-1";
/// How many publishes without an answer are repeated at once.
const CONCURRENT_REPEATS: usize = 8;
/// Before another event is made while the store is away.
const PAUSE: Duration = Duration::from_millis(100);
/// What an event's text is known by; followed by six digits.
const MARK: &str = "표식-";

pub(super) struct App {
    channels: Vec<String>,
    made: u32,
    connected: bool,
    /// Published, as far as the app knows.
    pub(super) answered: Vec<RequestedPublish>,
    /// No answer yet: the request must be repeated.
    pub(super) open: Vec<RequestedPublish>,
    /// Requests to publish that the host did not live to answer.
    pub(super) interrupted: usize,
    /// Events that were made, and of which the host said that they are not there.
    pub(super) unexpected: Vec<String>,
}

/// An event whose publish was asked for.
#[derive(Debug, Clone)]
pub(super) struct RequestedPublish {
    pub(super) mark: String,
    pub(super) event: String,
}

/// The outcome of a request to publish.
enum Reply {
    Answered,
    /// Another publish of the event is running.
    Later,
    /// The event is not found.
    NotFound,
    /// The host was gone.
    None,
}

impl App {
    pub(super) fn new(channels: Vec<String>) -> Self {
        Self {
            channels,
            made: 0,
            connected: false,
            answered: Vec::new(),
            open: Vec::new(),
            interrupted: 0,
            unexpected: Vec::new(),
        }
    }

    /// Publishes that many new events at once, one after another, until the host is gone or the
    /// time is over.
    pub(super) async fn publish_load(
        &mut self,
        owner: &Owner,
        load: usize,
        until: Option<Instant>,
    ) {
        if !self.connect(owner).await {
            return;
        }
        if until.is_some_and(|until| until <= Instant::now()) {
            return;
        }
        let repeated = self.open.len().min(CONCURRENT_REPEATS);
        let repeats: Vec<RequestedPublish> = self.open.drain(..repeated).collect();
        let mut work = FuturesUnordered::new();
        for asked in repeats {
            work.push(publish(owner.clone(), Some(asked), Value::Null));
        }
        for _ in 0..load {
            let draft = self.next_draft();
            work.push(publish(owner.clone(), None, draft));
        }
        let mut alive = true;
        while let Some((asked, reply)) = work.next().await {
            alive &= !matches!(reply, Reply::None);
            alive &= until.is_none_or(|until| Instant::now() < until);
            if let Some(asked) = asked {
                self.note(asked, &reply);
            }
            if alive {
                let draft = self.next_draft();
                work.push(publish(owner.clone(), None, draft));
            }
        }
    }

    /// Asks again for everything that is open, once.
    pub(super) async fn repeat(&mut self, owner: &Owner) {
        let open = std::mem::take(&mut self.open);
        let requests = open
            .into_iter()
            .map(|asked| publish(owner.clone(), Some(asked), Value::Null));
        let mut replies = futures::stream::iter(requests).buffer_unordered(CONCURRENT_REPEATS);
        while let Some((asked, reply)) = replies.next().await {
            let asked = asked.expect("a repeat has its event");
            self.note(asked, &reply);
        }
    }

    fn note(&mut self, asked: RequestedPublish, reply: &Reply) {
        match reply {
            Reply::Answered => self.answered.push(asked),
            Reply::Later => self.open.push(asked),
            Reply::NotFound => {
                let (mark, event) = (&asked.mark, &asked.event);
                self.unexpected
                    .push(format!("{mark}: 404 for the event {event}"));
                self.open.push(asked);
            }
            Reply::None => {
                self.interrupted += 1;
                self.open.push(asked);
            }
        }
    }

    pub(super) fn channels(&self) -> &[String] {
        &self.channels
    }

    /// Connects to every channel in the first life that is long enough.
    async fn connect(&mut self, owner: &Owner) -> bool {
        if !self.connected {
            self.connected = owner.try_connect_all().await;
        }
        self.connected
    }

    fn next_draft(&mut self) -> Value {
        self.made += 1;
        let channels: Vec<&str> = self.channels.iter().map(String::as_str).collect();
        let mut draft = autumn_event(&channels);
        draft["content"]["title"] = json!(mark(self.made));
        draft
    }
}

/// Asks for the publish of an event; makes one first where there is none. An event whose making
/// got no answer is forgotten: its owner has not published it.
async fn publish(
    owner: Owner,
    asked: Option<RequestedPublish>,
    draft: Value,
) -> (Option<RequestedPublish>, Reply) {
    let asked = match asked {
        Some(asked) => asked,
        None => match make(&owner, &draft).await {
            Ok(asked) => asked,
            Err(reply) => return (None, reply),
        },
    };
    let request = owner.publish_request(&asked.event, &asked.idempotency_key());
    let reply = match owner
        .ask(request)
        .await
        .map(|answer| answer.status.as_u16())
    {
        Some(200 | 202 | 502) => Reply::Answered,
        Some(404) => Reply::NotFound,
        Some(_) => Reply::Later,
        None => Reply::None,
    };
    (Some(asked), reply)
}

async fn make(owner: &Owner, draft: &Value) -> Result<RequestedPublish, Reply> {
    let request = owner.request(reqwest::Method::POST, "/api/events");
    let answer = owner.ask(request.json(draft)).await.ok_or(Reply::None)?;
    if answer.status.as_u16() == 503 {
        // The store is away. The answer's Retry-After is longer than this test waits.
        tokio::time::sleep(PAUSE).await;
        return Err(Reply::Later);
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Ok(RequestedPublish {
        mark: text(&draft["content"]["title"]),
        event: text(&answer.expect(201)["id"]),
    })
}

impl RequestedPublish {
    fn idempotency_key(&self) -> String {
        self.mark.replace(MARK, "mark-")
    }
}

fn mark(number: u32) -> String {
    format!("{MARK}{number:06}")
}

/// The mark in a post's text.
pub(super) fn mark_in(text: &str) -> Option<&str> {
    let begin = text.find(MARK)?;
    text.get(begin..begin + MARK.len() + 6)
}
