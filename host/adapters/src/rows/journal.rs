//! The table `journal_entries`.

use baepo_domain::model::journal::{Entry, Step};

use super::columns::{Millis, Number};
use super::packed::Packed;
use super::stored::Table;

/// Without the attempt, which whoever reads it has named.
#[derive(sqlx::FromRow)]
pub struct EntryRow {
    sequence: Number<u32>,
    at: Millis,
    step: Packed<Step>,
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
