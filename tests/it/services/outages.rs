//! PostgreSQL, Redis and Kafka go away and come back under load, one by one and all together.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use baepo_domain::ports::chance::Chance;
use baepo_test_services::{Kafka, Postgres, Redis};
use it::kill::{ClusterPlan, Disruption, chance, run_cluster};
use it::{Cluster, Host, SandboxProviders, Stack, TOPICS, autumn_event, eventually_within};
use tokio::sync::Mutex;

const SEED: u64 = 20_261_123;
/// How long a service is away.
const OUTAGE_TIME: Duration = Duration::from_secs(3);

/// Services of a test's own, which it may stop.
struct OwnServices {
    postgres: Postgres,
    redis: Redis,
    kafka: Kafka,
}

impl OwnServices {
    async fn start() -> Self {
        let start = || {
            let kafka = Kafka::start().unwrap();
            for topic in TOPICS {
                kafka.create_topic(topic, 3).unwrap();
            }
            Self {
                postgres: Postgres::start().unwrap(),
                redis: Redis::start().unwrap(),
                kafka,
            }
        };
        tokio::task::spawn_blocking(start).await.unwrap()
    }

    fn stack(&self) -> Stack {
        let (postgres, redis) = (self.postgres.url(), self.redis.url());
        Stack::on(&postgres, &redis, &self.kafka.bootstrap())
    }

    /// As when its machine is switched off.
    fn kill(&mut self, target: OutageTarget) {
        if matches!(target, OutageTarget::Postgres | OutageTarget::All) {
            self.postgres.kill();
        }
        if matches!(target, OutageTarget::Redis | OutageTarget::All) {
            self.redis.kill();
        }
        if matches!(target, OutageTarget::Kafka | OutageTarget::All) {
            self.kafka.kill();
        }
    }

    fn restart(&mut self, target: OutageTarget) {
        if matches!(target, OutageTarget::Postgres | OutageTarget::All) {
            self.postgres.restart().unwrap();
        }
        if matches!(target, OutageTarget::Redis | OutageTarget::All) {
            self.redis.restart().unwrap();
        }
        if matches!(target, OutageTarget::Kafka | OutageTarget::All) {
            self.kafka.restart().unwrap();
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum OutageTarget {
    Postgres,
    Redis,
    Kafka,
    All,
}

/// Something goes away and comes back.
struct Outage {
    services: Arc<Mutex<OwnServices>>,
    target: OutageTarget,
}

impl fmt::Display for Outage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} is away for {} s",
            self.target,
            OUTAGE_TIME.as_secs()
        )
    }
}

impl Disruption for Outage {
    async fn inject(&mut self, _cluster: &mut Cluster<'_>, _chance: &Chance) {
        let target = self.target;
        let mut services = Arc::clone(&self.services).lock_owned().await;
        let kill = move || {
            services.kill(target);
            services
        };
        let mut services = tokio::task::spawn_blocking(kill).await.unwrap();
        tokio::time::sleep(OUTAGE_TIME).await;
        let start = move || services.restart(target);
        tokio::task::spawn_blocking(start).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn outages_under_load_lose_and_duplicate_nothing() {
    let services = OwnServices::start().await;
    let stack = services.stack();
    let services = Arc::new(Mutex::new(services));
    let outage = |target| Outage {
        services: Arc::clone(&services),
        target,
    };
    let chance = chance(SEED);
    let plan = ClusterPlan {
        channels: it::WITH_PROVIDER.map(str::to_owned).to_vec(),
        stack,
        replicas: 2,
        load: 4,
        drain: Duration::from_secs(90),
        chance: &chance,
        disruptions: [
            OutageTarget::Postgres,
            OutageTarget::Redis,
            OutageTarget::Kafka,
            OutageTarget::All,
        ]
        .map(outage)
        .into(),
    };

    let report = run_cluster(plan, |_, _| {}).await;

    let violations: Vec<&str> = report.violations().collect();
    assert!(report.is_clean(), "{report}: {violations:#?}");
    eprintln!("{report}");
}

/// The answers of the table in the README, one after the other on one host.
#[tokio::test(flavor = "multi_thread")]
async fn owner_messages_during_an_outage() {
    let mut services = OwnServices::start().await;
    let providers = SandboxProviders::start().await;
    let host = Host::builder()
        .on(services.stack())
        .with_providers(&providers)
        .config(|config| {
            config.publish.limits.acknowledgement = Duration::from_secs(3);
            config.bus.kafka.message_timeout_ms = 2_000;
        })
        .start()
        .await;
    let owner = host.connected_owner("shop-1").await;
    let event = || autumn_event(&["kakao-channel"]);

    services.redis.kill();
    let answer = owner.publish_new(&event()).await;
    assert_eq!(answer.status, 200, "the cache: {:#}", answer.body);
    services.redis.restart().unwrap();

    services.kafka.kill();
    let answer = owner.publish_new(&event()).await;
    assert_eq!(answer.status, 202, "the bus: {:#}", answer.body);
    assert_eq!(answer.body["status"], "APPROVED");
    assert!(answer.headers.contains_key("retry-after"));
    let distribution = answer.body["distributionId"].as_str().unwrap().to_owned();
    let location = format!("/api/distribution/{distribution}");
    assert_eq!(answer.headers["location"], location);
    let waiting = owner.distribution(&distribution).await;
    assert_eq!(waiting["deliveries"][0]["status"], "PENDING");
    services.kafka.restart().unwrap();
    eventually_within(Duration::from_secs(40), "the publish goes on", || async {
        owner.distribution(&distribution).await["completedAt"].is_string()
    })
    .await;

    let waiting = owner.create(&event()).await;
    services.postgres.kill();
    let answer = owner.publish(&waiting).await;
    assert_eq!(answer.status, 503, "the store: {:#}", answer.body);
    assert_eq!(answer.body["type"], "urn:baepo:problem:store-unavailable");
    assert!(answer.headers.contains_key("retry-after"));
    services.postgres.restart().unwrap();
    eventually_within(
        Duration::from_secs(40),
        "the store is used again",
        || async { owner.publish(&waiting).await.status == 200 },
    )
    .await;

    assert_eq!(providers.control().posts("kakao-channel").await.len(), 3);
    host.stop().await;
}
