//! How a PostgreSQL server is used: options of `[store]`.

use std::str::FromStr as _;
use std::time::Duration;

use baepo_domain::model::options;
use serde::Deserialize;
use sqlx::ConnectOptions as _;
use sqlx::postgres::PgConnectOptions;
use url::Url;

use super::primary::WATCH_CONNECTIONS;
use super::session::SessionSettings;
use super::writer::WRITER_SESSIONS as WRITING;

/// How a process uses its PostgreSQL. Connections are made by the process itself, and keep prepared
/// statements: a pooler in between must pool sessions, not transactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PostgresConfig {
    /// Connections of the store at most: two write for everybody, one watches the server, the
    /// others read, and there is one of these at least. The signals have two more. All processes
    /// together must stay below the server's `max_connections`. Default 16.
    #[serde(deserialize_with = "options::count::<2, 1_000, _, _>")]
    pub max_connections: u32,
    /// How long the server may work on one statement. They take milliseconds; one that takes longer
    /// waits for something that does not come. Default 5 s.
    #[serde(rename = "statement_timeout_ms")]
    #[serde(deserialize_with = "options::duration::<100, 600_000, _>")]
    pub statement_timeout: Duration,
    /// How long a connection may take to be opened, and a read may wait for a free one. Default 3 s.
    #[serde(rename = "acquire_timeout_ms")]
    #[serde(deserialize_with = "options::duration::<100, 60_000, _>")]
    pub acquire_timeout: Duration,
}

impl Default for PostgresConfig {
    fn default() -> Self {
        Self {
            max_connections: 16,
            statement_timeout: Duration::from_secs(5),
            acquire_timeout: Duration::from_secs(3),
        }
    }
}

/// The server has said no to a statement that takes too long before it is given up here.
const SERVERS_LEAD: Duration = Duration::from_secs(1);

impl PostgresConfig {
    /// Connections that read.
    pub(super) fn readers(&self) -> usize {
        let readers = usize::try_from(self.max_connections).unwrap_or(usize::MAX);
        readers.saturating_sub(WRITING + WATCH_CONNECTIONS).max(1)
    }

    /// For sessions whose statements are known, short, and answered from indexes.
    pub(super) fn settings(&self, url: &str) -> Result<SessionSettings, sqlx::Error> {
        let timeout = self.statement_timeout.as_millis().to_string();
        let lock_timeout = (self.statement_timeout / 2).as_millis().to_string();
        let options = plain_options(url)?.options([
            ("statement_timeout", timeout.as_str()),
            // Sooner, so that it is known what the statement has waited for.
            ("lock_timeout", lock_timeout.as_str()),
            // A process that hangs with rows locked keeps nobody waiting for longer.
            ("idle_in_transaction_session_timeout", timeout.as_str()),
            ("default_transaction_isolation", "read committed"),
            // Plans are made once, for any parameters, and do not depend on how full a table was
            // then: an index is always there, and the right one.
            ("plan_cache_mode", "force_generic_plan"),
            ("enable_seqscan", "off"),
            ("enable_hashjoin", "off"),
            ("enable_mergejoin", "off"),
            ("jit", "off"),
        ]);
        Ok(SessionSettings {
            options,
            short_timeout: self.acquire_timeout,
            long_timeout: self.statement_timeout + SERVERS_LEAD,
        })
    }
}

/// Whether that is the address of a PostgreSQL server, with options that are known.
#[must_use]
pub fn is_postgres_address(url: &str) -> bool {
    plain_options(url).is_ok()
}

/// For everything else, such as migrations, which may take long.
pub fn plain_options(url: &str) -> Result<PgConnectOptions, sqlx::Error> {
    let options = PgConnectOptions::from_str(url)?;
    let options = if options.get_application_name().is_none() {
        options.application_name("baepo")
    } else {
        options
    };
    Ok(options.disable_statement_logging())
}

/// The URL as it may be shown: without the password.
#[must_use]
pub fn redacted(url: &str) -> String {
    const HIDDEN: &str = "***";
    let Ok(mut url) = Url::parse(url) else {
        return "(not a URL)".to_owned();
    };
    if url.password().is_some() {
        // Only a URL without a host has no place for a password, and this one has one.
        let _ = url.set_password(Some(HIDDEN));
    }
    if url.query().is_some() {
        let shown: Vec<(String, String)> = url
            .query_pairs()
            .map(|(name, value)| {
                let is_secret = name.contains("password");
                let value = if is_secret { HIDDEN.into() } else { value };
                (name.into_owned(), value.into_owned())
            })
            .collect();
        url.query_pairs_mut().clear().extend_pairs(shown);
    }
    url.into()
}

#[cfg(test)]
mod tests {
    use super::redacted;

    #[test]
    fn a_password_is_never_shown() {
        for (url, shown) in [
            (
                "postgres://baepo:s3cret@db.example:5433/baepo?sslmode=require",
                "postgres://baepo:***@db.example:5433/baepo?sslmode=require",
            ),
            (
                "postgres://baepo@db.example/baepo?password=s3cret",
                "postgres://baepo@db.example/baepo?password=***",
            ),
            ("postgres://db.example", "postgres://db.example"),
            ("s3cret", "(not a URL)"),
        ] {
            assert_eq!(redacted(url), shown);
        }
    }
}
