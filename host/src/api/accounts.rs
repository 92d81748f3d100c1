//! `/api/accounts`: an owner's settings and secrets per channel. Secrets go in, never out.

mod body;

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse as _, Response};
use baepo_domain::model::account::Account;
use baepo_domain::model::id::ChannelId;
use baepo_domain::model::text::Language;
use baepo_domain::usecases::accounts::{Accounts, Connected};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::body::{AccountBody, ConnectionBody, PatchBody};
use super::auth::{Owner, OwnerActor};
use super::error::{Problem, ProblemBody};
use super::extract::{Body, Path, Query};
use super::language::ReaderLanguage;
use super::page::{Listing, PageQuery};
use super::state::ApiState;

pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show, connect, change, disconnect))
}

/// List your accounts
#[utoipa::path(get, path = "/api/accounts", tag = "accounts", operation_id = "listAccounts", params(PageQuery),
    responses((status = 200, description = "In the order of their channels' ids.",
        body = Listing<AccountBody>)))]
#[tracing::instrument(name = "api.account.list", skip_all, fields(owner = %owner))]
async fn list(
    State(accounts): State<Arc<Accounts>>,
    Owner(owner): Owner,
    ReaderLanguage(language): ReaderLanguage,
    Query(query): Query<PageQuery>,
) -> Result<Json<Listing<AccountBody>>, Problem> {
    let items = accounts.list(&owner).await?;
    let page = Listing::page_of(items, &query, |account| account.channel.to_string())?;
    Ok(Json(
        page.map(|account| account_body(&accounts, account, language)),
    ))
}

/// Show an account
#[utoipa::path(get, path = "/api/accounts/{channel}", tag = "accounts", operation_id = "showAccount",
    params(("channel" = String, Path, example = "instagram")),
    responses(
        (status = 200, description = "The account.", body = AccountBody),
        (status = 404, description = "No account is connected.", body = ProblemBody),
    ))]
#[tracing::instrument(name = "api.account.show", skip_all, fields(channel = %channel))]
async fn show(
    State(accounts): State<Arc<Accounts>>,
    Owner(owner): Owner,
    ReaderLanguage(language): ReaderLanguage,
    Path(channel): Path<ChannelId>,
) -> Result<Json<AccountBody>, Problem> {
    let account = accounts.show(&owner, &channel).await?;
    Ok(Json(account_body(&accounts, account, language)))
}

/// Connect an account, or connect it again
///
/// The settings replace what was there. A new secret ends whatever was wrong with the old one.
#[utoipa::path(put, path = "/api/accounts/{channel}", tag = "accounts", operation_id = "connectAccount",
    params(("channel" = String, Path, example = "instagram")), request_body = ConnectionBody,
    responses(
        (status = 200, description = "Changed.", body = AccountBody),
        (status = 201, description = "Connected.", body = AccountBody,
            headers(("Location" = String, description = "Where the account is."))),
        (status = 404, description = "No such channel is installed.", body = ProblemBody),
    ))]
#[tracing::instrument(name = "api.account.connect", skip_all, fields(channel = %channel))]
async fn connect(
    State(accounts): State<Arc<Accounts>>,
    OwnerActor(actor): OwnerActor,
    ReaderLanguage(language): ReaderLanguage,
    Path(channel): Path<ChannelId>,
    Body(body): Body<ConnectionBody>,
) -> Result<Response, Problem> {
    let connected = accounts.connect(&actor, &channel, &body.into()).await;
    Ok(match connected? {
        Connected::New(account) => {
            let location = [(LOCATION, format!("/api/accounts/{channel}"))];
            let body = account_body(&accounts, account, language);
            (StatusCode::CREATED, location, Json(body)).into_response()
        }
        Connected::Changed(account) => {
            Json(account_body(&accounts, account, language)).into_response()
        }
    })
}

/// Change parts of an account
///
/// Such as one secret that its provider has replaced: the rest stays.
#[utoipa::path(patch, path = "/api/accounts/{channel}", tag = "accounts", operation_id = "changeAccount",
    params(("channel" = String, Path, example = "instagram")), request_body = PatchBody,
    responses(
        (status = 200, description = "Changed.", body = AccountBody),
        (status = 404, description = "No account is connected, or the channel is not installed.",
            body = ProblemBody),
    ))]
#[tracing::instrument(name = "api.account.change", skip_all, fields(channel = %channel))]
async fn change(
    State(accounts): State<Arc<Accounts>>,
    OwnerActor(actor): OwnerActor,
    ReaderLanguage(language): ReaderLanguage,
    Path(channel): Path<ChannelId>,
    Body(body): Body<PatchBody>,
) -> Result<Json<AccountBody>, Problem> {
    let account = accounts.change(&actor, &channel, &body.into()).await?;
    Ok(Json(account_body(&accounts, account, language)))
}

/// Disconnect an account
///
/// Its settings and secrets are deleted. What is published stays.
#[utoipa::path(delete, path = "/api/accounts/{channel}", tag = "accounts", operation_id = "disconnectAccount",
    params(("channel" = String, Path, example = "instagram")),
    responses(
        (status = 204, description = "Disconnected."),
        (status = 404, description = "No account is connected.", body = ProblemBody),
    ))]
#[tracing::instrument(name = "api.account.disconnect", skip_all, fields(channel = %channel))]
async fn disconnect(
    State(accounts): State<Arc<Accounts>>,
    OwnerActor(actor): OwnerActor,
    Path(channel): Path<ChannelId>,
) -> Result<StatusCode, Problem> {
    accounts.disconnect(&actor, &channel).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn account_body(accounts: &Accounts, account: Account, language: Language) -> AccountBody {
    let health = accounts.health(&account);
    AccountBody::new(account, health, language)
}

#[cfg(test)]
mod tests;
