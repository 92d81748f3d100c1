//! A cluster in trouble: members are killed, services are stopped, while owners publish.

use std::fmt;
use std::time::{Duration, Instant};

use baepo_domain::ports::chance::Chance;

use super::app::{App, OWNER};
use super::report::{KillReport, settle_cluster};
use crate::cluster::{Cluster, ClusterNode};
use crate::providers::SandboxProviders;
use crate::stack::Stack;

/// Load before the trouble, and behind it, in milliseconds at most.
const LOAD_MS: f64 = 400.0;

/// What is done to a cluster.
pub struct ClusterPlan<'a, T> {
    /// Where every event is published.
    pub channels: Vec<String>,
    pub stack: Stack,
    pub replicas: usize,
    /// Publishes at once.
    pub load: usize,
    /// How long it may take in the end until everything has come to its end.
    pub drain: Duration,
    pub chance: &'a Chance,
    /// One after the other, each under load.
    pub disruptions: Vec<T>,
}

/// Something that happens under load, and is over when its future is.
pub trait Disruption: fmt::Display {
    fn inject(&mut self, cluster: &mut Cluster<'_>, chance: &Chance) -> impl Future<Output = ()>;
}

/// Carries the plan out. `progress` is called for every disruption.
pub async fn run_cluster<T: Disruption>(
    plan: ClusterPlan<'_, T>,
    mut progress: impl FnMut(usize, &T),
) -> KillReport {
    let providers = SandboxProviders::start().await;
    let mut cluster = Cluster::start(&providers, plan.stack.clone(), plan.replicas).await;
    let mut app = App::new(plan.channels.clone());
    let disruptions = plan.disruptions.len();
    for (index, mut disruption) in plan.disruptions.into_iter().enumerate() {
        let owner = cluster.owner(OWNER);
        let after = || Duration::from_secs_f64(plan.chance.unit() * LOAD_MS / 1e3);
        let (before, behind) = (after(), after());
        let (over, is_over) = tokio::sync::oneshot::channel();
        let load = async {
            // In slices, since the length of the disruption is unknown.
            let mut is_over = is_over;
            loop {
                let until = Instant::now() + Duration::from_millis(200);
                app.publish_load(&owner, plan.load, Some(until)).await;
                if is_over.try_recv().is_ok() {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let disrupt = async {
            tokio::time::sleep(before).await;
            disruption.inject(&mut cluster, plan.chance).await;
            tokio::time::sleep(behind).await;
            // The load runs until it is stopped.
            let _ = over.send(());
        };
        tokio::join!(load, disrupt);
        progress(index + 1, &disruption);
        if !cluster.is_up(ClusterNode::Event) {
            cluster.launch(ClusterNode::Event).await;
        }
    }
    for node in cluster.all_nodes() {
        if !cluster.is_up(node) {
            cluster.launch(node).await;
        }
    }
    let ended = settle_cluster(&mut cluster, &mut app, plan.drain).await;
    let unexpected = std::mem::take(&mut app.unexpected);
    ended.evaluate(&providers, unexpected, disruptions).await
}

/// One member dies; those that died before are started again, most of them.
pub struct NodeKill {
    node: ClusterNode,
}

impl NodeKill {
    /// Of the event service, or of one of the replicas.
    #[must_use]
    pub fn random(replicas: usize, chance: &Chance) -> Self {
        let members = replicas + 1;
        let node = match (chance.unit() * members as f64) as usize {
            0 => ClusterNode::Event,
            number => ClusterNode::Replica(number - 1),
        };
        Self { node }
    }
}

impl fmt::Display for NodeKill {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} dies", self.node)
    }
}

impl Disruption for NodeKill {
    async fn inject(&mut self, cluster: &mut Cluster<'_>, chance: &Chance) {
        if cluster.is_up(self.node) {
            cluster.kill(self.node).await;
        }
        for node in cluster.all_nodes() {
            let stays_down = matches!(node, ClusterNode::Replica(_)) && chance.unit() < 0.3;
            if !cluster.is_up(node) && !stays_down {
                cluster.launch(node).await;
            }
        }
    }
}
