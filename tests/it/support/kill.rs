//! Kills the real program again and again while owners publish, and looks whether anything was
//! lost, posted twice or left behind.
//!
//! The stand-ins of the providers live in this process and see everything that got out; the
//! program lives in another one, on one data folder from the first start to the last.

mod app;
mod cluster;
mod consumer;
mod failover;
mod report;

use std::time::{Duration, Instant};

use baepo_domain::ports::chance::Chance;

use self::app::{App, OWNER};
pub use self::cluster::{ClusterPlan, Disruption, NodeKill, run_cluster};
pub use self::consumer::{Consumed, consume};
pub use self::failover::{Failover, FailoverMode, PrimaryStandby, RECOVERY_TIMEOUT};
pub use self::report::KillReport;
use crate::installation::Installation;
use crate::program::{LaunchOptions, Program};
use crate::providers::SandboxProviders;

/// The longest wait for a point that is sure to be passed.
const POINT_TIMEOUT: Duration = Duration::from_secs(20);
/// Random moments lie between these, in milliseconds from the begin of the load.
const EARLIEST_MS: f64 = 5.0;
const LATEST_MS: f64 = 400.0;

/// What is done to the program.
pub struct Plan {
    /// Where every event is published.
    pub channels: Vec<String>,
    /// One kill for each.
    pub moments: Vec<Moment>,
    /// Publishes at once.
    pub load: usize,
    /// How long the last start may take until everything has come to its end.
    pub drain: Duration,
    /// By how much what Instagram shows lags behind what it has done; by less than its accounts
    /// allow for.
    pub read_lag: Duration,
}

/// When the program is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// This long into the load.
    After(Duration),
    /// When it passes a point for the n-th time since its start.
    At { point: &'static str, passage: u32 },
}

impl Moment {
    /// Any time.
    #[must_use]
    pub fn random(chance: &Chance) -> Self {
        let millis = EARLIEST_MS + chance.unit() * (LATEST_MS - EARLIEST_MS);
        Self::After(Duration::from_secs_f64(millis / 1e3))
    }

    /// One of the first passages of a point.
    #[must_use]
    pub fn at(point: &'static str, chance: &Chance) -> Self {
        let passage = [1, 2, 3, 5, 8][(chance.unit() * 5.0) as usize];
        Self::At { point, passage }
    }
}

impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::After(time) => write!(f, "{} ms into the load", time.as_millis()),
            Self::At { point, passage } => write!(f, "passage {passage} of {point}"),
        }
    }
}

/// Draws the same numbers for the same seed.
#[must_use]
pub fn chance(seed: u64) -> Chance {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    Chance::seeded(bytes)
}

/// Carries the plan out. `progress` is called for every kill.
pub async fn run(plan: &Plan, mut progress: impl FnMut(usize, &Moment)) -> KillReport {
    let providers = SandboxProviders::start().await;
    add_read_lag(&providers, plan.read_lag).await;
    let mut installation = Installation::default();
    let mut app = App::new(plan.channels.clone());
    let mut violations = Vec::new();
    for (index, moment) in plan.moments.iter().enumerate() {
        let round = Round {
            providers: &providers,
            moment,
            load: plan.load,
        };
        let killed = round.run(installation, &mut app).await;
        installation = killed.installation;
        violations.extend(killed.violation);
        progress(index + 1, moment);
    }
    let ended = report::settle_program(installation, &providers, &mut app, plan.drain).await;
    violations.append(&mut app.unexpected);
    ended
        .evaluate(&providers, violations, plan.moments.len())
        .await
}

/// Until the end, for every container and every post.
async fn add_read_lag(providers: &SandboxProviders, read_lag: Duration) {
    if read_lag.is_zero() {
        return;
    }
    let value = serde_json::json!(read_lag.as_millis());
    for path in ["*/media", "*/media_publish"] {
        let control = providers.control();
        control
            .faults("instagram", path, "lag", value.clone(), 0)
            .await;
    }
}

/// One life of the program.
struct Round<'a> {
    providers: &'a SandboxProviders,
    moment: &'a Moment,
    load: usize,
}

struct RoundOutcome {
    installation: Installation,
    /// It did not die as it should.
    violation: Option<String>,
}

impl Round<'_> {
    async fn run(&self, installation: Installation, app: &mut App) -> RoundOutcome {
        let kill_at = match self.moment {
            Moment::After(_) => None,
            Moment::At { point, passage } => Some((*point, *passage)),
        };
        let launch = LaunchOptions {
            providers: Some(self.providers),
            kill_at,
            ..LaunchOptions::default()
        };
        let program = match Program::launch(installation, &launch).await {
            Ok(program) => program,
            // Killed while it recovered, which is a place like any other.
            Err(ended) => {
                let meant = kill_at.is_some() && ended.was_killed();
                let violation = format!("it did not start: {}", ended.stderr);
                return RoundOutcome {
                    violation: (!meant).then_some(violation),
                    installation: ended.into_installation(),
                };
            }
        };
        let owner = program.owner(OWNER);
        let (_, killed) = tokio::join!(
            app.publish_load(&owner, self.load, None),
            self.kill(program)
        );
        killed
    }

    async fn kill(&self, mut program: Program) -> RoundOutcome {
        let violation = match self.moment {
            Moment::After(time) => {
                tokio::time::sleep(*time).await;
                None
            }
            Moment::At { .. } => {
                let gave_up_at = Instant::now() + POINT_TIMEOUT;
                while !program.has_ended() && Instant::now() < gave_up_at {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                let missed = !program.has_ended();
                missed.then(|| format!("{} never came", self.moment))
            }
        };
        let ended = program.kill().await;
        let violation = violation.or_else(|| {
            let unexpected = !ended.was_killed();
            unexpected.then(|| format!("it ended by itself, {}: {}", ended.status, ended.stderr))
        });
        RoundOutcome {
            violation,
            installation: ended.into_installation(),
        }
    }
}
