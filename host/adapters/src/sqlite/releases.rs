//! The tables `releases` and `components`.

use baepo_domain::model::id::Digest;
use baepo_domain::model::release::Release;
use sqlx::{SqliteConnection, query};

use super::statement::{WriteError, write_one};
use crate::rows::columns::{Json, Millis, Number};

const INSERT: &str = "
    INSERT INTO releases (
        channel, digest, revision, state, reason, promoted_at, permissions, approval,
        provenance, bytes, installed_at
    ) VALUES ($1, $2, $3 + 1, $4, $5, $6, $7, $8, $9, $10, $11)
    ON CONFLICT DO NOTHING";
const UPDATE: &str = "
    UPDATE releases SET revision = $3 + 1, state = $4, reason = $5, promoted_at = $6,
        permissions = $7, approval = $8, provenance = $9
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
    .bind(release.permissions.as_ref().map(Json))
    .bind(release.approval.as_ref().map(Json))
    .bind(release.provenance.as_ref().map(Json))
    .bind(Number(release.bytes))
    .bind(Millis(release.installed_at));
    write_one(connection, "release", statement).await
}

const DELETE: &str = "
    DELETE FROM releases WHERE channel = $1 AND digest = $2 AND revision = $3";

/// The component's bytes stay.
pub async fn delete(
    connection: &mut SqliteConnection,
    release: &Release,
) -> Result<(), WriteError> {
    let statement = query(DELETE)
        .bind(release.channel.as_str())
        .bind(release.digest.to_string())
        .bind(release.revision);
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

const DELETE_UNUSED: &str = "
    DELETE FROM components
    WHERE NOT EXISTS (SELECT 1 FROM releases WHERE releases.digest = components.digest)
        AND NOT EXISTS (
            SELECT 1 FROM deliveries
            WHERE deliveries.release = components.digest AND deliveries.attempt IS NOT NULL
        )";

/// Those that no release has and no unfinished attempt runs on.
pub async fn delete_unused_components(connection: &mut SqliteConnection) -> Result<(), WriteError> {
    query(DELETE_UNUSED).execute(connection).await?;
    Ok(())
}
