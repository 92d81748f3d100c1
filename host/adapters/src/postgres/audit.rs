//! The table `audit`.

use async_trait::async_trait;
use baepo_domain::model::audit::AuditEntry;
use baepo_domain::model::id::{AuditId, ChannelId, OwnerId};
use baepo_domain::ports::{AuditStore, Page, StoreError};
use sqlx::query_as;
use uuid::Uuid;

use super::columns::{column, text};
use super::session::Session;
use super::statement::{UnmatchedRows, insert, on_primary};
use super::store::PostgresStore;
use crate::rows::AuditRow;
use crate::rows::columns::{Id, Millis};

const ADD: &str = "
    INSERT INTO audit (
        id, at, actor, role, action, owner, event, distribution, channel, detail
    )
    SELECT id, at, actor, role, action, owner, event, distribution, channel, detail
    FROM unnest(
        $1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::uuid[],
        $8::uuid[], $9::text[], $10::text[]
    ) AS new (id, at, actor, role, action, owner, event, distribution, channel, detail)";

pub async fn add(
    session: &mut Session,
    entries: &[&AuditEntry],
) -> Result<UnmatchedRows, sqlx::Error> {
    if entries.is_empty() {
        return Ok(UnmatchedRows::new());
    }
    let statement = query_as(ADD)
        .bind(column(entries, |entry| Id(entry.id.0)))
        .bind(column(entries, |entry| Millis(entry.at)))
        .bind(column(entries, |entry| entry.actor.subject.as_str()))
        .bind(column(entries, |entry| entry.actor.role.as_str()))
        .bind(column(entries, |entry| entry.action.as_str()))
        .bind(column(entries, |entry| entry.owner.as_str()))
        .bind(column(entries, |entry| entry.event.map(|id| Id(id.0))))
        .bind(column(entries, |entry| {
            entry.distribution.map(|id| Id(id.0))
        }))
        .bind(column(entries, |entry| {
            entry.channel.as_ref().map(ChannelId::as_str)
        }))
        .bind(column(entries, |entry| entry.detail.as_deref().map(text)));
    insert(session, statement).await
}

pub(super) const OF_ALL: &str = on_primary!(
    "audit",
    "
    SELECT id, at, actor, role, action, owner, event, distribution, channel, detail
    FROM audit WHERE id < $1 ORDER BY id DESC LIMIT $2"
);
pub(super) const OF_OWNER: &str = on_primary!(
    "audit",
    "
    SELECT id, at, actor, role, action, owner, event, distribution, channel, detail
    FROM audit WHERE id < $1 AND owner = $3 ORDER BY id DESC LIMIT $2"
);

#[async_trait]
impl AuditStore for PostgresStore {
    async fn audit(
        &self,
        owner: Option<&OwnerId>,
        page: Page<AuditId>,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        let before = page.after.map_or(Uuid::max(), |id| id.0);
        let statement = query_as(if owner.is_some() { OF_OWNER } else { OF_ALL })
            .bind(Id(before))
            .bind(i64::from(page.limit));
        let statement = match owner {
            Some(owner) => statement.bind(owner.as_str()),
            None => statement,
        };
        self.readers.read_all::<AuditRow, _>(statement).await
    }
}
