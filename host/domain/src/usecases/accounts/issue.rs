//! What stands in the way of using an account, as its owner reads it.

use jiff::Timestamp;

use crate::model::account;
use crate::model::findings::Finding;
use crate::model::id::ChannelId;
use crate::model::manifest::SecretSpec;
use crate::model::text::{Language, Localized, format_kst};

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
    Problem(Localized),
}

/// A secret, by what people call it and by its name in `channel.toml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SecretLabel {
    pub name: String,
    pub title: Option<Localized>,
}

impl SecretLabel {
    /// One that no installed release says anything of.
    pub fn named(name: String) -> Self {
        Self { name, title: None }
    }

    fn display_name(&self) -> Localized {
        let unnamed = || Localized::new("인증 정보", "a secret");
        self.title.clone().unwrap_or_else(unnamed)
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
    fn text(&self) -> Localized {
        match self {
            Self::Settings(findings) => {
                let problems = Finding::summary(findings);
                let places = problems.detail().unwrap_or_default();
                Localized::each(|language| {
                    let problems = problems.get(language);
                    match language {
                        Language::Korean => format!("설정을 고쳐 주세요. {problems}"),
                        Language::English => format!("Change its settings. {problems}"),
                    }
                })
                .with_detail(format!("the settings do not fit: {places}"))
            }
            Self::Missing(secret) => secret
                .display_name()
                .around(|language, name| match language {
                    Language::Korean => format!("아직 입력하지 않은 것: {name}."),
                    Language::English => format!("Not given yet: {name}."),
                })
                .with_detail(format!("the secret {} is missing", secret.name)),
            Self::RanOut { secret, at } => secret
                .display_name()
                .around(|language, name| {
                    let end = format_kst(*at, language);
                    match language {
                        Language::Korean => format!("{name}: 유효 기간이 {end}에 끝났습니다."),
                        Language::English => format!("Ran out on {end}: {name}."),
                    }
                })
                .with_detail(format!("the secret {} ran out at {at}", secret.name)),
            Self::Unreadable(secret) => secret
                .display_name()
                .around(|language, name| match language {
                    Language::Korean => format!("저장된 것을 읽을 수 없습니다: {name}."),
                    Language::English => format!("What was stored cannot be read: {name}."),
                })
                .with_detail(format!(
                    "the vault does not open the stored secret {}",
                    secret.name
                )),
            Self::Problem(why) => why.clone().sentence(),
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
) -> Localized {
    let whys: Vec<Localized> = issues.iter().map(AccountIssue::text).collect();
    let details: Vec<&str> = whys.iter().filter_map(Localized::detail).collect();
    let details = details.join("; ");
    let what = match history {
        ConnectionHistory::Connected => {
            Localized::new("계정을 다시 연결해 주세요.", "Connect the account again.")
        }
        ConnectionHistory::Never => {
            Localized::new("먼저 계정을 연결해 주세요.", "Connect the account first.")
        }
    };
    what.around(|language, what| {
        let whys = whys.iter().map(|why| why.get(language));
        std::iter::once(what)
            .chain(whys)
            .collect::<Vec<_>>()
            .join(" ")
    })
    .with_detail(format!(
        "account of {channel}, PUT /api/accounts/{channel}: {details}"
    ))
}

/// A secret that will run out, and what the owner can do before.
pub(super) fn warning(
    secret: &SecretLabel,
    expires: Timestamp,
    coverage: SecretCoverage,
) -> Localized {
    let text = secret.display_name().around(|language, name| {
        let at = format_kst(expires, language);
        match (language, coverage) {
            (Language::Korean, SecretCoverage::Event) => {
                format!("{name}: 유효 기간이 {at}에 끝납니다. 그 전에 새로 입력해 주세요.")
            }
            (Language::English, SecretCoverage::Event) => {
                format!("Runs out on {at}: {name}. Give a new one before that.")
            }
            (Language::Korean, SecretCoverage::EndsBeforeEventStart) => format!(
                "{name}: 유효 기간이 행사가 시작되기 전인 {at}에 끝납니다. 그 전에 새로 입력해 주세요."
            ),
            (Language::English, SecretCoverage::EndsBeforeEventStart) => format!(
                "Runs out on {at}, before the event begins: {name}. Give a new one before that."
            ),
        }
    });
    text.with_detail(format!("the secret {} runs out at {expires}", secret.name))
}

/// What the owner reads of a secret from before there was a shortest.
pub(super) fn too_short(secret: &SecretLabel) -> Localized {
    let least = account::MIN_SECRET_BYTES;
    let text = secret.display_name().around(|language, name| match language {
        Language::Korean => format!(
            "{name}: {least}자보다 짧아 안전하게 지킬 수 없습니다. 제공사에서 더 긴 것을 받아 계정을 다시 연결해 주세요."
        ),
        Language::English => format!(
            "Fewer than {least} characters, which cannot be kept safe: {name}. Get a longer one from the provider and connect the account again."
        ),
    });
    text.with_detail(format!(
        "the secret {} has fewer than {least} bytes",
        secret.name
    ))
}

/// How far a secret reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SecretCoverage {
    /// Until the event begins, or it has no time.
    Event,
    EndsBeforeEventStart,
}
