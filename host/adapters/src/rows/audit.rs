//! The table `audit`.

use baepo_domain::model::audit::{Action, Actor, ActorRole, AuditEntry};
use baepo_domain::model::id::{AuditId, ChannelId, DistributionId, EventId, OwnerId};

use super::columns::{Id, Millis, Text};
use super::stored::Table;

#[derive(sqlx::FromRow)]
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
