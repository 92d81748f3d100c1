//! Spots on television: what 우리동네TV and 지니TV share.
//!
//! The owner's video becomes a creative, the creative with a region, hours and a budget becomes a
//! campaign. The two differ in how a region is said and in how long a spot may be; their channels
//! say that, and this module does the rest.

mod booking;
mod check;
pub mod order;
pub mod preview;
#[cfg(test)]
pub(crate) mod sample;
mod service;

use baepo_sdk::{Content, Failure, Finding, Outcome};

use crate::api::{Api, CancelMethod};
use crate::period;
use crate::placement;
use crate::review::ReviewPoller;
use order::Order;

pub use service::Service;

/// How a television service ends a campaign.
pub const CANCEL_METHOD: CancelMethod = CancelMethod::Cancel;

/// What is wrong with the video, the name, the period or the budget.
#[must_use]
pub fn findings(service: &Service, content: &Content, budget: u64) -> Vec<Finding> {
    check::findings(service, content, budget)
}

/// Brings the content's video on air.
///
/// # Errors
/// A [`Failure`], sorted by who reacts.
pub fn distribute(
    service: &Service,
    idempotency_key: &str,
    content: &Content,
    order: &Order,
) -> Result<Outcome, Failure> {
    let provider = &service.provider;
    let (api, period) = (Api::from_settings()?, period::of(content)?);
    let spot = check::spot(content)?;
    let (campaign, reach) = booking::book(&api, service, idempotency_key, content, &spot, order)
        .or_else(|failure| {
            let find_earlier = placement::find_earlier(failure, &api, provider, idempotency_key);
            find_earlier.map(|campaign| (campaign, None))
        })?;
    let material = spot.json_pointer();
    let review = ReviewPoller {
        api: &api,
        provider,
        material: &material,
        period,
        reach,
    };
    review.poll_until_live(campaign)
}
