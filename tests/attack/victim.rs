//! The program that is attacked, with somebody who publishes to another channel all the time.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use baepo::api::Role;
use it::{EchoProvider, Installation, LaunchOptions, Owner, Program, Stack, guest};
use reqwest::Method;
use serde_json::{Value, json};

use crate::bounds::Bounds;
use crate::bystander::{Bystander, Latency};
use crate::processes::{self, Seen, Watch};
use crate::report::Row;

/// How long a stop waits for what is running: short, so that the harness does not wait either.
pub const DRAIN: Duration = Duration::from_secs(5);
/// Publishes of the other channel that a latency is made of, at the least.
const SAMPLES: usize = 20;

/// A running host, its other channel, and what may be asked of it.
pub struct Victim {
    program: Program,
    pub operator: Owner,
    pub owner: Owner,
    bystander: Bystander,
    _provider: EchoProvider,
}

/// An attack that is going on.
pub struct Ongoing {
    watch: Watch,
    begin: Instant,
    before_mib: u64,
}

impl Victim {
    /// A new one, with data of its own.
    pub async fn start() -> Self {
        let provider = EchoProvider::start().await;
        let installation = Installation::on(Stack::Embedded);
        let channels = installation.path().join("channels");
        std::fs::create_dir(&channels).expect("a folder for channels");
        std::fs::copy(guest("echo"), channels.join("echo.wasm")).expect("a copy of a component");
        let base = provider.base();
        let base = base.as_str().trim_end_matches('/');
        let config = format!(
            "[server]\ndrain_ms = {}\n\n[egress.rewrite]\n\"https://echo.example\" = \"{base}\"\n\
             \"https://shop.example\" = \"{base}\"\n",
            DRAIN.as_millis(),
        );
        let channels = channels.to_str().expect("a path in UTF-8").to_owned();
        let launch = LaunchOptions {
            args: &["--channels", &channels, "--trust-channels"],
            config: &config,
            ..LaunchOptions::default()
        };
        let started = Program::launch(installation, &launch).await;
        let program = started.unwrap_or_else(|ended| {
            panic!("the host ended at once, {}: {}", ended.status, ended.stderr)
        });
        let other = program.owner("bystander");
        other.connect_all().await;
        Self {
            operator: program.app(&program.token("operator-1", Role::Operator)),
            owner: program.owner("victim"),
            bystander: Bystander::begin(other),
            program,
            _provider: provider,
        }
    }

    /// The other channel's latency while nothing else happens.
    pub async fn quiet(&self) -> Latency {
        let warm = self.bystander.since(Instant::now(), SAMPLES).await;
        assert_eq!(warm.failed, 0, "the other channel does not work: {warm:?}");
        self.bystander.since(Instant::now(), 200).await
    }

    pub fn pid(&self) -> u32 {
        self.program.pid()
    }

    pub fn data(&self) -> PathBuf {
        self.program.data()
    }

    pub fn attacked(&self, bounds: &Bounds) -> Ongoing {
        Ongoing {
            before_mib: processes::resident_mib(self.pid()),
            watch: Watch::begin(self.pid(), bounds.machine_mib),
            begin: Instant::now(),
        }
    }

    /// Whether it still does what it is for.
    pub async fn is_well(&mut self) -> bool {
        if self.program.has_ended() {
            return false;
        }
        let ready = self.operator.request(Method::GET, "/readyz");
        let ready = ready.timeout(Duration::from_secs(10));
        let answer = self.operator.ask(ready).await;
        answer.is_some_and(|answer| answer.status.is_success())
    }

    /// Uploads; the status with the body, or none when there was no answer in time.
    pub async fn upload(
        &self,
        channel: &str,
        component: Vec<u8>,
        patience: Duration,
    ) -> Option<(u16, Value)> {
        let path = format!("/api/admin/channels/{channel}/releases");
        let request = self.operator.request(Method::POST, &path);
        let request = request
            .header("content-type", "application/wasm")
            .timeout(patience)
            .body(component);
        let answer = self.operator.ask(request).await?;
        Some((answer.status.as_u16(), answer.body))
    }

    /// Approves whatever it asks for, and promotes it.
    pub async fn promote(&self, channel: &str, release: &Value) -> Result<(), String> {
        let pending = release["pending"].as_array();
        if pending.is_some_and(|pending| !pending.is_empty()) {
            let names = json!({"approve": release["pending"]});
            self.decide(channel, release, "approve", &names).await?;
        }
        self.decide(channel, release, "promote", &Value::Null).await
    }

    async fn decide(
        &self,
        channel: &str,
        release: &Value,
        what: &str,
        body: &Value,
    ) -> Result<(), String> {
        let digest = release["digest"].as_str().unwrap_or_default();
        let path = format!("/api/admin/channels/{channel}/releases/{digest}/{what}");
        let mut request = self.operator.request(Method::POST, &path);
        if !body.is_null() {
            request = request.json(body);
        }
        let answer = self.operator.ask(request).await.ok_or("the host is gone")?;
        if answer.status.is_success() {
            return Ok(());
        }
        let (status, detail) = (answer.status, &answer.body["detail"]);
        Err(format!("{what}: {status}: {detail}"))
    }

    /// Forgets a channel, so that the next one is measured by itself.
    pub async fn delete(&self, channel: &str) {
        let path = format!("/api/admin/channels/{channel}");
        let request = self.operator.request(Method::DELETE, &path);
        // A delivery that nobody settles keeps it; it does no harm where it is.
        let _ = self.operator.ask(request).await;
    }

    /// SIGTERM or SIGKILL, then its end: how long that took.
    pub async fn end(self, signal: &str) -> Duration {
        drop(self.bystander);
        let begin = Instant::now();
        processes::kill(signal, self.program.pid());
        let _ = self.program.ended().await;
        begin.elapsed()
    }
}

impl Ongoing {
    pub fn so_far(&self) -> Seen {
        self.watch.so_far()
    }

    /// Fills in what was measured; the faults that every attack can have are among it.
    pub async fn end(
        self,
        victim: &mut Victim,
        bounds: &Bounds,
        host_mib: u64,
        mut row: Row,
    ) -> Row {
        row.seconds = self.begin.elapsed().as_secs_f64();
        let seen = self.watch.end();
        row.bystander = victim.bystander.since(self.begin, SAMPLES).await;
        row.host_before_mib = self.before_mib;
        row.host_peak_mib = seen.host_mib;
        row.children_peak_mib = seen.children_mib;
        let mut fault = |text: String| row.faults.push(text);
        if seen.stopped {
            fault(format!(
                "took more than {} MiB and was stopped",
                bounds.machine_mib
            ));
        }
        let growth = seen.host_mib.saturating_sub(self.before_mib);
        if growth > host_mib {
            fault(format!(
                "the host grew by {growth} MiB, allowed are {host_mib}"
            ));
        }
        if seen.children_mib > bounds.children_mib {
            let (taken, allowed) = (seen.children_mib, bounds.children_mib);
            fault(format!(
                "its children took {taken} MiB, allowed are {allowed}"
            ));
        }
        if row.bystander.failed > 0 {
            let (failed, of) = (row.bystander.failed, row.bystander.publishes);
            fault(format!(
                "{failed} of {of} publishes of the other channel failed"
            ));
        }
        if !victim.is_well().await {
            fault("the host does not answer any more".to_owned());
        }
        row
    }
}
