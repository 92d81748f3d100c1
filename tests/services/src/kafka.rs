//! Kafka: a real broker, with its controller in the same process.

mod jars;
mod sasl;
mod wire;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use rustix::process::Signal;
use tempfile::TempDir;

pub use self::sasl::SaslListener;
use self::wire::Broker;
use crate::process::{Service, free_port};

/// A Kafka broker without any topic.
#[derive(Debug)]
pub struct Kafka {
    /// Before the folder: it ends before its data go.
    service: Option<Service>,
    folder: TempDir,
    java: PathBuf,
    jars: PathBuf,
    port: u16,
    sasl: Option<SaslListener>,
}

impl Kafka {
    /// The addresses of a broker that tests may use, where there is one: `127.0.0.1:9092`.
    pub const URL_VARIABLE: &'static str = "BAEPO_TEST_KAFKA";

    /// Why a broker cannot be started here, for a person. Fetches its jars when they are not there
    /// yet, once per checkout and version.
    pub fn availability() -> Result<(), String> {
        let available = jars::java().and_then(|_| jars::fetch());
        available.map(drop).map_err(|error| format!("{error:#}"))
    }

    /// Starts a broker that accepts every client.
    ///
    /// # Errors
    /// Java or Maven is missing, or the broker does not start.
    pub fn start() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        Self::make(folder, None)
    }

    /// Starts a broker that also has a listener with TLS and passwords, and that creates a topic
    /// when a client asks for it.
    ///
    /// # Errors
    /// As [`Kafka::start`].
    pub fn start_with_sasl() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let sasl = SaslListener::make(folder.path())?;
        Self::make(folder, Some(sasl))
    }

    fn make(folder: TempDir, sasl: Option<SaslListener>) -> anyhow::Result<Self> {
        let mut kafka = Self {
            service: None,
            folder,
            java: jars::java()?,
            jars: jars::fetch()?,
            port: free_port()?,
            sasl,
        };
        kafka.write_properties(free_port()?)?;
        kafka.format()?;
        kafka.restart()?;
        Ok(kafka)
    }

    /// The broker's address.
    #[must_use]
    pub fn bootstrap(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The listener with TLS and passwords, of [`Kafka::start_with_sasl`].
    #[must_use]
    pub fn sasl(&self) -> Option<&SaslListener> {
        self.sasl.as_ref()
    }

    /// Makes a topic that is not there yet, and waits until it can be written to.
    pub fn create_topic(&self, name: &str, partitions: u32) -> anyhow::Result<()> {
        create_topic(&self.bootstrap(), name, partitions)
    }

    /// Stops it in order: it announces to its clients that it goes.
    pub fn stop(&mut self) {
        if let Some(service) = self.service.take() {
            service.stop(Signal::TERM);
        }
    }

    /// Stops it in the middle of whatever it does.
    pub fn kill(&mut self) {
        if let Some(service) = self.service.take() {
            service.stop(Signal::KILL);
        }
    }

    /// Starts it after a stop, at the same address and with what it kept.
    pub fn restart(&mut self) -> anyhow::Result<()> {
        let log = self.folder.path().join("log");
        let broker = Broker::at(&self.bootstrap());
        let mut command = self.java();
        command.arg("kafka.Kafka").arg(self.properties());
        let ready = || broker.is_registered().unwrap_or(false);
        let service = Service::start("kafka", &mut command, &log, ready)?;
        self.service = Some(service);
        Ok(())
    }

    /// A folder for data belongs to one cluster, which this decides.
    fn format(&self) -> anyhow::Result<()> {
        let mut command = self.java();
        command
            .args(["kafka.tools.StorageTool", "format"])
            .args(["-t", "YmFlcG8tZm9yLXRlc3RzLg", "-c"])
            .arg(self.properties());
        if self.sasl.is_some() {
            command.args(SaslListener::format_arguments());
        }
        let done = command.output().context("cannot start java")?;
        if !done.status.success() {
            let output = String::from_utf8_lossy(&done.stderr).into_owned();
            bail!("kafka's folder cannot be formatted: {output}");
        }
        Ok(())
    }

    fn java(&self) -> Command {
        let mut command = Command::new(&self.java);
        command
            .args(["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"])
            .arg("-XX:-UsePerfData")
            .arg(property("java.io.tmpdir", self.folder.path()))
            .arg(property("log4j2.configurationFile", &jars::log_config()))
            .arg("-cp")
            .arg(self.jars.join("*"));
        command
    }

    fn properties(&self) -> PathBuf {
        self.folder.path().join("server.properties")
    }

    fn write_properties(&self, controller: u16) -> anyhow::Result<()> {
        let broker = self.bootstrap();
        let data = self.folder.path().join("data");
        let (listener, secured) = match &self.sasl {
            Some(sasl) => (sasl.listener(), sasl.properties()),
            None => Default::default(),
        };
        let text = format!(
            "\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://{broker},CONTROLLER://127.0.0.1:{controller}{listener}
advertised.listeners=PLAINTEXT://{broker}{listener}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL
log.dirs={data}
auto.create.topics.enable={automatic}
{ALONE}{SMALL}{QUICK}{secured}",
            data = data.display(),
            automatic = self.sasl.is_some(),
        );
        std::fs::write(self.properties(), text)?;
        Ok(())
    }
}

/// There is no second broker that could have a copy.
const ALONE: &str = "\
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
";
const SMALL: &str = "\
offsets.topic.num.partitions=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.num.partitions=1
num.network.threads=1
num.io.threads=2
background.threads=2
";
/// After a kill the controller lets the broker in again only when its old session ran out: by
/// default after 9 s.
const QUICK: &str = "\
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=300
group.initial.rebalance.delay.ms=0
";

/// A broker that other tests use too: a test that has it keeps to topics of its own, and never stops
/// it.
#[derive(Debug)]
pub struct SharedKafka {
    bootstrap: String,
    /// The last test that has it stops it.
    _own: Option<Arc<Kafka>>,
}

impl SharedKafka {
    /// The broker of [`Kafka::URL_VARIABLE`], or else the one that all tests of this process share.
    ///
    /// # Errors
    /// As [`Kafka::start`].
    pub fn get() -> anyhow::Result<Self> {
        static OWN: Mutex<Weak<Kafka>> = Mutex::new(Weak::new());
        if let Ok(bootstrap) = std::env::var(Kafka::URL_VARIABLE) {
            let _own = None;
            return Ok(Self { bootstrap, _own });
        }
        let mut shared = OWN.lock().unwrap_or_else(PoisonError::into_inner);
        let own = match shared.upgrade() {
            Some(own) => own,
            None => Arc::new(Kafka::start()?),
        };
        *shared = Arc::downgrade(&own);
        Ok(Self {
            bootstrap: own.bootstrap(),
            _own: Some(own),
        })
    }

    /// The broker's address.
    #[must_use]
    pub fn bootstrap(&self) -> &str {
        &self.bootstrap
    }

    /// Makes a topic that is not there yet, and waits until it can be written to.
    pub fn create_topic(&self, name: &str, partitions: u32) -> anyhow::Result<()> {
        create_topic(&self.bootstrap, name, partitions)
    }
}

/// How long a new topic may take to get its leaders.
const LEADER_TIMEOUT: Duration = Duration::from_secs(20);

/// Makes a topic at a broker that lets everybody in.
fn create_topic(bootstrap: &str, name: &str, partitions: u32) -> anyhow::Result<()> {
    let broker = Broker::at(bootstrap);
    broker.create_topic(name, partitions)?;
    let begin = Instant::now();
    while !broker.has_leaders(name)? {
        if begin.elapsed() > LEADER_TIMEOUT {
            bail!("the topic {name} has no leaders after {LEADER_TIMEOUT:?}");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

fn property(name: &str, path: &Path) -> String {
    format!("-D{name}={}", path.display())
}

#[cfg(test)]
mod tests;
