//! `/api/admin/channels`: installing components and swapping them while the host serves.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use baepo_domain::model::id::{ChannelId, Digest};
use baepo_domain::model::release::Release;
use baepo_domain::model::text::Localized;
use baepo_domain::usecases::releases::{ReleaseError, Releases};
use serde::Deserialize;
use tokio_util::task::TaskTracker;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::install_body::{InstallBody, PullBody};
use super::release_body::ReleaseBody;
use crate::api::auth::{Operator, OperatorActor};
use crate::api::background;
use crate::api::error::{Kind, Problem, ProblemBody};
use crate::api::extract::{Body, BodyLimit, Path};
use crate::api::state::{ApiLimits, ApiState};

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
        .routes(routes!(approve))
        .routes(routes!(promote))
        .routes(routes!(delete))
        .routes(routes!(delete_channel))
        .routes(routes!(rollback))
        .merge(upload)
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
    State(tasks): State<TaskTracker>,
    _operator: Operator,
    Path(channel): Path<ChannelId>,
    body: InstallBody,
) -> Result<(StatusCode, Json<ReleaseBody>), Problem> {
    let installing = Arc::clone(&releases);
    let work = async move {
        match body {
            InstallBody::Upload {
                component,
                signatures,
            } => installing.install(&channel, component, &signatures).await,
            InstallBody::Pull {
                reference,
                transport,
            } => installing.pull(&channel, &reference, transport).await,
        }
    };
    let release = background::run_to_completion(&tasks, work).await??;
    // What was stored before has a revision by now.
    let status = if release.revision == 0 {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok((status, answer(&releases, &release).await?))
}

/// What an operator approves.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Approval)]
struct ApproveBody {
    /// The names in `pending` of the release, all of them: what they say is approved, and nothing else.
    approve: Vec<String>,
}

/// Approve what a release asks for
///
/// Once, and for good: the bytes behind a digest never change. Approving again changes nothing.
#[utoipa::path(post, path = "/api/admin/channels/{id}/releases/{digest}/approve", tag = "admin",
    operation_id = "approveRelease",
    params(("id" = String, Path, example = "instagram"), ("digest" = String, Path, min_length = 8, max_length = 64)),
    request_body = ApproveBody,
    responses(
        (status = 200, description = "It can become active.", body = ReleaseBody),
        (status = 404, description = "There is no such release.", body = ProblemBody),
        (status = 409, description = "Other things wait; `pending` has them.", body = ProblemBody),
        (status = 422, description = "Not a digest, or the prefix is ambiguous.", body = ProblemBody),
    ))]
#[tracing::instrument(name = "api.release.approve", skip_all, fields(channel = %channel))]
async fn approve(
    State(releases): State<Arc<Releases>>,
    State(tasks): State<TaskTracker>,
    OperatorActor(by): OperatorActor,
    Path((channel, digest)): Path<(ChannelId, String)>,
    Body(body): Body<ApproveBody>,
) -> Result<Json<ReleaseBody>, Problem> {
    let digest = find(&releases, &channel, &digest).await?;
    let work = async move {
        let approved = releases
            .approve(&channel, digest, &BTreeSet::from_iter(body.approve), &by)
            .await?;
        answer(&releases, &approved).await
    };
    background::run_to_completion(&tasks, work).await?
}

/// Delete a release
///
/// Refused while it is active or an attempt on it is not over.
#[utoipa::path(delete, path = "/api/admin/channels/{id}/releases/{digest}", tag = "admin",
    operation_id = "deleteRelease",
    params(("id" = String, Path, example = "instagram"), ("digest" = String, Path, min_length = 8, max_length = 64)),
    responses(
        (status = 204, description = "It is forgotten."),
        (status = 404, description = "There is no such release.", body = ProblemBody),
        (status = 409, description = "It is needed; `reason` says by whom.", body = ProblemBody),
        (status = 422, description = "Not a digest, or the prefix is ambiguous.", body = ProblemBody),
    ))]
#[tracing::instrument(name = "api.release.delete", skip_all, fields(channel = %channel))]
async fn delete(
    State(releases): State<Arc<Releases>>,
    State(tasks): State<TaskTracker>,
    OperatorActor(by): OperatorActor,
    Path((channel, digest)): Path<(ChannelId, String)>,
) -> Result<StatusCode, Problem> {
    let digest = find(&releases, &channel, &digest).await?;
    let work = async move { releases.delete(&channel, digest, &by).await };
    background::run_to_completion(&tasks, work).await??;
    Ok(StatusCode::NO_CONTENT)
}

/// Delete a channel
///
/// With all its releases. What was delivered to it stays readable. Refused while an attempt on one of them is not over.
#[utoipa::path(delete, path = "/api/admin/channels/{id}", tag = "admin", operation_id = "deleteChannel",
    params(("id" = String, Path, example = "instagram")),
    responses(
        (status = 204, description = "It is forgotten."),
        (status = 404, description = "Nothing is installed for it.", body = ProblemBody),
        (status = 409, description = "It is needed; `reason` says by whom.", body = ProblemBody),
    ))]
#[tracing::instrument(name = "api.channel.delete", skip_all, fields(channel = %channel))]
async fn delete_channel(
    State(releases): State<Arc<Releases>>,
    State(tasks): State<TaskTracker>,
    OperatorActor(by): OperatorActor,
    Path(channel): Path<ChannelId>,
) -> Result<StatusCode, Problem> {
    let work = async move { releases.delete_channel(&channel, &by).await };
    background::run_to_completion(&tasks, work).await??;
    Ok(StatusCode::NO_CONTENT)
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
        (status = 409, description = "It was rejected, or asks for what nobody has approved: `pending` has it.",
            body = ProblemBody),
        (status = 422, description = "Not a digest, or the prefix is ambiguous.",
            body = ProblemBody),
    ))]
#[tracing::instrument(name = "api.release.promote", skip_all, fields(channel = %channel))]
async fn promote(
    State(releases): State<Arc<Releases>>,
    State(tasks): State<TaskTracker>,
    Operator(operator): Operator,
    Path((channel, digest)): Path<(ChannelId, String)>,
) -> Result<Json<ReleaseBody>, Problem> {
    let digest = find(&releases, &channel, &digest).await?;
    // To its end: the store and the running host must not be left with different releases.
    let promoting = Arc::clone(&releases);
    let work = async move { promoting.promote(&channel, digest).await };
    let release = background::run_to_completion(&tasks, work).await??;
    tracing::info!(operator, release = release.digest.short(), "promoted");
    answer(&releases, &release).await
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
    State(tasks): State<TaskTracker>,
    Operator(operator): Operator,
    Path(channel): Path<ChannelId>,
) -> Result<Json<ReleaseBody>, Problem> {
    let rolling_back = Arc::clone(&releases);
    let work = async move { rolling_back.rollback(&channel).await };
    let release = background::run_to_completion(&tasks, work).await??;
    tracing::info!(operator, release = release.digest.short(), "rolled back");
    answer(&releases, &release).await
}

/// As it stands now: what waits and who holds it may have moved since.
async fn answer(releases: &Releases, release: &Release) -> Result<Json<ReleaseBody>, Problem> {
    let view = releases.view(&release.channel, release.digest).await?;
    Ok(Json(view.into()))
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
