//! An event in answers, and its draft in merge patches (RFC 7396, one level deep).

use std::collections::BTreeMap;

use baepo_domain::Timestamp;
use baepo_domain::model::content::Content;
use baepo_domain::model::draft::{Draft, Objective, Recommendation};
use baepo_domain::model::event::{Event, EventStatus};
use baepo_domain::model::id::ChannelId;
use baepo_domain::model::text::Language;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::api::schedule::ScheduleBody;

/// An event as its owner sees it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Event)]
pub(crate) struct EventBody {
    id: Uuid,
    status: EventStatus,
    /// Its own, else its content's.
    title: Option<String>,
    objective: Option<Objective>,
    recommendation: Option<Recommendation>,
    content: Option<Content>,
    #[schema(example = json!(["instagram"]))]
    channels: Vec<String>,
    /// Options by channel.
    channel_settings: BTreeMap<String, Map<String, Value>>,
    created_at: Timestamp,
    updated_at: Timestamp,
    /// When publishing was first asked for.
    approved_at: Option<Timestamp>,
    /// When the first channel had it.
    distributed_at: Option<Timestamp>,
    distribution_id: Option<Uuid>,
    /// When it is published by itself.
    schedule: Option<ScheduleBody>,
}

impl From<Event> for EventBody {
    fn from(event: Event) -> Self {
        Self::new(event, Language::default())
    }
}

impl EventBody {
    pub(super) fn new(event: Event, language: Language) -> Self {
        let schedule = ScheduleBody::of(&event, language);
        let title = Some(event.title().to_owned()).filter(|title| !title.is_empty());
        let draft = event.draft;
        let settings = draft.channel_settings.into_iter();
        Self {
            id: event.id.0,
            status: event.status,
            title,
            objective: draft.objective,
            recommendation: draft.recommendation,
            content: draft.content,
            channels: draft.channels.into_iter().map(String::from).collect(),
            channel_settings: settings.map(|(id, chosen)| (id.into(), chosen)).collect(),
            created_at: event.created_at,
            updated_at: event.updated_at,
            approved_at: event.approved_at,
            distributed_at: event.distributed_at,
            distribution_id: event.distribution.map(|id| id.0),
            schedule,
        }
    }
}

/// Options by channel.
pub(super) type ChannelSettings = BTreeMap<ChannelId, Map<String, Value>>;

/// What changes in a draft: left out, a part stays; `null` removes it.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct DraftPatch {
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    title: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Objective>)]
    objective: Option<Option<Objective>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Recommendation>)]
    recommendation: Option<Option<Recommendation>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Content>)]
    content: Option<Option<Content>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Vec<String>>)]
    channels: Option<Option<Vec<ChannelId>>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<BTreeMap<String, Map<String, Value>>>)]
    channel_settings: Option<Option<ChannelSettings>>,
}

impl DraftPatch {
    pub(super) fn apply(self, draft: Draft) -> Draft {
        Draft {
            title: self.title.unwrap_or(draft.title),
            objective: self.objective.unwrap_or(draft.objective),
            recommendation: self.recommendation.unwrap_or(draft.recommendation),
            content: self.content.unwrap_or(draft.content),
            channels: match self.channels {
                Some(channels) => channels.unwrap_or_default(),
                None => draft.channels,
            },
            channel_settings: match self.channel_settings {
                Some(settings) => settings.unwrap_or_default(),
                None => draft.channel_settings,
            },
        }
    }
}

/// Distinguishes `null` (the inner option) from a field that is absent (the outer one).
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}
