//! The ports that read a store, implemented once for every SQL database.

use std::ops::Deref;

use baepo_domain::Timestamp;
use baepo_domain::model::attribution::OtherPosts;
use baepo_domain::model::delivery::Delivery;
use baepo_domain::model::id::DeliveryId;
use baepo_domain::ports::{ClaimDue, StoreError};
use sqlx::FromRow;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use super::columns::{Id, Millis};
use super::select::Read;
use super::stored::{StoredRow, Table, UnreadableRows};

/// A store in a SQL database. The files of the tables implement the ports that read them.
pub struct SqlStore<D>(pub D);

/// What the databases do each in their own way.
pub trait SqlDatabase: Send + Sync + 'static {
    /// The rows of a read, in its order.
    fn rows<R: SqlRow>(
        &self,
        read: Read,
    ) -> impl Future<Output = Result<Vec<R>, StoreError>> + Send;

    fn unreadable_rows(&self) -> &UnreadableRows;

    /// See [`DueQueue`](baepo_domain::ports::DueQueue).
    fn claim_due(
        &self,
        claim: ClaimDue,
    ) -> impl Future<Output = Result<Vec<DeliveryId>, StoreError>> + Send;

    /// See [`DeliveryStore`](baepo_domain::ports::DeliveryStore): lists of texts are no values that
    /// both databases have.
    fn other_posts(
        &self,
        of: &Delivery,
        external_ids: &[String],
        since: Timestamp,
    ) -> impl Future<Output = Result<OtherPosts, StoreError>> + Send;
}

/// Can be read from a row of either database.
pub trait SqlRow:
    for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin + 'static
{
}

impl<R> SqlRow for R where
    R: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin + 'static
{
}

impl<D> Deref for SqlStore<D> {
    type Target = D;

    fn deref(&self) -> &D {
        &self.0
    }
}

impl<D: SqlDatabase> SqlStore<D> {
    /// The row that is looked for, if it is there.
    pub(super) async fn one<R: SqlRow + Table, T: From<R>>(
        &self,
        read: Read,
    ) -> Result<Option<T>, StoreError> {
        let rows = self.every::<R, T>(read).await?;
        Ok(rows.into_iter().next())
    }

    /// Every row that is looked for and can be read, in the statement's order.
    pub(super) async fn all<R: SqlRow + Table, T: From<R>>(
        &self,
        read: Read,
    ) -> Result<Vec<T>, StoreError> {
        let rows = self.0.rows::<StoredRow<R>>(read).await?;
        Ok(self.0.unreadable_rows().readable(rows))
    }

    /// Every row that is looked for, or none where one of them cannot be read.
    pub(super) async fn every<R: SqlRow + Table, T: From<R>>(
        &self,
        read: Read,
    ) -> Result<Vec<T>, StoreError> {
        let rows = self.0.rows::<StoredRow<R>>(read).await?;
        self.0.unreadable_rows().every(rows)
    }

    /// The ids that are looked for, in the statement's order.
    pub(super) async fn ids<T>(
        &self,
        read: Read,
        named: fn(Uuid) -> T,
    ) -> Result<Vec<T>, StoreError> {
        let ids = self.0.rows::<(Id,)>(read).await?;
        Ok(ids.into_iter().map(|(id,)| named(id.0)).collect())
    }

    /// The time that is looked for, if there is one.
    pub(super) async fn time(&self, read: Read) -> Result<Option<Timestamp>, StoreError> {
        let times = self.0.rows::<(Millis,)>(read).await?;
        Ok(times.first().map(|(time,)| time.0))
    }
}
