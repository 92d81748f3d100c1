//! What the user in the address may do, found out by doing it.

use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{Client, ErrorKind, RedisError, RedisResult, Script, ServerErrorKind};

use crate::checkup::Check;
use crate::redis::budgets::{TAKE_SCRIPT, take_command};
use crate::redis::config::RedisConfig;
use crate::redis::link::redact_arguments;
use crate::system::os_chance;

/// How long an operator waits for Redis, for each question.
pub(super) const TIMEOUT: Duration = Duration::from_secs(5);
/// The commands that Baepo sends, each needed for something.
const REQUIRED_COMMANDS: [(&str, RequiredBy); 8] = [
    ("PING", RequiredBy::Cache),
    ("SET", RequiredBy::Cache),
    ("GET", RequiredBy::Cache),
    ("DEL", RequiredBy::Cache),
    ("PUBLISH", RequiredBy::Signals),
    ("SUBSCRIBE", RequiredBy::Signals),
    ("EVAL", RequiredBy::Budgets),
    ("EVALSHA", RequiredBy::Budgets),
];

/// How the cache's keys begin, which are a contract with other services.
const SHARED: &str = "purpose:";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RequiredBy {
    Cache,
    Signals,
    Budgets,
}

/// Tries every command once, on a key that nobody uses.
pub(super) async fn check(
    client: &Client,
    connection: &mut MultiplexedConnection,
    config: &RedisConfig,
) -> Vec<Check> {
    let mut probe = Probe::new(client, connection, config);
    let mut missing = Vec::new();
    for (command, required_by) in REQUIRED_COMMANDS {
        if let Err(error) = probe.send(command).await {
            missing.push(probe.missing(command, required_by, &error));
        }
    }
    probe.clean_up().await;
    if !missing.is_empty() {
        return missing;
    }
    let commands = REQUIRED_COMMANDS.map(|(command, _)| command);
    vec![Check::good("redis: rights", commands.join(", "))]
}

struct Probe<'a> {
    client: &'a Client,
    connection: &'a mut MultiplexedConnection,
    config: &'a RedisConfig,
    key: String,
    bucket: String,
    channel: String,
}

impl<'a> Probe<'a> {
    fn new(
        client: &'a Client,
        connection: &'a mut MultiplexedConnection,
        config: &'a RedisConfig,
    ) -> Self {
        let mut random = [0; 8];
        os_chance().fill(&mut random);
        let name = format!("doctor:{}", hex::encode(random));
        Self {
            client,
            connection,
            config,
            key: format!("{SHARED}{name}"),
            bucket: config.own(&format!("{name}:budget")),
            channel: config.own("signals"),
        }
    }

    async fn send(&mut self, command: &str) -> RedisResult<()> {
        let command = match command {
            "SET" => {
                let mut set = redis::cmd("SET");
                // It goes by itself when it cannot be deleted.
                set.arg(self.config.shared(&self.key))
                    .arg("probe")
                    .arg("PX")
                    .arg(10_000);
                set
            }
            "GET" => redis::cmd("GET").arg(self.config.shared(&self.key)).clone(),
            "DEL" => redis::cmd("DEL")
                .arg(self.config.every_shared(&self.key))
                .clone(),
            "PUBLISH" => redis::cmd("PUBLISH")
                .arg(&self.channel)
                .arg("doctor")
                .clone(),
            "SUBSCRIBE" => return self.subscribe().await,
            "EVAL" => take_command("EVAL", TAKE_SCRIPT, &self.bucket, 1, 1),
            "EVALSHA" => {
                let hash = Script::new(TAKE_SCRIPT).get_hash().to_owned();
                take_command("EVALSHA", &hash, &self.bucket, 1, 1)
            }
            other => redis::cmd(other),
        };
        match command.exec_async(self.connection).await {
            // It may be sent, and where EVAL may not be sent nobody taught Redis the script.
            Err(error) if is(&error, ServerErrorKind::NoScript) => Ok(()),
            result => result,
        }
    }

    async fn subscribe(&self) -> RedisResult<()> {
        let subscribing = async {
            let mut signals = self.client.get_async_pubsub().await?;
            signals.subscribe(&self.channel).await
        };
        tokio::time::timeout(TIMEOUT, subscribing)
            .await
            .unwrap_or_else(|_| Err((ErrorKind::Io, "no answer in time").into()))
    }

    async fn clean_up(&mut self) {
        let mut delete = redis::cmd("DEL");
        delete.arg(self.config.shared(&self.key)).arg(&self.bucket);
        // Where that is not allowed they go by themselves within seconds.
        let _ = delete.exec_async(self.connection).await;
    }

    fn missing(&self, command: &str, required_by: RequiredBy, error: &RedisError) -> Check {
        let subject = format!("redis: right to {command}");
        let found = redact_arguments(error);
        let advice = match self.grant(command, error) {
            Some(grant) => {
                let settings = self.client.get_connection_info().redis_settings();
                let user = settings.username().unwrap_or("default");
                format!("{}: ACL SETUSER {user} {grant}", required_by.consequence())
            }
            None => format!("{}: see what Redis says", required_by.consequence()),
        };
        match required_by {
            RequiredBy::Cache => Check::bad(&subject, found, advice),
            RequiredBy::Signals | RequiredBy::Budgets => Check::warning(&subject, found, advice),
        }
    }

    /// What the user lacks, in the language of ACLs.
    fn grant(&self, command: &str, error: &RedisError) -> Option<String> {
        let text = error.to_string();
        if text.contains("one of the keys") {
            let own = self.config.own("*");
            Some(match self.config.prefix {
                Some(_) => format!("~{own}"),
                None => format!("~{SHARED}* ~{own}"),
            })
        } else if text.contains("one of the channels") {
            Some(format!("&{}", self.config.own("*")))
        } else if text.contains("script") {
            Some("+time +hmget +hset +pexpire".to_owned())
        } else if is(error, ServerErrorKind::NoPerm) {
            Some(format!("+{}", command.to_lowercase()))
        } else {
            None
        }
    }
}

impl RequiredBy {
    /// What does not work without it.
    fn consequence(self) -> &'static str {
        match self {
            Self::Cache => "without it there is no cache",
            Self::Signals => "without it other hosts hear later of new releases",
            Self::Budgets => "without it every host counts requests per second alone",
        }
    }
}

fn is(error: &RedisError, kind: ServerErrorKind) -> bool {
    error.kind() == ErrorKind::Server(kind)
}
