//! What stands in the way of using an account, as its owner reads it.

use jiff::Timestamp;

use crate::model::account;
use crate::model::findings::Finding;
use crate::model::id::ChannelId;
use crate::model::manifest::SecretSpec;
use crate::model::text::{
    Language, detail, format_kst, in_language, per_language, sentence, with_detail,
};

/// Why an account cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum AccountIssue {
    /// They do not fit what the channel needs.
    Settings(Vec<Finding>),
    /// The owner has never given this secret.
    Missing(SecretLabel),
    RanOut {
        secret: SecretLabel,
        at: Timestamp,
    },
    /// The vault does not open it.
    Unreadable(SecretLabel),
    /// The provider refused, in words of its own or of the host.
    Problem(String),
}

/// A secret, by what people call it and by its name in `channel.toml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SecretLabel {
    pub name: String,
    pub title: Option<String>,
}

impl SecretLabel {
    /// One that no installed release says anything of.
    pub fn named(name: String) -> Self {
        Self { name, title: None }
    }

    fn display_name(&self, language: Language) -> String {
        match (&self.title, language) {
            (Some(title), language) => in_language(title, language),
            (None, Language::Korean) => "인증 정보".to_owned(),
            (None, Language::English) => "a secret".to_owned(),
        }
    }
}

impl From<&SecretSpec> for SecretLabel {
    fn from(spec: &SecretSpec) -> Self {
        Self {
            name: spec.name.clone(),
            title: spec.title.clone(),
        }
    }
}

impl AccountIssue {
    fn reader_text(&self, language: Language) -> String {
        match (self, language) {
            (Self::Settings(findings), _) => {
                let reader_text = in_language(&Finding::text(findings), language);
                match language {
                    Language::Korean => format!("설정을 고쳐 주세요. {reader_text}"),
                    Language::English => format!("Change its settings. {reader_text}"),
                }
            }
            (Self::Missing(secret), Language::Korean) => {
                format!("아직 입력하지 않은 것: {}.", secret.display_name(language))
            }
            (Self::Missing(secret), Language::English) => {
                format!("Not given yet: {}.", secret.display_name(language))
            }
            (Self::RanOut { secret, at }, Language::Korean) => format!(
                "{}: 유효 기간이 {}에 끝났습니다.",
                secret.display_name(language),
                format_kst(*at, language)
            ),
            (Self::RanOut { secret, at }, Language::English) => format!(
                "Ran out on {}: {}.",
                format_kst(*at, language),
                secret.display_name(language)
            ),
            (Self::Unreadable(secret), Language::Korean) => {
                format!(
                    "저장된 것을 읽을 수 없습니다: {}.",
                    secret.display_name(language)
                )
            }
            (Self::Unreadable(secret), Language::English) => {
                format!(
                    "What was stored cannot be read: {}.",
                    secret.display_name(language)
                )
            }
            (Self::Problem(why), language) => sentence(&in_language(why, language)),
        }
    }

    /// For operators.
    fn detail(&self) -> Option<String> {
        match self {
            Self::Settings(findings) => detail(&Finding::text(findings))
                .map(|places| format!("the settings do not fit: {places}")),
            Self::Missing(secret) => Some(format!("the secret {} is missing", secret.name)),
            Self::RanOut { secret, at } => {
                Some(format!("the secret {} ran out at {at}", secret.name))
            }
            Self::Unreadable(secret) => Some(format!(
                "the vault does not open the stored secret {}",
                secret.name
            )),
            Self::Problem(why) => detail(why),
        }
    }
}

/// Whether there is an account that something is wrong with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ConnectionHistory {
    /// The owner has connected the channel before.
    Connected,
    Never,
}

/// What the owner does about it, and why.
pub(super) fn refusal(
    channel: &ChannelId,
    history: ConnectionHistory,
    issues: &[AccountIssue],
) -> String {
    let reader_text = per_language(|language| {
        let what = match (language, history) {
            (Language::Korean, ConnectionHistory::Connected) => "계정을 다시 연결해 주세요.",
            (Language::Korean, ConnectionHistory::Never) => "먼저 계정을 연결해 주세요.",
            (Language::English, ConnectionHistory::Connected) => "Connect the account again.",
            (Language::English, ConnectionHistory::Never) => "Connect the account first.",
        };
        let why = issues.iter().map(|issue| issue.reader_text(language));
        let reader_text: Vec<String> = [what.to_owned()].into_iter().chain(why).collect();
        reader_text.join(" ")
    });
    let details: Vec<String> = issues.iter().filter_map(AccountIssue::detail).collect();
    let details = details.join("; ");
    with_detail(
        reader_text,
        format!("account of {channel}, PUT /api/accounts/{channel}: {details}"),
    )
}

/// A secret that will run out, and what the owner can do before.
pub(super) fn warning(
    secret: &SecretLabel,
    expires: Timestamp,
    coverage: SecretCoverage,
) -> String {
    let reader_text = per_language(|language| {
        let at = format_kst(expires, language);
        let display_name = secret.display_name(language);
        match (language, coverage) {
            (Language::Korean, SecretCoverage::Event) => {
                format!("{display_name}: 유효 기간이 {at}에 끝납니다. 그 전에 새로 입력해 주세요.")
            }
            (Language::Korean, SecretCoverage::EndsBeforeEventStart) => format!(
                "{display_name}: 유효 기간이 행사가 시작되기 전인 {at}에 끝납니다. 그 전에 새로 입력해 주세요."
            ),
            (Language::English, SecretCoverage::Event) => {
                format!("Runs out on {at}: {display_name}. Give a new one before that.")
            }
            (Language::English, SecretCoverage::EndsBeforeEventStart) => format!(
                "Runs out on {at}, before the event begins: {display_name}. Give a new one before that."
            ),
        }
    });
    with_detail(
        reader_text,
        format!("the secret {} runs out at {expires}", secret.name),
    )
}

/// What the owner reads of a secret from before there was a shortest.
pub(super) fn too_short(secret: &SecretLabel) -> String {
    let least = account::MIN_SECRET_BYTES;
    let reader_text = per_language(|language| {
        let display_name = secret.display_name(language);
        match language {
            Language::Korean => format!(
                "{display_name}: {least}자보다 짧아 안전하게 지킬 수 없습니다. 제공사에서 더 긴 것을 받아 계정을 다시 연결해 주세요."
            ),
            Language::English => format!(
                "Fewer than {least} characters, which cannot be kept safe: {display_name}. Get a longer one from the provider and connect the account again."
            ),
        }
    });
    with_detail(
        reader_text,
        format!("the secret {} has fewer than {least} bytes", secret.name),
    )
}

/// How far a secret reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SecretCoverage {
    /// Until the event begins, or it has no time.
    Event,
    EndsBeforeEventStart,
}
