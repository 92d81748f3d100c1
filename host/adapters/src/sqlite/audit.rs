//! The table `audit`.

use async_trait::async_trait;
use baepo_domain::model::audit::AuditEntry;
use baepo_domain::model::id::{AuditId, ChannelId, OwnerId};
use baepo_domain::ports::{AuditStore, Page, StoreError};
use sqlx::{SqliteConnection, query, query_as};
use uuid::Uuid;

use super::statement::{WriteError, read_all, write_one};
use super::store::SqliteStore;
use crate::rows::AuditRow;
use crate::rows::columns::{Id, Millis};

const ADD: &str = "
    INSERT INTO audit (
        id, at, actor, role, action, owner, event, distribution, channel, detail
    ) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    ON CONFLICT DO NOTHING";

pub async fn add(connection: &mut SqliteConnection, entry: &AuditEntry) -> Result<(), WriteError> {
    let statement = query(ADD)
        .bind(Id(entry.id.0))
        .bind(Millis(entry.at))
        .bind(entry.actor.subject.as_str())
        .bind(entry.actor.role.as_str())
        .bind(entry.action.as_str())
        .bind(entry.owner.as_str())
        .bind(entry.event.map(|id| Id(id.0)))
        .bind(entry.distribution.map(|id| Id(id.0)))
        .bind(entry.channel.as_ref().map(ChannelId::as_str))
        .bind(&entry.detail);
    write_one(connection, "audit entry", statement).await
}

pub(super) const OF_ALL: &str = "SELECT * FROM audit WHERE id < $1 ORDER BY id DESC LIMIT $2";
pub(super) const OF_OWNER: &str = "
    SELECT * FROM audit WHERE id < $1 AND owner = $3 ORDER BY id DESC LIMIT $2";

#[async_trait]
impl AuditStore for SqliteStore {
    async fn audit(
        &self,
        owner: Option<&OwnerId>,
        page: Page<AuditId>,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        let before = page.after.map_or(Uuid::max(), |id| id.0);
        let statement = query_as(if owner.is_some() { OF_OWNER } else { OF_ALL })
            .bind(Id(before))
            .bind(page.limit);
        let statement = match owner {
            Some(owner) => statement.bind(owner.as_str()),
            None => statement,
        };
        read_all::<AuditRow, _>(&self.readers, statement).await
    }
}
