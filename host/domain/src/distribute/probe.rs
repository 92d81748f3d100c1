//! A delivery that may be out or not: the channel asks its provider.

use std::sync::Arc;

use super::change::Spot;
use super::{Deliverer, Next, next};
use crate::attempt::{AccountView, Receipt};
use crate::delivery::Delivery;
use crate::ports::{CannotTell, Question, StoreError};

impl Deliverer {
    pub(super) async fn probe(self: &Arc<Self>, delivery: Delivery) -> Result<Next, StoreError> {
        let answer = self.ask(&delivery).await?;
        let spot = Spot::from(&delivery);
        let moved = move |delivery: Delivery, now| match &answer {
            None => delivery.stays_unknown(now),
            Some(Ok(Some(receipt))) => delivery.found(receipt.clone(), now),
            Some(Ok(None)) => delivery.not_there(now),
            Some(Err(_)) => delivery.still_unknown(now),
        };
        let changed = self.change(spot, Arc::new(moved), Vec::new()).await?;
        Ok(changed.as_ref().map_or(Next::Done, next))
    }

    /// `None`: nobody can be asked.
    async fn ask(
        &self,
        delivery: &Delivery,
    ) -> Result<Option<Result<Option<Receipt>, CannotTell>>, StoreError> {
        let Some(held) = self.channels.hold(&delivery.channel) else {
            return Ok(None);
        };
        let last = delivery
            .release
            .and_then(|release| self.channels.hold_release(release));
        let held = last.unwrap_or(held);
        let account = self
            .store
            .account(&delivery.owner, &delivery.channel)
            .await?;
        let given = account.map(|account| account.settings).unwrap_or_default();
        let Ok(settings) = held.settings(&given.into()) else {
            return Ok(None);
        };
        let secrets = self.secrets(&delivery.owner, &delivery.channel).await?;
        let question = Question {
            idempotency_key: delivery.idempotency_key(),
            event: delivery.event,
            account: AccountView { settings, secrets },
        };
        Ok(held.probe(question).await)
    }
}
