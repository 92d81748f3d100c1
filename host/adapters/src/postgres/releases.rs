//! The tables `releases` and `components`.

use async_trait::async_trait;
use baepo_domain::model::id::Digest;
use baepo_domain::model::release::Release;
use baepo_domain::ports::{ReleaseStore, StoreError};
use sqlx::{query, query_as};

use super::columns::text;
use super::session::Session;
use super::statement::{WriteError, on_primary, write_one};
use super::store::PostgresStore;
use crate::rows::ReleaseRow;
use crate::rows::columns::{Millis, Number};

const INSERT: &str = "
    INSERT INTO releases (
        channel, digest, revision, state, reason, promoted_at, bytes, installed_at
    ) VALUES ($1, $2, $3 + 1, $4, $5, $6, $7, $8)";
pub(super) const UPDATE: &str = "
    UPDATE releases SET revision = $3 + 1, state = $4, reason = $5, promoted_at = $6
    WHERE channel = $1 AND digest = $2 AND revision = $3";

pub async fn put(
    session: &mut Session,
    release: &Release,
    component: Option<&[u8]>,
) -> Result<(), WriteError> {
    if let Some(bytes) = component {
        put_component(session, release.digest, bytes).await?;
    }
    let statement = query(if release.revision == 0 {
        INSERT
    } else {
        UPDATE
    })
    .bind(release.channel.as_str())
    .bind(release.digest.to_string())
    .bind(release.revision)
    .bind(release.state.as_str())
    .bind(release.reason.as_deref().map(text))
    .bind(release.promoted_at.map(Millis))
    .bind(Number(release.bytes))
    .bind(Millis(release.installed_at));
    write_one(session, "release", statement).await
}

const PUT_COMPONENT: &str = "
    INSERT INTO components (digest, bytes) VALUES ($1, $2) ON CONFLICT DO NOTHING";

/// The same digest is the same bytes: what is there stays.
async fn put_component(
    session: &mut Session,
    digest: Digest,
    bytes: &[u8],
) -> Result<(), sqlx::Error> {
    let statement = query(PUT_COMPONENT).bind(digest.to_string()).bind(bytes);
    session.execute(statement).await.map(drop)
}

pub(super) const ALL: &str = on_primary!(
    "releases",
    "
    SELECT channel, digest, state, reason, bytes, installed_at, promoted_at, revision
    FROM releases ORDER BY sequence"
);

pub(super) const COMPONENT: &str = on_primary!(
    "components",
    "SELECT bytes FROM components WHERE digest = $1"
);

#[async_trait]
impl ReleaseStore for PostgresStore {
    async fn releases(&self) -> Result<Vec<Release>, StoreError> {
        self.readers.read_all::<ReleaseRow, _>(query_as(ALL)).await
    }

    async fn component(&self, digest: Digest) -> Result<Option<Vec<u8>>, StoreError> {
        let statement = query_as(COMPONENT).bind(digest.to_string());
        let rows: Vec<(Vec<u8>,)> = self.readers.rows(statement).await?;
        Ok(rows.into_iter().next().map(|(bytes,)| bytes))
    }
}
