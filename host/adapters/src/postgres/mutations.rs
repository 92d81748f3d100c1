//! One change after the other, for what cannot be written in sets.

use std::slice;

use baepo_domain::ports::Mutation;

use super::journal::{self, LeaseGuard};
use super::session::Session;
use super::statement::{WriteError, one};
use super::{
    accounts, attempts, audit, deliveries, distributions, events, idempotency, outbox, releases,
};

/// Makes one change, with the statements that write sets: what was made before is seen.
pub async fn apply(session: &mut Session, mutation: &Mutation) -> Result<(), WriteError> {
    match mutation {
        Mutation::PutEvent(event) => one("event", events::put(session, &[event]).await),
        Mutation::RenewPublish { event, lease } => {
            one("lease", events::renew(session, &[(*event, *lease)]).await)
        }
        Mutation::PutDistribution(distribution) => one(
            "distribution",
            distributions::put(session, &[distribution]).await,
        ),
        Mutation::PutDelivery(delivery) => {
            one("delivery", deliveries::put(session, &[delivery]).await)
        }
        Mutation::PutAttempt(attempt) => one("attempt", attempts::put(session, &[attempt]).await),
        Mutation::AppendEntries {
            attempt,
            delivery,
            holder,
            entries,
        } => {
            let lease_guard = LeaseGuard {
                delivery: *delivery,
                holder: *holder,
                attempt: *attempt,
            };
            one(
                "lease",
                journal::check_leases(session, slice::from_ref(&lease_guard)).await,
            )?;
            let entries: Vec<_> = entries.iter().map(|entry| (*attempt, entry)).collect();
            Ok(journal::append(session, &entries).await?)
        }
        Mutation::ForgetJournals(attempts) => Ok(journal::forget(session, attempts).await?),
        Mutation::RenewLeases { deliveries, lease } => {
            Ok(deliveries::renew(session, deliveries, *lease).await?)
        }
        Mutation::RenewMessages { sequences, lease } => {
            outbox::renew(session, sequences, *lease).await
        }
        Mutation::PutIdempotency(record) => one(
            "idempotency key",
            idempotency::put(session, &[record]).await,
        ),
        Mutation::ReplaceAnswer { record, earlier } => {
            idempotency::replace(session, record, earlier).await
        }
        Mutation::AddMessage { message, lease } => {
            one("message", outbox::add(session, &[(message, *lease)]).await)
        }
        Mutation::ReclaimMessages {
            scope,
            lease,
            limit,
        } => Ok(outbox::reclaim(session, *scope, *lease, *limit).await?),
        Mutation::MarkSent { sequences, at } => {
            Ok(outbox::mark_sent(session, sequences, *at).await?)
        }
        Mutation::AddAudit(entry) => one("audit entry", audit::add(session, &[entry]).await),
        Mutation::PutAccount(account) => accounts::put(session, account).await,
        Mutation::DeleteAccount { owner, channel } => {
            Ok(accounts::delete(session, owner, channel).await?)
        }
        Mutation::PutRelease { release, component } => {
            releases::put(session, release, component.as_deref()).await
        }
        Mutation::DeleteRelease(release) => releases::delete(session, release).await,
        Mutation::DeleteUnusedComponents => releases::delete_unused_components(session).await,
    }
}
