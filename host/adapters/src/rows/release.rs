//! The table `releases`.

use baepo_domain::model::id::{ChannelId, Digest};
use baepo_domain::model::release::{Release, ReleaseState};

use super::columns::{Millis, Number, Text};
use super::stored::Table;

#[derive(sqlx::FromRow)]
pub struct ReleaseRow {
    channel: Text<ChannelId>,
    digest: Text<Digest>,
    state: Text<ReleaseState>,
    reason: Option<String>,
    bytes: Number<u64>,
    installed_at: Millis,
    promoted_at: Option<Millis>,
    revision: i64,
}

impl Table for ReleaseRow {
    const NAME: &'static str = "releases";
}

impl From<ReleaseRow> for Release {
    fn from(row: ReleaseRow) -> Self {
        Self {
            channel: row.channel.0,
            digest: row.digest.0,
            state: row.state.0,
            reason: row.reason,
            bytes: row.bytes.0,
            installed_at: row.installed_at.0,
            promoted_at: row.promoted_at.map(|at| at.0),
            revision: row.revision,
        }
    }
}
