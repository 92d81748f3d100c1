//! What only the owner can do, and what the channel has prepared for it.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderName, HeaderValue};
use axum::response::IntoResponse;
use baepo_domain::model::attempt::{Action, PreparedAsset};
use baepo_domain::model::delivery::Delivery;
use baepo_domain::model::id::{ChannelId, DistributionId};
use baepo_domain::model::text::{Language, Localized};
use baepo_domain::model::{audit, normal_form};
use baepo_domain::ports::{DeliveryStore, DistributionStore};
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::visible::find_visible;
use crate::api::auth::Reader;
use crate::api::error::{Kind, Problem, ProblemBody};
use crate::api::extract::Path;
use crate::api::state::ApiState;

/// What a human can do about a delivery now.
#[derive(Debug, Clone, Copy, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Possible {
    Retry,
    Confirm,
    Withdraw,
    Resolve,
}

pub(super) fn possible(actions: &[audit::Action]) -> Vec<Possible> {
    let possible = |action: &audit::Action| match action {
        audit::Action::Retry => Some(Possible::Retry),
        audit::Action::Confirm => Some(Possible::Confirm),
        audit::Action::Withdraw => Some(Possible::Withdraw),
        audit::Action::Resolve => Some(Possible::Resolve),
        _ => None,
    };
    actions.iter().filter_map(possible).collect()
}

/// Something only you can do, with all that you need to do it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Action)]
pub(super) struct ActionBody {
    instructions: String,
    prepared: Vec<AssetBody>,
}

/// Something prepared for you to copy.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PreparedAsset)]
struct AssetBody {
    #[schema(example = "post.html")]
    name: String,
    #[schema(example = "text/html")]
    mime_type: String,
    bytes: usize,
    /// The whole of it, where it is text.
    text: Option<String>,
    /// Where it can be fetched as a file.
    #[schema(example = "/api/distribution/{id}/deliveries/naver-blog/assets/post.html")]
    href: String,
}

impl ActionBody {
    pub(super) fn new(action: Action, delivery: &Delivery, language: Language) -> Self {
        let (distribution, channel) = (delivery.distribution, delivery.channel.clone());
        let asset = |asset: PreparedAsset| AssetBody {
            href: format!(
                "/api/distribution/{distribution}/deliveries/{channel}/assets/{}",
                asset.name
            ),
            name: asset.name,
            mime_type: asset.mime_type,
            bytes: asset.data.len(),
            text: String::from_utf8(asset.data).ok(),
        };
        Self {
            instructions: action.instructions.get(language).to_owned(),
            prepared: action.prepared.into_iter().map(asset).collect(),
        }
    }
}

pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(asset))
}

/// Fetch what a channel has prepared
///
/// As a file: a browser does not show it as a page of this host.
#[utoipa::path(get, path = "/api/distribution/{id}/deliveries/{channel}/assets/{name}",
    tag = "publishing", operation_id = "showAsset",
    params(("id" = uuid::Uuid, Path), ("channel" = String, Path, example = "naver-blog"),
        ("name" = String, Path, example = "post.html")),
    responses(
        (status = 200, description = "The asset, in its own type.", body = Vec<u8>,
            content_type = "application/octet-stream"),
        (status = 404, description = "There is no such asset.", body = ProblemBody),
    ))]
#[tracing::instrument(name = "api.asset.show", skip_all, fields(distribution = %id, channel = %channel))]
async fn asset(
    State(distributions): State<Arc<dyn DistributionStore>>,
    State(deliveries): State<Arc<dyn DeliveryStore>>,
    reader: Reader,
    Path((id, channel, name)): Path<(DistributionId, ChannelId, String)>,
) -> Result<impl IntoResponse, Problem> {
    find_visible(distributions.as_ref(), &reader, id).await?;
    let deliveries = deliveries.deliveries(id).await?;
    let delivery = deliveries
        .into_iter()
        .find(|delivery| delivery.channel == channel);
    let action = delivery.and_then(|delivery| delivery.action);
    let prepared = action.into_iter().flat_map(|action| action.prepared);
    // A component and a browser may each write a name in their own form.
    let name = normal_form::line(name);
    let mut prepared = prepared.into_iter();
    let asset = prepared.find(|asset| normal_form::line(asset.name.clone()) == name);
    let asset = asset.ok_or_else(|| {
        let detail = Localized::new(
            "이런 이름으로 준비된 파일이 없습니다.",
            "No prepared asset with this name.",
        );
        Problem::new(Kind::NotFound, detail)
    })?;
    Ok((headers(&asset), asset.data))
}

fn headers(asset: &PreparedAsset) -> [(HeaderName, HeaderValue); 3] {
    let text = |text: &str| HeaderValue::from_str(text).ok();
    let plain = HeaderValue::from_static("application/octet-stream");
    let quoted = asset.name.replace(['"', '\\'], "_");
    [
        (CONTENT_TYPE, text(&asset.mime_type).unwrap_or(plain)),
        (
            CONTENT_DISPOSITION,
            text(&format!("attachment; filename=\"{quoted}\""))
                .unwrap_or_else(|| HeaderValue::from_static("attachment")),
        ),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ]
}
