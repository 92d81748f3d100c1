//! An upload, and how it may end.

/// A component that whoever is asked to install it must refuse, or install without harm.
pub struct Upload {
    /// As `cause-and-its-size`.
    pub name: String,
    /// What it is, for a reader of the report.
    pub what: String,
    pub expected: Expected,
    make: Box<dyn Fn() -> Vec<u8> + Send + Sync>,
}

/// How an upload may end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Refused, and the reason contains one of these, in lower case.
    Refused(&'static [&'static str]),
    /// It costs no more than it is worth: it may be staged, or refused for any reason.
    Either,
}

impl Upload {
    pub(super) fn new(
        name: impl Into<String>,
        what: impl Into<String>,
        expected: Expected,
        make: impl Fn() -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            what: what.into(),
            expected,
            make: Box::new(make),
        }
    }

    /// The component. Made when it is asked for: all of them at once are hundreds of megabytes.
    #[must_use]
    pub fn component(&self) -> Vec<u8> {
        (self.make)()
    }
}

impl Expected {
    /// Whether an answer is one of those that may be given. `refusal` is the reason, or none where
    /// it was staged.
    #[must_use]
    pub fn allows(self, refusal: Option<&str>) -> bool {
        match (self, refusal) {
            (Self::Either, None) => true,
            (Self::Either, Some(reason)) => !reason.trim().is_empty(),
            (Self::Refused(_), None) => false,
            (Self::Refused(words), Some(reason)) => {
                let reason = reason.to_lowercase();
                words.iter().any(|word| reason.contains(word))
            }
        }
    }
}
