//! Everything that is wrong with what somebody gave: all of it is counted, the first of it kept, so
//! that what a client sends a million of does not come back, or lie in memory, as a million texts.

use crate::content::Finding;
use crate::text::Language;

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

    /// The reader's part of what they say.
    #[must_use]
    pub fn in_language(self, language: Language) -> Self {
        let kept = Finding::in_language(self.kept, language);
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
        let finding = |number| Finding::error(format!("/{number}"), "m");
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
}
