//! The result codes of NHN Cloud and Kakao, sorted by who reacts.
//!
//! The same table serves both levels: the header of an answer and each recipient. Source:
//! NHN Cloud's "Result codes" of KakaoTalk Bizmessage.

use baepo_sdk::Text;
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
    Rejected(FieldError),
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

/// What the owner has to change, and how to say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldError {
    pub at: &'static str,
    pub korean: &'static str,
    pub english: &'static str,
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
            other => field_error(other).map_or(Reaction::Other, Reaction::Rejected),
        }
    }
}

impl Reaction {
    /// What happened, for the owner; the provider's own words come after it.
    pub fn text(self) -> Text {
        let (korean, english) = match self {
            Self::Done | Self::Other => (
                "카카오톡이 메시지를 받지 않았습니다. 내용을 바꿔도 같으면 운영자에게 알려 주세요.",
                "Kakao did not take the message. If another text does not help, please tell the operator.",
            ),
            Self::AlreadyAccepted => (
                "같은 메시지를 이미 받았다고 합니다.",
                "The same message is said to be taken already.",
            ),
            Self::Rejected(field_error) => (field_error.korean, field_error.english),
            Self::Unauthorized => (
                "카카오톡 채널에 연결할 수 없습니다. 앱키, 비밀 키, 발신 키와 채널 상태를 확인하고 다시 연결해 주세요.",
                "The Kakao channel cannot be reached. Check the app key, the secret key, the sender key and the channel's state, and connect again.",
            ),
            Self::Unreachable => (
                "받는 사람에게 보낼 수 없습니다. 채널 친구인지, 번호가 맞는지 확인해 주세요.",
                "A recipient cannot be reached. Check whether they are a friend of the channel, and the number.",
            ),
            Self::Unavailable => (
                "NHN Cloud나 카카오톡에 잠시 문제가 있습니다.",
                "NHN Cloud or Kakao is in trouble at the moment.",
            ),
            Self::ReceiptUnknown => (
                "메시지를 보냈지만 도착했는지 알 수 없습니다. 다시 보내지 않습니다.",
                "The message was sent, and whether it arrived is not known. It is not sent again.",
            ),
            Self::QuietHours => (
                "광고를 보낼 수 없는 시간(20:50~08:00)이라고 합니다.",
                "These are said to be hours without adverts (20:50 to 08:00).",
            ),
            Self::RateLimited => (
                "카카오톡이 당분간 더 받지 않습니다.",
                "Kakao takes no more for now.",
            ),
        };
        Text::new(korean, english)
    }
}

fn field_error(code: &str) -> Option<FieldError> {
    let (at, korean, english) = match code {
        "3013" => (
            "/body",
            "보낼 글이 비어 있습니다.",
            "The message has no text.",
        ),
        "3014" => (
            "/body",
            "글이 너무 깁니다. 짧게 줄여 주세요.",
            "The text is too long. Make it shorter.",
        ),
        "3024" => (
            "/media/0/url",
            "카카오톡이 이 사진을 보여 줄 수 없습니다. 다른 사진을 골라 주세요.",
            "Kakao cannot show this picture. Choose another one.",
        ),
        "-1019" => (
            "/settings/unsubscribeNumber",
            "수신 거부 번호가 맞지 않습니다. 080 번호를 확인해 주세요.",
            "The number for opting out is not right. Check the 080 number.",
        ),
        // A field of the request is missing, too long or of the wrong form; the provider names it.
        "1001" | "1030" | "-2000" | "-2001" | "-2002" | "-2004" | "-2018" => (
            "",
            "카카오톡이 이 메시지를 받지 않습니다. 내용과 설정을 확인해 주세요.",
            "Kakao does not take this message. Check the content and the settings.",
        ),
        _ => return None,
    };
    Some(FieldError {
        at,
        korean,
        english,
    })
}
