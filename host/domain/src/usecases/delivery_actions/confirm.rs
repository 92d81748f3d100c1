//! The owner has posted it themselves, and says where.

use std::sync::Arc;

use super::{Decision, DeliveryActionError, DeliveryActions, Target};
use crate::model::audit::Action;
use crate::model::delivery::{Delivery, DeliveryStatus};
use crate::model::findings::Finding;
use crate::model::manifest::{ConfirmedPost, InvalidPostUrl};
use crate::model::reason::Reason;
use crate::model::receipt::Receipt;
use crate::model::text::Localized;
use crate::model::web_address;

impl DeliveryActions {
    /// The post is at this address, by the owner's own hand: ACTION_REQUIRED → LIVE.
    ///
    /// # Errors
    /// [`DeliveryActionError::Invalid`] when that is no address of a post on this owner's account, as the
    /// channel declares it; see [`DeliveryActionError`] for the others.
    pub async fn confirm(
        &self,
        target: &Target,
        address: &str,
    ) -> Result<Delivery, DeliveryActionError> {
        let delivery = self.find(target).await?;
        let post = self.post_at(&delivery, address).await?;
        // What was confirmed by an earlier version is kept as it was given.
        let known = match &delivery.receipt.url {
            Some(known) => self.post_at(&delivery, known).await.ok(),
            None => None,
        };
        let is_known = known.as_ref() == Some(&post);
        let decide = move |delivery: &Delivery| match delivery.status {
            DeliveryStatus::ActionRequired => Decision::Proceed,
            DeliveryStatus::Live if is_known => Decision::AlreadyDone,
            _ => Decision::Reject,
        };
        let detail = Some(post.url.clone());
        let receipt = Receipt {
            external_id: post.external_id,
            url: Some(post.url),
            estimated_reach: None,
        };
        let confirm = move |delivery: Delivery, now| delivery.confirm(receipt.clone(), now);
        self.act(target, Action::Confirm, detail, decide, Arc::new(confirm))
            .await
    }

    /// What an owner says that the post of a delivery is at.
    pub(super) async fn post_at(
        &self,
        delivery: &Delivery,
        address: &str,
    ) -> Result<ConfirmedPost, DeliveryActionError> {
        let url = web_address::parse(address).map_err(invalid)?;
        // A channel that is gone cannot say what its posts' addresses look like.
        let Some(held) = self.held(delivery) else {
            let (url, external_id) = (url.to_string(), None);
            return Ok(ConfirmedPost { url, external_id });
        };
        let accounts = &self.accounts;
        let settings = accounts
            .settings(&delivery.owner, &delivery.channel)
            .await?;
        let posts = &held.release().manifest.confirm;
        posts
            .post(&url, &settings)
            .map_err(|refused| invalid(not_a_post(refused)))
    }
}

fn invalid(why: Localized) -> DeliveryActionError {
    DeliveryActionError::Invalid(vec![Finding::error("/url", why)])
}

fn not_a_post(refused: InvalidPostUrl) -> Localized {
    match refused {
        InvalidPostUrl::Short(text) => text,
        InvalidPostUrl::Other { expected } => Reason::NotAPost { expected }.text(),
    }
}
