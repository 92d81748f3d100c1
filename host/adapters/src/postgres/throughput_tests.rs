//! How much a store takes. A measurement, so it runs when it is asked for:
//! `cargo test --package baepo-adapters throughput -- --ignored --nocapture`

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use baepo_domain::attempt::{Beginning, Ended, Receipt, Usage};
use baepo_domain::delivery::{DeliveryStatus, Place};
use baepo_domain::event::Lease;
use baepo_domain::journal::{Answer, Body, Repeat, Request, Step};
use baepo_domain::manifest::DeclaredLimits;
use baepo_domain::outbox::{announcement, distribution_completed, event_created};
use futures::future::join_all;
use serde_json::{Value, json};
use sqlx::Executor as _;
use tokio::sync::Mutex;
use uuid::Uuid;

use super::testing::Database;
use super::*;

const CHANNELS: u128 = 6;
const LENGTH: Duration = Duration::from_secs(10);
const HOLDER: HolderId = HolderId(Uuid::from_u128(9));

fn now() -> Timestamp {
    Timestamp::from_millisecond(1_700_000_000_000).unwrap()
}

fn lease() -> Lease {
    let until = Timestamp::from_millisecond(1_800_000_000_000).unwrap();
    let holder = HOLDER;
    Lease { holder, until }
}

fn draft() -> Value {
    json!({
        "title": "가을맞이 행사",
        "objective": "REVISITS",
        "recommendation": {"id": "r-1", "title": "단골 쿠폰", "summary": "다시 오게"},
        "content": {
            "title": "전 메뉴 20% 할인",
            "body": "가을을 맞아 전 메뉴를 20% 할인합니다. 단골 손님께는 쿠폰도 드립니다. ".repeat(4),
            "hashtags": ["가을", "할인", "단골"],
            "link": "https://shop.example/autumn",
            "media": [{"kind": "image", "url": "https://shop.example/a.jpg", "mimeType": "image/jpeg"}],
        },
        "channels": ["instagram", "kakao-channel"],
    })
}

/// Ids that are new, and spread as random ones are.
fn id(number: u128) -> Uuid {
    Uuid::from_u128((number << 64) | (number.wrapping_mul(0x9e37_79b9_7f4a_7c15) & 0xffff_ffff))
}

fn steps() -> [Step; 5] {
    let request = |repeat| Request {
        method: "POST".into(),
        url: "https://provider.example/v1/17841400000000/media_publish".into(),
        headers: vec![("content-type".into(), "application/json".into())],
        body: Some(Body("caption=".repeat(50).into())),
        credentials: vec!["bearer accessToken".into()],
        repeat,
        timeout_ms: Some(5_000),
    };
    let response = Answer::Response {
        status: 200,
        headers: vec![("x-request-id".into(), "17841400000000".into())],
        body: Body("{\"id\": \"17841400000000\"}".repeat(10).into()),
    };
    let answered = || Step::Answered(vec![response.clone()]);
    [
        Step::Sent(vec![request(Repeat::Safe)]),
        answered(),
        Step::Sent(vec![request(Repeat::Unsafe)]),
        answered(),
        Step::Slept { until: now() },
    ]
}

async fn commit(store: &dyn Store, changes: Vec<Change>) {
    store.commit(changes).await.unwrap();
}

/// What a publish of six channels writes, in 26 commits of 74 rows.
async fn publish(store: &dyn Store, number: u128) {
    let content: baepo_domain::draft::Draft = serde_json::from_value(draft()).unwrap();
    let event = Event::draft(
        EventId(id(number)),
        "shop-1".parse().unwrap(),
        content,
        now(),
    );
    let distribution = DistributionId(id(number));
    // The draft is there already.
    let mut event = Event {
        revision: 1,
        ..event
    };
    let mut record = IdempotencyRecord {
        owner: event.owner.clone(),
        key: event.id.to_string().parse().unwrap(),
        fingerprint: Digest::of(b"request"),
        event: event.id,
        answer: None,
        created_at: now(),
    };
    event = event.approve(distribution, lease(), now());
    let distribution = Distribution::new(distribution, event.id, event.owner.clone(), now());
    let deliveries: Vec<Delivery> = (0..CHANNELS)
        .map(|channel| {
            let place = Place {
                distribution: distribution.id,
                event: event.id,
                owner: event.owner.clone(),
                channel: format!("channel-{channel}").parse().unwrap(),
            };
            Delivery::pending(DeliveryId(id(number * CHANNELS + channel)), place, now())
        })
        .collect();
    let message = announcement(distribution.id);
    let mut changes = vec![Change::PutDistribution(distribution.clone())];
    changes.extend(deliveries.iter().cloned().map(Change::PutDelivery));
    changes.push(Change::AddMessage {
        message: event_created(message, &event, now()),
        lease: lease(),
    });
    changes.push(Change::PutIdempotency(record.clone()));
    changes.push(Change::PutEvent(event.clone()));
    commit(store, changes).await;
    event.revision += 1;

    let meeting = Mutex::new((
        event,
        Distribution {
            revision: 1,
            ..distribution
        },
    ));
    let runs = deliveries
        .iter()
        .map(|delivery| deliver(store, delivery.clone(), &meeting));
    join_all(runs).await;

    let (event, _) = meeting.into_inner();
    record.answer = Some(
        json!({"status": "ACTIVE", "results": ["LIVE", "LIVE", "LIVE", "LIVE", "LIVE", "LIVE"]}),
    );
    let event = event.release_lease(HOLDER);
    let changes = vec![Change::PutEvent(event), Change::PutIdempotency(record)];
    commit(store, changes).await;
}

async fn deliver(store: &dyn Store, delivery: Delivery, meeting: &Mutex<(Event, Distribution)>) {
    let stored = Delivery {
        revision: 1,
        ..delivery
    };
    let attempt = AttemptId(stored.id.0);
    let started = stored
        .start(attempt, Digest::of(b"release"), lease(), now())
        .unwrap();
    let draft: baepo_domain::draft::Draft = serde_json::from_value(draft()).unwrap();
    let attempt = Attempt {
        id: attempt,
        delivery: started.id,
        distribution: started.distribution,
        channel: started.channel.clone(),
        release: Digest::of(b"release"),
        number: 1,
        beginning: Beginning {
            idempotency_key: started.idempotency_key(),
            event: started.event,
            content: draft.content.unwrap(),
            options: json!({}),
            settings: serde_json::Map::new(),
            limits: DeclaredLimits::default(),
        },
        started_at: now(),
        ended: None,
        revision: 0,
    };
    let changes = vec![
        Change::PutDelivery(started.clone()),
        Change::PutAttempt(attempt.clone()),
    ];
    commit(store, changes).await;
    let entries: Vec<Entry> = (1..)
        .zip(steps())
        .map(|(sequence, step)| Entry {
            sequence,
            at: now(),
            step,
        })
        .collect();
    let append = |entries: &[Entry]| Change::AppendEntries {
        attempt: attempt.id,
        delivery: started.id,
        holder: HOLDER,
        entries: entries.to_vec(),
    };
    commit(store, vec![append(&entries[..1])]).await;
    commit(store, vec![append(&entries[1..2])]).await;

    let mut meeting = meeting.lock().await;
    let (event, distribution) = &mut *meeting;
    let live = Delivery {
        status: DeliveryStatus::Live,
        receipt: Receipt {
            external_id: Some("17841400000000".into()),
            url: Some("https://provider.example/p/17841400000000".into()),
            estimated_reach: Some(1_200),
        },
        attempt: None,
        lease: None,
        due_at: None,
        revision: 2,
        ..started.clone()
    };
    let ended = Ended {
        at: now(),
        end: "live".into(),
        message: None,
        usage: Usage::default(),
    };
    let ended = Attempt {
        ended: Some(ended),
        revision: 1,
        ..attempt.clone()
    };
    let mut changes = vec![append(&entries[2..]), Change::PutAttempt(ended)];
    if event.distributed_at.is_none() {
        *event = event.clone().activate(now());
        changes.push(Change::PutEvent(event.clone()));
        event.revision += 1;
    }
    if distribution.revision == 6 {
        let id = MessageId(Uuid::from_u128(distribution.id.0.as_u128() ^ 1));
        let results = vec![live.clone(); 6];
        changes.push(Change::AddMessage {
            message: distribution_completed(id, distribution, &results, now()),
            lease: lease(),
        });
    }
    changes.push(Change::PutDistribution(distribution.clone()));
    distribution.revision += 1;
    changes.push(Change::PutDelivery(live));
    commit(store, changes).await;
}

async fn publishes_per_second(store: &Arc<PostgresStore>, at_once: u128, first: u128) -> f64 {
    let number = Arc::new(AtomicU32::new(0));
    let begin = Instant::now();
    let before = store.transactions();
    let runs = (0..at_once).map(|_| {
        let (store, number) = (Arc::clone(store), Arc::clone(&number));
        tokio::spawn(async move {
            while begin.elapsed() < LENGTH {
                let number = first + u128::from(number.fetch_add(1, Ordering::Relaxed));
                publish(&*store, number).await;
            }
        })
    });
    for run in join_all(runs).await {
        run.unwrap();
    }
    let done = f64::from(number.load(Ordering::Relaxed));
    let transactions = store.transactions() - before;
    println!(
        "    {:.2} transactions for each",
        transactions as f64 / done
    );
    done / begin.elapsed().as_secs_f64()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement"]
async fn throughput() {
    let database = Database::new().await;
    let store = Arc::new(database.open().await);

    let mut raw = database.by_hand().await;
    raw.execute("CREATE TABLE raw (number bigint)")
        .await
        .unwrap();
    let (begin, mut count) = (Instant::now(), 0_u32);
    while begin.elapsed() < LENGTH / 3 {
        sqlx::query("INSERT INTO raw VALUES ($1)")
            .bind(i64::from(count))
            .execute(&mut raw)
            .await
            .unwrap();
        count += 1;
    }
    let rate = f64::from(count) / begin.elapsed().as_secs_f64();
    println!("{rate:.0} commits of one row per second, one after the other");

    let draft: baepo_domain::draft::Draft = serde_json::from_value(draft()).unwrap();
    let drafts: Vec<u128> = (0..40_000).collect();
    for numbers in drafts.chunks(1_000) {
        let event = |number: &u128| {
            let owner = "shop-1".parse().unwrap();
            let event = Event::draft(EventId(id(*number)), owner, draft.clone(), now());
            store.commit(vec![Change::PutEvent(event)])
        };
        for result in join_all(numbers.iter().map(event)).await {
            result.unwrap();
        }
    }

    let (begin, mut count) = (Instant::now(), 0_u32);
    let mut event = store.event(EventId(id(39_999))).await.unwrap().unwrap();
    while begin.elapsed() < LENGTH / 3 {
        commit(&*store, vec![Change::PutEvent(event.clone())]).await;
        event.revision += 1;
        count += 1;
    }
    let rate = f64::from(count) / begin.elapsed().as_secs_f64();
    println!("{rate:.0} commits of one caller per second, one after the other");

    let reads = Arc::new(AtomicU32::new(0));
    let begin = Instant::now();
    let readers = (0..64).map(|_| {
        let (store, reads) = (Arc::clone(&store), Arc::clone(&reads));
        tokio::spawn(async move {
            while begin.elapsed() < LENGTH / 3 {
                let number = u128::from(reads.fetch_add(1, Ordering::Relaxed));
                store.event(EventId(id(number % 10_000))).await.unwrap();
            }
        })
    });
    join_all(readers).await;
    let rate = f64::from(reads.load(Ordering::Relaxed)) / begin.elapsed().as_secs_f64();
    println!("{rate:.0} reads of an event per second, 64 callers");

    for (at_once, first) in [(1, 0), (8, 5_000), (64, 10_000), (64, 25_000)] {
        let rate = publishes_per_second(&store, at_once, first).await;
        println!("{rate:.0} publishes of six channels per second, {at_once} at once");
    }
}
