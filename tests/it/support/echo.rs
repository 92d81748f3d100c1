//! A provider that answers everything, as fast as it can or after a while.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use baepo::config::Config;
use tokio::net::TcpListener;

/// Stands in for `https://echo.example`.
pub struct EchoProvider {
    address: std::net::SocketAddr,
    delay_ms: Arc<AtomicU64>,
    server: tokio::task::JoinHandle<()>,
}

impl EchoProvider {
    /// Starts it on a free port.
    ///
    /// # Panics
    /// When there is none.
    pub async fn start() -> Self {
        let delay_ms = Arc::new(AtomicU64::new(0));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("its address");
        let router = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&delay_ms));
        let server = tokio::spawn(async move {
            axum::serve(listener, router)
                .await
                .expect("the provider serves");
        });
        Self {
            address,
            delay_ms,
            server,
        }
    }

    /// From now on it answers after this time.
    ///
    /// # Panics
    /// When the time is longer than a test.
    pub fn answer_after(&self, delay: Duration) {
        let millis = u64::try_from(delay.as_millis()).expect("a short time");
        self.delay_ms.store(millis, Ordering::Relaxed);
    }

    /// Where it listens.
    ///
    /// # Panics
    /// Never: its address is valid.
    #[must_use]
    pub fn base(&self) -> url::Url {
        let base = format!("http://{}", self.address);
        base.parse().expect("a base address")
    }

    /// Lets the host of this configuration send to it what is meant for `https://echo.example`.
    ///
    /// # Panics
    /// Never: the addresses are valid.
    pub fn is_reached_by(&self, config: &mut Config) {
        let origin = "https://echo.example".parse().expect("an origin");
        let base = self.base();
        config.egress.rewrite.insert(origin, base);
    }
}

impl Drop for EchoProvider {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn answer(State(delay_ms): State<Arc<AtomicU64>>) -> &'static str {
    let delay = delay_ms.load(Ordering::Relaxed);
    if delay > 0 {
        tokio::time::sleep(Duration::from_millis(delay)).await;
    }
    "{}"
}
