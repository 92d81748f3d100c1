//! Hosts that share what they may send to a provider, on a real Redis.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use baepo_adapters::{RedisBudgets, RedisConfig, RedisLink, SystemClock};
use baepo_domain::model::id::ChannelId;
use baepo_domain::model::journal::{Repeat, Request, RequestOutcome};
use baepo_domain::model::manifest::Grant;
use baepo_runtime::egress::{Egress, EgressConfig, EgressLimits, EgressPolicy, Rewrite};
use baepo_test_services::Redis;
use it::{EchoProvider, Stack};

const FAR: Duration = Duration::from_secs(60);

/// The way out of one host.
struct SendingHost {
    egress: Egress,
    channel: ChannelId,
    grants: [Grant; 1],
}

impl SendingHost {
    fn of(provider: &EchoProvider, redis: &str, config: RedisConfig) -> Arc<Self> {
        let link = RedisLink::open(redis, config, Arc::new(SystemClock)).unwrap();
        let config = EgressConfig {
            rewrites: vec![Rewrite {
                origin: "https://echo.example".parse().unwrap(),
                to: provider.base(),
            }],
            budgets: Some(Arc::new(RedisBudgets::new(link))),
            ..EgressConfig::default()
        };
        let grant = Grant {
            origin: "https://echo.example".parse().unwrap(),
            requests: vec!["GET /**".parse().unwrap()],
            secrets: Vec::new(),
        };
        Arc::new(Self {
            egress: Egress::new(config).unwrap(),
            channel: "echo".parse().unwrap(),
            grants: [grant],
        })
    }

    /// Whether a request had its turn in time, and was answered.
    async fn send(&self, per_second: u32, within: Duration) -> bool {
        let policy = EgressPolicy {
            channel: &self.channel,
            grants: &self.grants,
            secrets: &BTreeMap::new(),
            tokens: &[],
            send_guard: &|| Ok(()),
            limits: EgressLimits {
                request_bytes: 10_000,
                response_bytes: 10_000,
                request_time: within,
                longest_request_time: within,
                requests_per_second: per_second,
            },
        };
        let request = Request {
            method: "GET".to_owned(),
            url: "https://echo.example/v1/posts".to_owned(),
            headers: Vec::new(),
            body: None,
            credentials: Vec::new(),
            repeat: Repeat::Safe,
            timeout_ms: None,
        };
        let outcome = self.egress.send(policy, &request).await;
        matches!(outcome, RequestOutcome::Response(_))
    }

    /// All at the same time.
    async fn send_all(&self, requests: usize, per_second: u32) -> Vec<bool> {
        let sent = (0..requests).map(|_| self.send(per_second, FAR));
        futures::future::join_all(sent).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hosts_sharing_redis_stay_within_one_rate_limit() {
    const RATE: u32 = 100;
    let provider = EchoProvider::start().await;
    let stack = Stack::production();
    let services = stack.services().unwrap();
    let config = RedisConfig {
        prefix: Some(format!("{}:", services.prefix)),
        // However busy the machine is, no host goes on alone.
        time_limit: FAR,
        connect_limit: FAR,
        ..RedisConfig::default()
    };
    let hosts = [(), ()].map(|()| SendingHost::of(&provider, &services.redis, config.clone()));
    let begin = Instant::now();
    let end = begin + Duration::from_secs(3);
    let workers = (0..16).map(|worker| {
        let host = Arc::clone(&hosts[worker % 2]);
        tokio::spawn(async move {
            let mut sent = 0;
            while host
                .send(RATE, end.saturating_duration_since(Instant::now()))
                .await
            {
                sent += 1;
            }
            sent
        })
    });
    let sent = futures::future::join_all(workers.collect::<Vec<_>>()).await;
    let sent: u32 = sent.into_iter().map(|sent| sent.unwrap()).sum();
    // Two hosts that count for themselves send twice as many.
    let most = f64::from(RATE) * (1.0 + begin.elapsed().as_secs_f64());
    assert!(f64::from(sent) <= most * 1.1, "{sent} of {most}");
    assert!(sent >= RATE, "{sent}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hanging_or_dead_redis_does_not_block_sending() {
    let provider = EchoProvider::start().await;
    let mut redis = Redis::start().unwrap();
    let host = SendingHost::of(&provider, &redis.url(), RedisConfig::default());
    assert_eq!(host.send_all(50, 1_000).await, [true; 50]);
    redis.pause().unwrap();
    let begin = Instant::now();
    assert_eq!(host.send_all(50, 1_000).await, [true; 50]);
    redis.kill();
    assert_eq!(host.send_all(50, 1_000).await, [true; 50]);
    redis.restart().unwrap();
    assert_eq!(host.send_all(50, 1_000).await, [true; 50]);
    assert!(begin.elapsed() < FAR / 2, "{:?}", begin.elapsed());
}
