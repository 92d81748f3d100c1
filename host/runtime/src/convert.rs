//! Between the domain's types and the contract's. Every text that leaves a component is redacted
//! here, and nowhere else.

use baepo_domain::model::attempt::{Action, AttemptOutcome, Failure, PreparedAsset};
use baepo_domain::model::content::{Content, Media, MediaKind};
use baepo_domain::model::findings::{Finding, Severity};
use baepo_domain::model::receipt::Receipt;
use baepo_domain::model::text::Localized;
use jiff::Timestamp;

use crate::bindings::types as wit;
use crate::redact::Redactor;

/// Content on its way into a component.
pub(crate) fn content(content: &Content) -> wit::Content {
    wit::Content {
        title: content.title.clone(),
        body: content.body.clone(),
        hashtags: content.hashtags.clone(),
        link: content.link.as_ref().map(ToString::to_string),
        media: content.media.iter().map(media).collect(),
        period: content.period.map(|period| wit::Period {
            starts_at: millis(period.starts_at),
            ends_at: millis(period.ends_at),
        }),
    }
}

fn media(media: &Media) -> wit::Media {
    wit::Media {
        kind: match media.kind {
            MediaKind::Image => wit::MediaKind::Image,
            MediaKind::Video => wit::MediaKind::Video,
            MediaKind::Audio => wit::MediaKind::Audio,
        },
        url: media.url.to_string(),
        mime_type: media.mime_type.clone(),
        bytes: media.bytes,
        width: media.width,
        height: media.height,
        duration_ms: media.duration_ms,
        alt_text: media.alt_text.clone(),
    }
}

/// A receipt on its way back into a component.
pub(crate) fn receipt(receipt: Receipt) -> wit::Receipt {
    wit::Receipt {
        external_id: receipt.external_id,
        url: receipt.url,
        estimated_reach: receipt.estimated_reach,
    }
}

/// Unix milliseconds, as the contract counts time: nothing before 1970.
pub(crate) fn millis(time: Timestamp) -> u64 {
    u64::try_from(time.as_millisecond()).unwrap_or(0)
}

/// The most of a text that says how a component died, in bytes.
const CLIPPED_BYTES: usize = 4 << 10;

/// The beginning of a text that is not a result: what a component logged, or a step of its journal.
pub(crate) fn clipped(mut text: String) -> String {
    if text.len() > CLIPPED_BYTES {
        text.truncate(text.floor_char_boundary(CLIPPED_BYTES));
        text.push('…');
    }
    text
}

/// Converts what a component returns into the domain's types, without secrets.
#[derive(Clone, Copy)]
pub(crate) struct RedactingConverter<'a>(pub &'a Redactor);

impl RedactingConverter<'_> {
    pub fn end(self, result: Result<wit::Outcome, wit::Failure>) -> AttemptOutcome {
        match result {
            Ok(wit::Outcome::Live(receipt)) => AttemptOutcome::Live(self.receipt(receipt)),
            Ok(wit::Outcome::ActionRequired(action)) => {
                AttemptOutcome::ActionRequired(self.action(action))
            }
            Err(failure) => AttemptOutcome::Failure(self.failure(failure)),
        }
    }

    pub fn receipt(self, receipt: wit::Receipt) -> Receipt {
        Receipt {
            external_id: receipt.external_id.map(|id| self.text(id)),
            url: receipt.url.map(|url| self.text(url)),
            estimated_reach: receipt.estimated_reach,
        }
    }

    pub fn findings(self, findings: Vec<wit::Finding>) -> Vec<Finding> {
        findings
            .into_iter()
            .map(|finding| self.finding(finding))
            .collect()
    }

    pub fn text(self, text: String) -> String {
        self.0.text(text)
    }

    /// A text for people, which comes with a tag before each language's part.
    pub fn localized(self, text: String) -> Localized {
        Localized::parse(&self.text(text))
    }

    pub fn failure(self, failure: wit::Failure) -> Failure {
        match failure {
            wit::Failure::Rejected(findings) => Failure::Rejected(self.findings(findings)),
            wit::Failure::Unauthorized(why) => Failure::Unauthorized(self.localized(why)),
            wit::Failure::RateLimited(millis) => Failure::RateLimited(millis),
            wit::Failure::Unavailable(why) => Failure::Unavailable(self.localized(why)),
            wit::Failure::Unknown(why) => Failure::Unknown(self.localized(why)),
            wit::Failure::Failed(why) => Failure::Failed(self.localized(why)),
        }
    }

    fn finding(self, finding: wit::Finding) -> Finding {
        Finding {
            severity: match finding.severity {
                wit::Severity::Warning => Severity::Warning,
                wit::Severity::Error => Severity::Error,
            },
            at: self.text(finding.at),
            message: self.localized(finding.message),
        }
    }

    fn action(self, action: wit::Action) -> Action {
        Action {
            instructions: self.localized(action.instructions),
            prepared: action
                .prepared
                .into_iter()
                .map(|asset| self.asset(asset))
                .collect(),
        }
    }

    fn asset(self, asset: wit::PreparedAsset) -> PreparedAsset {
        PreparedAsset {
            name: self.text(asset.name),
            mime_type: self.text(asset.mime_type),
            data: self.0.body(asset.data),
        }
    }
}
