//! What `baepo doctor` asks of Redis.

mod rights;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use baepo_domain::ports::clock::Clock;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, ErrorKind, RedisError, RedisResult};

use self::rights::TIMEOUT;
use super::config::RedisConfig;
use super::link::{RedisConfigError, client, is_answer, redact_arguments};
use crate::checkup::Check;

/// The first version that is tested.
const MIN_VERSION: u32 = 7;
/// Round trips of which the middle one is shown.
const ROUND_TRIP_SAMPLES: usize = 21;
/// Between the clocks of two machines that both know the time.
const MAX_SKEW_MS: i64 = 1_000;

/// Looks at the Redis at this address as a host with this configuration would use it. A key and a
/// message are left behind for nobody: the key is deleted, and no host knows the message.
pub async fn check_redis(url: &str, config: &RedisConfig, clock: &dyn Clock) -> Vec<Check> {
    let client = match client(url, config) {
        Ok(client) => client,
        Err(error) => return vec![url_error(&error)],
    };
    let (mut connection, reached) = match reach(&client, config).await {
        Ok(reached) => reached,
        Err(check) => return vec![check],
    };
    let mut checks = vec![reached];
    checks.extend(server_checks(&mut connection).await);
    checks.extend(rights::check(&client, &mut connection, config).await);
    checks.extend(clocks(&mut connection, clock).await);
    checks
}

fn url_error(error: &RedisConfigError) -> Check {
    match error {
        RedisConfigError::Address(_) => {
            let advice = "write it as redis://user:password@host:port/database, or with rediss \
                          for TLS";
            Check::bad("redis: address", error.to_string(), advice)
        }
        RedisConfigError::Certificate { source, .. } => {
            let advice = "give a PEM file that this user may read in cache.root_certificate";
            Check::bad("redis: certificate", format!("{error}: {source}"), advice)
        }
    }
}

async fn reach(
    client: &Client,
    config: &RedisConfig,
) -> Result<(MultiplexedConnection, Check), Check> {
    let address = client.get_connection_info().addr().to_string();
    let unreached = |error: RedisError| {
        let found = format!("{address}: {}", redact_arguments(&error));
        Check::bad("redis: connection", found, advice_on(&error))
    };
    let limits = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(TIMEOUT))
        .set_response_timeout(Some(TIMEOUT));
    let connecting = client.get_multiplexed_async_connection_with_config(&limits);
    let mut connection = connecting.await.map_err(unreached)?;
    let round_trip = round_trip(&mut connection).await.map_err(unreached)?;
    let found = format!(
        "{address}, {:.2} ms there and back",
        round_trip.as_secs_f64() * 1e3
    );
    let check = if round_trip * 4 > config.time_limit {
        let limit = config.time_limit.as_millis();
        let advice = format!("calls are given up after {limit} ms: bring Redis closer");
        Check::warning("redis: connection", found, advice)
    } else {
        Check::good("redis: connection", found)
    };
    Ok((connection, check))
}

fn advice_on(error: &RedisError) -> &'static str {
    let code = error.code().unwrap_or_default();
    if error.kind() == ErrorKind::AuthenticationFailed || ["NOAUTH", "WRONGPASS"].contains(&code) {
        "check user and password in its address"
    } else if is_answer(error) {
        "check that it is a Redis, and what its user may do"
    } else {
        "check that Redis runs there, and that this machine may connect to it; with TLS, that \
         its certificate is for this name and from an authority that this machine trusts"
    }
}

/// The middle of several.
async fn round_trip(connection: &mut MultiplexedConnection) -> RedisResult<Duration> {
    let mut times = Vec::with_capacity(ROUND_TRIP_SAMPLES);
    for _ in 0..ROUND_TRIP_SAMPLES {
        let begin = Instant::now();
        redis::cmd("PING").exec_async(connection).await?;
        times.push(begin.elapsed());
    }
    times.sort_unstable();
    Ok(times[ROUND_TRIP_SAMPLES / 2])
}

/// What Redis reports of itself.
async fn server_checks(connection: &mut MultiplexedConnection) -> Vec<Check> {
    let info: RedisResult<String> = redis::cmd("INFO").query_async(connection).await;
    let info = match info {
        Ok(info) => info,
        Err(error) => {
            let advice = "allow its user +info to have version, role and memory looked at";
            return vec![Check::warning(
                "redis: version",
                redact_arguments(&error),
                advice,
            )];
        }
    };
    let lines = info.lines().filter_map(|line| line.split_once(':'));
    let server_checks: HashMap<&str, &str> = lines.collect();
    let fact = |name| server_checks.get(name).copied().unwrap_or_default();
    vec![
        version(fact("redis_version")),
        role(fact("role")),
        memory(fact("maxmemory"), fact("maxmemory_policy")),
    ]
}

fn version(version: &str) -> Check {
    let major = version
        .split('.')
        .next()
        .and_then(|major| major.parse().ok());
    if major.is_some_and(|major: u32| major >= MIN_VERSION) {
        return Check::good("redis: version", version);
    }
    let advice = format!("Baepo is tested with Redis {MIN_VERSION} and later: update it");
    Check::warning("redis: version", version, advice)
}

fn role(role: &str) -> Check {
    if role == "slave" {
        let advice = "it refuses to write: give the address of the primary";
        return Check::bad("redis: role", "replica", advice);
    }
    Check::good("redis: role", "primary")
}

fn memory(limit: &str, policy: &str) -> Check {
    const SUBJECT: &str = "redis: memory";
    if limit.is_empty() || limit == "0" {
        return Check::good(SUBJECT, "no limit");
    }
    let found = format!("at most {limit} bytes, then {policy}");
    if policy == "noeviction" {
        let advice = "when it is full nothing can be put into the cache: set maxmemory-policy to \
                      volatile-ttl or allkeys-lru";
        return Check::warning(SUBJECT, found, advice);
    }
    Check::good(SUBJECT, found)
}

async fn clocks(connection: &mut MultiplexedConnection, clock: &dyn Clock) -> Option<Check> {
    let begin = clock.now().as_millisecond();
    let time: RedisResult<(i64, i64)> = redis::cmd("TIME").query_async(connection).await;
    let middle = begin.midpoint(clock.now().as_millisecond());
    // Whether it may be asked stands with the rights.
    let (seconds, micros) = time.ok()?;
    Some(skew(seconds * 1_000 + micros / 1_000 - middle))
}

fn skew(ahead_ms: i64) -> Check {
    let found = match ahead_ms {
        0.. => format!("Redis is {ahead_ms} ms ahead of this machine"),
        _ => format!("Redis is {} ms behind this machine", -ahead_ms),
    };
    if ahead_ms.abs() > MAX_SKEW_MS {
        let advice = "let both machines take the time from the same source (NTP)";
        return Check::warning("redis: clock", found, advice);
    }
    Check::good("redis: clock", found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkup::Verdict;

    #[test]
    fn an_old_or_unknown_version_is_a_warning() {
        let verdict = |text| version(text).verdict;
        assert_eq!(verdict("7.0.15"), Verdict::Good);
        assert_eq!(verdict("10.2"), Verdict::Good);
        assert_eq!(verdict("6.2.14"), Verdict::Warning);
        assert_eq!(verdict(""), Verdict::Warning);
    }

    #[test]
    fn a_memory_limit_requires_an_eviction_policy() {
        assert_eq!(memory("0", "noeviction").verdict, Verdict::Good);
        assert_eq!(memory("1048576", "noeviction").verdict, Verdict::Warning);
        assert_eq!(memory("1048576", "volatile-ttl").verdict, Verdict::Good);
    }

    #[test]
    fn a_replica_is_rejected() {
        assert_eq!(role("slave").verdict, Verdict::Bad);
        assert_eq!(role("master").verdict, Verdict::Good);
    }

    #[test]
    fn a_small_clock_skew_is_accepted() {
        assert_eq!(skew(-999).verdict, Verdict::Good);
        assert_eq!(skew(1_001).verdict, Verdict::Warning);
        assert_eq!(skew(-2_000).found, "Redis is 2000 ms behind this machine");
    }
}
