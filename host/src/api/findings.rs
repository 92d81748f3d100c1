//! What is wrong with content or an account, as its reader gets it.

use baepo_domain::model::findings::{Finding, Severity};
use baepo_domain::model::text::{Language, Localized};
use serde::Serialize;

/// One thing that stops this content, or spoils it, on a channel.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Finding)]
pub(super) struct FindingBody {
    severity: Severity,
    /// The field it is about, as a JSON pointer.
    #[schema(example = "/media/0/width")]
    at: String,
    message: String,
}

impl FindingBody {
    /// For a reader of that language.
    pub fn list(findings: Vec<Finding>, language: Language) -> Vec<Self> {
        Self::rendered(findings, |message| message.get(language).to_owned())
    }

    /// With their messages as `render` writes them.
    pub fn rendered(findings: Vec<Finding>, render: impl Fn(&Localized) -> String) -> Vec<Self> {
        let body = |finding: Finding| Self {
            severity: finding.severity,
            message: render(&finding.message),
            at: finding.at,
        };
        findings.into_iter().map(body).collect()
    }
}
