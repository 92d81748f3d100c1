//! What a human can do about a delivery now: what is in the list is accepted by the call, and what is
//! not is refused.

use super::withdraw::is_mutating;
use super::{DeliveryActionError, DeliveryActions};
use crate::model::audit::Action;
use crate::model::delivery::{Delivery, DeliveryStatus};
use crate::model::reason::Reason;
use crate::ports::{HeldRelease, JsonObject, StoreError, WithdrawRequest};
use crate::usecases::accounts::NotConnected;

impl DeliveryActions {
    /// In its state, with what its channel can do and its account as it is.
    ///
    /// # Errors
    /// When the store cannot answer.
    pub async fn possible(&self, delivery: &Delivery) -> Result<Vec<Action>, StoreError> {
        use DeliveryStatus::{
            Accepted, ActionRequired, Failed, Live, Pending, Running, Unknown, Withdrawn,
        };
        Ok(match delivery.status {
            Pending | Running | Accepted | Live => {
                let mut possible = Vec::new();
                // A human need not wait for its time.
                if delivery.awaits_retry() {
                    possible.push(Action::Retry);
                }
                if self.can_be_withdrawn(delivery).await? {
                    possible.push(Action::Withdraw);
                }
                possible
            }
            Withdrawn => Vec::new(),
            ActionRequired => vec![Action::Confirm],
            Failed => vec![Action::Retry],
            Unknown => vec![Action::Resolve],
        })
    }

    async fn can_be_withdrawn(&self, delivery: &Delivery) -> Result<bool, StoreError> {
        let is_away = match delivery.status {
            DeliveryStatus::Pending => true,
            DeliveryStatus::Live => false,
            _ => !self.may_be_at_provider(delivery).await?,
        };
        if is_away {
            return Ok(true);
        }
        match self.withdrawal(delivery).await {
            Ok(_) => Ok(true),
            Err(DeliveryActionError::Store(error)) => Err(error),
            Err(_) => Ok(false),
        }
    }

    /// Whether the attempt has sent the provider anything but reads.
    pub(super) async fn may_be_at_provider(&self, delivery: &Delivery) -> Result<bool, StoreError> {
        if delivery.status == DeliveryStatus::Accepted {
            return Ok(true);
        }
        let Some(attempt) = delivery.attempt else {
            return Ok(false);
        };
        let journal = self.journals.journal(attempt).await?;
        Ok(journal.iter().any(is_mutating))
    }

    /// All that it takes to take a post down.
    ///
    /// # Errors
    /// Why its channel cannot, with what the owner can do.
    pub(super) async fn withdrawal(
        &self,
        delivery: &Delivery,
    ) -> Result<(Box<dyn HeldRelease>, WithdrawRequest), DeliveryActionError> {
        let held = self.held(delivery);
        let held = held.ok_or_else(|| {
            let reason = Reason::WithdrawNotInstalled(delivery.channel.clone());
            DeliveryActionError::NotPossible(reason.text())
        })?;
        let able = {
            let release = held.release();
            let settings = self.settings(delivery, held.as_ref()).await?;
            let spec = &release.manifest.withdraw;
            let external_id = delivery.receipt.external_id.as_deref();
            release.abilities.withdraw && spec.is_possible(&settings, external_id)
        };
        if !able {
            return Err(DeliveryActionError::NotPossible(super::withdraw::by_hand(
                held.as_ref(),
            )));
        }
        let now = self.clock.now();
        let account = self.accounts.view(&delivery.owner, held.as_ref(), now);
        let account = account.await.map_err(|error| match error {
            NotConnected::Store(error) => DeliveryActionError::Store(error),
            NotConnected::Account(finding) => DeliveryActionError::NotConnected(finding.message),
        })?;
        let withdrawal = WithdrawRequest {
            idempotency_key: delivery.idempotency_key(),
            receipt: delivery.receipt.clone(),
            account,
        };
        Ok((held, withdrawal))
    }

    /// The account's, with the channel's defaults where they fit.
    async fn settings(
        &self,
        delivery: &Delivery,
        held: &dyn HeldRelease,
    ) -> Result<JsonObject, StoreError> {
        let accounts = &self.accounts;
        let given = accounts
            .settings(&delivery.owner, &delivery.channel)
            .await?;
        Ok(held.settings(&given.clone().into()).unwrap_or(given))
    }
}
