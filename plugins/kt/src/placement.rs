//! What stands at KT for one delivery: a campaign on TV, an assignment of a tone to a line.
//!
//! KT takes a reference once and for ever, so there is never a second one. A run that finds that the
//! reference is taken, or is refused because an earlier attempt of the same delivery has taken the
//! place, goes on with what stands there.

use core::time::Duration;

use baepo_sdk::{Failure, Receipt, run};
use serde::{Deserialize, Serialize};

use crate::answer::{self, ApiError, Reason, ReviewReason};
use crate::api::Api;
use crate::period::ApiPeriod;
use crate::provider::Provider;
use crate::time;

/// An asset that was ready a moment ago may not be so everywhere at KT.
const PROCESSING_PAUSES_S: [u64; 5] = [2, 5, 10, 20, 30];

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Placement {
    pub id: String,
    #[serde(default)]
    pub client_reference: Option<String>,
    pub status: Status,
    pub reason: Option<ReviewReason>,
    pub period: Option<ApiPeriod>,
    pub estimated_reach: Option<u64>,
    pub view_url: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    UnderReview,
    Approved,
    Rejected,
    Scheduled,
    /// A spot is on air; a tone is active.
    #[serde(alias = "ACTIVE")]
    OnAir,
    Ended,
    Cancelled,
    /// One that the contract does not know: somewhere on the way.
    #[serde(other)]
    Other,
}

impl Placement {
    /// `reach` is the forecast's, which was made for the whole period.
    #[must_use]
    pub fn receipt(&self, reach: Option<u64>) -> Receipt {
        Receipt {
            external_id: Some(self.id.clone()),
            url: self.view_url.clone(),
            estimated_reach: reach.or(self.estimated_reach),
        }
    }

    /// Whether the public sees or hears it, or has done so.
    #[must_use]
    pub fn was_published(&self) -> bool {
        matches!(self.status, Status::OnAir | Status::Ended)
    }

    /// Unix milliseconds, as KT has it.
    #[must_use]
    pub fn starts_at(&self) -> Option<u64> {
        time::unix_ms(&self.period.as_ref()?.starts_at)
    }
}

/// The placement of this reference, made now or before. `material` is the JSON pointer to what
/// its asset is made of.
///
/// # Errors
/// What KT says, and nothing stands there; `Unknown` if KT does not report that.
pub fn create(
    api: &Api,
    provider: &Provider,
    reference: &str,
    body: &impl Serialize,
    material: &str,
) -> Result<Placement, Failure> {
    let key = format!("{reference}-placement");
    let mut pauses = PROCESSING_PAUSES_S.into_iter();
    loop {
        let request = api.create(provider.placements, &key, body);
        let api_error = match answer::read(request.send()) {
            Ok(placement) => return Ok(placement),
            Err(api_error) => api_error,
        };
        match api_error.reason {
            Reason::AssetProcessing => match pauses.next() {
                Some(pause) => run::sleep(Duration::from_secs(pause)),
                None => return Err(api_error.into_failure(provider, material)),
            },
            Reason::DuplicateReference => {
                run::info("the reference is taken: going on with what stands there");
                return find(api, provider, reference)
                    .and_then(|found| found.ok_or_else(|| not_listed_yet(api_error)))
                    .map_err(|api_error| api_error.into_failure(provider, material));
            }
            Reason::Unavailable => return find_after_doubt(api_error, api, provider, reference),
            _ => return Err(api_error.into_failure(provider, material)),
        }
    }
}

/// KT may have placed it or not, and the host does not try for ever: what it gives up must not
/// stand there unseen. So it is looked for at once.
fn find_after_doubt(
    api_error: ApiError,
    api: &Api,
    provider: &Provider,
    reference: &str,
) -> Result<Placement, Failure> {
    match find(api, provider, reference) {
        Ok(Some(placement)) => Ok(placement),
        Ok(None) => Err(api_error.into_failure(provider, "")),
        Err(_) => Err(Failure::Unknown(provider.owner_message(
            "{}가 받았는지 확인하지 못했습니다.",
            "{} did not tell whether it was taken.",
            &api_error.words,
        ))),
    }
}

/// KT says that it is there, so it must show soon.
fn not_listed_yet(api_error: ApiError) -> ApiError {
    ApiError {
        reason: Reason::Unavailable,
        ..api_error
    }
}

/// What an earlier attempt of the delivery placed, where this one came to a no. That may well be
/// the earlier one's doing: its answer was lost, and it has the spot that was free.
///
/// # Errors
/// The no, if nothing stands there: only now it is certain.
pub fn find_earlier(
    failure: Failure,
    api: &Api,
    provider: &Provider,
    reference: &str,
) -> Result<Placement, Failure> {
    if !matches!(failure, Failure::Rejected(_) | Failure::Failed(_)) {
        return Err(failure);
    }
    match find(api, provider, reference) {
        Ok(Some(placement)) => {
            run::info("refused now, yet placed before: going on with what stands there");
            Ok(placement)
        }
        Err(api_error) if api_error.is_retryable() => Err(api_error.into_failure(provider, "")),
        Ok(None) | Err(_) => Err(failure),
    }
}

/// What stands at KT under this reference.
///
/// # Errors
/// If KT does not report it.
pub fn find(
    api: &Api,
    provider: &Provider,
    reference: &str,
) -> Result<Option<Placement>, ApiError> {
    #[derive(Deserialize)]
    struct PlacementList {
        items: Vec<Placement>,
    }
    let request = api
        .get(provider.placements)
        .query("clientReference", reference);
    let PlacementList { items } = answer::read(request.send())?;
    let has_reference =
        |placement: &Placement| placement.client_reference.as_deref() == Some(reference);
    Ok(items.into_iter().find(has_reference))
}

/// Whether the delivery of this reference went out.
///
/// A placement that is still on its way is answered with `None`, as if it were not there. The host
/// then attempts the delivery again, which is safe here: the reference is taken, so that attempt
/// goes on with what stands there and follows it until it is on air.
///
/// # Errors
/// [`Failure::Unknown`] if KT does not report it.
pub fn probe(api: &Api, provider: &Provider, reference: &str) -> Result<Option<Receipt>, Failure> {
    match find(api, provider, reference) {
        Ok(placement) => Ok(placement
            .filter(Placement::was_published)
            .map(|placement| placement.receipt(None))),
        Err(api_error) => Err(Failure::Unknown(provider.owner_message(
            "{}에 나갔는지 확인하지 못했습니다.",
            "{} did not tell whether it is out.",
            &api_error.words,
        ))),
    }
}
