//! What the hosts of this run stand on: the embedded parts, or PostgreSQL, Redis and Kafka. The
//! tests are the same; `BAEPO_TEST_STACK=production` chooses the other parts for all of them.

use std::process::Command;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use baepo::config::Config;
use baepo_adapters::{PostgresConfig, PostgresStore, SqliteStore, SystemClock, os_chance};
use baepo_domain::ports::Store;
use baepo_domain::ports::id_generator::IdGenerator;
use baepo_test_services::{Kafka, Postgres, Redis, SharedKafka, find_program};
use tokio::runtime::{Handle, RuntimeFlavor};

/// A lease that is not renewed runs out soon: hosts that follow each other do not wait for long.
pub const LEASE: Duration = Duration::from_secs(3);
const PARTITIONS: u32 = 3;
/// Below the lease, which is renewed by statements.
const STATEMENT_MS: u64 = 2_000;
const ACQUIRE_MS: u64 = 5_000;

/// As they are called by default.
pub const TOPICS: [&str; 2] = ["event-topic", "distribution-topic"];

/// Where one host, or several that belong together, keep everything.
#[derive(Clone)]
pub enum Stack {
    /// In the data folder.
    Embedded,
    Production(Arc<Services>),
}

/// The addresses of services; what is kept there is this test's own.
pub struct Services {
    /// With a database of the test's own.
    pub postgres: String,
    pub redis: String,
    pub kafka: String,
    /// Before every key in Redis.
    pub prefix: String,
    /// To be dropped; none: the whole server is the test's own.
    _database: Option<Database>,
}

impl Default for Stack {
    /// The run's stack, empty.
    fn default() -> Self {
        match std::env::var("BAEPO_TEST_STACK").as_deref() {
            Ok("production") => Self::production(),
            Ok("embedded") | Err(_) => Self::Embedded,
            Ok(other) => panic!("BAEPO_TEST_STACK is {other:?}: production, or embedded"),
        }
    }
}

impl Stack {
    /// PostgreSQL, Redis and Kafka, whichever stack the run has: for tests of many hosts.
    #[must_use]
    pub fn production() -> Self {
        let servers = &*SERVERS;
        let database = Database::create(&servers.postgres);
        Self::Production(Arc::new(Services {
            postgres: database.url(),
            redis: servers.redis.clone(),
            kafka: servers.kafka.bootstrap().to_owned(),
            prefix: database.name.clone(),
            _database: Some(database),
        }))
    }

    /// Services of a test's own, which it may stop.
    #[must_use]
    pub fn on(postgres: &str, redis: &str, kafka: &str) -> Self {
        Self::Production(Arc::new(Services {
            postgres: postgres.to_owned(),
            redis: redis.to_owned(),
            kafka: kafka.to_owned(),
            prefix: "baepo".to_owned(),
            _database: None,
        }))
    }

    /// The same with a PostgreSQL of the test's own.
    ///
    /// # Panics
    /// When there are no services.
    #[must_use]
    pub fn with_postgres(&self, url: &str) -> Self {
        let services = self.services().expect("services");
        Self::Production(Arc::new(Services {
            postgres: url.to_owned(),
            redis: services.redis.clone(),
            kafka: services.kafka.clone(),
            prefix: services.prefix.clone(),
            _database: None,
        }))
    }

    #[must_use]
    pub fn services(&self) -> Option<&Services> {
        match self {
            Self::Embedded => None,
            Self::Production(services) => Some(services),
        }
    }

    /// The part of a configuration file that names the services.
    #[must_use]
    pub fn toml(&self) -> String {
        let Some(services) = self.services() else {
            return String::new();
        };
        let Services {
            postgres,
            redis,
            kafka,
            prefix,
            ..
        } = services;
        let lease_ms = LEASE.as_millis();
        format!(
            "[store]\nurl = {postgres:?}\nmax_connections = 8\n\
             statement_timeout_ms = {STATEMENT_MS}\nacquire_timeout_ms = {ACQUIRE_MS}\n\n\
             [cache]\nurl = {redis:?}\nprefix = \"{prefix}:\"\n\n\
             [bus]\nurl = \"kafka://{kafka}\"\n\n\
             [publish]\nlease_ms = {lease_ms}\n\n"
        )
    }

    /// The same in a configuration.
    ///
    /// # Panics
    /// Never: the addresses are valid.
    pub fn apply(&self, config: &mut Config) {
        let Some(services) = self.services() else {
            return;
        };
        config.store.url = services.postgres.parse().expect("an address");
        config.store.postgres.max_connections = 8;
        config.store.postgres.statement_timeout = Duration::from_millis(STATEMENT_MS);
        config.store.postgres.acquire_timeout = Duration::from_millis(ACQUIRE_MS);
        config.cache.url = services.redis.parse().expect("an address");
        config.cache.redis.prefix = Some(format!("{}:", services.prefix));
        let kafka = format!("kafka://{}", services.kafka);
        config.bus.url = kafka.parse().expect("an address");
        config.publish.lease_ms = u64::try_from(LEASE.as_millis()).expect("a short time");
    }

    /// The store of a host; an embedded one has it in `data`.
    ///
    /// # Panics
    /// When it cannot be opened.
    pub async fn open_store(&self, data: &std::path::Path) -> Arc<dyn Store> {
        match self.services() {
            None => {
                let store = SqliteStore::open(&data.join("baepo.db")).await;
                Arc::new(store.expect("its database"))
            }
            Some(services) => {
                let config = PostgresConfig::default();
                let store = PostgresStore::open(&services.postgres, config).await;
                Arc::new(store.expect("its database"))
            }
        }
    }
}

/// A database on a server that others use too.
struct Database {
    server: String,
    name: String,
}

impl Database {
    fn create(server: &str) -> Self {
        let ids = IdGenerator::new(Arc::new(SystemClock), Arc::new(os_chance()));
        let name = format!("it_{}", ids.next().simple());
        let database = Self {
            server: server.to_owned(),
            name,
        };
        let created = database.ask(&format!("CREATE DATABASE {}", database.name));
        assert!(created, "no database could be made on {server}");
        database
    }

    fn url(&self) -> String {
        let (server, _) = self.server.rsplit_once('/').expect("an address");
        format!("{server}/{}", self.name)
    }

    fn ask(&self, sql: &str) -> bool {
        let psql = find_program("psql", "postgresql-client").expect("psql");
        let mut psql = Command::new(psql);
        psql.args(["-qX", "-v", "ON_ERROR_STOP=1", "-c", sql, &self.server]);
        let done = run_blocking(|| psql.output()).expect("psql runs");
        if !done.status.success() {
            eprintln!("psql: {}", String::from_utf8_lossy(&done.stderr));
        }
        done.status.success()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // What is left of it goes with the server.
        self.ask(&format!(
            "DROP DATABASE IF EXISTS {} WITH (FORCE)",
            self.name
        ));
    }
}

/// The servers that the environment names, or else this process's own, which end with it.
struct Servers {
    postgres: String,
    redis: String,
    kafka: SharedKafka,
    _own_postgres: Option<Postgres>,
    _own_redis: Option<Redis>,
}

static SERVERS: LazyLock<Servers> = LazyLock::new(|| {
    let (postgres, _own_postgres) = match std::env::var(Postgres::URL_VARIABLE) {
        Ok(url) => (url, None),
        Err(_) => {
            let own = Postgres::start().expect("PostgreSQL");
            (own.url(), Some(own))
        }
    };
    let (redis, _own_redis) = match std::env::var(Redis::URL_VARIABLE) {
        Ok(url) => (url, None),
        Err(_) => {
            let own = Redis::start().expect("Redis");
            (own.url(), Some(own))
        }
    };
    let kafka = SharedKafka::get().expect("Kafka");
    for topic in TOPICS {
        // A broker that was given may have it.
        let made = kafka.create_topic(topic, PARTITIONS);
        assert!(made.is_ok() || is_env_set(Kafka::URL_VARIABLE), "{made:?}");
    }
    Servers {
        postgres,
        redis,
        kafka,
        _own_postgres,
        _own_redis,
    }
});

/// Waits without keeping the runtime's other tasks waiting, where there is one that has threads.
fn run_blocking<T>(wait: impl FnOnce() -> T) -> T {
    match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(wait),
        _ => wait(),
    }
}

fn is_env_set(variable: &str) -> bool {
    std::env::var_os(variable).is_some()
}
