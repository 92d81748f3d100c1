//! Content → HTTP: the two requests that this channel sends.

use core::time::Duration;

use baepo_sdk::http::{self, Repeat, Request, encode};
use serde::Serialize;

use crate::account::Account;
use crate::key::Key;
use crate::message::Message;

const READ: Duration = Duration::from_secs(10);
/// A thousand recipients take a while; giving up early costs a look.
const SEND: Duration = Duration::from_secs(30);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    sender_key: &'a str,
    chat_bubble_type: &'static str,
    push_alarm: bool,
    content: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<Image<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    buttons: Vec<Button<'a>>,
    recipient_list: Vec<Recipient<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unsubscribe_no: Option<&'a str>,
    sender_grouping_key: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Image<'a> {
    image_url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_link: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Button<'a> {
    name: &'a str,
    r#type: &'static str,
    link_mo: &'a str,
    link_pc: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Recipient<'a> {
    recipient_no: &'a str,
    targeting: &'static str,
}

/// `Unsafe` although NHN Cloud knows the key: it forgets it after ten minutes, and a host that
/// was down for longer must not send it again on its own.
pub fn send(account: &Account, message: &Message, key: &Key) -> Request {
    http::post(url(account, "freestyle-messages"), Repeat::Unsafe)
        .header("X-NC-API-IDEMPOTENCY-KEY", key.as_str())
        .secret_header("X-Secret-Key", "secretKey")
        .json(&body(account, message, key))
        .timeout(SEND)
}

/// The results of the message with this grouping key: a row per recipient.
pub fn find(account: &Account, key: &Key) -> Request {
    http::get(url(account, "messages"))
        .query("senderGroupingKey", key.as_str())
        .query("pageNum", "1")
        .query("pageSize", "1000")
        .secret_header("X-Secret-Key", "secretKey")
        .timeout(READ)
}

fn url(account: &Account, resource: &str) -> String {
    let Account {
        api_host,
        api_version,
        app_key,
        ..
    } = account;
    format!(
        "https://{api_host}/brand-message/{api_version}/appkeys/{}/{resource}",
        encode(app_key)
    )
}

fn body<'a>(account: &'a Account, message: &'a Message, key: &'a Key) -> Body<'a> {
    let link = message.button.as_ref().map(|button| button.link.as_str());
    let image = message.image_url.as_deref();
    Body {
        sender_key: &account.sender_key,
        chat_bubble_type: message.bubble.name(),
        push_alarm: message.push_alarm,
        content: &message.text,
        image: image.map(|image_url| Image {
            image_url,
            image_link: link,
        }),
        buttons: message.button.iter().map(Button::from).collect(),
        recipient_list: account
            .recipients
            .iter()
            .map(|number| Recipient::friend(number))
            .collect(),
        unsubscribe_no: account
            .unsubscribe_number
            .as_deref()
            .filter(|_| message.advertising),
        sender_grouping_key: key.as_str(),
    }
}

impl<'a> From<&'a crate::message::Button> for Button<'a> {
    fn from(button: &'a crate::message::Button) -> Self {
        Self {
            name: &button.name,
            r#type: "WL",
            link_mo: &button.link,
            link_pc: &button.link,
        }
    }
}

impl<'a> Recipient<'a> {
    /// `I` reaches friends of the channel only. `M` and `N` reach strangers, and need a channel
    /// with 50,000 friends: not a shop's.
    fn friend(number: &'a str) -> Self {
        Self {
            recipient_no: number,
            targeting: "I",
        }
    }
}
