//! How fast it is: numbers to read, not a test.

use std::time::{Duration, Instant};

use baepo_domain::ports::{Budgets as _, Cache as _};
use baepo_test_services::Redis;

use super::link;
use crate::redis::{RedisBudgets, RedisCache, RedisConfig};

const CALLS: usize = 5_000;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures"]
async fn how_fast_it_is() {
    let redis = Redis::start().unwrap();
    let link = link(&redis.url(), RedisConfig::default());
    let (cache, budgets) = (RedisCache::new(link.clone()), RedisBudgets::new(link));
    let key = |call: usize| format!("purpose:shop-{}", call % 50);
    let put = async |call| cache.put(&key(call), "NEW_CUSTOMERS", DAY).await.unwrap();
    let get = async |call| drop(cache.get(&key(call)).await.unwrap());
    let delete = async |call| cache.delete(&key(call)).await.unwrap();
    let take = async |_| {
        let budget = "instagram https://a.example";
        _ = budgets.take(budget, 300, 15).await.unwrap();
    };
    measure("put", CALLS, put).await;
    measure("get", CALLS, get).await;
    measure("delete", CALLS, delete).await;
    measure("take", CALLS, take).await;
    redis.pause().unwrap();
    let hanging = async |_| drop(cache.get("key").await.unwrap_err());
    measure("get, while it hangs", CALLS, hanging).await;
}

async fn measure(name: &str, calls: usize, call: impl AsyncFn(usize)) {
    let mut times = Vec::with_capacity(calls);
    for number in 0..calls {
        let begin = Instant::now();
        call(number).await;
        times.push(begin.elapsed());
    }
    times.sort_unstable();
    let (median, late, last) = (times[calls / 2], times[calls * 99 / 100], times[calls - 1]);
    println!("{name}: {median:?} (99%: {late:?}, all: {last:?})");
}
