//! `/api/admin/channels`: installing components and swapping them while the host serves.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use baepo_domain::Timestamp;
use baepo_domain::model::id::{ChannelId, Digest};
use baepo_domain::model::release::{Release, ReleaseState};
use baepo_domain::model::text::Localized;
use baepo_domain::ports::Channels;
use baepo_domain::usecases::releases::{ReleaseError, ReleaseView, Releases};
use serde::Serialize;
use tokio_util::task::TaskTracker;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::install_body::{InstallBody, PullBody};
use crate::api::auth::Operator;
use crate::api::background;
use crate::api::error::{Kind, Problem, ProblemBody};
use crate::api::extract::{BodyLimit, Path, Query};
use crate::api::page::{Listing, PageQuery};
use crate::api::state::{ApiLimits, ApiState};

/// A channel with every release that was installed for it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = AdminChannel)]
struct AdminChannelBody {
    #[schema(example = "instagram")]
    id: String,
    /// The digest of the release that new attempts run on.
    active: Option<String>,
    /// In the order of installation.
    releases: Vec<ReleaseBody>,
}

/// One component, installed for a channel.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Release)]
struct ReleaseBody {
    #[schema(example = "instagram")]
    channel: String,
    /// SHA-256 of the component.
    digest: String,
    state: ReleaseState,
    /// Why it is REJECTED.
    reason: Option<String>,
    bytes: u64,
    /// `upload`, `folder`, or the reference in a registry with the image's digest.
    #[schema(example = "oci://registry.example/instagram:1.2.0@sha256:3fa9c1d2…")]
    source: Option<String>,
    /// The key of `signatures.keys` whose signature let it in.
    signed_by: Option<String>,
    installed_at: Timestamp,
    /// When it last became ACTIVE.
    promoted_at: Option<Timestamp>,
    /// Attempts that run on it now.
    holders: usize,
}

impl From<ReleaseView> for ReleaseBody {
    fn from(view: ReleaseView) -> Self {
        let release = view.release;
        let provenance = release.provenance;
        Self {
            channel: release.channel.into(),
            digest: release.digest.into(),
            state: release.state,
            reason: release.reason,
            bytes: release.bytes,
            source: provenance.as_ref().map(|it| it.source.to_string()),
            signed_by: provenance
                .and_then(|it| it.signed_by)
                .map(|key| key.to_string()),
            installed_at: release.installed_at,
            promoted_at: release.promoted_at,
            holders: view.holders,
        }
    }
}

/// A WebAssembly component.
#[derive(utoipa::ToSchema)]
#[schema(as = Component, value_type = String, format = Binary)]
#[expect(dead_code, reason = "describes a body that is read as raw bytes")]
struct ComponentBytes(Vec<u8>);

pub(super) fn routes(limits: ApiLimits) -> OpenApiRouter<ApiState> {
    let upload = OpenApiRouter::new()
        .routes(routes!(install))
        .layer(DefaultBodyLimit::max(limits.release_bytes))
        .layer(Extension(BodyLimit(limits.release_bytes)));
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(promote))
        .routes(routes!(rollback))
        .merge(upload)
}

/// List the channels with their releases
#[utoipa::path(get, path = "/api/admin/channels", tag = "admin", operation_id = "listReleases", params(PageQuery),
    responses((status = 200, description = "In the order of the channels' ids.",
        body = Listing<AdminChannelBody>)))]
#[tracing::instrument(name = "api.release.list", skip_all)]
async fn list(
    State(releases): State<Arc<Releases>>,
    _operator: Operator,
    Query(query): Query<PageQuery>,
) -> Result<Json<Listing<AdminChannelBody>>, Problem> {
    let mut by_channel: BTreeMap<String, Vec<ReleaseBody>> = BTreeMap::new();
    for view in releases.list().await? {
        let release = ReleaseBody::from(view);
        by_channel
            .entry(release.channel.clone())
            .or_default()
            .push(release);
    }
    let items = by_channel.into_iter().map(|(id, releases)| {
        let mut active = releases
            .iter()
            .filter(|one| one.state == ReleaseState::Active);
        let active = active.next().map(|release| release.digest.clone());
        AdminChannelBody {
            id,
            active,
            releases,
        }
    });
    Listing::page_of(items.collect(), &query, |channel| channel.id.clone()).map(Json)
}

/// Install a component
///
/// It is checked, compiled and staged; it gets no traffic before it is promoted. Installing the
/// same again changes nothing. Its signatures are verified before anything of it is read: those of an upload are
/// in headers `Baepo-Signature`, each the base64 of what `cosign sign-blob` signed or of a Sigstore bundle; those
/// of an image are where `cosign sign` puts them in the registry.
#[utoipa::path(post, path = "/api/admin/channels/{id}/releases", tag = "admin", operation_id = "installRelease",
    params(
        ("id" = String, Path, example = "instagram"),
        ("baepo-signature" = Option<String>, Header, description = "A signature of the component that is \
            uploaded, in base64. At most eight."),
    ),
    request_body(
        content((ComponentBytes = "application/wasm"), (ComponentBytes = "application/octet-stream"),
            (PullBody = "application/json")),
        description = "The component, at most 32 MiB; or where it lies in an OCI registry."),
    responses(
        (status = 201, description = "Staged.", body = ReleaseBody),
        (status = 200, description = "It was installed before.", body = ReleaseBody),
        (status = 422, description = "Rejected, or it cannot be pulled; `reason` says why.", body = ProblemBody),
        (status = 502, description = "The registry does not answer; `reason` says why.", body = ProblemBody),
    ))]
#[tracing::instrument(name = "api.release.install", skip_all, fields(channel = %channel))]
async fn install(
    State(releases): State<Arc<Releases>>,
    State(channels): State<Arc<dyn Channels>>,
    State(tasks): State<TaskTracker>,
    _operator: Operator,
    Path(channel): Path<ChannelId>,
    body: InstallBody,
) -> Result<(StatusCode, Json<ReleaseBody>), Problem> {
    let work = async move {
        match body {
            InstallBody::Upload {
                component,
                signatures,
            } => releases.install(&channel, component, &signatures).await,
            InstallBody::Pull {
                reference,
                transport,
            } => releases.pull(&channel, &reference, transport).await,
        }
    };
    let release = background::run_to_completion(&tasks, work).await??;
    // What was stored before has a revision by now.
    let status = if release.revision == 0 {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok((status, answer(&channels, release)))
}

/// Promote a release
///
/// New attempts run on it from now on; running ones finish on theirs.
#[utoipa::path(post, path = "/api/admin/channels/{id}/releases/{digest}/promote", tag = "admin", operation_id = "promoteRelease",
    params(
        ("id" = String, Path, example = "instagram"),
        ("digest" = String, Path, description = "SHA-256 of the component, or its first digits: \
            at least 8, and only one release begins with them.", min_length = 8, max_length = 64),
    ),
    responses(
        (status = 200, description = "It is active.", body = ReleaseBody),
        (status = 404, description = "There is no such release.", body = ProblemBody),
        (status = 409, description = "It was rejected.", body = ProblemBody),
        (status = 422, description = "Not a digest, or the prefix is ambiguous.",
            body = ProblemBody),
    ))]
#[tracing::instrument(name = "api.release.promote", skip_all, fields(channel = %channel))]
async fn promote(
    State(releases): State<Arc<Releases>>,
    State(channels): State<Arc<dyn Channels>>,
    State(tasks): State<TaskTracker>,
    Operator(operator): Operator,
    Path((channel, digest)): Path<(ChannelId, String)>,
) -> Result<Json<ReleaseBody>, Problem> {
    let digest = find(&releases, &channel, &digest).await?;
    // To its end: the store and the running host must not be left with different releases.
    let work = async move { releases.promote(&channel, digest).await };
    let release = background::run_to_completion(&tasks, work).await??;
    tracing::info!(operator, release = release.digest.short(), "promoted");
    Ok(answer(&channels, release))
}

/// Roll a channel back
///
/// Promotes the release that was active before.
#[utoipa::path(post, path = "/api/admin/channels/{id}/rollback", tag = "admin", operation_id = "rollBackChannel",
    params(("id" = String, Path, example = "instagram")),
    responses(
        (status = 200, description = "The earlier release is active again.", body = ReleaseBody),
        (status = 409, description = "There is no earlier release.", body = ProblemBody),
    ))]
#[tracing::instrument(name = "api.release.rollback", skip_all, fields(channel = %channel))]
async fn rollback(
    State(releases): State<Arc<Releases>>,
    State(channels): State<Arc<dyn Channels>>,
    State(tasks): State<TaskTracker>,
    Operator(operator): Operator,
    Path(channel): Path<ChannelId>,
) -> Result<Json<ReleaseBody>, Problem> {
    let work = async move { releases.rollback(&channel).await };
    let release = background::run_to_completion(&tasks, work).await??;
    tracing::info!(operator, release = release.digest.short(), "rolled back");
    Ok(answer(&channels, release))
}

fn answer(channels: &Arc<dyn Channels>, release: Release) -> Json<ReleaseBody> {
    let holders = channels.holders(release.digest);
    Json(ReleaseView { release, holders }.into())
}

/// The channel's only release whose digest begins like this.
async fn find(releases: &Releases, channel: &ChannelId, start: &str) -> Result<Digest, Problem> {
    let start = start.to_ascii_lowercase();
    if !(8..=64).contains(&start.len()) || !start.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let detail = Localized::new(
            "릴리스는 SHA-256의 첫 8~64자리 16진수로 적습니다. 예: 3fa94c1b",
            "A release is named by the first 8 to 64 hexadecimal digits of its SHA-256. Example: 3fa94c1b",
        );
        return Err(Problem::new(Kind::InvalidRequest, detail));
    }
    let releases = releases.list().await?.into_iter().map(|view| view.release);
    let found: Vec<Digest> = releases
        .filter(|release| release.channel == *channel)
        .map(|release| release.digest)
        .filter(|digest| digest.to_string().starts_with(&start))
        .collect();
    match found.as_slice() {
        [digest] => Ok(*digest),
        [] => Err(ReleaseError::UnknownRelease.into()),
        several => {
            let count = several.len();
            let detail = Localized::new(
                format!(
                    "{start}(으)로 시작하는 릴리스가 {count}개입니다. 자릿수를 더 적어 주세요."
                ),
                format!("{count} releases begin with {start}; give more digits."),
            );
            Err(Problem::new(Kind::InvalidRequest, detail).member("digests", several))
        }
    }
}
