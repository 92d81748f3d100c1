//! What was stored by an earlier version is understood by this one.

use std::path::Path;

use baepo_domain::Timestamp;
use baepo_domain::model::delivery::DeliveryStatus;
use baepo_domain::model::delivery::revision::{DeliveryRevision, DeliveryView};
use baepo_domain::model::findings::Finding;
use baepo_domain::model::id::{DeliveryId, DistributionId, EventId, HolderId};
use baepo_domain::model::lease::Lease;
use baepo_domain::model::node_identity::ReclaimScope;
use baepo_domain::model::receipt::Receipt;
use baepo_domain::model::release::ReleaseState;
use baepo_domain::model::text::{Language, Localized};
use baepo_domain::ports::{
    AccountStore as _, AttemptStore as _, ClaimDue, DeliveryStore as _, DueQueue as _,
    EventStore as _, Mutation, ReleaseStore as _, RevisionStore as _, UnitOfWork as _,
};
use sqlx::{AssertSqlSafe, Connection as _, SqliteConnection, raw_sql};
use uuid::Uuid;

use super::*;

/// Deliveries and attempts as the tables had them before journals, under their numbers.
const BEFORE_JOURNALS: &str = r#"
    INSERT INTO events VALUES (x'00000000000000000000000000000001', 'shop-1', '{}', 'APPROVED',
        1, 1, 1, NULL, x'00000000000000000000000000000001', NULL, NULL, 1);
    INSERT INTO distributions VALUES (x'00000000000000000000000000000001',
        x'00000000000000000000000000000001', 'shop-1', 1, NULL, 1);
    INSERT INTO deliveries
    SELECT number, unhex(printf('%032x', number)), x'00000000000000000000000000000001',
        x'00000000000000000000000000000001', 'shop-1', 'channel-' || number, status, 1, 1, 1, NULL,
        '{"externalId":null,"url":null,"estimatedReach":null}', '[]', action, NULL, due_at, 0, 1, 1, 3
    FROM (
        SELECT 1 AS number, 'PENDING' AS status, 5 AS due_at, NULL AS action
        UNION ALL SELECT 2, 'RUNNING', NULL, NULL
        UNION ALL SELECT 3, 'ACCEPTED', NULL, NULL
        UNION ALL SELECT 4, 'ACCEPTED', 6, NULL
        UNION ALL SELECT 5, 'LIVE', NULL, NULL
        UNION ALL SELECT 6, 'ACTION_REQUIRED', NULL, '{"instructions": "paste", "prepared":
            [{"name": "post.html", "mimeType": "text/html", "data": [0, 159, 255]}]}'
    );
    INSERT INTO attempts
    SELECT number, unhex(printf('%032x', number)), unhex(printf('%032x', number)),
        x'00000000000000000000000000000001', 'channel-' || number,
        printf('%064d', 0), 1, 1700000000123,
        CASE number WHEN 5 THEN '{"at":"2026-10-01T00:00:00Z","end":"live","message":null,"usage":
            {"fuel":1,"memoryBytes":1,"hostCalls":1,"activeTimeMs":1}}' END, 1
    FROM (SELECT 2 AS number UNION ALL SELECT 5);
    INSERT INTO releases
    SELECT number, channel, printf('%064d', number), 'ACTIVE', NULL, 1, 1, promoted, 1
    FROM (
        SELECT 1 AS number, 'instagram' AS channel, 20 AS promoted
        UNION ALL SELECT 2, 'instagram', 10
        UNION ALL SELECT 3, 'kakao-channel', 5
    );
"#;

/// A publication and an account as the tables had them before moves were kept.
const BEFORE_DELIVERY_CHANGES: &str = r#"
    INSERT INTO events VALUES (x'00000000000000000000000000000001', 'shop-1', '{}', 'APPROVED',
        1, 1, 1, NULL, x'00000000000000000000000000000001', NULL, NULL, 1);
    INSERT INTO distributions VALUES (x'00000000000000000000000000000001',
        x'00000000000000000000000000000001', 'shop-1', 1, NULL, 1);
    INSERT INTO deliveries
    SELECT number, unhex(printf('%032x', number)), x'00000000000000000000000000000001',
        x'00000000000000000000000000000001', 'shop-1', 'channel-' || number, status, 2, 5, 1, NULL,
        receipt, findings, NULL, message, due_at, 0, 1, 1700000000001, 3,
        NULL, NULL, NULL, 0, NULL, NULL
    FROM (
        SELECT 1 AS number, 'ACCEPTED' AS status, 1700000000123 AS due_at,
            '{"externalId":"17 \u0000","url":null,"estimatedReach":12000}' AS receipt,
            '[{"severity":"error","at":"/content/title","message":"너무 깁니다"}]' AS findings,
            '검토 "중"' AS message
        UNION ALL SELECT 2, 'LIVE', NULL,
            '{"externalId":null,"url":null,"estimatedReach":null}', '[]', NULL
    );
    INSERT INTO accounts VALUES ('shop-1', 'instagram', '{}', '{"accessToken":"00ff"}', 1, 1, 1);
"#;

/// A file whose tables have this version, and in them what these statements put there.
async fn make(path: &Path, version: i64, content: &'static str) {
    let options = open::writer_options(path).create_if_missing(true);
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    let migrator = open::migrator(version);
    migrator
        .run_direct(None, &mut connection, false)
        .await
        .unwrap();
    raw_sql(AssertSqlSafe(content))
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
}

fn delivery_id(number: u128) -> DeliveryId {
    DeliveryId(Uuid::from_u128(number))
}

#[tokio::test]
async fn rows_from_before_journals_are_readable() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("baepo.db");
    make(&path, 1, BEFORE_JOURNALS).await;
    let store = SqliteStore::open(&path).await.unwrap();

    let distribution = DistributionId(Uuid::from_u128(1));
    let deliveries = store.deliveries(distribution).await.unwrap();
    let read: Vec<_> = deliveries
        .iter()
        .map(|delivery| {
            let due_at = delivery.due_at.map(Timestamp::as_millisecond);
            (delivery.status, due_at, delivery.revision)
        })
        .collect();
    let cut_off = (DeliveryStatus::Unknown, Some(0), 4);
    let expected = [
        (DeliveryStatus::Pending, Some(5), 3),
        cut_off,
        cut_off,
        (DeliveryStatus::Accepted, Some(6), 3),
        (DeliveryStatus::Live, None, 3),
        (DeliveryStatus::ActionRequired, None, 3),
    ];
    assert_eq!(read, expected);
    let message = deliveries[1].message.as_ref().unwrap().text();
    let message = message.get(Language::English);
    assert!(message.contains("look at the channel"), "{message}");
    let action = deliveries[5].action.as_ref().unwrap();
    assert_eq!(action.prepared[0].data, [0, 159, 255]);
    let holder = HolderId(Uuid::from_u128(9));
    let request = ClaimDue {
        now: Timestamp::UNIX_EPOCH,
        lease: Lease {
            holder,
            until: Timestamp::UNIX_EPOCH,
        },
        scope: ReclaimScope::AllBut {
            holder,
            now: Timestamp::UNIX_EPOCH,
        },
        limit: 10,
    };
    let due = store.claim_due(request).await.unwrap();
    assert_eq!(due, [2, 3].map(delivery_id));

    let attempts = store.attempts(distribution).await.unwrap();
    let ends: Vec<_> = attempts
        .iter()
        .map(|attempt| attempt.ended.as_ref().unwrap())
        .collect();
    assert_eq!(
        (ends[0].end.as_str(), ends[0].at),
        ("died", attempts[0].started_at)
    );
    assert_eq!(ends[1].end, "live");

    let releases = store.releases().await.unwrap();
    let states: Vec<_> = releases.iter().map(|release| release.state).collect();
    let expected = [
        ReleaseState::Active,
        ReleaseState::Retired,
        ReleaseState::Active,
    ];
    assert_eq!(states, expected);
}

#[tokio::test]
async fn rows_from_before_delivery_changes_are_readable() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("baepo.db");
    make(&path, 3, BEFORE_DELIVERY_CHANGES).await;
    let store = SqliteStore::open(&path).await.unwrap();

    let event = store.event(EventId(Uuid::from_u128(1))).await.unwrap();
    assert_eq!(event.unwrap().schedule, None);
    assert_eq!(store.next_scheduled().await.unwrap(), None);
    let accounts = store.accounts(&"shop-1".parse().unwrap()).await.unwrap();
    assert_eq!(accounts.len(), 1);
    assert!(accounts[0].expires.is_empty() && !accounts[0].secrets.is_empty());
    assert_eq!((accounts[0].renew_at, &accounts[0].problem), (None, &None));

    // Of the moves from before the last is known.
    let distribution = DistributionId(Uuid::from_u128(1));
    let deliveries = store.deliveries(distribution).await.unwrap();
    assert_eq!(deliveries.len(), 2);
    let mut views = Vec::new();
    for delivery in deliveries {
        let last = DeliveryRevision {
            delivery: delivery.id,
            revision: 3,
            at: Timestamp::from_millisecond(1_700_000_000_001).unwrap(),
            view: DeliveryView::from(&delivery),
        };
        let moves = store.delivery_revisions(delivery.id, 0, 10).await.unwrap();
        assert_eq!(moves, [last]);
        views.push(moves[0].view.clone());
        // It goes on from there.
        let put = Mutation::PutDelivery(delivery.clone());
        store.commit(vec![put]).await.unwrap();
        let moves = store.delivery_revisions(delivery.id, 4, 10).await.unwrap();
        assert_eq!(moves, [DeliveryRevision::after_storing(&delivery)]);
    }
    let receipt = Receipt {
        external_id: Some("17 \0".to_owned()),
        url: None,
        estimated_reach: Some(12_000),
    };
    assert_eq!(views[0].receipt, receipt);
    let finding = Finding::error("/content/title", Localized::verbatim("너무 깁니다"));
    assert_eq!(views[0].findings, [finding]);
    let due_at = views[0].next_attempt_at.map(Timestamp::as_millisecond);
    assert_eq!(due_at, Some(1_700_000_000_123));
    assert_eq!((&views[1].message, views[1].next_attempt_at), (&None, None));
}
