//! The table `deliveries`.

use baepo_domain::Timestamp;
use baepo_domain::model::attribution::OtherPosts;
use baepo_domain::model::delivery::Delivery;
use baepo_domain::model::id::DeliveryId;
use baepo_domain::model::lease::Lease;
use baepo_domain::ports::StoreError;
use sqlx::{SqliteConnection, query, query_scalar};

use super::statement::{Readers, WriteError, unavailable, write_one};
use crate::rows::columns::{Id, Json, Millis, Number};

const INSERT: &str = "
    INSERT INTO deliveries (
        id, revision, status, generation, attempts, tries, release, receipt, findings, action,
        message, attempt, lease_by, lease_until, due_at, probes, execution_time_ms, updated_at,
        distribution, event, owner, channel, created_at, external_id
    ) VALUES (
        $1, $2 + 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
        $20, $21, $22, $23, $24
    )
    ON CONFLICT DO NOTHING";
const UPDATE: &str = "
    UPDATE deliveries
    SET revision = $2 + 1, status = $3, generation = $4, attempts = $5, tries = $6, release = $7,
        receipt = $8, findings = $9, action = $10, message = $11, attempt = $12,
        lease_by = $13, lease_until = $14, due_at = $15, probes = $16, execution_time_ms = $17,
        updated_at = $18, external_id = $24, taken_by = NULL, taken_until = NULL
    WHERE id = $1 AND revision = $2";

/// A trigger keeps the move as well.
pub async fn put(connection: &mut SqliteConnection, delivery: &Delivery) -> Result<(), WriteError> {
    let statement = query(if delivery.revision == 0 {
        INSERT
    } else {
        UPDATE
    })
    .bind(Id(delivery.id.0))
    .bind(delivery.revision)
    .bind(delivery.status.as_str())
    .bind(delivery.generation)
    .bind(delivery.attempts)
    .bind(delivery.tries)
    .bind(delivery.release.map(|digest| digest.to_string()))
    .bind(Json(&delivery.receipt))
    .bind(Json(&delivery.findings))
    .bind(delivery.action.as_ref().map(Json))
    .bind(
        delivery
            .message
            .as_ref()
            .map(|reason| reason.text().tagged()),
    )
    .bind(delivery.attempt.map(|attempt| Id(attempt.0)))
    .bind(delivery.lease.map(|lease| Id(lease.holder.0)))
    .bind(delivery.lease.map(|lease| Millis(lease.until)))
    .bind(delivery.due_at.map(Millis))
    .bind(delivery.probes)
    .bind(Number(delivery.execution_time_ms))
    .bind(Millis(delivery.updated_at))
    .bind(Id(delivery.distribution.0))
    .bind(Id(delivery.event.0))
    .bind(delivery.owner.as_str())
    .bind(delivery.channel.as_str())
    .bind(Millis(delivery.created_at))
    .bind(&delivery.receipt.external_id);
    write_one(connection, "delivery", statement).await
}

pub(super) const RENEW: &str = "
    UPDATE deliveries SET lease_until = $3
    WHERE id IN (SELECT unhex(value) FROM json_each($1)) AND lease_by = $2";

/// The revisions stay: who has read a delivery still knows all of it that matters.
pub async fn renew(
    connection: &mut SqliteConnection,
    deliveries: &[DeliveryId],
    lease: Lease,
) -> Result<(), WriteError> {
    let digits = |delivery: &DeliveryId| delivery.0.simple().to_string();
    let deliveries: Vec<String> = deliveries.iter().map(digits).collect();
    let statement = query(RENEW)
        .bind(Json(deliveries))
        .bind(Id(lease.holder.0))
        .bind(Millis(lease.until));
    statement.execute(connection).await?;
    Ok(())
}

pub(super) const OTHER_POSTS: &str = "
    SELECT external_id FROM deliveries
    WHERE owner = $1 AND channel = $2 AND id <> $3
        AND external_id IN (SELECT value FROM json_each($4))
    UNION ALL
    SELECT external_id FROM deliveries
    WHERE owner = $1 AND channel = $2 AND id <> $3 AND external_id IS NULL
        AND (status IN ('RUNNING', 'ACCEPTED')
            OR (status IN ('LIVE', 'UNKNOWN') AND updated_at >= $5))";

pub async fn other_posts(
    readers: &Readers,
    of: &Delivery,
    external_ids: &[String],
    since: Timestamp,
) -> Result<OtherPosts, StoreError> {
    let statement = query_scalar::<_, Option<String>>(OTHER_POSTS)
        .bind(of.owner.as_str())
        .bind(of.channel.as_str())
        .bind(Id(of.id.0))
        .bind(Json(external_ids))
        .bind(Millis(since));
    let found = statement.fetch_all(readers.pool()?).await;
    Ok(found.map_err(unavailable)?.into_iter().collect())
}
