//! The tables, and which versions of Baepo can use them.
//!
//! Replicas of two versions run side by side while one replaces the other, on the same tables. So
//! tables that are newer than this Baepo are no obstacle: a migration adds what is new, and only a
//! later one takes away what nobody uses any more, and raises `oldest_usable` with it.

use std::collections::BTreeMap;

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{PgConnection, SqlSafeStr as _, query_as};

/// The version, the name and the text of each, in order.
const MIGRATIONS: [(i64, &str, &str); 6] = [
    (
        1,
        "baepo",
        include_str!("../../../../migrations/postgres/0001_baepo.sql"),
    ),
    (
        2,
        "life",
        include_str!("../../../../migrations/postgres/0002_life.sql"),
    ),
    (
        7,
        "orphans",
        include_str!("../../../../migrations/postgres/0007_orphans.sql"),
    ),
    (
        8,
        "external_ids",
        include_str!("../../../../migrations/postgres/0008_external_ids.sql"),
    ),
    (
        9,
        "approval",
        include_str!("../../../../migrations/postgres/0009_approval.sql"),
    ),
    (
        10,
        "provenance",
        include_str!("../../../../migrations/postgres/0010_provenance.sql"),
    ),
];

/// The version of the tables that this Baepo was written for.
pub fn known_version() -> i64 {
    MIGRATIONS.last().map_or(0, |(version, ..)| *version)
}

/// What there is in a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    /// The newest migration that was made; 0 in an empty database.
    pub version: i64,
    /// The version that a Baepo must know to use these tables.
    pub oldest_usable: i64,
    /// Those that are known here, and not made yet or not as they are known here.
    pub pending: Vec<i64>,
}

impl Schema {
    /// Looks, and changes nothing.
    pub async fn of(connection: &mut PgConnection) -> Result<Self, sqlx::Error> {
        let applied = applied(connection).await?;
        let migrations = migrations();
        let is_pending = |migration: &&Migration| {
            let checksum = applied.get(&migration.version);
            checksum.is_none_or(|checksum| checksum[..] != migration.checksum[..])
        };
        let pending = migrations.iter().filter(is_pending);
        Ok(Self {
            version: applied.keys().next_back().copied().unwrap_or(0),
            oldest_usable: oldest_usable(connection).await?,
            pending: pending.map(|migration| migration.version).collect(),
        })
    }

    /// Whether this Baepo understands the tables, once what is pending is made.
    pub fn is_usable(&self) -> bool {
        self.oldest_usable <= known_version()
    }
}

/// Makes what is pending, one process at a time: the others wait until it is made.
///
/// Where nothing is pending it only looks, so that a user who may not change tables can serve.
pub async fn run_migrations(connection: &mut PgConnection) -> Result<Schema, MigrateError> {
    let schema = Schema::of(connection).await?;
    if schema.pending.is_empty() || !schema.is_usable() {
        return Ok(schema);
    }
    let migrator = migrator(known_version());
    migrator.run_direct(None, connection, false).await?;
    Ok(Schema::of(connection).await?)
}

/// Brings the tables to this version.
pub fn migrator(version: i64) -> Migrator {
    let mut migrations = migrations();
    migrations.retain(|migration| migration.version <= version);
    let mut migrator = Migrator::with_migrations(migrations);
    migrator.set_ignore_missing(true);
    migrator
}

fn migrations() -> Vec<Migration> {
    let migration = |(version, name, sql): (i64, &'static str, &'static str)| {
        let sql = sql.into_sql_str();
        Migration::new(version, name.into(), MigrationType::Simple, sql, false)
    };
    MIGRATIONS.map(migration).into()
}

/// The migrations that were made, with their checksums.
async fn applied(connection: &mut PgConnection) -> Result<BTreeMap<i64, Vec<u8>>, sqlx::Error> {
    if !table_exists(connection, "_sqlx_migrations").await? {
        return Ok(BTreeMap::new());
    }
    let applied = "SELECT version, checksum FROM _sqlx_migrations WHERE success";
    let applied: Vec<(i64, Vec<u8>)> = query_as(applied).fetch_all(connection).await?;
    Ok(applied.into_iter().collect())
}

async fn oldest_usable(connection: &mut PgConnection) -> Result<i64, sqlx::Error> {
    if !table_exists(connection, "schema_compatibility").await? {
        return Ok(0);
    }
    let oldest = "SELECT coalesce(max(oldest_usable), 0) FROM schema_compatibility";
    let (oldest,) = query_as(oldest).fetch_one(connection).await?;
    Ok(oldest)
}

async fn table_exists(connection: &mut PgConnection, table: &str) -> Result<bool, sqlx::Error> {
    let table_exists = query_as("SELECT to_regclass($1) IS NOT NULL").bind(table);
    let (table_exists,) = table_exists.fetch_one(connection).await?;
    Ok(table_exists)
}
