//! The channels that a request chooses: to publish, schedule or check.

use baepo_domain::model::draft::Draft;
use baepo_domain::model::id::ChannelId;
use baepo_domain::model::text::Localized;
use serde::{Deserialize, Deserializer};

/// Which channels; without it the event's own selection.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ChannelsChoice {
    #[serde(deserialize_with = "chosen")]
    #[schema(value_type = Option<Vec<String>>, max_items = 50, example = json!(["instagram"]))]
    pub channels: Option<Vec<ChannelId>>,
}

/// Deserializes channels: as many as a draft may select.
///
/// # Errors
/// There are more.
pub(super) fn chosen<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<ChannelId>>, D::Error> {
    let channels = Option::<Vec<ChannelId>>::deserialize(deserializer)?;
    match &channels {
        Some(channels) if channels.len() > Draft::MAX_CHANNELS => {
            let (most, found) = (Draft::MAX_CHANNELS, channels.len());
            let text = Localized::new(
                format!("채널은 {most}개까지 고를 수 있습니다. 지금은 {found}개입니다."),
                format!("At most {most} channels are allowed; {found} given."),
            );
            Err(text.into_error())
        }
        _ => Ok(channels),
    }
}
