//! HTTP → outcome: what NHN Cloud's answers mean. Pure.
//!
//! HTTP 200 proves nothing: a message is accepted if `isSuccessful` is true and the code is 0,
//! in the header and for the recipient.

use baepo_sdk::http::{RequestError, Response, SendError};
use baepo_sdk::{Failure, Text};
use serde::Deserialize;

use crate::codes::{Code, Reaction};
use crate::results::{Results, Row, quote};

/// What `send` gives.
pub type SendResult = Result<Response, RequestError>;

/// How a message ended that NHN Cloud took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MessageOutcome {
    /// At least one person gets it, and of nobody it is unknown.
    Sent {
        request_id: String,
        reached: u64,
        /// How many are not reached and why, where there are any.
        missed: Option<Text>,
    },
    /// Nobody gets it, because it is night.
    RefusedAsNight,
    /// Nobody gets it, or nobody knows.
    Failed(Failure),
}

/// What the answer to a send request says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendReply {
    Accepted(MessageOutcome),
    /// The same, and of some who were asked there is no result: a lookup may find more.
    Incomplete(MessageOutcome),
    /// The key was used before: that request, or one before it, was taken.
    AlreadyAccepted,
    /// Nothing was taken, because it is night.
    RefusedAsNight,
    /// Nothing was taken.
    Refused(Failure),
    /// NHN Cloud says that it failed, in a way that wants a look all the same.
    ProviderError(Failure),
    /// It may have been taken.
    Doubt(Text),
}

#[derive(Deserialize)]
struct Envelope {
    header: Header,
    message: Option<SentMessage>,
    #[serde(rename = "messageSearchResultResponse")]
    search: Option<Search>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Header {
    result_code: Code,
    #[serde(default)]
    result_message: String,
    is_successful: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SentMessage {
    request_id: String,
    #[serde(default)]
    send_results: Vec<Row>,
}

#[derive(Deserialize)]
struct Search {
    #[serde(default)]
    messages: Vec<Row>,
}

impl Header {
    fn is_success(&self) -> bool {
        self.is_successful && self.result_code.0 == "0"
    }

    /// What happened, and NHN Cloud's own words.
    fn text(&self) -> Text {
        self.result_code
            .reaction()
            .text()
            .detail(&quote(&self.result_code, &self.result_message))
    }
}

/// `requested`: the recipients of the request.
pub fn parse_send_reply(answer: SendResult, requested: &[String]) -> SendReply {
    let response = match answer {
        Ok(response) => response,
        Err(request_error) => return reply_without_response(&request_error),
    };
    match response.json::<Envelope>() {
        Ok(Envelope {
            header,
            message: Some(message),
            ..
        }) if header.is_success() && response.is_success() && !message.send_results.is_empty() => {
            let results = Results::pair(requested, &message.send_results);
            let is_whole = results.unlisted() == 0;
            let outcome = outcome(message.request_id, &results);
            if is_whole {
                SendReply::Accepted(outcome)
            } else {
                SendReply::Incomplete(outcome)
            }
        }
        Ok(Envelope { header, .. }) if !header.is_success() => reply_from_error(&header, &response),
        _ => by_status(&response),
    }
}

fn reply_without_response(request_error: &RequestError) -> SendReply {
    let reason = Text::new("NHN Cloud:", "NHN Cloud:").then(&request_error.text());
    match request_error.error {
        SendError::NotSent(_) => SendReply::Refused(Failure::Unavailable(reason.into())),
        SendError::Denied(_) => SendReply::ProviderError(Failure::Failed(reason.into())),
        SendError::InDoubt(_) | SendError::TooLarge(_) => SendReply::Doubt(reason),
    }
}

fn reply_from_error(header: &Header, response: &Response) -> SendReply {
    let reaction = header.result_code.reaction();
    let known = failure(reaction, header.text(), response.retry_after_ms());
    match reaction {
        Reaction::AlreadyAccepted => SendReply::AlreadyAccepted,
        Reaction::QuietHours => SendReply::RefusedAsNight,
        Reaction::Unavailable => SendReply::ProviderError(known),
        Reaction::Done | Reaction::Other if response.status >= 500 => {
            SendReply::Doubt(header.text())
        }
        _ => SendReply::Refused(known),
    }
}

/// For answers that are not NHN Cloud's own words: a gateway's page, an empty body.
fn by_status(response: &Response) -> SendReply {
    let status = response.status;
    let reason = response.text();
    match status {
        401 | 403 => SendReply::Refused(Failure::Unauthorized(
            Reaction::Unauthorized.text().then(&reason).into(),
        )),
        429 => SendReply::Refused(Failure::RateLimited(response.retry_after_ms())),
        400..500 if status != 408 => SendReply::ProviderError(Failure::Failed(reason.into())),
        _ => SendReply::Doubt(reason),
    }
}

/// The message with this grouping key, that went to `requested`; `None` if there is none.
///
/// # Errors
/// Why it is not known.
pub fn found(answer: SendResult, requested: &[String]) -> Result<Option<MessageOutcome>, Text> {
    let response = answer.map_err(|request_error| request_error.text())?;
    let envelope: Envelope = response.json().map_err(|json_error| json_error.text())?;
    if !envelope.header.is_success() || !response.is_success() {
        return Err(envelope.header.text());
    }
    let rows = envelope.search.ok_or_else(missing_results)?.messages;
    let request_id = rows.iter().find_map(|row| row.request_id.clone());
    Ok(request_id.map(|request_id| outcome(request_id, &Results::pair(requested, &rows))))
}

fn missing_results() -> Text {
    Text::new(
        "NHN Cloud가 수신자별 결과를 주지 않았습니다.",
        "NHN Cloud gave no results per recipient.",
    )
}

/// Live if somebody was reached and of nobody it is unknown; a message fails if nobody was.
fn outcome(request_id: String, results: &Results<'_>) -> MessageOutcome {
    if results.unknown() > 0 {
        return MessageOutcome::Failed(Failure::Unknown(unknown_receipts(results).into()));
    }
    if results.reached() > 0 {
        return MessageOutcome::Sent {
            request_id,
            reached: results.reached() as u64,
            missed: (results.missed() > 0).then(|| results.describe()),
        };
    }
    let Some(decisive_row) = results.decisive_row() else {
        return MessageOutcome::Failed(Failure::Unknown(missing_results().into()));
    };
    let reason = match decisive_row.reaction() {
        Reaction::QuietHours => return MessageOutcome::RefusedAsNight,
        Reaction::Unreachable => nobody_reached(results.requested()),
        reaction => reaction.text(),
    };
    let reason = reason.detail(&decisive_row.quote());
    let reason = if results.is_unanimous() {
        reason
    } else {
        reason.then(&results.describe())
    };
    MessageOutcome::Failed(failure(decisive_row.reaction(), reason, None))
}

/// What was sent is not sent again while it is not known of everybody whether they got it.
fn unknown_receipts(results: &Results<'_>) -> Text {
    match results.decisive_row() {
        Some(decisive_row) if results.is_unanimous() => {
            decisive_row.reaction().text().detail(&decisive_row.quote())
        }
        Some(_) | None => Reaction::ReceiptUnknown.text().then(&results.describe()),
    }
}

fn nobody_reached(recipients: usize) -> Text {
    Text::new(
        format!(
            "받는 사람 {recipients}명 모두에게 보낼 수 없습니다. 채널 친구인지, 번호가 맞는지 확인해 주세요."
        ),
        format!(
            "None of the recipients ({recipients}) can be reached. Check whether they are friends of the channel, and their numbers."
        ),
    )
}

fn failure(reaction: Reaction, reason: Text, wait_ms: Option<u64>) -> Failure {
    match reaction {
        Reaction::Rejected(field_error) => Failure::rejected(field_error.at, reason),
        Reaction::Unauthorized => Failure::Unauthorized(reason.into()),
        Reaction::Unavailable | Reaction::QuietHours => Failure::Unavailable(reason.into()),
        Reaction::RateLimited => Failure::RateLimited(wait_ms),
        Reaction::ReceiptUnknown => Failure::Unknown(reason.into()),
        Reaction::Done | Reaction::AlreadyAccepted | Reaction::Unreachable | Reaction::Other => {
            Failure::Failed(reason.into())
        }
    }
}

#[cfg(test)]
#[path = "response_code_tests.rs"]
mod code_tests;
#[cfg(test)]
#[path = "response_tests.rs"]
mod tests;
