//! A release as operators see it.

use baepo_domain::Timestamp;
use baepo_domain::model::permissions::names;
use baepo_domain::model::release::ReleaseState;
use baepo_domain::usecases::releases::ReleaseView;
use serde::Serialize;

/// One component, installed for a channel.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Release)]
pub(super) struct ReleaseBody {
    #[schema(example = "instagram")]
    pub channel: String,
    /// SHA-256 of the component.
    pub digest: String,
    pub state: StateBody,
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
    /// Attempts on it that are not over, on all hosts: those that run, and those that sleep.
    pub holders: u64,
    /// What it asks for that the active release was not given, each by the name by which it is approved. It can
    /// become active when nothing is left.
    #[schema(example = json!(["request POST /v1/posts at https://api.example"]))]
    pub pending: Vec<String>,
    /// Who approved what it asks for.
    approval: Option<ApprovalBody>,
}

/// Somebody's word for what a release asks for.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ReleaseApproval)]
struct ApprovalBody {
    /// Null: the option that trusts the host's folder of components.
    by: Option<String>,
    at: Timestamp,
    approved: Vec<String>,
}

impl From<ReleaseView> for ReleaseBody {
    fn from(view: ReleaseView) -> Self {
        let state = StateBody::of(&view);
        let release = view.release;
        let provenance = release.provenance;
        Self {
            channel: release.channel.into(),
            digest: release.digest.into(),
            state,
            reason: release.reason,
            bytes: release.bytes,
            source: provenance.as_ref().map(|it| it.source.to_string()),
            signed_by: provenance
                .and_then(|it| it.signed_by)
                .map(|key| key.to_string()),
            installed_at: release.installed_at,
            promoted_at: release.promoted_at,
            holders: view.holders,
            pending: names(&view.pending).into_iter().collect(),
            approval: release.approval.map(|approval| ApprovalBody {
                by: approval.by.map(Into::into),
                at: approval.at,
                approved: approval.approved,
            }),
        }
    }
}

/// Where a release stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(as = ReleaseState)]
pub(super) enum StateBody {
    /// It can become active.
    Staged,
    /// What it asks for has to be approved first.
    NeedsApproval,
    /// New attempts run on it. At most one per channel.
    Active,
    /// Was active before; running attempts finish on it.
    Retired,
    /// It was refused.
    Rejected,
}

impl StateBody {
    fn of(view: &ReleaseView) -> Self {
        match view.release.state {
            ReleaseState::Staged if !view.pending.is_empty() => Self::NeedsApproval,
            ReleaseState::Staged => Self::Staged,
            ReleaseState::Active => Self::Active,
            ReleaseState::Retired => Self::Retired,
            ReleaseState::Rejected => Self::Rejected,
        }
    }
}
