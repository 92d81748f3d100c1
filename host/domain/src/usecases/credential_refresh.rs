//! Renewing owners' secrets with their providers before they run out.
//!
//! The process that renews an account claims it first, by moving its time a little into the future at the
//! revision that it has read: so one host renews it, however many there are, and what a crash cut off
//! is done again when that time has come. An owner who gives a new secret meanwhile wins.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use jiff::Timestamp;

use crate::model::account::{Account, SealedSecret};
use crate::model::attempt::AccountView;
use crate::model::audit::{Action, Actor, ActorRole};
use crate::model::id::{AuditId, ChannelId, OwnerId};
use crate::model::manifest::{Manifest, SecretSpec};
use crate::model::text::Localized;
use crate::model::time::after;
use crate::ports::clock::Clock;
use crate::ports::id_generator::IdGenerator;
use crate::ports::{
    Channels, CommitError, HeldRelease, Mutation, RenewError, StoreError, UnitOfWork,
};
use crate::usecases::accounts::{
    AccountReader, due, earliest_renewal, entry, expiry, names, next_retry, renewal,
    soonest_renewal,
};

/// When somebody may begin again what nobody has ended: longer than a provider takes to answer.
const CLAIM_DURATION: Duration = Duration::from_secs(60);

/// The use case, with what it needs.
pub struct Renewer {
    pub unit_of_work: Arc<dyn UnitOfWork>,
    pub accounts: AccountReader,
    pub channels: Arc<dyn Channels>,
    pub clock: Arc<dyn Clock>,
    pub ids: IdGenerator,
}

/// The result of renewing a secret that was due.
#[derive(Debug, Clone, PartialEq, Eq)]
enum RenewalOutcome {
    /// When it runs out, where that is known.
    Renewed(SealedSecret, Option<Timestamp>),
    /// Why, in the provider's words or the host's.
    Refused(Localized),
    /// It is to be asked for again.
    RetryLater,
}

impl Renewer {
    /// Renews what is due at `now`, of at most `limit` accounts, all at once. Answers when to come
    /// again, as far as these accounts are concerned; `now` when there may be more.
    ///
    /// # Errors
    /// When the store cannot answer. What was not renewed then is due again within a minute.
    pub async fn renew_due(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Option<Timestamp>, StoreError> {
        let accounts = self.accounts.store.accounts_to_renew(now, limit).await?;
        let is_full = accounts.len() >= limit as usize;
        let renewals = accounts
            .iter()
            .map(|(owner, channel)| self.renew(owner, channel));
        // Each to its end: what a provider gave must not be lost because another's was not written.
        let planned: Vec<Option<Option<Timestamp>>> = join_all(renewals)
            .await
            .into_iter()
            .map(StoreError::skip_unreadable)
            .collect::<Result<_, _>>()?;
        let next = planned.into_iter().flatten().flatten();
        Ok(next.chain(is_full.then_some(now)).min())
    }

    /// When it is this account's turn again; none when that is never, or somebody else's business.
    async fn renew(
        &self,
        owner: &OwnerId,
        channel: &ChannelId,
    ) -> Result<Option<Timestamp>, StoreError> {
        let Some(claimed) = self.claim(owner, channel).await? else {
            return Ok(None);
        };
        let now = self.clock.now();
        let Some(held) = self.channels.hold(channel) else {
            return self.put(defer(claimed, now), None).await;
        };
        let answers = self.ask(&claimed, held.as_ref(), now).await?;
        let renewed = answers
            .iter()
            .filter(|(_, answer)| matches!(answer, RenewalOutcome::Renewed(..)));
        let renewed = names(renewed.map(|(name, _)| name));
        let settled = settle(claimed, &held.release().manifest, &answers, now);
        self.put(settled, renewed).await
    }

    /// The account as it stands in the store when nobody else has it.
    async fn claim(
        &self,
        owner: &OwnerId,
        channel: &ChannelId,
    ) -> Result<Option<Account>, StoreError> {
        let now = self.clock.now();
        let account = self.accounts.store.account(owner, channel).await?;
        let is_due = |account: &Account| account.renew_at.is_some_and(|at| at <= now);
        let Some(account) = account.filter(is_due) else {
            return Ok(None);
        };
        let claimed = Account {
            renew_at: Some(after(now, CLAIM_DURATION)),
            ..account
        };
        match self
            .unit_of_work
            .commit(vec![Mutation::PutAccount(claimed.clone())])
            .await
        {
            Ok(()) => Ok(Some(Account {
                revision: claimed.revision + 1,
                ..claimed
            })),
            Err(CommitError::Conflict(_)) => Ok(None),
            Err(CommitError::Store(error)) => Err(error),
        }
    }

    /// One after the other: an account has one or two.
    async fn ask(
        &self,
        account: &Account,
        held: &dyn HeldRelease,
        now: Timestamp,
    ) -> Result<BTreeMap<String, RenewalOutcome>, StoreError> {
        let view = self.accounts.inspect(&account.owner, held, now).await?.view;
        let mut answers = BTreeMap::new();
        for spec in due(&held.release().manifest, account, now) {
            let answer = self.ask_for(spec, account, &view, held).await;
            answers.insert(spec.name.clone(), answer);
        }
        Ok(answers)
    }

    async fn ask_for(
        &self,
        spec: &SecretSpec,
        account: &Account,
        view: &AccountView,
        held: &dyn HeldRelease,
    ) -> RenewalOutcome {
        // The vault's key may come back.
        if !view.secrets.contains_key(&spec.name) {
            return RenewalOutcome::RetryLater;
        }
        // Its life is counted from before the answer: rather too short than too long.
        let asked_at = self.clock.now();
        match held.renew(&spec.name, view).await {
            Ok(renewed) => {
                let sealed = self.accounts.vault.seal(
                    &account.owner,
                    &account.channel,
                    &spec.name,
                    &renewed.secret,
                );
                let reader_text = renewed.good_for.map(|good_for| after(asked_at, good_for));
                RenewalOutcome::Renewed(sealed, expiry(spec, reader_text, asked_at))
            }
            Err(RenewError::Refused(why)) => RenewalOutcome::Refused(why),
            Err(RenewError::Unavailable(_)) => RenewalOutcome::RetryLater,
        }
    }

    /// Writes down how it ended, unless the owner has changed the account meanwhile.
    async fn put(
        &self,
        account: Account,
        renewed: Option<String>,
    ) -> Result<Option<Timestamp>, StoreError> {
        let next = account.renew_at;
        let mut changes = vec![Mutation::PutAccount(account.clone())];
        if let Some(renewed) = renewed {
            let actor = Actor {
                subject: account.owner.clone(),
                role: ActorRole::Host,
            };
            let id = AuditId(self.ids.next());
            let (at, action) = (self.clock.now(), Action::RenewSecret);
            let entry = entry(id, at, actor, action, &account, Some(renewed));
            changes.push(Mutation::AddAudit(entry));
        }
        match self.unit_of_work.commit(changes).await {
            Ok(()) => Ok(next),
            Err(CommitError::Conflict(_)) => Ok(None),
            Err(CommitError::Store(error)) => Err(error),
        }
    }
}

/// Nobody can be asked now; in vain once everything has run out.
fn defer(account: Account, now: Timestamp) -> Account {
    let tries = account.expires.values();
    let renew_at = tries.filter_map(|expires| next_retry(now, *expires)).min();
    Account {
        renew_at,
        ..account
    }
}

/// What the answers make of an account.
fn settle(
    claimed: Account,
    manifest: &Manifest,
    answers: &BTreeMap<String, RenewalOutcome>,
    now: Timestamp,
) -> Account {
    let mut account = claimed;
    for (name, answer) in answers {
        match answer {
            RenewalOutcome::Renewed(sealed, expires) => {
                account.secrets.insert(name.clone(), sealed.clone());
                match expires {
                    Some(at) => account.expires.insert(name.clone(), *at),
                    None => account.expires.remove(name),
                };
                account.updated_at = now;
            }
            RenewalOutcome::Refused(why) => {
                account.problem = Some(why.clone());
                account.updated_at = now;
            }
            // Since when a secret is there is still known from the last change.
            RenewalOutcome::RetryLater => {}
        }
    }
    account.renew_at = earliest_renewal(manifest, &account, now, |name, expires| {
        match answers.get(name) {
            Some(RenewalOutcome::Renewed(..)) => renewal(now, expires),
            // What would come too late is not planned.
            Some(RenewalOutcome::RetryLater | RenewalOutcome::Refused(_)) => {
                next_retry(now, expires).unwrap_or(expires)
            }
            None => soonest_renewal(expires),
        }
    });
    account
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::usecases::accounts::{LONGEST_PAUSE, sample};

    const DAY: Duration = Duration::from_secs(24 * 3_600);

    fn now() -> Timestamp {
        sample::now()
    }

    fn in_days(days: u32) -> Timestamp {
        after(now(), DAY * days)
    }

    /// The result for an account whose `token` runs out in six days.
    fn settled(answer: RenewalOutcome) -> Account {
        let claimed = Account {
            renew_at: Some(after(now(), CLAIM_DURATION)),
            ..sample::account(in_days(6))
        };
        let answers = [("token".to_owned(), answer)].into();
        settle(claimed, &sample::manifest(), &answers, now())
    }

    #[test]
    fn a_renewed_secret_takes_the_old_one_s_place_and_is_renewed_again() {
        let new = SealedSecret(vec![7]);
        let account = settled(RenewalOutcome::Renewed(new.clone(), Some(in_days(60))));
        assert_eq!(account.secrets["token"], new);
        assert_eq!(account.expires["token"], in_days(60));
        assert_eq!(account.renew_at, Some(in_days(54)));
        assert_eq!(account.updated_at, now());
    }

    #[test]
    fn a_renewed_secret_without_an_end_is_not_renewed_again() {
        let account = settled(RenewalOutcome::Renewed(SealedSecret(vec![7]), None));
        assert_eq!(
            (account.expires.get("token"), account.renew_at),
            (None, None)
        );
    }

    #[test]
    fn a_refusal_is_the_owner_s_problem_and_ends_renewing() {
        let account = settled(RenewalOutcome::Refused(Localized::verbatim("revoked")));
        assert_eq!(account.problem, Some(Localized::verbatim("revoked")));
        assert_eq!(account.renew_at, None);
        assert_eq!(account.secrets, sample::account(in_days(6)).secrets);
    }

    #[test]
    fn an_unavailable_provider_is_retried_in_an_hour() {
        let before = sample::account(in_days(6));
        let account = settled(RenewalOutcome::RetryLater);
        let expected = Account {
            renew_at: Some(after(now(), LONGEST_PAUSE)),
            ..before
        };
        assert_eq!(account, expected, "and nothing else has changed");
    }

    #[test]
    fn a_provider_is_asked_again_before_the_secret_runs_out() {
        for (left_s, next_s) in [(1_800, Some(900)), (100, Some(60)), (50, None)] {
            let answers = [("token".to_owned(), RenewalOutcome::RetryLater)].into();
            let claimed = sample::account(after(now(), Duration::from_secs(left_s)));
            let account = settle(claimed, &sample::manifest(), &answers, now());
            let next = next_s.map(|seconds| after(now(), Duration::from_secs(seconds)));
            assert_eq!(account.renew_at, next, "{left_s} s are left");
            assert_eq!(account.problem, None, "the one in use stays");
            assert_eq!(defer(account, now()).renew_at, next);
        }
    }

    #[test]
    fn a_secret_that_is_not_due_yet_waits_for_its_week() {
        let account = settle(
            sample::account(in_days(30)),
            &sample::manifest(),
            &BTreeMap::new(),
            now(),
        );
        assert_eq!(account.renew_at, Some(in_days(23)));
    }

    #[test]
    fn an_account_without_its_channel_is_looked_at_in_an_hour() {
        let account = defer(sample::account(in_days(6)), now());
        assert_eq!(account.renew_at, Some(after(now(), LONGEST_PAUSE)));
    }
}
