//! The table `journal_entries`, and what attempts began with.

use async_trait::async_trait;
use baepo_domain::Timestamp;
use baepo_domain::model::id::{AttemptId, DeliveryId, HolderId};
use baepo_domain::model::journal::Entry;
use baepo_domain::ports::{JournalStore, StoreError};
use sqlx::{QueryBuilder, SqliteConnection, query, query_as, query_scalar};

use super::delivery_revisions;
use super::statement::{WriteError, read_every, read_ids};
use super::store::SqliteStore;
use crate::rows::EntryRow;
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

/// By the index `attempts_journaled`.
pub(super) const OLD: &str = "
    SELECT id FROM attempts
    WHERE started_at < $1 AND ended IS NOT NULL AND beginning IS NOT NULL
    ORDER BY started_at LIMIT $2";

pub(super) const OF_ATTEMPT: &str = "
    SELECT sequence, at, step FROM journal_entries WHERE attempt = $1 ORDER BY sequence";

#[async_trait]
impl JournalStore for SqliteStore {
    async fn journal(&self, attempt: AttemptId) -> Result<Vec<Entry>, StoreError> {
        let statement = query_as(OF_ATTEMPT).bind(Id(attempt.0));
        read_every::<EntryRow, _>(&self.readers, statement).await
    }

    async fn old_journals(
        &self,
        begun_before: Timestamp,
        limit: u32,
    ) -> Result<Vec<AttemptId>, StoreError> {
        let statement = query_scalar(OLD).bind(Millis(begun_before)).bind(limit);
        read_ids(&self.readers, statement, AttemptId).await
    }
}
