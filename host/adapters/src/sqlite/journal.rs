//! The table `journal_entries`, and what attempts began with.

use baepo_domain::model::id::{AttemptId, DeliveryId, HolderId};
use baepo_domain::model::journal::Entry;
use sqlx::{QueryBuilder, SqliteConnection, query, query_scalar};

use super::delivery_revisions;
use super::statement::WriteError;
use crate::rows::columns::{Id, Millis};
use crate::rows::packed::Packed;

/// A statement has at most 32,766 parameters, an entry four.
const ENTRIES_AT_ONCE: usize = 1_024;

pub(super) const CHECK_LEASE: &str = "
    SELECT 1 FROM deliveries WHERE id = $1 AND lease_by = $2 AND attempt = $3";

/// Adds entries while `holder` works on this attempt. One that is there already stays: the commit
/// is repeated by a caller that did not learn whether it had happened.
pub async fn append(
    connection: &mut SqliteConnection,
    attempt: AttemptId,
    delivery: DeliveryId,
    holder: HolderId,
    entries: &[Entry],
) -> Result<(), WriteError> {
    let claim = query(CHECK_LEASE)
        .bind(Id(delivery.0))
        .bind(Id(holder.0))
        .bind(Id(attempt.0));
    if claim.fetch_optional(&mut *connection).await?.is_none() {
        return Err(WriteError::Conflict("lease"));
    }
    for entries in entries.chunks(ENTRIES_AT_ONCE) {
        let insert = "INSERT INTO journal_entries (attempt, sequence, at, step) ";
        let mut insert = QueryBuilder::new(insert);
        insert.push_values(entries, |mut row, entry| {
            row.push_bind(Id(attempt.0))
                .push_bind(entry.sequence)
                .push_bind(Millis(entry.at))
                .push_bind(Packed(&entry.step));
        });
        insert.push(" ON CONFLICT DO NOTHING");
        insert.build().execute(&mut *connection).await?;
    }
    Ok(())
}

const DELETE_ENTRIES: &str = "DELETE FROM journal_entries WHERE attempt = $1";
const CLEAR_BEGINNING: &str = "
    UPDATE attempts SET beginning = NULL WHERE id = $1 AND ended IS NOT NULL RETURNING delivery";

/// Keeps of these attempts only how they ended, and of their deliveries only where they are now. An
/// attempt that has not ended is left alone.
pub async fn forget(
    connection: &mut SqliteConnection,
    attempts: &[AttemptId],
) -> Result<(), WriteError> {
    for attempt in attempts {
        let beginning = query_scalar(CLEAR_BEGINNING).bind(Id(attempt.0));
        let delivery: Option<Id> = beginning.fetch_optional(&mut *connection).await?;
        if let Some(delivery) = delivery {
            let entries = query(DELETE_ENTRIES).bind(Id(attempt.0));
            entries.execute(&mut *connection).await?;
            delivery_revisions::forget(connection, DeliveryId(delivery.0)).await?;
        }
    }
    Ok(())
}
