//! The table `journal_entries`, and what attempts began with.

use baepo_domain::model::id::{AttemptId, DeliveryId, HolderId};
use baepo_domain::model::journal::Entry;
use sqlx::{query, query_as};

use super::columns::column;
use super::delivery_revisions;
use super::session::Session;
use super::statement::{UnmatchedRows, update};
use crate::rows::columns::{Id, Millis, Number};
use crate::rows::packed::Packed;

/// What entries are appended under.
#[derive(Debug, Clone, Copy)]
pub struct LeaseGuard {
    pub delivery: DeliveryId,
    pub holder: HolderId,
    pub attempt: AttemptId,
}

/// Locked, so that nobody takes the delivery over before the entries are there.
pub(super) const CHECK_LEASE: &str = "
    SELECT claim.place
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) WITH ORDINALITY
        AS claim (delivery, holder, attempt, place)
    JOIN deliveries ON deliveries.id = claim.delivery
        AND deliveries.lease_by = claim.holder AND deliveries.attempt = claim.attempt
    FOR NO KEY UPDATE OF deliveries";

/// Makes sure that the holders work on these attempts, until the end of the transaction.
pub async fn check_leases(
    session: &mut Session,
    lease_guards: &[LeaseGuard],
) -> Result<UnmatchedRows, sqlx::Error> {
    if lease_guards.is_empty() {
        return Ok(UnmatchedRows::new());
    }
    let statement = query_as(CHECK_LEASE)
        .bind(column(lease_guards, |lease_guard| {
            Id(lease_guard.delivery.0)
        }))
        .bind(column(lease_guards, |lease_guard| Id(lease_guard.holder.0)))
        .bind(column(lease_guards, |lease_guard| {
            Id(lease_guard.attempt.0)
        }));
    update(session, statement, lease_guards.len()).await
}

const APPEND: &str = "
    INSERT INTO journal_entries (attempt, sequence, at, step)
    SELECT attempt, sequence, at, step
    FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bytea[])
        AS new (attempt, sequence, at, step)
    ON CONFLICT DO NOTHING";

/// One that is there already stays: the commit is repeated by a caller that did not learn whether
/// it had happened.
pub async fn append(
    session: &mut Session,
    entries: &[(AttemptId, &Entry)],
) -> Result<(), sqlx::Error> {
    if entries.is_empty() {
        return Ok(());
    }
    let statement = query(APPEND)
        .bind(column(entries, |(attempt, _)| Id(attempt.0)))
        .bind(column(entries, |(_, entry)| Number(entry.sequence)))
        .bind(column(entries, |(_, entry)| Millis(entry.at)))
        .bind(column(entries, |(_, entry)| Packed(&entry.step)));
    session.execute(statement).await.map(drop)
}

pub(super) const CLEAR_BEGINNING: &str = "
    UPDATE attempts SET beginning = NULL
    WHERE id = ANY ($1) AND ended IS NOT NULL
    RETURNING id, delivery";
pub(super) const DELETE_ENTRIES: &str = "DELETE FROM journal_entries WHERE attempt = ANY ($1)";

/// Keeps of these attempts only how they ended, and of their deliveries only where they are now. An
/// attempt that has not ended is left alone.
pub async fn forget(session: &mut Session, attempts: &[AttemptId]) -> Result<(), sqlx::Error> {
    let beginnings = query_as(CLEAR_BEGINNING).bind(column(attempts, |attempt| Id(attempt.0)));
    let ended: Vec<(Id, Id)> = session.fetch(beginnings).await?;
    let entries = query(DELETE_ENTRIES).bind(column(&ended, |(attempt, _)| *attempt));
    session.execute(entries).await?;
    let deliveries: Vec<_> = ended.iter().map(|(_, id)| DeliveryId(id.0)).collect();
    delivery_revisions::forget(session, &deliveries).await
}
