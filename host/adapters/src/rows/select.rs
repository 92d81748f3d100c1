//! Reads that every SQL database understands.

use baepo_domain::Timestamp;
use baepo_domain::model::node_identity::ReclaimScope;
use sqlx::error::BoxDynError;
use sqlx::{Arguments, Database, Encode, Type};
use uuid::Uuid;

use super::columns::{Id, Millis};

/// A statement that looks for rows of one table, with `$1`, `$2`, … for its values. It names its
/// columns: `*` would be others once a newer Baepo has added some, and PostgreSQL refuses a prepared
/// statement then.
#[derive(Debug, Clone, Copy)]
pub struct Select {
    pub table: &'static str,
    pub sql: &'static str,
}

/// A statement with its values.
#[derive(Debug)]
pub struct Read {
    pub select: Select,
    values: Vec<Value>,
}

/// What a row is looked for by.
#[derive(Debug)]
pub enum Value {
    Text(String),
    Number(i64),
    Id(Uuid),
    Millis(Timestamp),
}

impl Select {
    pub const fn of(table: &'static str, sql: &'static str) -> Self {
        Self { table, sql }
    }

    pub fn with<const N: usize>(self, values: [Value; N]) -> Read {
        Read {
            select: self,
            values: values.into(),
        }
    }
}

impl Read {
    /// What is reclaimable, at most `limit`: with the first statement whatever has run out, with the
    /// second also whatever another holder has.
    pub fn reclaimable(before: Select, all_but: Select, scope: ReclaimScope, limit: u32) -> Self {
        match scope {
            ReclaimScope::Before(time) => before.with([Value::Millis(time), limit.into()]),
            ReclaimScope::AllBut { holder, now } => {
                all_but.with([Value::Millis(now), Value::Id(holder.0), limit.into()])
            }
        }
    }

    /// The values as a database has them.
    pub fn arguments<DB: Database>(self) -> Result<DB::Arguments, sqlx::Error>
    where
        String: for<'q> Encode<'q, DB> + Type<DB>,
        i64: for<'q> Encode<'q, DB> + Type<DB>,
        Id: for<'q> Encode<'q, DB> + Type<DB>,
        Millis: for<'q> Encode<'q, DB> + Type<DB>,
    {
        let mut arguments = DB::Arguments::default();
        for value in self.values {
            let added: Result<(), BoxDynError> = match value {
                Value::Text(text) => arguments.add(text),
                Value::Number(number) => arguments.add(number),
                Value::Id(id) => arguments.add(Id(id)),
                Value::Millis(time) => arguments.add(Millis(time)),
            };
            added.map_err(sqlx::Error::Encode)?;
        }
        Ok(arguments)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}
