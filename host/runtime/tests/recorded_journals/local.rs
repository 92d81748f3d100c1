//! Servers on this machine, in the place of providers.

use axum::Router;
use baepo_runtime::egress::Rewrite;
use tokio::net::TcpListener;

/// Serves on a free port: its address.
pub async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    format!("http://{address}")
}

pub fn rewrite(origin: &str, to: &str) -> Rewrite {
    Rewrite {
        origin: origin.parse().unwrap(),
        to: to.parse().unwrap(),
    }
}
