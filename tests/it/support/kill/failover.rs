//! PostgreSQL's standby takes the place of its primary, under load, and the primary lives.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use baepo_domain::ports::chance::Chance;
use baepo_test_services::Postgres;
use reqwest::Method;
use tokio::sync::Mutex;

use super::app::OWNER;
use super::cluster::Disruption;
use crate::cluster::Cluster;
use crate::draft::autumn_event;
use crate::owner::Owner;
use crate::proxy::Proxy;

/// A host must work again so soon, without a restart.
pub const RECOVERY_TIMEOUT: Duration = Duration::from_secs(30);
/// How long others have all connections.
const EXHAUSTION_TIME: Duration = Duration::from_secs(3);

/// A primary with a standby, behind an address that leads to the primary.
pub struct PrimaryStandby {
    proxy: Proxy,
    servers: Arc<Mutex<Servers>>,
}

struct Servers {
    primary: Postgres,
    standby: Postgres,
    /// Those that were replaced. They live as long as the others.
    replaced: Vec<Postgres>,
}

/// What happens to the primary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailoverMode {
    /// It is read-only, and then its standby is promoted.
    Demoted,
    /// Its standby is promoted, and it is read-only a moment later.
    DemotedLate,
    /// It hangs.
    Hangs,
    /// It stays; others have all of its connections for a while.
    ConnectionsExhausted,
}

impl FailoverMode {
    pub const ALL: [Self; 4] = [
        Self::Demoted,
        Self::DemotedLate,
        Self::Hangs,
        Self::ConnectionsExhausted,
    ];
}

impl PrimaryStandby {
    /// # Panics
    /// When one of them does not start.
    pub async fn start() -> Self {
        let start = || {
            let primary = Postgres::start().expect("PostgreSQL");
            let standby = primary.start_standby().expect("a standby");
            Servers {
                primary,
                standby,
                replaced: Vec::new(),
            }
        };
        let servers = tokio::task::spawn_blocking(start).await.expect("servers");
        let proxy = Proxy::start().await;
        proxy.set_upstreams(vec![local(servers.primary.port())]);
        Self {
            proxy,
            servers: Arc::new(Mutex::new(servers)),
        }
    }

    /// Where the primary is, whichever that is.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://postgres@{}/postgres", self.proxy.address())
    }

    /// The primary is read-only from now on, and no standby is promoted.
    ///
    /// # Panics
    /// When it does not run.
    pub async fn demote(&self) {
        self.on_servers(|servers| servers.primary.demote().expect("a primary"))
            .await;
    }

    /// The standby takes the place of the primary, whose connections stay open, and the address
    /// leads to it.
    ///
    /// # Panics
    /// When it cannot be promoted.
    pub async fn promote(&self) {
        let promote = |servers: &mut Servers| {
            servers.standby.promote().expect("a standby");
            servers.standby.port()
        };
        let port = self.on_servers(promote).await;
        self.proxy.set_upstreams(vec![local(port)]);
    }

    /// The promoted one has a standby of its own from now on.
    async fn prepare_next(&self) {
        self.on_servers(|servers| {
            let next = servers.standby.start_standby().expect("a standby");
            let primary = std::mem::replace(&mut servers.standby, next);
            let replaced = std::mem::replace(&mut servers.primary, primary);
            servers.replaced.push(replaced);
        })
        .await;
    }

    async fn hang(&self) {
        self.on_servers(|servers| servers.primary.pause().expect("a primary"))
            .await;
    }

    async fn exhaust_connections(&self) {
        let others = self.on_servers(|servers| servers.primary.exhaust_connections());
        let others = others.await.expect("a primary");
        tokio::time::sleep(EXHAUSTION_TIME).await;
        drop(others);
    }

    async fn on_servers<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Servers) -> T + Send + 'static,
    ) -> T {
        let mut servers = Arc::clone(&self.servers).lock_owned().await;
        let done = tokio::task::spawn_blocking(move || work(&mut servers));
        done.await.expect("it is done")
    }
}

fn local(port: u16) -> SocketAddr {
    ([127, 0, 0, 1], port).into()
}

/// A primary is left, one way or another.
pub struct Failover {
    pair: Arc<PrimaryStandby>,
    mode: FailoverMode,
}

impl Failover {
    #[must_use]
    pub fn new(pair: &Arc<PrimaryStandby>, mode: FailoverMode) -> Self {
        let pair = Arc::clone(pair);
        Self { pair, mode }
    }

    #[must_use]
    pub fn random(pair: &Arc<PrimaryStandby>, chance: &Chance) -> Self {
        let manners = FailoverMode::ALL;
        let which = (chance.unit() * manners.len() as f64) as usize;
        Self::new(pair, manners[which])
    }
}

impl fmt::Display for Failover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.mode {
            FailoverMode::Demoted => "the primary is demoted and replaced",
            FailoverMode::DemotedLate => "the primary is replaced, and demoted then",
            FailoverMode::Hangs => "the primary hangs and is replaced",
            FailoverMode::ConnectionsExhausted => "others have all connections of the primary",
        })
    }
}

impl Disruption for Failover {
    async fn inject(&mut self, cluster: &mut Cluster<'_>, _chance: &Chance) {
        let pair = &self.pair;
        match self.mode {
            FailoverMode::Demoted => {
                pair.demote().await;
                pair.promote().await;
            }
            FailoverMode::DemotedLate => {
                pair.promote().await;
                pair.demote().await;
            }
            FailoverMode::Hangs => {
                pair.hang().await;
                pair.promote().await;
            }
            FailoverMode::ConnectionsExhausted => pair.exhaust_connections().await,
        }
        let owner = cluster.owner(OWNER);
        let wait_for_recovery = wait_for_recovery(&owner);
        match tokio::time::timeout(RECOVERY_TIMEOUT, wait_for_recovery).await {
            Ok(after) => eprintln!("{self}: works again after {after:?}"),
            Err(_) => panic!("{self}: it does not work after {RECOVERY_TIMEOUT:?}"),
        }
        if self.mode != FailoverMode::ConnectionsExhausted {
            pair.prepare_next().await;
        }
    }
}

/// Waits until an event can be made, read and published.
async fn wait_for_recovery(owner: &Owner) -> Duration {
    let begin = Instant::now();
    loop {
        let draft = autumn_event(&["kakao-channel"]);
        let make = owner.request(Method::POST, "/api/events").json(&draft);
        if let Some(made) = owner.ask(make).await
            && made.status == 201
        {
            let event = made.body["id"].as_str().expect("an id").to_owned();
            if owner.publish(&event).await.status == 200 {
                return begin.elapsed();
            }
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
