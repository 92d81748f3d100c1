//! The table `journal_entries`.

use baepo_domain::model::journal::{Entry, Step};

use super::columns::{Millis, Number};
use super::packed::Packed;
use super::row::row;
use super::stored::Table;

row! {
    /// Without the attempt, which whoever reads it has named.
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
