//! The table `audit`.

use async_trait::async_trait;
use baepo_domain::model::audit::{Action, Actor, ActorRole, AuditEntry};
use baepo_domain::model::id::{AuditId, ChannelId, DistributionId, EventId, OwnerId};
use baepo_domain::ports::{AuditStore, Page, StoreError};
use uuid::Uuid;

use super::columns::{Id, Millis, Text};
use super::row::row;
use super::select::{Select, Value};
use super::store::{SqlDatabase, SqlStore};
use super::stored::Table;

pub const OF_ALL: Select = Select::of(
    "audit",
    "
    SELECT id, at, actor, role, action, owner, event, distribution, channel, detail
    FROM audit WHERE id < $1 ORDER BY id DESC LIMIT $2",
);
pub const OF_OWNER: Select = Select::of(
    "audit",
    "
    SELECT id, at, actor, role, action, owner, event, distribution, channel, detail
    FROM audit WHERE id < $1 AND owner = $3 ORDER BY id DESC LIMIT $2",
);

row! {
    pub struct AuditRow {
        id: Id,
        at: Millis,
        actor: Text<OwnerId>,
        role: Text<ActorRole>,
        action: Text<Action>,
        owner: Text<OwnerId>,
        event: Option<Id>,
        distribution: Option<Id>,
        channel: Option<Text<ChannelId>>,
        detail: Option<String>,
    }
}

impl Table for AuditRow {
    const NAME: &'static str = "audit";
}

impl From<AuditRow> for AuditEntry {
    fn from(row: AuditRow) -> Self {
        Self {
            id: AuditId(row.id.0),
            at: row.at.0,
            actor: Actor {
                subject: row.actor.0,
                role: row.role.0,
            },
            action: row.action.0,
            owner: row.owner.0,
            event: row.event.map(|id| EventId(id.0)),
            distribution: row.distribution.map(|id| DistributionId(id.0)),
            channel: row.channel.map(|channel| channel.0),
            detail: row.detail,
        }
    }
}

#[async_trait]
impl<D: SqlDatabase> AuditStore for SqlStore<D> {
    async fn audit(
        &self,
        owner: Option<&OwnerId>,
        page: Page<AuditId>,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        let before = Value::Id(page.after.map_or(Uuid::max(), |id| id.0));
        let read = match owner {
            Some(owner) => OF_OWNER.with([before, page.limit.into(), owner.as_str().into()]),
            None => OF_ALL.with([before, page.limit.into()]),
        };
        self.all::<AuditRow, _>(read).await
    }
}
