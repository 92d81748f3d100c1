//! PostgreSQL, Redis and Kafka go away and come back under load, one by one and all together.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use baepo_domain::chance::Chance;
use baepo_test_services::{Kafka, Postgres, Redis};
use it::kill::{ClusterPlan, Trouble, chance, run_cluster};
use it::{Cluster, Host, Outside, Stack, TOPICS, autumn_event, eventually_within};
use tokio::sync::Mutex;

const SEED: u64 = 20_261_123;
/// How long a service is away.
const AWAY: Duration = Duration::from_secs(3);

/// Services of a test's own, which it may stop.
struct Private {
    postgres: Postgres,
    redis: Redis,
    kafka: Kafka,
}

impl Private {
    /// None, where there can be no real broker: a mock has nothing that could be stopped.
    async fn start() -> Option<Self> {
        let started = tokio::task::spawn_blocking(|| match Kafka::availability() {
            Ok(()) => Some(Self::with_kafka()),
            Err(why) => {
                eprintln!("left out, since there is no real Kafka: {why}");
                None
            }
        });
        started.await.unwrap()
    }

    fn with_kafka() -> Self {
        let kafka = Kafka::start().unwrap();
        for topic in TOPICS {
            kafka.create_topic(topic, 3).unwrap();
        }
        Self {
            postgres: Postgres::start().unwrap(),
            redis: Redis::start().unwrap(),
            kafka,
        }
    }

    fn stack(&self) -> Stack {
        let (postgres, redis) = (self.postgres.url(), self.redis.url());
        Stack::on(&postgres, &redis, &self.kafka.bootstrap())
    }

    /// As when its machine is switched off.
    fn kill(&mut self, which: Which) {
        if matches!(which, Which::Postgres | Which::All) {
            self.postgres.kill();
        }
        if matches!(which, Which::Redis | Which::All) {
            self.redis.kill();
        }
        if matches!(which, Which::Kafka | Which::All) {
            self.kafka.kill();
        }
    }

    fn start_again(&mut self, which: Which) {
        if matches!(which, Which::Postgres | Which::All) {
            self.postgres.start_again().unwrap();
        }
        if matches!(which, Which::Redis | Which::All) {
            self.redis.start_again().unwrap();
        }
        if matches!(which, Which::Kafka | Which::All) {
            self.kafka.start_again().unwrap();
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Which {
    Postgres,
    Redis,
    Kafka,
    All,
}

/// Something goes away and comes back.
struct Outage {
    services: Arc<Mutex<Private>>,
    which: Which,
}

impl fmt::Display for Outage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is away for {} s", self.which, AWAY.as_secs())
    }
}

impl Trouble for Outage {
    async fn happen(&mut self, _cluster: &mut Cluster<'_>, _chance: &Chance) {
        let which = self.which;
        let mut services = Arc::clone(&self.services).lock_owned().await;
        let kill = move || {
            services.kill(which);
            services
        };
        let mut services = tokio::task::spawn_blocking(kill).await.unwrap();
        tokio::time::sleep(AWAY).await;
        let start = move || services.start_again(which);
        tokio::task::spawn_blocking(start).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_goes_away_under_load_nothing_is_lost_and_nothing_is_out_twice() {
    let Some(services) = Private::start().await else {
        return;
    };
    let stack = services.stack();
    let services = Arc::new(Mutex::new(services));
    let outage = |which| Outage {
        services: Arc::clone(&services),
        which,
    };
    let chance = chance(SEED);
    let plan = ClusterPlan {
        channels: it::WITH_PROVIDER.map(str::to_owned).to_vec(),
        stack,
        replicas: 2,
        load: 4,
        drain: Duration::from_secs(90),
        chance: &chance,
        troubles: [Which::Postgres, Which::Redis, Which::Kafka, Which::All]
            .map(outage)
            .into(),
    };

    let tally = run_cluster(plan, |_, _| {}).await;

    let violations: Vec<&str> = tally.violations().collect();
    assert!(tally.is_clean(), "{tally}: {violations:#?}");
    eprintln!("{tally}");
}

/// The answers of the table in the README, one after the other on one host.
#[tokio::test(flavor = "multi_thread")]
async fn what_an_owner_is_told_while_a_part_is_away() {
    let Some(mut services) = Private::start().await else {
        return;
    };
    let outside = Outside::start().await;
    let host = Host::builder()
        .on(services.stack())
        .reaching(&outside)
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
    services.redis.start_again().unwrap();

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
    services.kafka.start_again().unwrap();
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
    services.postgres.start_again().unwrap();
    eventually_within(
        Duration::from_secs(40),
        "the store is used again",
        || async { owner.publish(&waiting).await.status == 200 },
    )
    .await;

    assert_eq!(outside.control().posts("kakao-channel").await.len(), 3);
    host.stop().await;
}
