//! Takes a placement down: a campaign is cancelled, an assignment gives the former tone back.

use baepo_sdk::http::encode;
use baepo_sdk::{Failure, Receipt};

use crate::answer::{self, ApiError, Reason};
use crate::api::{Api, CancelMethod};
use crate::placement;
use crate::provider::Provider;

/// Succeeds for what is gone, cancelled or ended already, and where nothing was ever placed.
///
/// # Errors
/// What KT says.
pub fn withdraw(
    api: &Api,
    provider: &Provider,
    reference: &str,
    receipt: &Receipt,
    cancel_method: CancelMethod,
) -> Result<(), Failure> {
    let into_failure = |api_error: ApiError| api_error.into_failure(provider, "");
    let id = match &receipt.external_id {
        Some(id) => Some(id.clone()),
        None => placement::find(api, provider, reference)
            .map_err(into_failure)?
            .map(|placement| placement.id),
    };
    let Some(id) = id else {
        return Ok(());
    };
    let path = format!("{}/{}", provider.placements, encode(&id));
    match answer::succeeded(api.cancel(&path, cancel_method).send()) {
        Ok(_) => Ok(()),
        Err(api_error) if matches!(api_error.reason, Reason::NotFound | Reason::Ended) => Ok(()),
        Err(api_error) => Err(into_failure(api_error)),
    }
}
