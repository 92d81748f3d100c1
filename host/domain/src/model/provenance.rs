//! Where a component came from, and who vouched for it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::signature::KeyName;

/// Where a component came from, and who vouched for it when it was installed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Provenance {
    pub source: Source,
    /// The key whose signature let it in, by the name that the operator gave it then.
    pub signed_by: Option<KeyName>,
}

/// Where a component came from. Stored as its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Source {
    Upload,
    /// The operator's folder of channels.
    Folder,
    /// A reference with the image's digest.
    Registry(String),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Upload => "upload",
            Self::Folder => "folder",
            Self::Registry(reference) => reference,
        })
    }
}

impl From<Source> for String {
    fn from(source: Source) -> Self {
        source.to_string()
    }
}

impl From<String> for Source {
    fn from(text: String) -> Self {
        match text.as_str() {
            "upload" => Self::Upload,
            "folder" => Self::Folder,
            _ => Self::Registry(text),
        }
    }
}
