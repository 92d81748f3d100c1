//! What is shown or heard, at KT: a creative or a tone. KT fetches or makes it, then looks at it.
//!
//! Nothing of it is public. The same key gives the same asset again, so an attempt that comes
//! later goes on with the one that is there.

use core::time::Duration;

use baepo_sdk::http::encode;
use baepo_sdk::{Failure, run};
use serde::{Deserialize, Serialize};

use crate::answer::{self, ApiError, Reason, ReviewReason};
use crate::api::Api;
use crate::provider::Provider;

/// Between the looks: half an hour in all, far longer than a spot of 30 s takes.
const PAUSES_S: [u64; 12] = [1, 2, 5, 10, 20, 30, 60, 120, 240, 300, 480, 600];

#[derive(Deserialize)]
struct Asset {
    id: String,
    status: Status,
    reason: Option<ReviewReason>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Status {
    Processing,
    Ready,
    Rejected,
}

/// The id of the asset once it can be placed. `material` is the JSON pointer to what it is made
/// of, `key` makes it the same one however often it is asked for.
///
/// # Errors
/// If KT does not take it, or is not done with it for half an hour.
pub fn prepare(
    api: &Api,
    provider: &Provider,
    key: &str,
    body: &impl Serialize,
    material: &str,
) -> Result<String, Failure> {
    let into_failure = |api_error: ApiError| api_error.into_failure(provider, material);
    let request = api.create(provider.assets, key, body);
    let mut asset: Asset = answer::read(request.send()).map_err(into_failure)?;
    let path = format!("{}/{}", provider.assets, encode(&asset.id));
    let mut last_error = None;
    let mut pauses = PAUSES_S.into_iter().map(Duration::from_secs);
    loop {
        match asset.status {
            Status::Ready => return Ok(asset.id),
            Status::Rejected => return Err(into_failure(asset.api_error())),
            Status::Processing => {}
        }
        let Some(pause) = pauses.next() else {
            return Err(into_failure(last_error.unwrap_or_else(still_processing)));
        };
        run::sleep(pause.max(last_error.as_ref().map(ApiError::wait).unwrap_or_default()));
        match answer::read(api.get(&path).send()) {
            Ok(latest) => (asset, last_error) = (latest, None),
            Err(api_error) if api_error.is_retryable() || api_error.may_be_lag() => {
                last_error = Some(api_error);
            }
            Err(api_error) => return Err(into_failure(api_error)),
        }
    }
}

fn still_processing() -> ApiError {
    ApiError::new(Reason::AssetProcessing, "PROCESSING")
}

impl Asset {
    fn api_error(&self) -> ApiError {
        let words = self
            .reason
            .as_ref()
            .map(ReviewReason::words)
            .unwrap_or_default();
        ApiError::new(Reason::AssetRejected, "").with_review(words)
    }
}
