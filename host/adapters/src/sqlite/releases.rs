//! The tables `releases` and `components`.

use baepo_domain::model::id::Digest;
use baepo_domain::model::release::Release;
use sqlx::{SqliteConnection, query};

use super::statement::{WriteError, write_one};
use crate::rows::columns::{Json, Millis, Number};

const INSERT: &str = "
    INSERT INTO releases (
        channel, digest, revision, state, reason, promoted_at, provenance, bytes, installed_at
    ) VALUES ($1, $2, $3 + 1, $4, $5, $6, $7, $8, $9)
    ON CONFLICT DO NOTHING";
const UPDATE: &str = "
    UPDATE releases SET revision = $3 + 1, state = $4, reason = $5, promoted_at = $6,
        provenance = $7
    WHERE channel = $1 AND digest = $2 AND revision = $3";

pub async fn put(
    connection: &mut SqliteConnection,
    release: &Release,
    component: Option<&[u8]>,
) -> Result<(), WriteError> {
    if let Some(bytes) = component {
        put_component(connection, release.digest, bytes).await?;
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
    .bind(&release.reason)
    .bind(release.promoted_at.map(Millis))
    .bind(release.provenance.clone().map(Json))
    .bind(Number(release.bytes))
    .bind(Millis(release.installed_at));
    write_one(connection, "release", statement).await
}

const PUT_COMPONENT: &str = "
    INSERT INTO components (digest, bytes) VALUES ($1, $2) ON CONFLICT DO NOTHING";

/// The same digest is the same bytes: what is there stays.
async fn put_component(
    connection: &mut SqliteConnection,
    digest: Digest,
    bytes: &[u8],
) -> Result<(), WriteError> {
    let statement = query(PUT_COMPONENT).bind(digest.to_string()).bind(bytes);
    statement.execute(connection).await?;
    Ok(())
}
