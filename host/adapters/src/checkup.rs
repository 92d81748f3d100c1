//! What `baepo doctor` asks of an adapter: whether its service is there, and as Baepo needs it.

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What was looked at, such as `postgres: version`.
    pub subject: String,
    pub verdict: Verdict,
    /// What was found, such as `15.18`.
    pub found: String,
    /// What to do about it; none when there is nothing to do.
    pub advice: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// As it should be.
    Good,
    /// It works, and could be better.
    Warning,
    /// Baepo cannot work like this.
    Bad,
}

impl Check {
    /// As it should be.
    #[must_use]
    pub fn good(subject: &str, found: impl Into<String>) -> Self {
        Self {
            subject: subject.to_owned(),
            verdict: Verdict::Good,
            found: found.into(),
            advice: None,
        }
    }

    /// It works, and could be better.
    #[must_use]
    pub fn warning(subject: &str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Warning,
            advice: Some(advice.into()),
            ..Self::good(subject, found)
        }
    }

    /// Baepo cannot work like this.
    #[must_use]
    pub fn bad(subject: &str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Bad,
            advice: Some(advice.into()),
            ..Self::good(subject, found)
        }
    }
}
