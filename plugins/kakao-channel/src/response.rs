//! HTTP → outcome: what NHN Cloud's answers mean. Pure.
//!
//! HTTP 200 proves nothing: a message is accepted if `isSuccessful` is true and the code is 0,
//! in the header and for the recipient.

use baepo_sdk::http::{Response, SendError, Unanswered};
use baepo_sdk::{Failure, Text};
use serde::Deserialize;

use crate::codes::{Code, Reaction};
use crate::results::{Results, Row, quote};

/// What `send` gives.
pub type Answer = Result<Response, Unanswered>;

/// How a message ended that NHN Cloud took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// At least one person gets it, and of nobody it is unknown.
    Sent {
        request_id: String,
        reached: u64,
        /// How many are not reached and why, where there are any.
        missed: Option<Text>,
    },
    /// Nobody gets it, because it is night.
    Night,
    /// Nobody gets it, or nobody knows.
    Lost(Failure),
}

/// What a send request tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sending {
    Taken(Verdict),
    /// The same, and of some who were asked there is no result: a look may tell more.
    Incomplete(Verdict),
    /// The key was used before: that request, or one before it, was taken.
    AlreadyAccepted,
    /// Nothing was taken, because it is night.
    Night,
    /// Nothing was taken.
    Refused(Failure),
    /// NHN Cloud says that it failed, in a way that wants a look all the same.
    Trouble(Failure),
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

/// `asked`: the recipients of the request.
pub fn sending(answer: Answer, asked: &[String]) -> Sending {
    let response = match answer {
        Ok(response) => response,
        Err(unanswered) => return without_answer(&unanswered),
    };
    match response.json::<Envelope>() {
        Ok(Envelope {
            header,
            message: Some(message),
            ..
        }) if header.is_success() && response.is_success() && !message.send_results.is_empty() => {
            let results = Results::pair(asked, &message.send_results);
            let is_whole = results.unlisted() == 0;
            let verdict = verdict(message.request_id, &results);
            if is_whole {
                Sending::Taken(verdict)
            } else {
                Sending::Incomplete(verdict)
            }
        }
        Ok(Envelope { header, .. }) if !header.is_success() => refused(&header, &response),
        _ => by_status(&response),
    }
}

fn without_answer(unanswered: &Unanswered) -> Sending {
    let reason = Text::new("NHN Cloud:", "NHN Cloud:").then(&unanswered.text());
    match unanswered.error {
        SendError::NotSent(_) => Sending::Refused(Failure::Unavailable(reason.into())),
        SendError::Denied(_) => Sending::Trouble(Failure::Failed(reason.into())),
        SendError::InDoubt(_) | SendError::TooLarge(_) => Sending::Doubt(reason),
    }
}

fn refused(header: &Header, response: &Response) -> Sending {
    let reaction = header.result_code.reaction();
    let known = failure(reaction, header.text(), response.retry_after_ms());
    match reaction {
        Reaction::AlreadyAccepted => Sending::AlreadyAccepted,
        Reaction::QuietHours => Sending::Night,
        Reaction::Unavailable => Sending::Trouble(known),
        Reaction::Done | Reaction::Other if response.status >= 500 => Sending::Doubt(header.text()),
        _ => Sending::Refused(known),
    }
}

/// For answers that are not NHN Cloud's own words: a gateway's page, an empty body.
fn by_status(response: &Response) -> Sending {
    let status = response.status;
    let reason = response.text();
    match status {
        401 | 403 => Sending::Refused(Failure::Unauthorized(
            Reaction::Unauthorized.text().then(&reason).into(),
        )),
        429 => Sending::Refused(Failure::RateLimited(response.retry_after_ms())),
        400..500 if status != 408 => Sending::Trouble(Failure::Failed(reason.into())),
        _ => Sending::Doubt(reason),
    }
}

/// The message with this grouping key, that went to `asked`; `None` if there is none.
///
/// # Errors
/// Why it cannot be told.
pub fn found(answer: Answer, asked: &[String]) -> Result<Option<Verdict>, Text> {
    let response = answer.map_err(|unanswered| unanswered.text())?;
    let envelope: Envelope = response.json().map_err(|not_json| not_json.text())?;
    if !envelope.header.is_success() || !response.is_success() {
        return Err(envelope.header.text());
    }
    let rows = envelope.search.ok_or_else(no_rows)?.messages;
    let request_id = rows.iter().find_map(|row| row.request_id.clone());
    Ok(request_id.map(|request_id| verdict(request_id, &Results::pair(asked, &rows))))
}

fn no_rows() -> Text {
    Text::new(
        "NHN Cloud가 수신자별 결과를 주지 않았습니다.",
        "NHN Cloud gave no results per recipient.",
    )
}

/// Live if somebody was reached and of nobody it is unknown; a message fails if nobody was.
fn verdict(request_id: String, results: &Results<'_>) -> Verdict {
    if results.unknown() > 0 {
        return Verdict::Lost(Failure::Unknown(unknown_receipts(results).into()));
    }
    if results.reached() > 0 {
        return Verdict::Sent {
            request_id,
            reached: results.reached() as u64,
            missed: (results.missed() > 0).then(|| results.in_words()),
        };
    }
    let Some(worst) = results.worst() else {
        return Verdict::Lost(Failure::Unknown(no_rows().into()));
    };
    let reason = match worst.reaction() {
        Reaction::QuietHours => return Verdict::Night,
        Reaction::Unreachable => nobody_reached(results.asked()),
        reaction => reaction.text(),
    };
    let reason = reason.detail(&worst.quote());
    let reason = if results.is_unanimous() {
        reason
    } else {
        reason.then(&results.in_words())
    };
    Verdict::Lost(failure(worst.reaction(), reason, None))
}

/// What was sent is not sent again while it is not known of everybody whether they got it.
fn unknown_receipts(results: &Results<'_>) -> Text {
    match results.worst() {
        Some(worst) if results.is_unanimous() => worst.reaction().text().detail(&worst.quote()),
        Some(_) | None => Reaction::ReceiptUnknown.text().then(&results.in_words()),
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
        Reaction::Rejected(blame) => Failure::rejected(blame.at, reason),
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
#[path = "response_tests.rs"]
mod tests;
