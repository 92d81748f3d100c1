//! What an owner puts together before publishing, part by part.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::content::{Content, Finding, Title};
use crate::id::ChannelId;

/// The parts of an event that the owner chooses. Every part may still be missing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Draft {
    /// 1 to 200 characters. The content's own title where there is none.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    pub title: Option<Title>,
    pub objective: Option<Objective>,
    pub recommendation: Option<Recommendation>,
    pub content: Option<Content>,
    /// Without repeats, in the owner's order.
    #[schema(value_type = Vec<String>, max_items = 50, example = json!(["instagram"]))]
    pub channels: Vec<ChannelId>,
    /// Options per channel, by the schema that the channel declares.
    #[schema(value_type = BTreeMap<String, serde_json::Map<String, serde_json::Value>>)]
    pub channel_settings: BTreeMap<ChannelId, serde_json::Map<String, serde_json::Value>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Objective {
    NewCustomers,
    Revisits,
    Sales,
    Awareness,
}

impl Objective {
    /// As it stands in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NewCustomers => "NEW_CUSTOMERS",
            Self::Revisits => "REVISITS",
            Self::Sales => "SALES",
            Self::Awareness => "AWARENESS",
        }
    }
}

/// The marketing idea that the owner picked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Recommendation {
    #[schema(max_length = 200)]
    pub id: String,
    #[schema(value_type = String, min_length = 1, max_length = 200)]
    pub title: Title,
    #[serde(default)]
    #[schema(max_length = 2_000)]
    pub summary: String,
}

/// A part without which an event cannot be published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Part {
    Objective,
    Recommendation,
    Content,
    Channels,
}

impl Part {
    /// The field's name in a draft.
    #[must_use]
    pub fn field(self) -> &'static str {
        match self {
            Self::Objective => "objective",
            Self::Recommendation => "recommendation",
            Self::Content => "content",
            Self::Channels => "channels",
        }
    }
}

impl Draft {
    const MAX_CHANNELS: usize = 50;

    /// Every part that is still missing, given the channels that would be published to.
    #[must_use]
    pub fn missing(&self, channels: &[ChannelId]) -> Vec<Part> {
        [
            (self.objective.is_none(), Part::Objective),
            (self.recommendation.is_none(), Part::Recommendation),
            (self.content.is_none(), Part::Content),
            (channels.is_empty(), Part::Channels),
        ]
        .into_iter()
        .filter_map(|(missing, part)| missing.then_some(part))
        .collect()
    }

    /// What is wrong whatever the channel, as JSON pointers into the draft.
    #[must_use]
    pub fn problems(&self) -> Vec<Finding> {
        let mut problems: Vec<Finding> = self
            .content
            .iter()
            .flat_map(Content::problems)
            .map(|finding| Finding {
                at: format!("/content{}", finding.at),
                ..finding
            })
            .collect();
        if let Some(recommendation) = &self.recommendation {
            if recommendation.id.is_empty() || recommendation.id.chars().count() > 200 {
                problems.push(Finding::error("/recommendation/id", "1 to 200 characters"));
            }
            if recommendation.summary.chars().count() > 2_000 {
                problems.push(Finding::error(
                    "/recommendation/summary",
                    "at most 2000 characters",
                ));
            }
        }
        if self.channels.len() > Self::MAX_CHANNELS {
            let most = Self::MAX_CHANNELS;
            problems.push(Finding::error(
                "/channels",
                format!("at most {most} channels"),
            ));
        }
        let mut seen = std::collections::BTreeSet::new();
        for (index, channel) in self.channels.iter().enumerate() {
            if !seen.insert(channel) {
                let message = format!("{channel} is there twice");
                problems.push(Finding::error(format!("/channels/{index}"), message));
            }
        }
        problems
    }

    /// The options for one channel as JSON; `{}` where the owner chose none.
    #[must_use]
    pub fn options(&self, channel: &ChannelId) -> serde_json::Value {
        self.channel_settings
            .get(channel)
            .cloned()
            .unwrap_or_default()
            .into()
    }
}
