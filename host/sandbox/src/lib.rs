//! Local stand-ins for the providers, so that a newcomer publishes for real within minutes and a
//! test breaks things on purpose.
//!
//! A stand-in speaks its provider's protocol, errors included, as its documentation has it, and keeps
//! what it receives in memory, bounded. Components do not know: the host's egress maps the real
//! origins to [`Sandbox::rewrites`].
//!
//! | path | what |
//! | --- | --- |
//! | `/` | the channels as their audiences see them |
//! | `/instagram/…` | graph.facebook.com and graph.instagram.com (see [`instagram`]) |
//! | `/nhn-cloud/…` | NHN Cloud KakaoTalk Bizmessage (see [`nhn_cloud`]) |
//! | `/uridongne-tv/…`, `/genie-tv/…`, `/ringo-biz/…` | KT's partner APIs, by our own contract (see [`kt`]) |
//! | `/naver-blog/…` | the editor that a blog's owner uses: no channel calls it (see [`naver_blog`]) |
//! | `/_control/…` | what is out, what was asked, faults, settings, time (see [`control`]) |
//!
//! It must not become a second product: no persistence, no configuration file, no credentials but
//! the ones that start with `sandbox-`.

mod bounded_store;
mod clock;
pub mod control;
mod faults;
pub mod instagram;
pub mod kt;
mod lag;
mod ledger;
mod lock;
pub mod naver_blog;
pub mod nhn_cloud;
mod page;
mod provider;
mod server;
mod settings;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;

use crate::clock::Clock;
use crate::control::Control;
use crate::faults::Faults;
use crate::instagram::Instagram;
use crate::kt::Kt;
use crate::ledger::Ledger;
use crate::naver_blog::NaverBlog;
use crate::nhn_cloud::NhnCloud;
use crate::provider::Provider;
use crate::server::Server;

/// The running stand-ins. They stop when this is dropped; [`Sandbox::stop`] also waits for it.
#[derive(Debug)]
pub struct Sandbox {
    server: Server,
}

impl Sandbox {
    /// Binds `listen` (port 0 picks a free one) and serves in the background until
    /// [`stop`](Self::stop).
    ///
    /// # Errors
    /// The address cannot be bound.
    pub async fn start(listen: SocketAddr) -> anyhow::Result<Sandbox> {
        let clock = Arc::new(Clock::default());
        let ledger = Arc::new(Ledger::new());
        let faults = Arc::new(Faults::default());
        let instagram = Arc::new(Instagram::new(Arc::clone(&clock), Arc::clone(&ledger)));
        let nhn_cloud = Arc::new(NhnCloud::new(Arc::clone(&clock), Arc::clone(&ledger)));
        let kt = Kt::new(&clock);
        let kt_router = kt.router();
        let naver_blog = Arc::new(NaverBlog::new(Arc::clone(&clock), Arc::clone(&ledger)));
        let control = Control {
            clock: Arc::clone(&clock),
            ledger: Arc::clone(&ledger),
            faults: Arc::clone(&faults),
            instagram: Arc::clone(&instagram),
            nhn_cloud: Arc::clone(&nhn_cloud),
            kt,
            naver_blog: Arc::clone(&naver_blog),
        };
        let router = Router::new()
            .merge(page::router())
            .merge(kt_router)
            .nest("/_control", control::router(control))
            .nest(
                Provider::Instagram.prefix(),
                instagram::routes::router(instagram),
            )
            .nest(
                Provider::NhnCloud.prefix(),
                nhn_cloud::routes::router(nhn_cloud),
            )
            .nest(
                Provider::NaverBlog.prefix(),
                naver_blog::routes::router(naver_blog),
            );
        let server = Server::start(
            listen,
            server::App {
                router,
                clock,
                ledger,
                faults,
            },
        )
        .await?;
        Ok(Sandbox { server })
    }

    /// Where it listens, with the port that was picked.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Origin of the real provider and base URL of its stand-in, without a slash at the end:
    /// `("https://graph.facebook.com", "http://127.0.0.1:PORT/instagram")`.
    pub fn rewrites(&self) -> Vec<(String, String)> {
        let address = reachable(self.address());
        let of_provider = |provider: Provider| {
            let stand_in = format!("http://{address}{}", provider.prefix());
            provider
                .origins()
                .iter()
                .map(move |origin| (origin.to_string(), stand_in.clone()))
        };
        Provider::ALL.into_iter().flat_map(of_provider).collect()
    }

    /// Closes every connection, also one that a `hang` holds, and gives the port back.
    pub async fn stop(self) {
        self.server.stop().await;
    }
}

/// "All addresses" is a place to listen at, not one to connect to.
fn reachable(address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), address.port())
    } else {
        address
    }
}
