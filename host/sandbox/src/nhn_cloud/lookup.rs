//! Reading back what was sent.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::failure::{Failure, success};
use super::message::Message;
use super::sent::Sent;
use crate::clock::to_seoul_minute;

const PAGE: usize = 15;
const PAGE_LIMIT: usize = 1_000;

/// The query of a lookup; NHN Cloud ignores what it does not know.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Query {
    request_id: Option<String>,
    sender_grouping_key: Option<String>,
    start_request_date: Option<String>,
    end_request_date: Option<String>,
    page_num: Option<String>,
    page_size: Option<String>,
}

/// A query that has at least one condition.
#[derive(Debug)]
pub(super) struct Conditions<'a> {
    query: &'a Query,
    request_id: Option<u64>,
    skipped: usize,
    page_size: usize,
}

impl Query {
    /// NHN Cloud's guide wants a request id or a range of dates; a grouping key alone is
    /// accepted here as well.
    pub(super) fn check(&self) -> Result<Conditions<'_>, Failure> {
        let has_range = self.start_request_date.is_some() && self.end_request_date.is_some();
        if self.request_id.is_none() && self.sender_grouping_key.is_none() && !has_range {
            return Err(Failure::null(
                "requestId or startRequestDate, endRequestDate",
            ));
        }
        let page_num = parse_number("pageNum", self.page_num.as_deref(), 1)?.max(1);
        let page_size = parse_number("pageSize", self.page_size.as_deref(), PAGE)?.min(PAGE_LIMIT);
        // An id that is no number is one that was never given out: nothing has it.
        let request_id = self.request_id.as_deref().map(|id| id.parse().unwrap_or(0));
        let skipped = (page_num - 1).saturating_mul(page_size);
        Ok(Conditions {
            query: self,
            request_id,
            skipped,
            page_size,
        })
    }
}

impl Conditions<'_> {
    pub(super) fn page<'s>(
        &self,
        sent: impl Iterator<Item = (u64, &'s Sent)>,
        now: Timestamp,
    ) -> Value {
        let found: Vec<_> = sent.filter(|(id, sent)| self.meets(*id, sent)).collect();
        let total: usize = found
            .iter()
            .map(|(_, sent)| sent.message.recipients.len())
            .sum();
        let messages: Vec<Value> = found
            .iter()
            .flat_map(|(id, sent)| {
                let recipients = 0..sent.message.recipients.len();
                recipients.map(|index| entry(*id, sent, index, now))
            })
            .skip(self.skipped)
            .take(self.page_size)
            .collect();
        // The guide has it one level down, older clients read it here: both find it.
        json!({
            "header": success(),
            "messageSearchResultResponse": { "messages": &messages, "totalCount": total },
            "messages": messages,
            "totalCount": total,
        })
    }

    /// Whether reads have come as far as this: those by the request's own id before the others.
    pub(super) fn are_visible(&self, sent: &Sent, now: Timestamp) -> bool {
        match self.request_id {
            Some(_) => sent.visibility.is_readable(now),
            None => sent.visibility.is_listed(now),
        }
    }

    fn meets(&self, id: u64, sent: &Sent) -> bool {
        let query = self.query;
        // Written this way round, times can be compared as text.
        let at = || to_seoul_minute(sent.at);
        self.request_id.is_none_or(|wanted| wanted == id)
            && query
                .sender_grouping_key
                .as_ref()
                .is_none_or(|key| *key == sent.message.grouping_key)
            && query
                .start_request_date
                .as_ref()
                .is_none_or(|start| *start <= at())
            && query
                .end_request_date
                .as_ref()
                .is_none_or(|end| at() <= *end)
    }
}

/// The `sendResults` that answer a send request.
pub(super) fn send_results(message: &Message) -> Vec<Value> {
    let numbered = message.recipients.iter().enumerate();
    numbered
        .map(|(index, recipient)| recipient.send_result(index + 1))
        .collect()
}

fn entry(id: u64, sent: &Sent, index: usize, now: Timestamp) -> Value {
    let message = &sent.message;
    let recipient = &message.recipients[index];
    let mut entry = if message.due <= now {
        recipient.delivery_result()
    } else {
        recipient.pending_result()
    };
    entry["requestId"] = id.to_string().into();
    entry["recipientSeq"] = (index + 1).into();
    entry["senderKey"] = message.sender_key.as_str().into();
    entry["senderGroupingKey"] = message.grouping_key.as_str().into();
    entry["chatBubbleType"] = message.bubble.name().into();
    entry["targeting"] = "I".into();
    entry["requestDate"] = to_seoul_minute(message.due).into();
    entry["createDate"] = to_seoul_minute(sent.at).into();
    entry
}

fn parse_number(field: &str, text: Option<&str>, default: usize) -> Result<usize, Failure> {
    text.map_or(Ok(default), |text| {
        text.parse()
            .map_err(|_| Failure::invalid(format!("{field}: not a whole number")))
    })
}
