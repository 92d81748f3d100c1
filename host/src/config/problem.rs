//! What is wrong, and where: never with a secret in it.

use std::fmt;
use std::path::PathBuf;

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("the configuration {path} cannot be read")]
    Unreadable {
        path: PathBuf,
        source: std::io::Error,
    },
    /// All that is wrong, not only the first.
    #[error("{}", listed(.0))]
    Wrong(Vec<Problem>),
}

/// Something that the operator has to correct.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    pub place: Place,
    pub text: String,
}

/// Where a value was given. Later ones hold against earlier ones.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Nowhere.
    Default,
    /// In a file, by its name, on that line.
    File {
        name: String,
        line: usize,
    },
    Variable(String),
    Flag(&'static str),
}

impl Problem {
    pub fn new(place: &Place, text: impl Into<String>) -> Self {
        Self {
            place: place.clone(),
            text: text.into(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.text)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("by default"),
            Self::File { name, line } => write!(f, "{name}:{line}"),
            Self::Variable(name) => write!(f, "environment variable {name}"),
            Self::Flag(names) => f.write_str(names),
        }
    }
}

fn listed(problems: &[Problem]) -> String {
    if let [problem] = problems {
        return problem.to_string();
    }
    let lines = problems.iter().map(|problem| format!("\n  {problem}"));
    let count = problems.len();
    format!(
        "{count} things in the configuration are wrong:{}",
        lines.collect::<String>()
    )
}
