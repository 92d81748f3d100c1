use baepo_domain::ports::Store as _;
use baepo_domain::ports::clock::ManualClock;
use sqlx::{AssertSqlSafe, Executor as _};

use super::super::testing::Database;
use super::*;
use crate::checkup::Verdict;

/// A clock that goes as the server's does.
async fn same_clock(database: &Database) -> ManualClock {
    let now = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint";
    let mut connection = database.raw_connection().await;
    let (millis,): (i64,) = query_as(now).fetch_one(&mut connection).await.unwrap();
    ManualClock::at(Timestamp::from_millisecond(millis).unwrap())
}

async fn check(database: &Database, config: &PostgresConfig) -> Vec<Check> {
    let clock = same_clock(database).await;
    check_postgres(&database.url, config, &clock).await
}

fn about<'a>(checks: &'a [Check], subject: &str) -> &'a Check {
    let check = checks.iter().find(|check| check.subject == subject);
    check.unwrap_or_else(|| panic!("nothing about {subject} in {checks:?}"))
}

#[tokio::test]
async fn a_healthy_server_passes_every_check() {
    let database = Database::new().await;
    let config = PostgresConfig {
        max_connections: 2,
        ..PostgresConfig::default()
    };
    let checks = check(&database, &config).await;
    let subjects: Vec<&str> = checks.iter().map(|check| check.subject.as_str()).collect();
    let every = [
        REACHABLE,
        VERSION,
        ENCODING,
        ROLE,
        DURABILITY,
        CONNECTIONS,
        CLOCK,
        TABLES,
        RIGHTS,
    ];
    assert_eq!(subjects, every);
    // How fast the machine is does not matter here.
    let rest = checks
        .iter()
        .filter(|check| ![REACHABLE, CLOCK].contains(&&*check.subject));
    for check in rest {
        assert_eq!(check.verdict, Verdict::Good, "{check:?}");
    }
}

#[tokio::test]
async fn problems_are_reported_with_advice() {
    let database = Database::without_tables().await;
    let mut operator = database.raw_connection().await;
    let turn_off = "
        DO $$ BEGIN EXECUTE format(
            'ALTER DATABASE %I SET synchronous_commit = off', current_database()
        ); END $$";
    operator.execute(turn_off).await.unwrap();
    let config = PostgresConfig {
        max_connections: 100_000,
        ..PostgresConfig::default()
    };
    let checks = check(&database, &config).await;
    assert_eq!(about(&checks, TABLES).verdict, Verdict::Warning);
    assert_eq!(about(&checks, CONNECTIONS).verdict, Verdict::Bad);
    assert_eq!(about(&checks, DURABILITY).verdict, Verdict::Warning);

    // What is durable does not depend on it.
    let settings = config.settings(&database.url).unwrap();
    let mut session = Session::open(&settings).await.unwrap();
    session.commit_durably().await.unwrap();
    let mut connection = session.into_connection();
    let setting = query_as("SHOW synchronous_commit").fetch_one(&mut connection);
    let (setting,): (String,) = setting.await.unwrap();
    assert_eq!(setting, "on");

    let _store = database.open().await;
    let newer = "UPDATE schema_compatibility SET oldest_usable = 99";
    operator.execute(newer).await.unwrap();
    let checks = check(&database, &config).await;
    let tables = about(&checks, TABLES);
    assert_eq!(tables.verdict, Verdict::Bad);
    let advice = tables.advice.as_deref().unwrap_or_default();
    assert!(advice.contains("run a newer Baepo"), "{advice}");
}

/// A user who may write, and not make tables, can serve.
#[tokio::test]
async fn missing_rights_are_reported() {
    let database = Database::new().await;
    let role = database.url.rsplit_once('/').unwrap().1.to_owned();
    let mut operator = database.raw_connection().await;
    let make = format!(
        "CREATE ROLE {role}; GRANT USAGE ON SCHEMA public TO {role};
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role};
         REVOKE CREATE ON SCHEMA public FROM PUBLIC; REVOKE DELETE ON accounts FROM {role}"
    );
    operator.execute(AssertSqlSafe(make)).await.unwrap();
    let limited = database.with_role(&role);
    let config = PostgresConfig::default();
    let checks = check(&limited, &config).await;
    let rights = about(&checks, RIGHTS);
    assert_eq!(rights.verdict, Verdict::Bad);
    assert_eq!(rights.found, "1 are missing, such as DELETE on accounts");

    let grant = format!("GRANT DELETE ON accounts TO {role}");
    operator.execute(AssertSqlSafe(grant)).await.unwrap();
    let checks = check(&limited, &config).await;
    assert_eq!(about(&checks, RIGHTS).verdict, Verdict::Good);
    limited.open().await.close().await;

    let unmake = format!("DROP OWNED BY {role}; DROP ROLE {role}");
    operator.execute(AssertSqlSafe(unmake)).await.unwrap();
}

#[tokio::test]
async fn an_unreachable_server_is_reported_without_its_password() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = nobody.local_addr().unwrap().port();
    drop(nobody);
    for url in [
        format!("postgres://baepo:s3cret@127.0.0.1:{port}/baepo"),
        "nonsense".to_owned(),
    ] {
        let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
        let checks = check_postgres(&url, &PostgresConfig::default(), &clock).await;
        let [check] = &checks[..] else {
            panic!("{checks:?}")
        };
        assert_eq!(check.verdict, Verdict::Bad);
        assert!(check.advice.is_some());
        assert!(!format!("{check:?}").contains("s3cret"), "{check:?}");
    }
}

#[test]
fn clock_skew_is_distinguished_from_latency() {
    let at = |millis| Timestamp::from_millisecond(millis).unwrap();
    for (server, verdict) in [
        (2_000, Verdict::Good),
        (900, Verdict::Good),
        (3_500, Verdict::Good),
        (4_500, Verdict::Warning),
        (-1_000, Verdict::Warning),
        (-5_000, Verdict::Bad),
        (9_000, Verdict::Bad),
    ] {
        let check = skew_of(server, at(1_000), at(3_000));
        assert_eq!(check.verdict, verdict, "{server}: {check:?}");
    }
}
