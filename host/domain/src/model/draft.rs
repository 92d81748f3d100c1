//! What an owner puts together before publishing, part by part.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::content::{Content, title_problem, too_long};
use crate::model::findings::{Finding, Findings};
use crate::model::id::ChannelId;
use crate::model::normal_form::{self, length};
use crate::model::text::{Language, Localized};

/// The parts of an event that the owner chooses. Every part may still be missing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Draft {
    /// 1 to 200 characters. The content's own title where there is none.
    #[schema(min_length = 1, max_length = 200)]
    pub title: Option<String>,
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
    #[schema(min_length = 1, max_length = 200)]
    pub id: String,
    #[schema(min_length = 1, max_length = 200)]
    pub title: String,
    #[serde(default)]
    #[schema(max_length = 2_000)]
    pub summary: String,
}

impl Recommendation {
    const MAX_ID_CHARS: usize = 200;
    const MAX_SUMMARY_CHARS: usize = 2_000;

    fn normalized(self) -> Self {
        Self {
            id: normal_form::line(self.id),
            title: normal_form::line(self.title),
            summary: normal_form::lines(self.summary),
        }
    }

    /// As JSON pointers into the draft.
    fn problems(&self) -> Vec<Finding> {
        let mut problems = Vec::new();
        let at = "/recommendation/id";
        if length(&self.id) == 0 {
            let message = Localized::new(
                "추천 아이디어의 ID가 비어 있습니다. 추천 아이디어를 다시 골라 주세요.",
                "The id of the marketing idea is empty. Choose the idea again.",
            );
            problems.push(Finding::error(at, message));
        }
        problems.extend(too_long(at, &self.id, Self::MAX_ID_CHARS));
        problems.extend(title_problem("/recommendation/title", &self.title));
        let at = "/recommendation/summary";
        problems.extend(too_long(at, &self.summary, Self::MAX_SUMMARY_CHARS));
        problems
    }
}

/// A part without which an event cannot be published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DraftField {
    Objective,
    Recommendation,
    Content,
    Channels,
}

impl DraftField {
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

    /// What people call it.
    #[must_use]
    pub fn display_name(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Objective, Language::Korean) => "목적",
            (Self::Objective, Language::English) => "the objective",
            (Self::Recommendation, Language::Korean) => "추천 아이디어",
            (Self::Recommendation, Language::English) => "the idea",
            (Self::Content, Language::Korean) => "내용",
            (Self::Content, Language::English) => "the content",
            (Self::Channels, Language::Korean) => "채널",
            (Self::Channels, Language::English) => "the channels",
        }
    }
}

impl Draft {
    /// How many channels may be selected, also for one publish.
    pub const MAX_CHANNELS: usize = 50;

    /// Every part that is still missing, given the channels that would be published to.
    #[must_use]
    pub fn missing(&self, channels: &[ChannelId]) -> Vec<DraftField> {
        [
            (self.objective.is_none(), DraftField::Objective),
            (self.recommendation.is_none(), DraftField::Recommendation),
            (self.content.is_none(), DraftField::Content),
            (channels.is_empty(), DraftField::Channels),
        ]
        .into_iter()
        .filter_map(|(missing, part)| missing.then_some(part))
        .collect()
    }

    /// With every text in its [normal form](normal_form).
    #[must_use]
    pub fn normalized(self) -> Self {
        let settings = self.channel_settings.into_iter();
        Self {
            title: self.title.map(normal_form::line),
            recommendation: self.recommendation.map(Recommendation::normalized),
            content: self.content.map(Content::normalized),
            channel_settings: settings
                .map(|(channel, chosen)| (channel, normal_form::values(chosen)))
                .collect(),
            ..self
        }
    }

    /// The draft in its normal form.
    ///
    /// # Errors
    /// What is wrong whatever the channel, as JSON pointers into what was given.
    pub fn checked(self) -> Result<Self, Findings> {
        let problems = self.problems();
        if problems.is_empty() {
            Ok(self.normalized())
        } else {
            Err(problems)
        }
    }

    fn problems(&self) -> Findings {
        let title = self.title.iter();
        let mut problems: Findings = title
            .filter_map(|title| title_problem("/title", title))
            .collect();
        if let Some(content) = &self.content {
            problems.append(content.problems().below("/content"));
        }
        let recommendation = self.recommendation.iter();
        problems.extend(recommendation.flat_map(Recommendation::problems));
        problems.append(self.channel_problems());
        problems
    }

    fn channel_problems(&self) -> Findings {
        let (found, most) = (self.channels.len(), Self::MAX_CHANNELS);
        let mut problems = Findings::default();
        if found > most {
            let message = Localized::new(
                format!("채널은 {most}개까지 고를 수 있습니다. 지금은 {found}개입니다."),
                format!("There may be {most} channels. There are {found}."),
            );
            problems.extend([Finding::error("/channels", message)]);
        }
        let mut seen = std::collections::BTreeSet::new();
        for (index, channel) in self.channels.iter().enumerate() {
            if !seen.insert(channel) {
                problems.add(|| {
                    let message = Localized::new(
                        format!("{channel} 채널을 두 번 골랐습니다. 하나만 남겨 주세요."),
                        format!("The channel {channel} is there twice. Leave it once."),
                    );
                    Finding::error(format!("/channels/{index}"), message)
                });
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
