//! `/api/accounts`: an owner's settings and secrets per channel. Secrets go in, never out.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse as _, Response};
use baepo_domain::Timestamp;
use baepo_domain::account::Account;
use baepo_domain::connect::{Accounts, Connected, Connection};
use baepo_domain::id::ChannelId;
use secrecy::SecretString;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::ApiState;
use super::auth::Owner;
use super::error::{Problem, ProblemBody};
use super::extract::{Body, Path, Query};
use super::page::{Listing, PageQuery};

/// An account as its owner sees it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Account)]
struct AccountBody {
    #[schema(example = "instagram")]
    channel: String,
    settings: Map<String, Value>,
    /// The names of the stored secrets. Their values never come out.
    #[schema(example = json!(["accessToken"]))]
    secrets: Vec<String>,
    connected_at: Timestamp,
    updated_at: Timestamp,
}

impl From<Account> for AccountBody {
    fn from(account: Account) -> Self {
        Self {
            channel: account.channel.into(),
            settings: account.settings,
            secrets: account.secrets.into_keys().collect(),
            connected_at: account.connected_at,
            updated_at: account.updated_at,
        }
    }
}

/// What connects an account.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Connection)]
struct ConnectionBody {
    /// By the channel's `settingsSchema`; replaces what was there.
    #[serde(default, deserialize_with = "settings")]
    #[schema(value_type = Map<String, Value>, example = json!({"userId": "17841400000000000"}))]
    settings: Map<String, Value>,
    /// By name, as the channel's `secrets` list them. One that is left out stays as it was given
    /// before.
    #[serde(default, deserialize_with = "secrets")]
    #[schema(value_type = BTreeMap<String, String>,
        example = json!({"accessToken": "sandbox-instagram-token"}))]
    secrets: BTreeMap<String, SecretString>,
}

/// Serde's own message would quote what stands there, which may be a secret in the wrong place.
fn settings<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Map<String, Value>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Object(settings) => Ok(settings),
        _ => Err(D::Error::custom("must be an object")),
    }
}

/// As [`settings`]: never quotes a value.
fn secrets<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, SecretString>, D::Error> {
    let Value::Object(secrets) = Value::deserialize(deserializer)? else {
        return Err(D::Error::custom("must be an object of names and strings"));
    };
    let secrets = secrets.into_iter().map(|(name, secret)| match secret {
        Value::String(secret) => Ok((name, secret.into())),
        _ => Err(D::Error::custom(format!(
            "the secret {name:?} must be a string"
        ))),
    });
    secrets.collect()
}

pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show, connect, disconnect))
}

/// List your accounts
#[utoipa::path(get, path = "/api/accounts", tag = "accounts", operation_id = "listAccounts", params(PageQuery),
    responses((status = 200, description = "In the order of their channels' ids.",
        body = Listing<AccountBody>)))]
#[tracing::instrument(name = "api.account.list", skip_all, fields(owner = %owner))]
async fn list(
    State(accounts): State<Arc<Accounts>>,
    Owner(owner): Owner,
    Query(query): Query<PageQuery>,
) -> Result<Json<Listing<AccountBody>>, Problem> {
    let items = accounts.list(&owner).await?;
    let page = Listing::part(items, &query, |account| account.channel.to_string())?;
    Ok(Json(page.map(AccountBody::from)))
}

/// Show an account
#[utoipa::path(get, path = "/api/accounts/{channel}", tag = "accounts", operation_id = "showAccount",
    params(("channel" = String, Path, example = "instagram")),
    responses(
        (status = 200, description = "The account.", body = AccountBody),
        (status = 404, description = "You have connected none.", body = ProblemBody,
            content_type = "application/problem+json"),
    ))]
#[tracing::instrument(name = "api.account.show", skip_all, fields(channel = %channel))]
async fn show(
    State(accounts): State<Arc<Accounts>>,
    Owner(owner): Owner,
    Path(channel): Path<ChannelId>,
) -> Result<Json<AccountBody>, Problem> {
    let account = accounts.show(&owner, &channel).await?;
    Ok(Json(account.into()))
}

/// Connect an account, or change it
#[utoipa::path(put, path = "/api/accounts/{channel}", tag = "accounts", operation_id = "connectAccount",
    params(("channel" = String, Path, example = "instagram")), request_body = ConnectionBody,
    responses(
        (status = 200, description = "Changed.", body = AccountBody),
        (status = 201, description = "Connected.", body = AccountBody,
            headers(("Location" = String, description = "Where the account is."))),
        (status = 404, description = "No such channel is installed.", body = ProblemBody,
            content_type = "application/problem+json"),
    ))]
#[tracing::instrument(name = "api.account.connect", skip_all, fields(channel = %channel))]
async fn connect(
    State(accounts): State<Arc<Accounts>>,
    Owner(owner): Owner,
    Path(channel): Path<ChannelId>,
    Body(body): Body<ConnectionBody>,
) -> Result<Response, Problem> {
    let given = Connection {
        settings: body.settings,
        secrets: body.secrets,
    };
    Ok(match accounts.connect(&owner, &channel, &given).await? {
        Connected::New(account) => {
            let location = [(LOCATION, format!("/api/accounts/{channel}"))];
            (
                StatusCode::CREATED,
                location,
                Json(AccountBody::from(account)),
            )
                .into_response()
        }
        Connected::Changed(account) => Json(AccountBody::from(account)).into_response(),
    })
}

/// Disconnect an account
///
/// Its settings and secrets are deleted. What is published stays.
#[utoipa::path(delete, path = "/api/accounts/{channel}", tag = "accounts", operation_id = "disconnectAccount",
    params(("channel" = String, Path, example = "instagram")),
    responses(
        (status = 204, description = "Disconnected."),
        (status = 404, description = "You have connected none.", body = ProblemBody,
            content_type = "application/problem+json"),
    ))]
#[tracing::instrument(name = "api.account.disconnect", skip_all, fields(channel = %channel))]
async fn disconnect(
    State(accounts): State<Arc<Accounts>>,
    Owner(owner): Owner,
    Path(channel): Path<ChannelId>,
) -> Result<StatusCode, Problem> {
    accounts.disconnect(&owner, &channel).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests;
