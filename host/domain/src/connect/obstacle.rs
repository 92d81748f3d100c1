//! What stands in the way of using an account, as its owner reads it.

use jiff::Timestamp;

use super::Accounts;
use crate::content::Finding;
use crate::id::ChannelId;
use crate::text::{Language, both, each, in_language, seoul};

/// Why an account cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Obstacle {
    /// They do not fit what the channel needs.
    Settings(Vec<Finding>),
    /// The owner has never given this secret.
    Missing {
        name: String,
        description: String,
    },
    RanOut {
        name: String,
        at: Timestamp,
    },
    /// The vault does not open it.
    Unreadable {
        name: String,
    },
    /// The provider refused, in words of its own or of the host.
    Problem(String),
}

impl Obstacle {
    fn said(&self, language: Language) -> String {
        match (self, language) {
            (Self::Settings(findings), Language::Korean) => {
                let places = places(findings, |message| in_language(message, language));
                format!("설정이 맞지 않습니다({places}).")
            }
            (Self::Settings(findings), Language::English) => {
                let places = places(findings, |message| in_language(message, language));
                format!("its settings do not fit ({places})")
            }
            (Self::Missing { name, description }, Language::Korean) => {
                let description = in_language(description, language);
                format!("인증 정보 {name}이(가) 없습니다({description}).")
            }
            (Self::Missing { name, description }, Language::English) => {
                let description = in_language(description, language);
                format!("it has no secret {name} ({description})")
            }
            (Self::RanOut { name, at }, Language::Korean) => {
                let at = seoul(*at, language);
                format!("인증 정보 {name}의 유효 기간이 {at}에 끝났습니다.")
            }
            (Self::RanOut { name, at }, Language::English) => {
                format!("its secret {name} ran out on {}", seoul(*at, language))
            }
            (Self::Unreadable { name }, Language::Korean) => {
                format!("저장된 인증 정보 {name}을(를) 읽을 수 없습니다.")
            }
            (Self::Unreadable { name }, Language::English) => {
                format!("its stored secret {name} cannot be read")
            }
            (Self::Problem(why), language) => in_language(why, language),
        }
    }
}

/// Whether there is an account that something is wrong with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Before {
    /// The owner has connected the channel before.
    Connected,
    Never,
}

/// What the owner does about it, and why.
pub(super) fn refusal(channel: &ChannelId, before: Before, obstacles: &[Obstacle]) -> String {
    each(|language| {
        let why: Vec<String> = obstacles
            .iter()
            .map(|obstacle| obstacle.said(language))
            .collect();
        match language {
            Language::Korean => {
                let what = match before {
                    Before::Connected => "다시 연결해 주세요",
                    Before::Never => "계정을 연결해 주세요",
                };
                format!("{what}(PUT /api/accounts/{channel}). {}", why.join(" "))
            }
            Language::English => {
                let what = match before {
                    Before::Connected => "reconnect",
                    Before::Never => "connect",
                };
                let why = why.join("; ");
                format!("{what} the account with PUT /api/accounts/{channel}: {why}")
            }
        }
    })
}

/// A secret that will run out, and what the owner can do before.
pub(super) fn warning(
    channel: &ChannelId,
    name: &str,
    expires: Timestamp,
    in_time: Reach,
) -> String {
    each(|language| {
        let at = seoul(expires, language);
        match (language, in_time) {
            (Language::Korean, Reach::Event) => format!(
                "인증 정보 {name}의 유효 기간이 {at}에 끝납니다. 그 전에 새로 입력해 주세요(PUT /api/accounts/{channel})."
            ),
            (Language::Korean, Reach::NotEvenItsBeginning) => format!(
                "인증 정보 {name}의 유효 기간이 행사가 시작되기 전인 {at}에 끝납니다. 그 전에 새로 입력해 주세요(PUT /api/accounts/{channel})."
            ),
            (Language::English, Reach::Event) => format!(
                "its secret {name} runs out on {at}; give a new one before that with PUT /api/accounts/{channel}"
            ),
            (Language::English, Reach::NotEvenItsBeginning) => format!(
                "its secret {name} runs out on {at}, before the event begins; give a new one before that with PUT /api/accounts/{channel}"
            ),
        }
    })
}

/// What the owner reads of a secret from before there was a shortest.
pub(super) fn too_short(channel: &ChannelId, name: &str) -> String {
    let least = Accounts::MIN_SECRET_BYTES;
    both(
        format!(
            "{channel} 채널의 인증 정보 {name}은(는) {least}자보다 짧아 안전하게 지킬 수 없습니다. 제공사에서 더 긴 것을 받아 채널을 다시 연결해 주세요."
        ),
        format!(
            "the secret {name} of {channel} has fewer than {least} characters and cannot be kept safe; get a longer one from the provider and connect the channel again"
        ),
    )
}

/// How far a secret reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// Until the event begins, or it has no time.
    Event,
    NotEvenItsBeginning,
}

/// Findings in one line; a sentence gives up its full stop.
pub(super) fn places(findings: &[Finding], said: impl Fn(&str) -> String) -> String {
    let place = |finding: &Finding| {
        let said = said(&finding.message);
        format!("{} {}", finding.at, said.trim_end_matches('.'))
    };
    let places: Vec<String> = findings.iter().map(place).collect();
    places.join("; ")
}
