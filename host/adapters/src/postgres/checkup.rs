//! What `baepo doctor` asks of PostgreSQL.

use std::time::{Duration, Instant};

use baepo_domain::Timestamp;
use baepo_domain::ports::clock::Clock;
use sqlx::{PgConnection, query_as};

use super::config::{PostgresConfig, plain_options, redacted};
use super::schema::{Schema, known_version};
use super::session::{Session, SessionSettings};
use crate::checkup::Check;
use crate::rows::row;

/// What is used of PostgreSQL is there since 14.
const MIN_VERSION: i32 = 14;
/// More than two machines in one place are off by.
const SKEW_WARNING: Duration = Duration::from_secs(1);
/// Leases are a minute or less: a host that is late by this much works on what others take over.
const SKEW_LIMIT: Duration = Duration::from_secs(5);
/// What a healthy server answers within.
const SLOW: Duration = Duration::from_millis(500);

const REACHABLE: &str = "postgres: reachable";
const VERSION: &str = "postgres: version";
const ENCODING: &str = "postgres: encoding";
const ROLE: &str = "postgres: role";
const DURABILITY: &str = "postgres: durability";
const CONNECTIONS: &str = "postgres: connections";
const CLOCK: &str = "postgres: clock";
const TABLES: &str = "postgres: tables";
const RIGHTS: &str = "postgres: rights";

/// Looks whether the server at `url` is as Baepo needs it, for a store with this `config`. Changes
/// nothing, and never shows the password.
pub async fn check_postgres(url: &str, config: &PostgresConfig, clock: &dyn Clock) -> Vec<Check> {
    let begin = Instant::now();
    let mut connection = match connect(url, config).await {
        Ok(connection) => connection,
        Err(error) => return vec![unreachable(url, &error)],
    };
    let mut checks = vec![reachable(url, begin.elapsed())];
    let looked = tokio::time::timeout(
        config.statement_timeout,
        inspect(&mut connection, config, clock, &mut checks),
    );
    let error = match looked.await {
        Ok(Ok(())) => return checks,
        Ok(Err(error)) => error.to_string(),
        Err(_) => format!("no answer within {:?}", config.statement_timeout),
    };
    let advice = "look at the server's log";
    checks.push(Check::bad("postgres: answers", error, advice));
    checks
}

async fn connect(url: &str, config: &PostgresConfig) -> Result<PgConnection, sqlx::Error> {
    let settings = SessionSettings {
        options: plain_options(url)?,
        ..config.settings(url)?
    };
    Session::open(&settings).await.map(Session::into_connection)
}

fn unreachable(url: &str, error: &sqlx::Error) -> Check {
    let advice = match error {
        sqlx::Error::Configuration(_) => "write it like postgres://user:password@host:5432/name",
        sqlx::Error::Database(_) => "look at the user, the password and the database's name",
        sqlx::Error::Tls(_) => "look at the certificates, and at `sslmode` in the URL",
        _ => "look whether the server runs, and whether a firewall is in between",
    };
    Check::bad(REACHABLE, format!("{}: {error}", redacted(url)), advice)
}

fn reachable(url: &str, took: Duration) -> Check {
    let found = format!("{} in {} ms", redacted(url), took.as_millis());
    if took < SLOW {
        Check::good(REACHABLE, found)
    } else {
        Check::warning(
            REACHABLE,
            found,
            "every write waits for the way to the server",
        )
    }
}

async fn inspect(
    connection: &mut PgConnection,
    config: &PostgresConfig,
    clock: &dyn Clock,
    checks: &mut Vec<Check>,
) -> Result<(), sqlx::Error> {
    let server = Server::of(connection).await?;
    checks.push(server.version());
    checks.push(server.encoding());
    checks.push(server.role());
    checks.push(server.durability());
    checks.push(server.connections(config));
    checks.push(skew(connection, clock).await?);
    let schema = Schema::of(connection).await?;
    checks.push(tables(&schema));
    checks.push(rights(connection, &schema).await?);
    Ok(())
}

row! {
    struct Server {
        number: i32,
        version: String,
        encoding: String,
        is_standby: bool,
        is_read_only: bool,
        fsync: String,
        synchronous_commit: String,
        max_connections: i32,
        used_connections: i64,
    }
}

impl Server {
    async fn of(connection: &mut PgConnection) -> Result<Self, sqlx::Error> {
        let server = "
            SELECT current_setting('server_version_num')::int AS number,
                current_setting('server_version') AS version,
                current_setting('server_encoding') AS encoding,
                pg_is_in_recovery() AS is_standby,
                current_setting('transaction_read_only') = 'on' AS is_read_only,
                current_setting('fsync') AS fsync,
                current_setting('synchronous_commit') AS synchronous_commit,
                current_setting('max_connections')::int AS max_connections,
                (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')
                    AS used_connections";
        query_as(server).fetch_one(connection).await
    }

    fn version(&self) -> Check {
        if self.number / 10_000 >= MIN_VERSION {
            Check::good(VERSION, &self.version)
        } else {
            let advice = format!("Baepo needs PostgreSQL {MIN_VERSION} or newer");
            Check::bad(VERSION, &self.version, advice)
        }
    }

    fn encoding(&self) -> Check {
        if self.encoding == "UTF8" {
            Check::good(ENCODING, &self.encoding)
        } else {
            let advice = "make the database with ENCODING 'UTF8': it could not keep every text";
            Check::bad(ENCODING, &self.encoding, advice)
        }
    }

    fn role(&self) -> Check {
        if self.is_standby {
            let advice = "name the primary in the URL: nothing can be written to a standby";
            Check::bad(ROLE, "a standby", advice)
        } else if self.is_read_only {
            let advice = "let this user write: `default_transaction_read_only` is on";
            Check::bad(ROLE, "a primary, but read-only", advice)
        } else {
            Check::good(ROLE, "a primary")
        }
    }

    fn durability(&self) -> Check {
        let found = format!(
            "fsync {}, synchronous_commit {}",
            self.fsync, self.synchronous_commit
        );
        if self.fsync != "on" {
            let advice = "turn `fsync` on: without it a power cut loses what was committed, \
                and Baepo would post twice";
            return Check::bad(DURABILITY, found, advice);
        }
        match self.synchronous_commit.as_str() {
            "off" => {
                let advice = "Baepo turns `synchronous_commit` on where it writes; \
                    turn it on for the server, so that everybody sees what holds";
                Check::warning(DURABILITY, found, advice)
            }
            _ => Check::good(DURABILITY, found),
        }
    }

    fn connections(&self, config: &PostgresConfig) -> Check {
        // The signals have two.
        let wanted = i64::from(config.max_connections) + 2;
        let (most, used) = (i64::from(self.max_connections), self.used_connections);
        let found = format!("{used} of {most} are used, and a host of Baepo takes up to {wanted}");
        if wanted > most {
            let advice = "raise the server's `max_connections`, or lower Baepo's";
            Check::bad(CONNECTIONS, found, advice)
        } else if wanted > most - used {
            let advice = "with one host more there may be none left; if this one runs already, \
                its own are among the used";
            Check::warning(CONNECTIONS, found, advice)
        } else {
            Check::good(CONNECTIONS, found)
        }
    }
}

/// Compares the server's clock with this machine's. Hosts compare theirs with each other's through
/// what they write, so each of them must be right.
async fn skew(connection: &mut PgConnection, clock: &dyn Clock) -> Result<Check, sqlx::Error> {
    let now = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint";
    let before = clock.now();
    let (server,): (i64,) = query_as(now).fetch_one(connection).await?;
    let after = clock.now();
    Ok(skew_of(server, before, after))
}

/// The server read its clock between these two times.
fn skew_of(server_millis: i64, before: Timestamp, after: Timestamp) -> Check {
    let early = before.as_millisecond() - server_millis;
    let late = server_millis - after.as_millisecond();
    let (off, found) = if late > early {
        (late, "the server's clock is ahead by")
    } else {
        (early, "the server's clock is behind by")
    };
    let off = Duration::from_millis(u64::try_from(off).unwrap_or(0));
    let found = format!("{found} {} ms", off.as_millis());
    let advice = "let both machines follow a time server (NTP): hosts compare times to know \
        who still works on a delivery";
    if off > SKEW_LIMIT {
        Check::bad(CLOCK, found, advice)
    } else if off > SKEW_WARNING {
        Check::warning(CLOCK, found, advice)
    } else {
        Check::good(CLOCK, "the same as this machine's")
    }
}

fn tables(schema: &Schema) -> Check {
    let (version, known) = (schema.version, known_version());
    let found = format!("version {version}, this Baepo knows {known}");
    if !schema.is_usable() {
        let oldest = schema.oldest_usable;
        let advice = format!("run a newer Baepo: the tables are for those that know {oldest}");
        Check::bad(TABLES, found, advice)
    } else if schema.pending.is_empty() {
        Check::good(TABLES, found)
    } else if version == 0 {
        let advice = "there are none yet: the first start makes them";
        Check::warning(TABLES, found, advice)
    } else {
        let pending: Vec<String> = schema.pending.iter().map(i64::to_string).collect();
        let advice = format!("the next start makes {}", pending.join(", "));
        Check::warning(TABLES, found, advice)
    }
}

async fn rights(connection: &mut PgConnection, schema: &Schema) -> Result<Check, sqlx::Error> {
    let missing = "
        SELECT format('%s on %s', privilege, relname)
        FROM pg_class
        JOIN pg_namespace ON pg_namespace.oid = relnamespace AND nspname = current_schema()
        CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS privilege
        WHERE relkind = 'r' AND relname = ANY ($1) AND NOT has_table_privilege(pg_class.oid, privilege)
        ORDER BY relname, privilege";
    let tables: &[&str] = &[
        "accounts",
        "attempts",
        "audit",
        "components",
        "deliveries",
        "delivery_changes",
        "distributions",
        "events",
        "idempotency_keys",
        "journal_entries",
        "outbox",
        "releases",
    ];
    let missing: Vec<(String,)> = query_as(missing)
        .bind(tables)
        .fetch_all(&mut *connection)
        .await?;
    if let Some((first,)) = missing.first() {
        let found = format!("{} are missing, such as {first}", missing.len());
        let advice = "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES to this user";
        return Ok(Check::bad(RIGHTS, found, advice));
    }
    let may_create = "
        SELECT coalesce(has_schema_privilege(current_schema(), 'CREATE'), false)";
    let (may_create,): (bool,) = query_as(may_create).fetch_one(connection).await?;
    Ok(match (may_create, schema.pending.is_empty()) {
        (true, _) => Check::good(RIGHTS, "may write, and make tables"),
        (false, true) => Check::good(RIGHTS, "may write, but not make tables, as nobody must now"),
        (false, false) => {
            let advice = "GRANT CREATE ON SCHEMA to this user, or start once as one who may";
            Check::bad(RIGHTS, "may not make tables, and some must be made", advice)
        }
    })
}

#[cfg(test)]
mod tests;
