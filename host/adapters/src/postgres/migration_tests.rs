//! What was stored by an earlier version is understood by this one, and the earlier one goes on.

use baepo_domain::Timestamp;
use baepo_domain::model::account::Account;
use baepo_domain::model::delivery::revision::{DeliveryRevision, DeliveryView};
use baepo_domain::model::findings::Finding;
use baepo_domain::model::id::{DeliveryId, EventId};
use baepo_domain::model::receipt::Receipt;
use baepo_domain::model::text::Localized;
use baepo_domain::ports::{
    AccountStore as _, DeliveryStore as _, EventStore as _, Mutation, RevisionStore as _,
    UnitOfWork as _,
};
use sqlx::{AssertSqlSafe, Executor as _};
use uuid::Uuid;

use super::testing::Database;
use super::*;

/// What a Baepo that knows version 1 writes for one publication, in its own words.
fn written_by_version_1(number: u128) -> AssertSqlSafe<String> {
    let id = Uuid::from_u128(number);
    AssertSqlSafe(format!(
        r#"
        INSERT INTO events (
            id, revision, draft, status, updated_at, approved_at, distributed_at, distribution,
            publishing_by, publishing_until, owner, created_at
        ) VALUES ('{id}', 1, '{{}}', 'APPROVED', 1, 1, NULL, '{id}', NULL, NULL, 'shop-1', 1);
        INSERT INTO distributions (id, revision, event, owner, created_at)
        VALUES ('{id}', 1, '{id}', 'shop-1', 1);
        INSERT INTO deliveries (
            id, revision, status, generation, attempts, tries, release, receipt, findings, action,
            message, attempt, lease_by, lease_until, due_at, probes, execution_time_ms, updated_at,
            distribution, event, owner, channel, created_at
        ) VALUES (
            '{id}', 3, 'ACCEPTED', 2, 5, 1, NULL,
            '{{"externalId":"17 \u0000","url":null,"estimatedReach":12000}}',
            '[{{"severity":"error","at":"/content/title","message":"너무 깁니다"}}]', NULL,
            '검토 "중"', NULL, NULL, NULL, 1700000000123, 0, 0, 1700000000001, '{id}', '{id}',
            'shop-1', 'instagram', 1
        );
        INSERT INTO accounts (owner, channel, revision, settings, secrets, updated_at, connected_at)
        VALUES ('shop-{number}', 'instagram', 1, '{{}}', '{{"accessToken":"00ff"}}', 1, 1);
        "#
    ))
}

async fn account(store: &PostgresStore, number: u128) -> Account {
    let owner = format!("shop-{number}").parse().unwrap();
    let channel = "instagram".parse().unwrap();
    store.account(&owner, &channel).await.unwrap().unwrap()
}

#[tokio::test]
async fn rows_of_version_1_are_readable() {
    let database = Database::without_tables().await;
    let mut old = database.raw_connection().await;
    let migrator = schema::migrator(1);
    migrator.run_direct(None, &mut old, false).await.unwrap();
    old.execute(written_by_version_1(1)).await.unwrap();
    let store = database.open().await;
    old.execute(written_by_version_1(2)).await.unwrap();

    for number in [1, 2] {
        let id = EventId(Uuid::from_u128(number));
        let event = store.event(id).await.unwrap().unwrap();
        assert_eq!(event.schedule, None);
        let account = account(&store, number).await;
        assert!(account.expires.is_empty() && !account.secrets.is_empty());
        assert_eq!((account.renew_at, account.problem), (None, None));
    }
    assert_eq!(store.next_scheduled().await.unwrap(), None);

    // Of what was there the last move is known; who knows no moves makes none.
    let ids = [1, 2].map(|number| DeliveryId(Uuid::from_u128(number)));
    let delivery_revisions = store.delivery_revisions(ids[0], 0, 10).await.unwrap();
    let delivery = store.delivery(ids[0]).await.unwrap().unwrap();
    let last = DeliveryRevision {
        delivery: ids[0],
        revision: 3,
        at: Timestamp::from_millisecond(1_700_000_000_001).unwrap(),
        view: DeliveryView::from(&delivery),
    };
    assert_eq!(delivery_revisions, [last]);
    let receipt = Receipt {
        external_id: Some("17 \0".to_owned()),
        url: None,
        estimated_reach: Some(12_000),
    };
    assert_eq!(delivery_revisions[0].view.receipt, receipt);
    let finding = Finding::error("/content/title", Localized::verbatim("너무 깁니다"));
    assert_eq!(delivery_revisions[0].view.findings, [finding]);
    let due_at = delivery_revisions[0]
        .view
        .next_attempt_at
        .map(Timestamp::as_millisecond);
    assert_eq!(due_at, Some(1_700_000_000_123));
    assert_eq!(store.delivery_revisions(ids[1], 0, 10).await.unwrap(), []);

    // From here on its moves are kept.
    let delivery = store.delivery(ids[1]).await.unwrap().unwrap();
    let put = Mutation::PutDelivery(delivery.clone());
    store.commit(vec![put]).await.unwrap();
    let delivery_revisions = store.delivery_revisions(ids[1], 0, 10).await.unwrap();
    assert_eq!(
        delivery_revisions,
        [DeliveryRevision::after_storing(&delivery)]
    );
}
