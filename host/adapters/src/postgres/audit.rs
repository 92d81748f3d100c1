//! The table `audit`.

use baepo_domain::model::audit::AuditEntry;
use baepo_domain::model::id::ChannelId;
use sqlx::query_as;

use super::columns::{column, text};
use super::session::Session;
use super::statement::{UnmatchedRows, insert};
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
