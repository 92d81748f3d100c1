//! What is known of the posts of an account.

use baepo_domain::model::attribution::OtherPosts;
use baepo_domain::model::delivery::{Delivery, DeliveryStatus};
use baepo_domain::model::receipt::Receipt;
use baepo_domain::ports::{Mutation, Store};

use super::sample::{self, at, commit};

/// Posts that are found at the provider belong to deliveries of the same owner and channel, or to
/// nobody that is known.
pub async fn a_post_of_another_delivery_of_the_account_is_identified(store: &dyn Store) {
    let own = put(store, 1, "shop-1", "instagram", |delivery| {
        identified(delivery, "own")
    });
    let own = own.await;
    for (number, owner, channel, id) in [
        (2, "shop-1", "instagram", "theirs"),
        (3, "shop-1", "instagram", "theirs-too"),
        (4, "shop-2", "instagram", "other-owner"),
        (5, "shop-1", "kakao-channel", "other-channel"),
    ] {
        put(store, number, owner, channel, |delivery| {
            identified(delivery, id)
        })
        .await;
    }
    let shown = [
        "own",
        "theirs",
        "theirs-too",
        "other-owner",
        "other-channel",
        "by-hand",
    ];
    let others = others(store, &own, &shown, 0).await;
    let identified: Vec<&str> = others.identified.iter().map(String::as_str).collect();
    assert_eq!(identified, ["theirs", "theirs-too"]);
    assert!(!others.unidentified);
    assert_eq!(
        self::others(store, &own, &[], 0).await,
        OtherPosts::default()
    );
}

/// A delivery whose post may be among those that are found, and that has no id: it is at work, or has
/// ended so since then.
pub async fn a_delivery_without_an_id_makes_posts_unidentified(store: &dyn Store) {
    use DeliveryStatus::{Accepted, Live, Running, Unknown};
    for (number, status) in (1_u32..).step_by(10).zip(DeliveryStatus::ALL) {
        let owner = format!("shop-{number}");
        let own = put(store, number, &owner, "instagram", |delivery| delivery).await;
        put(store, number + 1, &owner, "kakao-channel", at_work).await;
        put(store, number + 2, "somebody-else", "webhook", at_work).await;
        put(store, number + 3, &owner, "instagram", |delivery| {
            Delivery {
                status,
                updated_at: at(50),
                ..delivery
            }
        })
        .await;
        let unidentified = async |since| others(store, &own, &["17"], since).await.unidentified;
        let may_be_out = matches!(status, Running | Accepted | Live | Unknown);
        assert_eq!(unidentified(50).await, may_be_out, "{status}");
        let is_at_work = matches!(status, Running | Accepted);
        assert_eq!(unidentified(51).await, is_at_work, "{status}");
    }
}

/// What a delivery is called at its provider is known with its move, and no more after the next.
pub async fn a_post_is_identified_while_its_delivery_keeps_it(store: &dyn Store) {
    let own = put(store, 1, "shop-1", "instagram", |delivery| delivery).await;
    let other = put(store, 2, "shop-1", "instagram", at_work).await;
    let posts = async || others(store, &own, &["17"], 0).await;
    assert!(posts().await.unidentified);
    let live = Delivery {
        status: DeliveryStatus::Live,
        revision: 1,
        ..identified(other, "17")
    };
    commit(store, [Mutation::PutDelivery(live.clone())]).await;
    let known = posts().await;
    assert_eq!((known.identified.len(), known.unidentified), (1, false));
    let reopened = Delivery {
        status: DeliveryStatus::Pending,
        receipt: Receipt::default(),
        revision: 2,
        ..live
    };
    commit(store, [Mutation::PutDelivery(reopened)]).await;
    assert_eq!(posts().await, OtherPosts::default());
}

async fn others(store: &dyn Store, of: &Delivery, ids: &[&str], since: i64) -> OtherPosts {
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let others = store.other_posts(of, &ids, at(since)).await;
    others.expect("a read")
}

fn at_work(delivery: Delivery) -> Delivery {
    Delivery {
        status: DeliveryStatus::Running,
        ..delivery
    }
}

fn identified(delivery: Delivery, id: &str) -> Delivery {
    Delivery {
        status: DeliveryStatus::Live,
        receipt: Receipt {
            external_id: Some(id.to_owned()),
            ..Receipt::default()
        },
        ..delivery
    }
}

/// A delivery of an event of its own, as it is stored.
async fn put(
    store: &dyn Store,
    number: u32,
    owner: &str,
    channel: &str,
    of: impl FnOnce(Delivery) -> Delivery,
) -> Delivery {
    let event = sample::publishing(number, owner);
    let distribution = sample::distribution(&event);
    let delivery = of(sample::delivery(number, &distribution, channel));
    let changes = [
        Mutation::PutEvent(event),
        Mutation::PutDistribution(distribution),
        Mutation::PutDelivery(delivery.clone()),
    ];
    commit(store, changes).await;
    delivery
}
