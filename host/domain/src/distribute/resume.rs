//! An attempt that slept, or whose host is gone, goes on from its journal.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;

use super::{Deliverer, Next, next, offer};
use crate::attempt::Attempt;
use crate::clock::after;
use crate::delivery::Delivery;
use crate::id::{AttemptId, ChannelId, OwnerId};
use crate::moves::Spot;
use crate::ports::{Change, CommitError, HeldRelease, StoreError};
use crate::text::{both, with_detail};

/// Before a release that could not be brought back is tried again.
const RELEASE_PAUSE: Duration = Duration::from_secs(30);

impl Deliverer {
    pub(super) async fn resume(
        self: &Arc<Self>,
        delivery: Delivery,
        id: AttemptId,
    ) -> Result<Next, StoreError> {
        let attempt = self.moves.store.attempt(id).await?;
        let attempt = attempt.ok_or_else(|| StoreError::missing("attempt", id))?;
        let journal = self.moves.store.journal(id).await?;
        let now = self.moves.clock.now();
        if let Some(why) = offer::is_too_late(&delivery, &attempt, &journal, now) {
            return self.end_with_offer(&delivery, Some(attempt), why).await;
        }
        let record = offer::record(&delivery, &journal);
        let Some(held) = self.hold_again(&attempt).await? else {
            return self.wait_for_release(delivery).await;
        };
        let secrets = self.secrets(&delivery.owner, &delivery.channel).await?;
        let _working = self.moves.in_progress.begin(delivery.id);
        let now = self.moves.clock.now();
        let claimed = delivery.resume(self.moves.member.lease_from(now), now);
        match self
            .moves
            .store
            .commit(vec![Change::PutDelivery(claimed.clone())])
            .await
        {
            Ok(()) => {
                self.moves.observer.moved(&claimed);
                self.run(attempt, held, secrets, journal, record).await
            }
            // Somebody else moved it: look again.
            Err(CommitError::Conflict(_)) => Ok(Next::At(now)),
            Err(CommitError::Store(error)) => Err(error),
        }
    }

    /// The very release that the attempt began with, loaded again where it is not.
    async fn hold_again(
        &self,
        attempt: &Attempt,
    ) -> Result<Option<Box<dyn HeldRelease>>, StoreError> {
        if let Some(held) = self.channels.hold_release(attempt.release) {
            return Ok(Some(held));
        }
        let Some(component) = self.moves.store.component(attempt.release).await? else {
            return Ok(None);
        };
        let loaded = self.channels.load(component).await;
        Ok(loaded
            .ok()
            .and_then(|_| self.channels.hold_release(attempt.release)))
    }

    async fn wait_for_release(&self, delivery: Delivery) -> Result<Next, StoreError> {
        let wait = |delivery: Delivery, now: Timestamp| {
            let said = both(
                "채널을 지금 이어서 실행할 수 없어 기다립니다. 저절로 이어집니다.",
                "The channel cannot go on just now and waits. It goes on by itself.",
            );
            let detail = "the release that the attempt began with cannot be loaded";
            let message = with_detail(said, detail);
            Ok(delivery.put_off(message, after(now, RELEASE_PAUSE), now))
        };
        let changed = self
            .moves
            .change(Spot::from(&delivery), Arc::new(wait), Vec::new())
            .await?;
        Ok(changed.as_ref().map_or(Next::Done, next))
    }

    /// What can be opened. A secret that is gone is missed by the request that needs it, which
    /// is then refused; everything before that is answered from the journal.
    pub(super) async fn secrets(
        &self,
        owner: &OwnerId,
        channel: &ChannelId,
    ) -> Result<BTreeMap<String, SecretString>, StoreError> {
        let account = self.moves.store.account(owner, channel).await?;
        let sealed = account.map(|account| account.secrets).unwrap_or_default();
        let open = |(name, sealed): (String, _)| {
            let secret = self.vault.open(owner, channel, &name, &sealed).ok()?;
            Some((name, secret))
        };
        Ok(sealed.into_iter().filter_map(open).collect())
    }
}
