//! One change after the other, for what cannot be written in sets.

use std::slice;

use baepo_domain::ports::Change;

use super::journal::Claim;
use super::session::Session;
use super::statement::{WriteError, one};
use super::{
    accounts, attempts, audit, deliveries, distributions, events, idempotency, journal, outbox,
    releases,
};

/// Makes one change, with the statements that write sets: what was made before is seen.
pub async fn apply(session: &mut Session, change: &Change) -> Result<(), WriteError> {
    match change {
        Change::PutEvent(event) => one("event", events::put(session, &[event]).await),
        Change::RenewPublish { event, lease } => {
            one("lease", events::renew(session, &[(*event, *lease)]).await)
        }
        Change::PutDistribution(distribution) => one(
            "distribution",
            distributions::put(session, &[distribution]).await,
        ),
        Change::PutDelivery(delivery) => {
            one("delivery", deliveries::put(session, &[delivery]).await)
        }
        Change::PutAttempt(attempt) => one("attempt", attempts::put(session, &[attempt]).await),
        Change::AppendEntries {
            attempt,
            delivery,
            holder,
            entries,
        } => {
            let claim = Claim {
                delivery: *delivery,
                holder: *holder,
                attempt: *attempt,
            };
            one(
                "lease",
                journal::hold(session, slice::from_ref(&claim)).await,
            )?;
            let entries: Vec<_> = entries.iter().map(|entry| (*attempt, entry)).collect();
            Ok(journal::append(session, &entries).await?)
        }
        Change::ForgetJournals(attempts) => Ok(journal::forget(session, attempts).await?),
        Change::RenewLeases { deliveries, lease } => {
            Ok(deliveries::renew(session, deliveries, *lease).await?)
        }
        Change::RenewMessages { sequences, lease } => {
            outbox::renew(session, sequences, *lease).await
        }
        Change::PutIdempotency(record) => one(
            "idempotency key",
            idempotency::put(session, &[record]).await,
        ),
        Change::ReplaceAnswer { record, earlier } => {
            idempotency::replace(session, record, earlier).await
        }
        Change::AddMessage { message, lease } => {
            one("message", outbox::add(session, &[(message, *lease)]).await)
        }
        Change::TakeMessages {
            claims,
            lease,
            limit,
        } => Ok(outbox::take(session, *claims, *lease, *limit).await?),
        Change::MarkSent { sequences, at } => Ok(outbox::mark_sent(session, sequences, *at).await?),
        Change::AddAudit(entry) => one("audit entry", audit::add(session, &[entry]).await),
        Change::PutAccount(account) => accounts::put(session, account).await,
        Change::DeleteAccount { owner, channel } => {
            Ok(accounts::delete(session, owner, channel).await?)
        }
        Change::PutRelease { release, component } => {
            releases::put(session, release, component.as_deref()).await
        }
    }
}
