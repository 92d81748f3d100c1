//! What a provider gives for a post.

use serde::{Deserialize, Serialize};

/// What the provider gave for a post.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    pub external_id: Option<String>,
    pub url: Option<String>,
    pub estimated_reach: Option<u64>,
}

impl Receipt {
    /// Of its texts.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        length(&self.external_id) + length(&self.url)
    }
}
