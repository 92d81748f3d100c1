//! Rows that are there and cannot be read: written by a newer Baepo, or by hand. Such a row is set
//! aside: it fails what is about it, is reported, and stops nothing else.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use baepo_domain::ports::{StoreError, Unreadable};
use sqlx::{ColumnIndex, Database, Decode, FromRow, Row, Type};

use super::columns::Id;

/// How often one row is reported.
const REPORT_EVERY: Duration = Duration::from_secs(600);
/// Rows that are remembered at most.
const MAX_REMEMBERED: usize = 1_000;
/// The columns by which the tables' rows are named, the first that there is.
const NAME_COLUMNS: [&str; 6] = ["id", "delivery", "digest", "key", "owner", "sequence"];

/// A type of row, and where it is.
pub trait Table {
    const NAME: &'static str;
}

/// A row, or why it cannot be read.
pub enum StoredRow<R> {
    Row(R),
    Unreadable(Unreadable),
}

impl<'r, W, R> FromRow<'r, W> for StoredRow<R>
where
    W: Row,
    R: FromRow<'r, W> + Table,
    &'static str: ColumnIndex<W>,
    Id: Decode<'r, W::Database> + Type<W::Database>,
    String: Decode<'r, W::Database> + Type<W::Database>,
{
    fn from_row(row: &'r W) -> Result<Self, sqlx::Error> {
        match R::from_row(row) {
            Ok(row) => Ok(Self::Row(row)),
            Err(error @ sqlx::Error::ColumnDecode { .. }) => Ok(Self::Unreadable(Unreadable {
                table: R::NAME,
                row: name::<W, W::Database>(row),
                why: error.to_string(),
            })),
            // The statement is wrong, not the row.
            Err(error) => Err(error),
        }
    }
}

fn name<'r, W, DB>(row: &'r W) -> String
where
    DB: Database,
    W: Row<Database = DB>,
    &'static str: ColumnIndex<W>,
    Id: Decode<'r, DB> + Type<DB>,
    String: Decode<'r, DB> + Type<DB>,
{
    let id = |column| row.try_get::<Id, _>(column).map(|id| id.0.to_string()).ok();
    let text = |column| row.try_get::<String, _>(column).ok();
    let found = NAME_COLUMNS
        .into_iter()
        .find_map(|column| id(column).or_else(|| text(column)));
    found.unwrap_or_else(|| "of an unknown name".to_owned())
}

/// The rows that were set aside since the store was opened.
#[derive(Default)]
pub struct UnreadableRows(Mutex<HashMap<(&'static str, String), Instant>>);

impl UnreadableRows {
    /// The row; what cannot be read is reported.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn one<R>(&self, stored: StoredRow<R>) -> Result<R, StoreError> {
        match stored {
            StoredRow::Row(row) => Ok(row),
            StoredRow::Unreadable(unreadable) => {
                self.report(&unreadable);
                Err(unreadable.into())
            }
        }
    }

    /// The rows that can be read; the others are reported.
    pub fn readable<R, T: From<R>>(&self, rows: Vec<StoredRow<R>>) -> Vec<T> {
        rows.into_iter()
            .filter_map(|stored| self.one(stored).ok())
            .map(T::from)
            .collect()
    }

    /// All rows, or none: where a gap would be a lie.
    ///
    /// # Errors
    /// One of them cannot be read.
    pub fn every<R, T: From<R>>(&self, rows: Vec<StoredRow<R>>) -> Result<Vec<T>, StoreError> {
        rows.into_iter()
            .map(|stored| self.one(stored).map(T::from))
            .collect()
    }

    pub fn count(&self) -> usize {
        self.rows().len()
    }

    fn report(&self, unreadable: &Unreadable) {
        let key = (unreadable.table, unreadable.row.clone());
        let now = Instant::now();
        let mut rows = self.rows();
        let is_due = rows
            .get(&key)
            .is_none_or(|last| now.duration_since(*last) >= REPORT_EVERY);
        if !is_due || (rows.len() >= MAX_REMEMBERED && !rows.contains_key(&key)) {
            return;
        }
        rows.insert(key, now);
        drop(rows);
        let Unreadable { table, row, why } = unreadable;
        tracing::error!(
            table,
            row,
            why,
            "a row cannot be read; it is set aside, and everything else goes on"
        );
    }

    fn rows(&self) -> std::sync::MutexGuard<'_, HashMap<(&'static str, String), Instant>> {
        // Nothing that is done with it can panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
