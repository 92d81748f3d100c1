//! A delivery that may be out or not: the channel asks its provider.

use std::sync::Arc;

use super::{Deliverer, NextStep, next};
use crate::model::attempt::AccountView;
use crate::model::delivery::Delivery;
use crate::model::receipt::Receipt;
use crate::model::text::Localized;
use crate::ports::{ProbeInconclusive, ProbeRequest, StoreError};
use crate::usecases::transitions::DeliveryRef;

impl Deliverer {
    pub(super) async fn probe(
        self: &Arc<Self>,
        delivery: Delivery,
    ) -> Result<NextStep, StoreError> {
        let answer = self.ask(&delivery).await?;
        let by_hand = self.by_hand(&delivery);
        let delivery_ref = DeliveryRef::from(&delivery);
        let moved = move |delivery: Delivery, now| match &answer {
            None => delivery.remain_unknown(by_hand.clone(), now),
            Some(Ok(Some(receipt))) => delivery.probe_found(receipt.clone(), now),
            Some(Ok(None)) => delivery.probe_absent(now),
            Some(Err(_)) => delivery.probe_inconclusive(by_hand.clone(), now),
        };
        let changed = self
            .transitions
            .apply(delivery_ref, Arc::new(moved), Vec::new())
            .await?;
        Ok(changed.as_ref().map_or(NextStep::Done, next))
    }

    /// What the owner can do, since the channel cannot; none: what every owner can.
    fn by_hand(&self, delivery: &Delivery) -> Option<Localized> {
        let held = self.channels.hold(&delivery.channel);
        held.and_then(|held| held.release().manifest.by_hand.probe.clone())
    }

    /// `None`: nobody can be asked.
    async fn ask(
        &self,
        delivery: &Delivery,
    ) -> Result<Option<Result<Option<Receipt>, ProbeInconclusive>>, StoreError> {
        let Some(held) = self.channels.hold(&delivery.channel) else {
            return Ok(None);
        };
        let last = delivery
            .release
            .and_then(|release| self.channels.hold_release(release));
        let held = last.unwrap_or(held);
        let given = self
            .accounts
            .settings(&delivery.owner, &delivery.channel)
            .await?;
        let Ok(settings) = held.settings(&given.into()) else {
            return Ok(None);
        };
        let secrets = self
            .accounts
            .secrets(&delivery.owner, &delivery.channel)
            .await?;
        let question = ProbeRequest {
            idempotency_key: delivery.idempotency_key(),
            event: delivery.event,
            account: AccountView { settings, secrets },
        };
        Ok(held.probe(question).await)
    }
}
