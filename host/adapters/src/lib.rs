//! Adapters: the domain's ports, spoken to real stores, caches, buses and the operating system.
//!
//! The only crate that names `sqlx`, `redis`, `rdkafka` and `moka`. An adapter decides nothing: it
//! keeps, finds and carries, and shows the behaviour that `host/contract` describes.

mod checkup;
mod commit_queue;
mod http_distributor;
mod invalidation_queue;
mod kafka;
mod moka;
mod oci;
mod outbox;
mod postgres;
mod redis;
mod rows;
mod secret_file;
mod signature;
mod sqlite;
mod system;
#[cfg(test)]
mod tcp_switch;
mod vault;

pub use self::checkup::{Check, Verdict};
pub use self::http_distributor::{
    HttpDistributor, HttpDistributorConfig, HttpDistributorError, ServiceToken,
};
pub use self::invalidation_queue::{InvalidationLimits, InvalidationQueue};
pub use self::kafka::{
    CreatedTopic, KafkaBus, KafkaConfig, KafkaConfigError, KafkaMechanism, KafkaProtocol,
    KafkaSasl, KafkaSecurity, KafkaTls, TopicsError, check_kafka, create_topics,
};
pub use self::moka::MokaCache;
pub use self::oci::{OciConfig, OciConfigError, OciRegistries};
pub use self::outbox::OutboxBus;
pub use self::postgres::{
    OpenError as PostgresOpenError, PostgresConfig, PostgresSignals, PostgresStore, check_postgres,
    is_postgres_address, redacted,
};
pub use self::redis::{
    RedisBudgets, RedisCache, RedisConfig, RedisConfigError, RedisLink, RedisSignals, check_redis,
    is_redis_address,
};
pub use self::secret_file::{SecretFile, SecretFileError, random_key};
pub use self::signature::{
    CosignVerifier, KeySource, PublicKeyError, SIGNATURE_BYTES, SignatureConfig, read_signature,
    signatures_beside,
};
pub use self::sqlite::{OpenError, SqliteStore, check_sqlite};
pub use self::system::{SystemClock, os_chance};
pub use self::vault::{KeyId, KeyringVault};
