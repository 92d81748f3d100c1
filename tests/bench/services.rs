//! What one call to Redis and one message to Kafka take: no goal, but a part of every publish.

use std::sync::Arc;
use std::time::{Duration, Instant};

use baepo_adapters::{
    KafkaBus, KafkaConfig, RedisBudgets, RedisCache, RedisConfig, RedisLink, SystemClock,
};
use baepo_domain::Timestamp;
use baepo_domain::model::id::MessageId;
use baepo_domain::model::outbox::{EVENT_CREATED, Message, OutboxRow, Topic};
use baepo_domain::ports::{Budgets as _, Bus as _, Cache as _};
use it::Stack;
use serde_json::json;
use uuid::Uuid;

use crate::figure::Figure;

/// As it is asked for on the command line.
pub const NAME: &str = "services";

const CALLS: usize = 5_000;
const MESSAGES: usize = 3_000;
const SLICE: u128 = 256;
const SLICES: u32 = 400;

pub async fn measure() -> anyhow::Result<Vec<Figure>> {
    let stack = Stack::production();
    let services = stack.services().expect("the production stack has services");
    let mut figures = redis(&services.redis, &services.prefix).await?;
    figures.extend(kafka(&services.kafka).await?);
    Ok(figures)
}

async fn redis(url: &str, prefix: &str) -> anyhow::Result<Vec<Figure>> {
    let config = RedisConfig {
        prefix: Some(format!("{prefix}:")),
        ..RedisConfig::default()
    };
    let link = RedisLink::open(url, config, Arc::new(SystemClock))?;
    let (cache, budgets) = (RedisCache::new(link.clone()), RedisBudgets::new(link));
    let key = |call: usize| format!("purpose:shop-{}", call % 50);
    let day = Duration::from_secs(86_400);
    let put = async |call| Ok(cache.put(&key(call), "NEW_CUSTOMERS", day).await?);
    let get = async |call| Ok(cache.get(&key(call)).await.map(|_| ())?);
    let delete = async |call| Ok(cache.delete(&key(call)).await?);
    let take = async |_| {
        let taken = budgets.take("instagram https://a.example", 300, 15).await;
        Ok(taken.map(|_| ())?)
    };
    Ok(vec![
        median("Redis: put", CALLS, put).await?,
        median("Redis: get", CALLS, get).await?,
        median("Redis: delete", CALLS, delete).await?,
        median("Redis: take from a budget", CALLS, take).await?,
    ])
}

async fn kafka(brokers: &str) -> anyhow::Result<Vec<Figure>> {
    let bus = KafkaBus::new(KafkaConfig::new(vec![brokers.to_owned()]))?;
    let send = async |rows: &[OutboxRow]| -> anyhow::Result<()> {
        for answer in bus.send(rows).await {
            answer?;
        }
        Ok(())
    };
    let one = [row(1)];
    let one = median("Kafka: one message, acks=all", MESSAGES, async |_| {
        send(&one).await
    });
    let one = one.await?;
    let slice: Vec<OutboxRow> = (0..SLICE).map(row).collect();
    let begin = Instant::now();
    for _ in 0..SLICES {
        send(&slice).await?;
    }
    let rate = f64::from(SLICES) * SLICE as f64 / begin.elapsed().as_secs_f64();
    let slices = Figure::of(NAME, "Kafka: messages in slices of 256", "/s", vec![rate]);
    Ok(vec![one, slices])
}

fn row(number: u128) -> OutboxRow {
    OutboxRow {
        sequence: 0,
        message: Message {
            id: MessageId(Uuid::from_u128(number)),
            key: format!("event-{number}"),
            topic: Topic::Event,
            kind: EVENT_CREATED,
            payload: json!({"eventId": Uuid::from_u128(number), "title": "가을맞이 행사"}),
            created_at: Timestamp::UNIX_EPOCH,
        },
        sent_at: None,
    }
}

/// One after the other.
async fn median(
    what: &'static str,
    calls: usize,
    call: impl AsyncFn(usize) -> anyhow::Result<()>,
) -> anyhow::Result<Figure> {
    let mut micros = Vec::with_capacity(calls);
    for number in 0..calls {
        let begin = Instant::now();
        call(number).await?;
        micros.push(begin.elapsed().as_secs_f64() * 1e6);
    }
    Ok(Figure::of(NAME, what, "µs", micros))
}
