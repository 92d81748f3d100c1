//! The table `releases`.

use std::collections::HashMap;

use async_trait::async_trait;
use baepo_domain::model::id::{ChannelId, Digest};
use baepo_domain::model::permissions::Permissions;
use baepo_domain::model::provenance::Provenance;
use baepo_domain::model::release::{Approval, Release, ReleaseState};
use baepo_domain::ports::{ReleaseStore, StoreError};

use super::columns::{Json, Millis, Number, Text};
use super::row::row;
use super::select::{Select, Value};
use super::store::{SqlDatabase, SqlStore};
use super::stored::Table;

pub const ALL: Select = Select::of(
    "releases",
    "
    SELECT channel, digest, state, reason, bytes, installed_at, promoted_at, permissions, approval,
        provenance, revision
    FROM releases ORDER BY sequence",
);
pub const UNFINISHED_ATTEMPTS: Select = Select::of(
    "deliveries",
    "
    SELECT release, COUNT(*) AS attempts FROM deliveries
    WHERE attempt IS NOT NULL AND release IS NOT NULL GROUP BY release",
);
/// Each part has an index of its own.
pub const UNSETTLED_DELIVERIES: Select = Select::of(
    "deliveries",
    "
    SELECT COUNT(*) FROM deliveries
    WHERE channel = $1 AND (
        due_at IS NOT NULL
        OR lease_by IS NOT NULL
        OR (status IN ('PENDING', 'RUNNING', 'ACCEPTED') AND lease_by IS NULL AND due_at IS NULL)
    )",
);
pub const COMPONENT: Select = Select::of(
    "components",
    "SELECT bytes FROM components WHERE digest = $1",
);

row! {
    pub struct ReleaseRow {
        channel: Text<ChannelId>,
        digest: Text<Digest>,
        state: Text<ReleaseState>,
        reason: Option<String>,
        bytes: Number<u64>,
        provenance: Option<Json<Provenance>>,
        installed_at: Millis,
        promoted_at: Option<Millis>,
        permissions: Option<Json<Permissions>>,
        approval: Option<Json<Approval>>,
        revision: i64,
    }
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
            provenance: row.provenance.map(|json| json.0),
            installed_at: row.installed_at.0,
            promoted_at: row.promoted_at.map(|at| at.0),
            permissions: row.permissions.map(|permissions| permissions.0),
            approval: row.approval.map(|approval| approval.0),
            revision: row.revision,
        }
    }
}

#[async_trait]
impl<D: SqlDatabase> ReleaseStore for SqlStore<D> {
    async fn releases(&self) -> Result<Vec<Release>, StoreError> {
        self.all::<ReleaseRow, _>(ALL.with([])).await
    }

    async fn unfinished_attempts(&self) -> Result<HashMap<Digest, u64>, StoreError> {
        let rows = self
            .rows::<(Text<Digest>, Number<u64>)>(UNFINISHED_ATTEMPTS.with([]))
            .await?;
        Ok(rows
            .into_iter()
            .map(|(release, attempts)| (release.0, attempts.0))
            .collect())
    }

    async fn unsettled_deliveries(&self, channel: &ChannelId) -> Result<u64, StoreError> {
        let read = UNSETTLED_DELIVERIES.with([Value::Text(channel.to_string())]);
        let counts = self.rows::<(Number<u64>,)>(read).await?;
        Ok(counts.into_iter().map(|(count,)| count.0).sum())
    }

    async fn component(&self, digest: Digest) -> Result<Option<Vec<u8>>, StoreError> {
        let read = COMPONENT.with([Value::Text(digest.to_string())]);
        let components = self.rows::<(Vec<u8>,)>(read).await?;
        Ok(components.into_iter().next().map(|(bytes,)| bytes))
    }
}
