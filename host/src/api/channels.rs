//! `GET /api/channels`: what can be published to, and what each channel needs for it.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use baepo_domain::model::manifest::SecretSpec;
use baepo_domain::model::text::{Language, Localized};
use baepo_domain::ports::{Channels, LoadedRelease};
use serde::Serialize;
use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::Reader;
use super::error::Problem;
use super::extract::Query;
use super::language::ReaderLanguage;
use super::page::{Listing, PageQuery};
use super::state::ApiState;

/// A channel that is installed and active.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Channel)]
struct ChannelBody {
    #[schema(example = "instagram")]
    id: String,
    names: NamesBody,
    /// JSON Schema of an account's `settings`, its titles and descriptions in the reader's language.
    settings_schema: Value,
    /// JSON Schema of what an event's `channelSettings` may hold for it.
    options_schema: Value,
    /// The secrets that an account needs. `example` is one that the sandbox accepts.
    secrets: Vec<SecretBody>,
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

/// What people call the channel.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Names)]
struct NamesBody {
    #[schema(example = "인스타그램")]
    ko: String,
    #[schema(example = "Instagram")]
    en: String,
}

/// A secret that the owner gives, by name; its value never enters the component.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = SecretSpec)]
struct SecretBody {
    #[schema(example = "accessToken")]
    name: String,
    /// What people call it, in the reader's language.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "액세스 토큰")]
    title: Option<String>,
    description: String,
    /// A value that the sandbox providers accept.
    #[schema(example = "sandbox-instagram-token")]
    example: String,
}

impl ChannelBody {
    fn new(release: &LoadedRelease, language: Language) -> Self {
        let manifest = &release.manifest;
        let secret = |spec: &SecretSpec| SecretBody {
            name: spec.name.clone(),
            title: spec
                .title
                .as_ref()
                .map(|title| title.get(language).to_owned()),
            description: spec.description.get(language).to_owned(),
            example: spec.example.clone(),
        };
        Self {
            id: manifest.id.to_string(),
            names: NamesBody {
                ko: manifest.names.get(Language::Korean).to_owned(),
                en: manifest.names.get(Language::English).to_owned(),
            },
            settings_schema: localized(manifest.settings.clone(), language),
            options_schema: localized(manifest.options.clone(), language),
            secrets: manifest.secrets.iter().map(secret).collect(),
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

/// A schema with the titles and descriptions of its properties in the reader's language.
fn localized(schema: Value, language: Language) -> Value {
    match schema {
        Value::Object(members) => {
            let member = |(name, value): (String, Value)| {
                let value = match value {
                    Value::String(text) if matches!(name.as_str(), "title" | "description") => {
                        Value::String(Localized::parse(&text).get(language).to_owned())
                    }
                    value => localized(value, language),
                };
                (name, value)
            };
            Value::Object(members.into_iter().map(member).collect())
        }
        Value::Array(items) => {
            let items = items.into_iter().map(|item| localized(item, language));
            Value::Array(items.collect())
        }
        other => other,
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
    ReaderLanguage(language): ReaderLanguage,
    Query(query): Query<PageQuery>,
) -> Result<Json<Listing<ChannelBody>>, Problem> {
    let active = channels.active();
    let mut items: Vec<ChannelBody> = active
        .iter()
        .map(|release| ChannelBody::new(release.as_ref(), language))
        .collect();
    items.sort_by(|one, other| one.id.cmp(&other.id));
    Listing::page_of(items, &query, |channel| channel.id.clone()).map(Json)
}
