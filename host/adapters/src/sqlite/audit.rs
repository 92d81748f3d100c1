//! The table `audit`.

use baepo_domain::model::audit::AuditEntry;
use baepo_domain::model::id::ChannelId;
use sqlx::{SqliteConnection, query};

use super::statement::{WriteError, write_one};
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
