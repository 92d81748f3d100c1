//! Databases for tests: an empty one for each, on a real server.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use baepo_domain::ports::Store as _;
use baepo_test_services::Postgres;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use tokio::sync::OnceCell;
use url::Url;

use super::{PostgresConfig, PostgresStore};

/// The server that the tests were given, or one for this process.
static SERVER: LazyLock<Server> = LazyLock::new(|| match std::env::var(Postgres::URL_VARIABLE) {
    Ok(url) => Server { url, _own: None },
    Err(_) => {
        let own = Postgres::start().unwrap();
        let url = own.url();
        let _own = Some(own);
        Server { url, _own }
    }
});

struct Server {
    url: String,
    _own: Option<Postgres>,
}

/// A database with the tables in it and nothing else, to be copied: making them takes longer.
static TEMPLATE: OnceCell<String> = OnceCell::const_new();

/// A database of a test's own. It is gone when this is dropped.
pub struct Database {
    /// None when it is another's to drop.
    name: Option<String>,
    pub url: String,
}

impl Database {
    /// With the tables in it.
    pub async fn new() -> Self {
        let template = TEMPLATE.get_or_init(|| async {
            let mut template = Self::without_tables().await;
            template.open().await.close().await;
            // It stays as long as this process, and goes when the next one of its number comes.
            template.name.take().unwrap()
        });
        let template = template.await;
        Self::create(&format!("TEMPLATE {template}")).await
    }

    /// Quite empty.
    pub async fn without_tables() -> Self {
        Self::create("").await
    }

    async fn create(how: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("baepo_test_{}_{number}", std::process::id());
        // A process of the same number may have left one behind.
        on_server(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        on_server(&format!("CREATE DATABASE {name} {how}")).await;
        let mut url = Url::parse(&SERVER.url).unwrap();
        url.set_path(&name);
        Self {
            name: Some(name),
            url: url.into(),
        }
    }

    /// The same database for somebody with other rights.
    pub fn with_role(&self, role: &str) -> Self {
        let mut url = Url::parse(&self.url).unwrap();
        url.query_pairs_mut()
            .append_pair("options", &format!("-c role={role}"));
        Self {
            name: None,
            url: url.into(),
        }
    }

    pub async fn open(&self) -> PostgresStore {
        // Tests run side by side, and share what the server has.
        let config = PostgresConfig {
            max_connections: 7,
            // On a busy machine a read may wait for long, and no test is about that.
            acquire_timeout: Duration::from_secs(30),
            ..PostgresConfig::default()
        };
        PostgresStore::open(&self.url, config).await.unwrap()
    }

    /// Another connection, as an operator has it.
    pub async fn raw_connection(&self) -> PgConnection {
        PgConnection::connect(&self.url).await.unwrap()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let Some(name) = &self.name else { return };
        let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        // The test's own runtime cannot wait here.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(on_server(&drop));
        });
        let _ = dropped.join();
    }
}

async fn on_server(sql: &str) {
    let mut connection = PgConnection::connect(&SERVER.url).await.unwrap();
    connection
        .execute(AssertSqlSafe(sql.to_owned()))
        .await
        .unwrap();
    connection.close().await.unwrap();
}
