//! `GET /api/channels`: what can be published to, and what each channel needs for it.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use baepo_domain::manifest::{Names, SecretSpec};
use baepo_domain::ports::{Channels, LoadedRelease};
use serde::Serialize;
use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::ApiState;
use super::auth::Reader;
use super::error::Problem;
use super::extract::Query;
use super::page::{Listing, PageQuery};

/// A channel that is installed and active.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Channel)]
struct ChannelBody {
    #[schema(example = "instagram")]
    id: String,
    names: Names,
    /// JSON Schema of an account's `settings`.
    settings_schema: Value,
    /// JSON Schema of what an event's `channelSettings` may hold for it.
    options_schema: Value,
    /// The secrets that an account needs. `example` is one that the sandbox accepts.
    secrets: Vec<SecretSpec>,
    /// SHA-256 of the component that new attempts run on.
    release: String,
    abilities: AbilitiesBody,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Abilities)]
struct AbilitiesBody {
    /// Every channel can.
    check: bool,
    preview: bool,
    /// It can look whether a post is out.
    probe: bool,
    withdraw: bool,
}

impl From<&LoadedRelease> for ChannelBody {
    fn from(release: &LoadedRelease) -> Self {
        let manifest = &release.manifest;
        Self {
            id: manifest.id.to_string(),
            names: manifest.names.clone(),
            settings_schema: manifest.settings.clone(),
            options_schema: manifest.options.clone(),
            secrets: manifest.secrets.clone(),
            release: release.digest.to_string(),
            abilities: AbilitiesBody {
                check: true,
                preview: release.abilities.preview,
                probe: release.abilities.probe,
                withdraw: release.abilities.withdraw,
            },
        }
    }
}

pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(list))
}

/// List the channels
#[utoipa::path(get, path = "/api/channels", tag = "channels", operation_id = "listChannels", params(PageQuery),
    responses((status = 200, description = "In the order of their ids.",
        body = Listing<ChannelBody>)))]
#[tracing::instrument(name = "api.channel.list", skip_all)]
async fn list(
    State(channels): State<Arc<dyn Channels>>,
    _reader: Reader,
    Query(query): Query<PageQuery>,
) -> Result<Json<Listing<ChannelBody>>, Problem> {
    let active = channels.active();
    let mut items: Vec<ChannelBody> = active
        .iter()
        .map(|release| ChannelBody::from(release.as_ref()))
        .collect();
    items.sort_by(|one, other| one.id.cmp(&other.id));
    Listing::part(items, &query, |channel| channel.id.clone()).map(Json)
}
