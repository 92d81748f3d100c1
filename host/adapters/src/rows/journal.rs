//! The table `journal_entries`.

use async_trait::async_trait;
use baepo_domain::Timestamp;
use baepo_domain::model::id::AttemptId;
use baepo_domain::model::journal::{Entry, Step};
use baepo_domain::ports::{JournalStore, StoreError};

use super::columns::{Millis, Number};
use super::packed::Packed;
use super::row::row;
use super::select::{Select, Value};
use super::store::{SqlDatabase, SqlStore};
use super::stored::Table;

/// By the index `attempts_journaled`.
pub const OLD: Select = Select::of(
    "attempts",
    "
    SELECT id FROM attempts
    WHERE started_at < $1 AND ended IS NOT NULL AND beginning IS NOT NULL
    ORDER BY started_at LIMIT $2",
);
pub const OF_ATTEMPT: Select = Select::of(
    "journal_entries",
    "
    SELECT sequence, at, step FROM journal_entries WHERE attempt = $1 ORDER BY sequence",
);

row! {
    /// Without the attempt's id, which the reader has.
    pub struct EntryRow {
        sequence: Number<u32>,
        at: Millis,
        step: Packed<Step>,
    }
}

impl Table for EntryRow {
    const NAME: &'static str = "journal_entries";
}

impl From<EntryRow> for Entry {
    fn from(row: EntryRow) -> Self {
        Self {
            sequence: row.sequence.0,
            at: row.at.0,
            step: row.step.0,
        }
    }
}

#[async_trait]
impl<D: SqlDatabase> JournalStore for SqlStore<D> {
    async fn journal(&self, attempt: AttemptId) -> Result<Vec<Entry>, StoreError> {
        let read = OF_ATTEMPT.with([Value::Id(attempt.0)]);
        self.every::<EntryRow, _>(read).await
    }

    async fn old_journals(
        &self,
        begun_before: Timestamp,
        limit: u32,
    ) -> Result<Vec<AttemptId>, StoreError> {
        let read = OLD.with([Value::Millis(begun_before), limit.into()]);
        self.ids(read, AttemptId).await
    }
}
