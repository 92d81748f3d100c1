//! A cluster in trouble: members are killed, services are stopped, while owners publish.

use std::fmt;
use std::time::{Duration, Instant};

use baepo_domain::chance::Chance;

use super::app::App;
use super::verdict::settle_cluster;
use super::{OWNER, Tally};
use crate::{Cluster, Outside, Stack, Who};

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
    pub troubles: Vec<T>,
}

/// Something that happens under load, and is over when its future is.
pub trait Trouble: fmt::Display {
    fn happen(&mut self, cluster: &mut Cluster<'_>, chance: &Chance) -> impl Future<Output = ()>;
}

/// Carries the plan out. `progress` hears of every trouble.
pub async fn run_cluster<T: Trouble>(
    plan: ClusterPlan<'_, T>,
    mut progress: impl FnMut(usize, &T),
) -> Tally {
    let outside = Outside::start().await;
    let mut cluster = Cluster::start(&outside, plan.stack.clone(), plan.replicas).await;
    let mut app = App::new(plan.channels.clone());
    let troubles = plan.troubles.len();
    for (index, mut trouble) in plan.troubles.into_iter().enumerate() {
        let owner = cluster.owner(OWNER);
        let after = || Duration::from_secs_f64(plan.chance.unit() * LOAD_MS / 1e3);
        let (before, behind) = (after(), after());
        let (over, is_over) = tokio::sync::oneshot::channel();
        let load = async {
            // In slices, since nobody knows when the trouble will be over.
            let mut is_over = is_over;
            loop {
                let until = Instant::now() + Duration::from_millis(200);
                app.use_it(&owner, plan.load, Some(until)).await;
                if is_over.try_recv().is_ok() {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let trouble_comes = async {
            tokio::time::sleep(before).await;
            trouble.happen(&mut cluster, plan.chance).await;
            tokio::time::sleep(behind).await;
            // The load is there until it is told.
            let _ = over.send(());
        };
        tokio::join!(load, trouble_comes);
        progress(index + 1, &trouble);
        if !cluster.is_up(Who::Event) {
            cluster.launch(Who::Event).await;
        }
    }
    for who in cluster.everybody() {
        if !cluster.is_up(who) {
            cluster.launch(who).await;
        }
    }
    let ended = settle_cluster(&mut cluster, &mut app, plan.drain).await;
    let odd = std::mem::take(&mut app.odd);
    ended.judge(&outside, odd, troubles).await
}

/// One member dies; those that died before are started again, most of them.
pub struct Death {
    who: Who,
}

impl Death {
    /// Of the event service, or of one of the replicas.
    #[must_use]
    pub fn random(replicas: usize, chance: &Chance) -> Self {
        let members = replicas + 1;
        let who = match (chance.unit() * members as f64) as usize {
            0 => Who::Event,
            number => Who::Replica(number - 1),
        };
        Self { who }
    }
}

impl fmt::Display for Death {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} dies", self.who)
    }
}

impl Trouble for Death {
    async fn happen(&mut self, cluster: &mut Cluster<'_>, chance: &Chance) {
        if cluster.is_up(self.who) {
            cluster.kill(self.who).await;
        }
        for who in cluster.everybody() {
            let stays_down = matches!(who, Who::Replica(_)) && chance.unit() < 0.3;
            if !cluster.is_up(who) && !stays_down {
                cluster.launch(who).await;
            }
        }
    }
}
