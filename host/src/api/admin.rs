//! `/api/admin`: what operators see and do.

mod attempts;
mod channels;
mod install_body;
mod outbox;
mod release_body;
mod releases;

use utoipa_axum::router::OpenApiRouter;

pub use attempts::AttemptRecord;
pub use install_body::SIGNATURE_HEADER;

use super::state::{ApiLimits, ApiState};

pub(super) fn routes(limits: ApiLimits) -> OpenApiRouter<ApiState> {
    releases::routes(limits)
        .merge(channels::routes())
        .merge(outbox::routes())
        .merge(attempts::routes())
}
