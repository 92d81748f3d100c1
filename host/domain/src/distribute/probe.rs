//! A delivery that may be out or not: the channel asks its provider.

use std::sync::Arc;

use super::{Deliverer, Next, next};
use crate::attempt::{AccountView, Receipt};
use crate::delivery::Delivery;
use crate::moves::Spot;
use crate::ports::{CannotTell, Question, StoreError};
use crate::text::both;

impl Deliverer {
    pub(super) async fn probe(self: &Arc<Self>, delivery: Delivery) -> Result<Next, StoreError> {
        let answer = self.ask(&delivery).await?;
        let by_hand = self.by_hand(&delivery);
        let spot = Spot::from(&delivery);
        let moved = move |delivery: Delivery, now| match &answer {
            None => delivery.stays_unknown(&by_hand, now),
            Some(Ok(Some(receipt))) => delivery.found(receipt.clone(), now),
            Some(Ok(None)) => delivery.not_there(now),
            Some(Err(_)) => delivery.still_unknown(&by_hand, now),
        };
        let changed = self.moves.change(spot, Arc::new(moved), Vec::new()).await?;
        Ok(changed.as_ref().map_or(Next::Done, next))
    }

    /// What the owner can do, since the channel cannot.
    fn by_hand(&self, delivery: &Delivery) -> String {
        let held = self.channels.hold(&delivery.channel);
        let said = held.and_then(|held| held.release().manifest.by_hand.probe.clone());
        match said {
            Some(said) => both(said.ko, said.en),
            None => both(
                "채널을 직접 확인하고 결과를 입력해 주세요.",
                "Please look at the channel yourself and enter what you found.",
            ),
        }
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
            .moves
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
