//! The owner has posted it themselves, and says where.

use std::sync::Arc;

use url::Url;

use super::{LifeError, Lifecycle, Target, Verdict};
use crate::attempt::Receipt;
use crate::audit::Action;
use crate::content::Finding;
use crate::delivery::{Delivery, DeliveryStatus};
use crate::text::both;

impl Lifecycle {
    /// The post is at `url`, by the owner's own hand: ACTION_REQUIRED → LIVE.
    ///
    /// # Errors
    /// [`LifeError::Invalid`] when that is no address of a post on this owner's account, as the
    /// channel declares it; see [`LifeError`] for the others.
    pub async fn confirm(&self, target: &Target, url: &Url) -> Result<Delivery, LifeError> {
        let delivery = self.find(target).await?;
        let receipt = self.confirmed(&delivery, url).await?;
        let address = receipt.url.clone();
        let verdict = move |delivery: &Delivery| match delivery.status {
            DeliveryStatus::ActionRequired => Verdict::Go,
            DeliveryStatus::Live if delivery.receipt.url == address => Verdict::Done,
            _ => Verdict::Refuse,
        };
        let detail = receipt.url.clone();
        let confirm = move |delivery: Delivery, now| delivery.confirm(receipt.clone(), now);
        self.act(target, Action::Confirm, detail, verdict, Arc::new(confirm))
            .await
    }

    async fn confirmed(&self, delivery: &Delivery, url: &Url) -> Result<Receipt, LifeError> {
        let mut receipt = Receipt {
            url: Some(url.to_string()),
            ..Receipt::default()
        };
        // A channel that is gone cannot say what its posts' addresses look like.
        let Some(held) = self.held(delivery) else {
            return Ok(receipt);
        };
        let account = self
            .moves
            .store
            .account(&delivery.owner, &delivery.channel)
            .await?;
        let settings = account.map(|account| account.settings).unwrap_or_default();
        let posts = &held.release().manifest.confirm;
        receipt.external_id = posts.external_id(url, &settings).map_err(|refused| {
            let forms = refused.expected.join(", ");
            LifeError::Invalid(vec![Finding::error(
                "/url",
                both(
                    format!("이 채널에 올린 글의 주소가 아닙니다. 이런 주소여야 합니다: {forms}"),
                    format!(
                        "this is no address of a post on your account; it should look like {forms}"
                    ),
                ),
            )])
        })?;
        Ok(receipt)
    }
}
