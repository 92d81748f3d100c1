//! Kakao brand messages by way of NHN Cloud KakaoTalk Bizmessage.
//!
//! | under `/brand-message/v1.0/appkeys/{appkey}` | |
//! | --- | --- |
//! | `POST /freestyle-messages` | sends, now or at `requestDate` |
//! | `GET /messages`, `GET /freestyle-messages` | looks up by `requestId` or `senderGroupingKey` |
//! | `DELETE /messages/{requestId}` | cancels what is scheduled |
//!
//! Business errors are HTTP 200, as at NHN Cloud: the body's header has the code. Any app key is known.
//!
//! The recipient's number decides the result of a message:
//!
//! | number ends in | `sendResults[].resultCode` | lookup: `messageStatus`, `resultCode` |
//! | --- | --- | --- |
//! | `9999` and a numeric code, `010-9999-3018` | that code | `FAILED`, that code |
//! | `9999` and `0004`, `0303`, `0997`, `7013` | `B004`, `K303`, `K997`, `B7013` | `FAILED`, that code |
//! | anything else | 0 | `COMPLETED`, `1000` |
//!
//! A picture that Kakao would not take is refused with 3024, as far as its address shows it: its ending
//! (`.heic`), pixels (`…-4032x3024.jpg`) and size (`…-12mb.jpg`) in its name.
//!
//! The numeric codes are those of the plugin's table: 1001–1003, 1006, 1007, 1020–1023, 1025,
//! 1028, 1030, 2000, 3000, 3005, 3006, 3008, 3013, 3014, 3018, 3019, 3022, 3024, 9998, 9999.
//! `3005` and `K997` mean "sent, receipt unknown": the recipient does see the message. A request
//! that reaches nobody is accepted, and no post. Advertising is accepted around the clock; `3022`
//! (nights) comes from a number as well, so that no test depends on the hour.

mod bubble;
mod failure;
mod idempotency;
mod lookup;
mod message;
mod picture;
mod recipient;
pub(crate) mod routes;
mod sent;

use std::sync::{Arc, Mutex, MutexGuard};

use jiff::Timestamp;
use jiff::tz::Offset;

use self::{failure::Failure, idempotency::UsedKeys, message::Message, sent::Sent};
use crate::{
    bounded_store::BoundedStore,
    clock::Clock,
    lag::ReadLag,
    ledger::{Ledger, Post},
    lock::locked,
    provider::Provider,
};

/// A thousand recipients a request add up: this many are remembered in all.
const MAX_STORED_RECIPIENTS: usize = 200_000;

/// Request ids begin with the time, to the second; so do those of the sandbox, which makes ids of
/// a later run different from those of an earlier one.
const IDS_PER_SECOND: u64 = 100_000;

#[derive(Debug)]
pub(crate) struct NhnCloud {
    clock: Arc<Clock>,
    ledger: Arc<Ledger>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    sent: BoundedStore<Sent>,
    /// Of all that is on the shelf.
    recipients: usize,
    used_keys: UsedKeys,
}

impl NhnCloud {
    pub(crate) fn new(clock: Arc<Clock>, ledger: Arc<Ledger>) -> Self {
        let start = clock.now();
        let state = State {
            sent: BoundedStore::starting_at(first_id(start)),
            recipients: 0,
            used_keys: UsedKeys::default(),
        };
        Self {
            clock,
            ledger,
            state: Mutex::new(state),
        }
    }

    /// Everything as at the start, except that ids go on.
    pub(crate) fn reset(&self) {
        let mut state = self.state();
        state.sent.clear();
        state.recipients = 0;
        state.used_keys = UsedKeys::default();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        locked(&self.state)
    }

    /// The `message` of the answer: the request's id and its results per recipient.
    fn send(
        &self,
        app_key: &str,
        key: Option<&str>,
        request: message::FreestyleRequest,
        lag: ReadLag,
    ) -> Result<serde_json::Value, Failure> {
        let now = self.clock.now();
        let message = request.check(now)?;
        let post = to_post(&message);
        let mut state = self.state();
        // The key is used up by what was accepted, not by what was refused.
        if let Some(key) = key {
            state.used_keys.use_once(format!("{app_key}/{key}"), now)?;
        }
        let grouping_key = message.grouping_key.clone();
        let results = lookup::send_results(&message);
        let id = state.keep(Sent {
            app_key: app_key.to_owned(),
            at: now,
            message,
            visibility: lag.from(now),
        });
        if let Some(post) = post {
            // Under the state's lock: a reset comes before both or after both.
            self.ledger.publish(Post {
                external_id: id.to_string(),
                ..post
            });
        }
        Ok(serde_json::json!({
            "requestId": id.to_string(),
            "senderGroupingKey": grouping_key,
            "sendResults": results,
        }))
    }

    fn find(&self, app_key: &str, query: &lookup::Query) -> Result<serde_json::Value, Failure> {
        let conditions = query.check()?;
        let now = self.clock.now();
        let state = self.state();
        let own = state
            .sent
            .newest_first()
            .filter(|(_, sent)| sent.app_key == app_key && conditions.are_visible(sent, now));
        Ok(conditions.page(own, now))
    }

    /// Only what has not gone out yet can be cancelled.
    fn cancel(&self, app_key: &str, request_id: &str) -> Result<(), Failure> {
        let unknown = || Failure::invalid("requestId: there is no such request");
        let id = request_id.parse().map_err(|_| unknown())?;
        let mut state = self.state();
        let sent = state.sent.get(id).filter(|sent| sent.app_key == app_key);
        if sent.ok_or_else(unknown)?.message.due <= self.clock.now() {
            return Err(Failure::invalid("requestId: it has been sent already"));
        }
        state.forget(id);
        self.ledger.withdraw(Provider::NhnCloud, request_id);
        Ok(())
    }
}

impl State {
    /// Makes room first, here and not on the shelf: whatever leaves is counted off.
    fn keep(&mut self, sent: Sent) -> u64 {
        self.recipients += sent.message.recipients.len();
        while self.recipients > MAX_STORED_RECIPIENTS || self.sent.is_full() {
            let Some(oldest) = self.sent.remove_oldest() else {
                break;
            };
            self.recipients -= oldest.message.recipients.len();
        }
        self.sent.push(sent)
    }

    fn forget(&mut self, id: u64) {
        if let Some(sent) = self.sent.remove(id) {
            self.recipients -= sent.message.recipients.len();
        }
    }
}

/// `None` if it reaches no recipient: then there is no post.
fn to_post(message: &Message) -> Option<Post> {
    let reached = message
        .recipients
        .iter()
        .filter(|recipient| recipient.was_reached())
        .count();
    (reached > 0).then(|| Post {
        provider: Provider::NhnCloud,
        external_id: String::new(),
        reference: message.grouping_key.clone(),
        text: message.content.clone(),
        at: message.due,
        account: account(&message.sender_key),
        media: message.image.clone().into_iter().collect(),
        buttons: message.buttons.clone(),
        recipients: Some(reached),
    })
}

/// The end of the sender key: enough to distinguish two channels, too little to send with.
fn account(sender_key: &str) -> String {
    let skipped = sender_key.chars().count().saturating_sub(6);
    format!("…{}", sender_key.chars().skip(skipped).collect::<String>())
}

fn first_id(start: Timestamp) -> u64 {
    let second = Offset::constant(9)
        .to_datetime(start)
        .strftime("%Y%m%d%H%M%S")
        .to_string();
    second.parse::<u64>().unwrap_or_default() * IDS_PER_SECOND
}
