//! `GET /api/admin/channels`: what is installed, and what waits for an operator.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use baepo_domain::model::id::ChannelId;
use baepo_domain::usecases::releases::{ReleaseError, ReleaseView, Releases};
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::release_body::{ReleaseBody, StateBody};
use crate::api::auth::Operator;
use crate::api::error::{Problem, ProblemBody};
use crate::api::extract::{Path, Query};
use crate::api::page::{Listing, PageQuery};
use crate::api::state::ApiState;

/// The releases of a channel that its place in the list shows besides those that somebody needs.
const NEWEST: usize = 20;

/// A channel with its releases.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AdminChannel)]
struct AdminChannelBody {
    #[schema(example = "instagram")]
    id: String,
    /// The digest of the release that new attempts run on.
    active: Option<String>,
    /// In the order of installation: the newest 20, the active one, those that attempts are on, and those that wait
    /// for an approval.
    releases: Vec<ReleaseBody>,
    /// How many more there are: `/api/admin/channels/{id}/releases` has all.
    more_releases: u64,
}

pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
        .routes(routes!(list_releases))
        .routes(routes!(list_rejected))
}

/// List the channels with their releases
#[utoipa::path(get, path = "/api/admin/channels", tag = "admin", operation_id = "listReleases", params(PageQuery),
    responses((status = 200, description = "Those with a release that waits for an approval first, then in the order \
        of their ids. What was rejected is not among them.", body = Listing<AdminChannelBody>)))]
#[tracing::instrument(name = "api.release.list", skip_all)]
async fn list(
    State(releases): State<Arc<Releases>>,
    _operator: Operator,
    Query(query): Query<PageQuery>,
) -> Result<Json<Listing<AdminChannelBody>>, Problem> {
    let mut by_place: BTreeMap<String, AdminChannelBody> = BTreeMap::new();
    for channel in channels(releases.list().await?) {
        by_place.insert(place(&channel), channel);
    }
    Listing::page_of(by_place.into_values().collect(), &query, place).map(Json)
}

/// Show a channel with its releases
#[utoipa::path(get, path = "/api/admin/channels/{id}", tag = "admin", operation_id = "showChannelReleases",
    params(("id" = String, Path, example = "instagram")),
    responses(
        (status = 200, description = "The channel.", body = AdminChannelBody),
        (status = 404, description = "Nothing is installed for it.", body = ProblemBody),
    ))]
#[tracing::instrument(name = "api.release.show", skip_all, fields(channel = %channel))]
async fn show(
    State(releases): State<Arc<Releases>>,
    _operator: Operator,
    Path(channel): Path<ChannelId>,
) -> Result<Json<AdminChannelBody>, Problem> {
    let mut found = channels(releases.list().await?).into_iter();
    let found = found.find(|one| one.id == channel.as_str());
    Ok(Json(found.ok_or(ReleaseError::UnknownRelease)?))
}

/// List the releases of a channel
#[utoipa::path(get, path = "/api/admin/channels/{id}/releases", tag = "admin",
    operation_id = "listReleasesOfChannel",
    params(("id" = String, Path, example = "instagram"), PageQuery),
    responses((status = 200, description = "All but the rejected, in the order of their digests.",
        body = Listing<ReleaseBody>)))]
#[tracing::instrument(name = "api.release.list_of_channel", skip_all, fields(channel = %channel))]
async fn list_releases(
    State(releases): State<Arc<Releases>>,
    _operator: Operator,
    Path(channel): Path<ChannelId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Listing<ReleaseBody>>, Problem> {
    let views = releases.list().await?.into_iter();
    let views = views.filter(|view| view.release.channel == channel);
    let (_, installed): (Vec<_>, Vec<_>) = views.map(ReleaseBody::from).partition(is_rejected);
    page_by_digest(installed, &query)
}

/// List the rejected uploads
///
/// Each with the reason. They expire after `server.rejected_days`; the newest 100 are kept.
#[utoipa::path(get, path = "/api/admin/rejected-releases", tag = "admin", operation_id = "listRejectedReleases",
    params(PageQuery),
    responses((status = 200, description = "In the order of their digests.", body = Listing<ReleaseBody>)))]
#[tracing::instrument(name = "api.release.list_rejected", skip_all)]
async fn list_rejected(
    State(releases): State<Arc<Releases>>,
    _operator: Operator,
    Query(query): Query<PageQuery>,
) -> Result<Json<Listing<ReleaseBody>>, Problem> {
    let bodies = releases.list().await?.into_iter().map(ReleaseBody::from);
    page_by_digest(bodies.filter(is_rejected).collect(), &query)
}

fn is_rejected(release: &ReleaseBody) -> bool {
    release.state == StateBody::Rejected
}

fn page_by_digest(
    mut releases: Vec<ReleaseBody>,
    query: &PageQuery,
) -> Result<Json<Listing<ReleaseBody>>, Problem> {
    let place = |release: &ReleaseBody| format!("{} {}", release.digest, release.channel);
    releases.sort_by_key(place);
    Listing::page_of(releases, query, place).map(Json)
}

/// By id. A channel of which every upload was rejected is none.
fn channels(views: Vec<ReleaseView>) -> Vec<AdminChannelBody> {
    let mut by_id: BTreeMap<String, Vec<ReleaseBody>> = BTreeMap::new();
    for release in views.into_iter().map(ReleaseBody::from) {
        if !is_rejected(&release) {
            let releases = by_id.entry(release.channel.clone()).or_default();
            releases.push(release);
        }
    }
    by_id
        .into_iter()
        .map(|(id, releases)| of_channel(id, releases))
        .collect()
}

fn of_channel(id: String, releases: Vec<ReleaseBody>) -> AdminChannelBody {
    let total = releases.len();
    let mut active = releases.iter();
    let active = active.find(|release| release.state == StateBody::Active);
    let active = active.map(|release| release.digest.clone());
    let older = total.saturating_sub(NEWEST);
    let is_needed = |release: &ReleaseBody| {
        release.holders > 0 || matches!(release.state, StateBody::Active | StateBody::NeedsApproval)
    };
    let releases: Vec<ReleaseBody> = releases
        .into_iter()
        .enumerate()
        .filter(|(index, release)| *index >= older || is_needed(release))
        .map(|(_, release)| release)
        .collect();
    AdminChannelBody {
        id,
        active,
        more_releases: (total - releases.len()) as u64,
        releases,
    }
}

/// Sorts what waits for somebody before all ids.
fn place(channel: &AdminChannelBody) -> String {
    let waits = |release: &ReleaseBody| release.state == StateBody::NeedsApproval;
    let first = if channel.releases.iter().any(waits) {
        "!"
    } else {
        ""
    };
    format!("{first}{}", channel.id)
}
