//! Everything that is wrong with what somebody gave: all of it is counted, the first of it kept, so
//! that what a client sends a million of does not come back, or lie in memory, as a million texts.

use serde::{Deserialize, Serialize};

use crate::model::id::ChannelId;
use crate::model::text::Localized;

/// One thing that stops this content, or spoils it, on a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    pub severity: Severity,
    /// The field it is about, as a JSON pointer.
    pub at: String,
    pub message: Localized,
}

impl Finding {
    /// A finding that stops the content.
    #[must_use]
    pub fn error(at: impl Into<String>, message: Localized) -> Self {
        Self {
            severity: Severity::Error,
            at: at.into(),
            message,
        }
    }

    /// The same findings, seen from further up: their places begin with `prefix`.
    #[must_use]
    pub fn below(prefix: &str, findings: Vec<Self>) -> Vec<Self> {
        let place = |finding: Self| Self {
            at: format!("{prefix}{}", finding.at),
            ..finding
        };
        findings.into_iter().map(place).collect()
    }

    /// What a component found, by its place in the draft: a component points into the content, or
    /// with `/options` and `/settings` into what the owner chose for it.
    #[must_use]
    pub fn in_draft(channel: &ChannelId, findings: Vec<Self>) -> Vec<Self> {
        let place = |finding: Self| {
            let at = match (
                finding.at.strip_prefix("/options"),
                finding.at.strip_prefix("/settings"),
            ) {
                (Some(rest), _) => format!("/channelSettings/{channel}{rest}"),
                (_, Some(rest)) => format!("/accounts/{channel}/settings{rest}"),
                (None, None) => format!("/content{}", finding.at),
            };
            Self { at, ..finding }
        };
        findings.into_iter().map(place).collect()
    }

    /// What all of them say, each on a line of its own. Their places, and what each says to operators, are
    /// the operator's detail.
    #[must_use]
    pub fn summary(findings: &[Self]) -> Localized {
        let messages: Vec<Localized> = findings
            .iter()
            .map(|finding| finding.message.clone().sentence())
            .collect();
        let places = findings
            .iter()
            .map(|finding| match finding.message.detail() {
                Some(detail) => format!("{} ({detail})", finding.at),
                None => finding.at.clone(),
            });
        let places = places.collect::<Vec<_>>().join("; ");
        Localized::each(|language| {
            let messages: Vec<&str> = messages
                .iter()
                .map(|message| message.get(language))
                .collect();
            messages.join("\n")
        })
        .with_detail(places)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Warning,
    Error,
}

/// Findings, counted to the last and kept up to [`Findings::KEPT`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    kept: Vec<Finding>,
    total: usize,
}

impl Findings {
    /// More than anybody reads.
    pub const KEPT: usize = 100;

    /// One more. It is made only where it is kept.
    pub fn add(&mut self, finding: impl FnOnce() -> Finding) {
        self.total += 1;
        if self.kept.len() < Self::KEPT {
            self.kept.push(finding());
        }
    }

    /// All of `more` behind these.
    pub fn append(&mut self, more: Self) {
        let room = Self::KEPT.saturating_sub(self.kept.len());
        self.total += more.total;
        self.kept.extend(more.kept.into_iter().take(room));
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.total == 0
    }

    /// How many there are.
    #[must_use]
    pub fn total(&self) -> usize {
        self.total
    }

    /// The first of them.
    #[must_use]
    pub fn kept(&self) -> &[Finding] {
        &self.kept
    }

    /// The first of them.
    #[must_use]
    pub fn into_kept(self) -> Vec<Finding> {
        self.kept
    }

    /// The same, seen from further up: their places begin with `prefix`.
    #[must_use]
    pub fn below(self, prefix: &str) -> Self {
        let kept = Finding::below(prefix, self.kept);
        Self { kept, ..self }
    }
}

impl Extend<Finding> for Findings {
    fn extend<I: IntoIterator<Item = Finding>>(&mut self, findings: I) {
        for finding in findings {
            self.add(|| finding);
        }
    }
}

impl FromIterator<Finding> for Findings {
    fn from_iter<I: IntoIterator<Item = Finding>>(findings: I) -> Self {
        let mut all = Self::default();
        all.extend(findings);
        all
    }
}

impl From<Vec<Finding>> for Findings {
    fn from(findings: Vec<Finding>) -> Self {
        findings.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(numbers: std::ops::Range<usize>) -> Findings {
        let finding = |number| Finding::error(format!("/{number}"), Localized::verbatim("m"));
        numbers.map(finding).collect()
    }

    #[test]
    fn findings_are_all_counted_and_the_first_kept() {
        let mut all = numbered(0..60);
        all.append(numbered(60..300_000));
        assert_eq!(all.total(), 300_000);
        assert_eq!(all.kept().len(), Findings::KEPT);
        assert_eq!(all.kept()[99].at, "/99");
    }

    #[test]
    fn findings_beyond_the_limit_are_not_built() {
        let mut all = numbered(0..Findings::KEPT);
        all.add(|| unreachable!("it would not be kept"));
        assert_eq!(all.total(), Findings::KEPT + 1);
    }

    #[test]
    fn a_component_s_pointers_become_draft_pointers() {
        let channel: ChannelId = "x".parse().expect("a channel");
        let places = ["/body", "/options/radius", "/settings/recipients/0", ""];
        let findings = places
            .map(|at| Finding::error(at, Localized::verbatim("m")))
            .to_vec();
        let places: Vec<String> = Finding::in_draft(&channel, findings)
            .into_iter()
            .map(|finding| finding.at)
            .collect();
        assert_eq!(
            places,
            [
                "/content/body",
                "/channelSettings/x/radius",
                "/accounts/x/settings/recipients/0",
                "/content"
            ]
        );
    }
}
