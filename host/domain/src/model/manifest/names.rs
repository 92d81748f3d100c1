//! A name in the languages of its readers.

use serde::{Deserialize, Serialize};

/// What people call the channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Names {
    #[schema(example = "인스타그램")]
    pub ko: String,
    #[schema(example = "Instagram")]
    pub en: String,
}
