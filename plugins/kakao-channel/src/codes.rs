//! The result codes of NHN Cloud and Kakao, sorted by who reacts.
//!
//! The same table serves both levels: the header of an answer and each recipient. Source:
//! NHN Cloud's "Result codes" of KakaoTalk Bizmessage.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// NHN Cloud writes numbers as numbers, and Kakao's codes as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code(pub String);

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(match Value::deserialize(deserializer)? {
            Value::String(text) => text,
            other => other.to_string(),
        }))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reaction {
    Done,
    /// The idempotency key was used in the last ten minutes.
    AlreadyAccepted,
    Rejected(Blame),
    Unauthorized,
    /// Nothing reaches this person.
    Unreachable,
    Unavailable,
    /// It was sent, and whether it arrived nobody knows.
    ReceiptUnknown,
    QuietHours,
    RateLimited,
    /// Not in the table.
    Other,
}

/// What the owner has to change, and how to say it; without words, the provider's are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blame {
    pub at: &'static str,
    pub message: Option<&'static str>,
}

impl Code {
    pub fn reaction(&self) -> Reaction {
        match self.0.as_str() {
            "0" | "1000" => Reaction::Done,
            "-1005" | "400305" => Reaction::AlreadyAccepted,
            "1002" | "1003" | "1006" | "1007" | "1021" | "1022" | "1023" | "1025" | "1028"
            | "-1000" | "-1001" => Reaction::Unauthorized,
            "1020" | "3008" | "3018" | "3019" => Reaction::Unreachable,
            "2000" | "3000" | "3006" | "9998" | "9999" => Reaction::Unavailable,
            "3005" | "K997" => Reaction::ReceiptUnknown,
            "3022" | "K303" | "B7013" => Reaction::QuietHours,
            "B004" => Reaction::RateLimited,
            other => blame(other).map_or(Reaction::Other, Reaction::Rejected),
        }
    }
}

fn blame(code: &str) -> Option<Blame> {
    let (at, message) = match code {
        "1001" | "1030" => ("", None),
        "3013" => ("/body", Some("보낼 글이 비어 있습니다.")),
        "3014" => ("/body", Some("글이 너무 깁니다. 짧게 줄여 주세요.")),
        "3024" => (
            "/media/0/url",
            Some("카카오톡이 이 사진을 보여 줄 수 없습니다. 다른 사진을 골라 주세요."),
        ),
        "-1019" => (
            "/settings/unsubscribeNumber",
            Some("수신 거부 번호가 맞지 않습니다. 080 번호를 확인해 주세요."),
        ),
        // A field of the request is missing, too long or of the wrong form; the provider names it.
        "-2000" | "-2001" | "-2002" | "-2004" | "-2018" => ("", None),
        _ => return None,
    };
    Some(Blame { at, message })
}
