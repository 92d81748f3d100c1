//! A freestyle brand message: as it comes in, and as it is after every check.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use url::Url;

use super::bubble::{Bubble, BubbleLimits};
use super::failure::Failure;
use super::picture;
use super::recipient::Recipient;
use crate::clock::from_seoul_minute;
use crate::ledger::{self, Media, MediaKind};

const SENDER_KEY_CHARACTERS: usize = 40;
const GROUPING_KEY_CHARACTERS: usize = 100;
const RECIPIENTS: usize = 1_000;
const RECIPIENT_NO_CHARACTERS: usize = 20;
const LINK_CHARACTERS: usize = 1_000;
const SCHEDULE_AHEAD: SignedDuration = SignedDuration::from_hours(60 * 24);
const BUTTON_TYPES: [&str; 7] = ["WL", "AL", "BK", "MD", "AC", "BT", "BF"];

/// The request's body. Fields that NHN Cloud knows and this stand-in does not are passed over.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FreestyleRequest {
    sender_key: Option<String>,
    chat_bubble_type: Option<String>,
    content: Option<String>,
    image: Option<ImageElement>,
    buttons: Option<Vec<ButtonElement>>,
    recipient_list: Option<Vec<RecipientElement>>,
    unsubscribe_no: Option<String>,
    sender_grouping_key: Option<String>,
    request_date: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ImageElement {
    image_url: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ButtonElement {
    name: Option<String>,
    r#type: Option<String>,
    link_mo: Option<String>,
    link_pc: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RecipientElement {
    recipient_no: Option<String>,
    targeting: Option<String>,
}

/// A message that NHN Cloud accepts.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) sender_key: String,
    pub(super) bubble: Bubble,
    pub(super) content: String,
    pub(super) image: Option<Media>,
    pub(super) buttons: Vec<ledger::Button>,
    pub(super) recipients: Box<[Recipient]>,
    pub(super) grouping_key: String,
    /// When it goes out.
    pub(super) due: Timestamp,
}

impl FreestyleRequest {
    pub(super) fn check(self, now: Timestamp) -> Result<Message, Failure> {
        let sender_key = required("senderKey", self.sender_key)?;
        if sender_key.chars().count() != SENDER_KEY_CHARACTERS {
            let length = SENDER_KEY_CHARACTERS;
            return Err(Failure::wrong_length("senderKey", length, length));
        }
        let bubble = Bubble::parse(&required("chatBubbleType", self.chat_bubble_type)?)?;
        let limits = bubble.limits();
        let content = required("content", self.content)?;
        check_length("content", &content, limits.characters)?;
        if content.matches('\n').count() > limits.line_breaks {
            let limit = limits.line_breaks;
            return Err(Failure::invalid(format!(
                "content: more than {limit} line breaks"
            )));
        }
        let grouping_key = self.sender_grouping_key.unwrap_or_default();
        check_length("senderGroupingKey", &grouping_key, GROUPING_KEY_CHARACTERS)?;
        check_unsubscribe_number(self.unsubscribe_no.as_deref())?;
        Ok(Message {
            sender_key,
            bubble,
            content,
            image: check_image(bubble, self.image)?,
            buttons: check_buttons(&limits, self.buttons.unwrap_or_default())?,
            recipients: check_recipients(self.recipient_list)?,
            grouping_key,
            due: check_schedule(self.request_date.as_deref(), now)?,
        })
    }
}

fn required(field: &str, value: Option<String>) -> Result<String, Failure> {
    let value = value.ok_or_else(|| Failure::null(field))?;
    if value.trim().is_empty() {
        Err(Failure::blank(field))
    } else {
        Ok(value)
    }
}

fn check_length(field: &str, value: &str, limit: usize) -> Result<(), Failure> {
    if value.chars().count() > limit {
        Err(Failure::too_long(field, limit))
    } else {
        Ok(())
    }
}

fn check_image(bubble: Bubble, image: Option<ImageElement>) -> Result<Option<Media>, Failure> {
    if bubble == Bubble::Text {
        return Ok(None);
    }
    let image = image.ok_or_else(|| Failure::null("image"))?;
    let url = required("image.imageUrl", image.image_url)?;
    let address = Url::parse(&url).ok().filter(|_| is_web_address(&url));
    let address =
        address.ok_or_else(|| Failure::invalid("image.imageUrl: not an http or https address"))?;
    picture::check(bubble, &address)?;
    Ok(Some(Media {
        kind: MediaKind::Image,
        url,
        alt_text: String::new(),
    }))
}

fn check_buttons(
    limits: &BubbleLimits,
    buttons: Vec<ButtonElement>,
) -> Result<Vec<ledger::Button>, Failure> {
    if buttons.len() > limits.buttons {
        return Err(Failure::invalid_button(&format!(
            "at most {}",
            limits.buttons
        )));
    }
    buttons
        .into_iter()
        .map(|button| check_button(limits, button))
        .collect()
}

fn check_button(limits: &BubbleLimits, button: ButtonElement) -> Result<ledger::Button, Failure> {
    let name = required("buttons.name", button.name)?;
    check_length("buttons.name", &name, limits.button_name)?;
    let button_type = required("buttons.type", button.r#type)?;
    if !BUTTON_TYPES.contains(&button_type.as_str()) {
        return Err(Failure::invalid_button(&format!(
            "unknown type {button_type}"
        )));
    }
    if button_type == "WL" && !button.link_mo.as_deref().is_some_and(is_web_address) {
        return Err(Failure::invalid_button(
            "linkMo of type WL has to be a web address",
        ));
    }
    for link in [&button.link_mo, &button.link_pc].into_iter().flatten() {
        check_length("buttons.link", link, LINK_CHARACTERS)?;
    }
    Ok(ledger::Button {
        name,
        link: button.link_mo,
    })
}

fn check_recipients(list: Option<Vec<RecipientElement>>) -> Result<Box<[Recipient]>, Failure> {
    let list = list.ok_or_else(|| Failure::null("recipientList"))?;
    if !(1..=RECIPIENTS).contains(&list.len()) {
        return Err(Failure::wrong_length("recipientList", 1, RECIPIENTS));
    }
    list.into_iter().map(check_recipient).collect()
}

fn check_recipient(recipient: RecipientElement) -> Result<Recipient, Failure> {
    let number = required("recipientNo", recipient.recipient_no)?;
    check_length("recipientNo", &number, RECIPIENT_NO_CHARACTERS)?;
    match recipient.targeting.as_deref() {
        None | Some("I") => Ok(Recipient::new(&number)),
        Some("M" | "N") => Err(Failure::invalid(
            "targeting: M and N need a channel with 50,000 friends, which no sandbox channel has",
        )),
        Some(other) => Err(Failure::invalid(format!(
            "targeting: M, N or I, got {other}"
        ))),
    }
}

/// `080-xxx-xxxx`, `080-xxxx-xxxx`, or the same without hyphens.
fn check_unsubscribe_number(number: Option<&str>) -> Result<(), Failure> {
    let Some(number) = number else { return Ok(()) };
    let digits = number.replace('-', "");
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_number && digits.starts_with("080") && matches!(digits.len(), 10 | 11) {
        Ok(())
    } else {
        Err(Failure::invalid_unsubscribe_number())
    }
}

fn check_schedule(request_date: Option<&str>, now: Timestamp) -> Result<Timestamp, Failure> {
    let Some(text) = request_date.filter(|text| !text.is_empty()) else {
        return Ok(now);
    };
    let due = from_seoul_minute(text)
        .ok_or_else(|| Failure::invalid("requestDate: not yyyy-MM-dd HH:mm"))?;
    if due.duration_since(now) > SCHEDULE_AHEAD {
        return Err(Failure::invalid("requestDate: more than 60 days ahead"));
    }
    // A minute that has begun is over by its own clock, and meant as "now".
    Ok(due.max(now))
}

fn is_web_address(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}
