//! `baepo demo`: connects a demo owner to every channel with the examples of the channels' schemas,
//! publishes an event, and prints each channel's result and next step. It uses only the API.

mod blog;
mod draft;
mod summary;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use baepo_adapters::SystemClock;
use baepo_domain::Timestamp;
use baepo_domain::ports::clock::Clock as _;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use reqwest::{Method, StatusCode};
use serde_json::{Map, Value, json};

use super::client::{Client, HostArgs};
use crate::api::Role;

const POLL_INTERVAL: Duration = Duration::from_millis(200);
/// How often the distribution is read until every delivery has ended or sleeps.
const MAX_POLLS: u32 = 15;
/// What a channel may end as in a demo: out, taken, or the owner's turn.
const SUCCESS_STATUSES: [&str; 3] = ["LIVE", "ACCEPTED", "ACTION_REQUIRED"];

#[derive(Debug, Args)]
#[command(after_help = "Example:
  baepo demo --api http://127.0.0.1:8080

Exits with 0 when every channel did what it should.")]
pub struct DemoArgs {
    #[command(flatten)]
    host: HostArgs,
    /// Whose event it is.
    #[arg(long, default_value = "demo")]
    user: String,
    /// Where the sandbox providers listen: what only the owner can do is done there for them, as
    /// far as a draft in the blog's editor.
    #[arg(long, value_name = "URL")]
    sandbox: Option<String>,
    /// Print the publication as JSON instead of lines.
    #[arg(long)]
    json: bool,
}

pub async fn demo(args: DemoArgs, api: &str) -> anyhow::Result<ExitCode> {
    let client = Client::new(api, &args.host, &args.user, Role::Owner)?;
    let channels = connect(&client).await?;
    let event = create_event(&client, &channels, SystemClock.now()).await?;
    let progress = Progress::new(args.json);
    progress.report(&format!(
        "publishing event {event} to {} channels",
        channels.len()
    ));
    let (status, publication) = tokio::select! {
        answer = publish(&client, &event) => answer?,
        never = watch(&client, &event, &progress) => match never {},
    };
    progress.finish();
    if args.json {
        println!("{publication}");
    } else {
        print_summary(&args, &client, &channels, &publication).await?;
        print_republish_hint(&args, api, &event);
    }
    let results = publication["distributionResults"].as_array();
    let all_succeeded = results.is_some_and(|results| {
        results.len() == channels.len()
            && results
                .iter()
                .all(|result| SUCCESS_STATUSES.contains(&text(result, "status")))
    });
    ensure!(
        !status.is_server_error() || results.is_some(),
        "the publish was refused: {} ({status})",
        text(&publication, "title")
    );
    Ok(if all_succeeded {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Connects the owner to every channel; the channels' own examples are enough for that.
async fn connect(client: &Client) -> anyhow::Result<Vec<Value>> {
    let list = client
        .send(client.request(Method::GET, "/api/channels"))
        .await?;
    let channels = list["items"].as_array().cloned().unwrap_or_default();
    ensure!(
        !channels.is_empty(),
        "the host has no channels: start it with --channels target/plugins --trust-channels, after `cargo xtask plugins`"
    );
    for channel in &channels {
        let id = text(channel, "id");
        let secrets = channel["secrets"].as_array().into_iter().flatten();
        let secrets: BTreeMap<&str, &str> = secrets
            .map(|secret| (text(secret, "name"), text(secret, "example")))
            .collect();
        let body = json!({"settings": examples(&channel["settingsSchema"]), "secrets": secrets});
        let request = client
            .request(Method::PUT, &format!("/api/accounts/{id}"))
            .json(&body);
        client
            .send(request)
            .await
            .with_context(|| format!("connecting {id}"))?;
    }
    Ok(channels)
}

/// The first example of each property of a schema.
fn examples(schema: &Value) -> Map<String, Value> {
    let properties = schema["properties"].as_object().into_iter().flatten();
    properties
        .filter_map(|(name, property)| Some((name.clone(), property["examples"].get(0)?.clone())))
        .collect()
}

/// The examples of what an owner has to choose.
fn required_examples(schema: &Value) -> Map<String, Value> {
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    let mut examples = examples(schema);
    examples.retain(|name, _| required.iter().any(|required| required == name));
    examples
}

/// A line per channel, in plain words, and what the owner is to do.
async fn print_summary(
    args: &DemoArgs,
    client: &Client,
    channels: &[Value],
    publication: &Value,
) -> anyhow::Result<()> {
    let path = format!("/api/distribution/{}", text(publication, "distributionId"));
    let distribution = wait_until_settled(client, &path).await?;
    println!();
    for delivery in distribution["deliveries"].as_array().into_iter().flatten() {
        println!("  {}", summary::line(channels, delivery, SystemClock.now()));
        if let Some(sandbox) = args
            .sandbox
            .as_deref()
            .filter(|_| blog::is_prepared(delivery))
        {
            let pasted = blog::paste(client, sandbox, delivery).await;
            let confirm = format!("{path}/deliveries/naver-blog/confirm");
            println!(
                "{}",
                blog::next_steps(
                    &pasted,
                    sandbox,
                    &curl_command(args, client.api(), &confirm)
                )
            );
        }
    }
    println!();
    Ok(())
}

/// The distribution once each of its deliveries has ended or sleeps. An attempt that has just reported
/// a status goes to sleep a moment later.
async fn wait_until_settled(client: &Client, path: &str) -> anyhow::Result<Value> {
    let mut polls = 0;
    loop {
        let distribution = client.send(client.request(Method::GET, path)).await?;
        let deliveries = distribution["deliveries"].as_array().into_iter().flatten();
        let is_in_progress = |delivery: &Value| {
            let is_open = ["PENDING", "RUNNING", "ACCEPTED"].contains(&text(delivery, "status"));
            is_open && delivery["nextAttemptAt"].is_null()
        };
        if polls == MAX_POLLS || !deliveries.into_iter().any(is_in_progress) {
            return Ok(distribution);
        }
        polls += 1;
        tokio::time::sleep(POLL_INTERVAL).await;
    }
}

async fn create_event(
    client: &Client,
    channels: &[Value],
    now: Timestamp,
) -> anyhow::Result<String> {
    let ids: Vec<&str> = channels.iter().map(|channel| text(channel, "id")).collect();
    let settings: Map<String, Value> = channels
        .iter()
        .map(|channel| {
            (
                text(channel, "id").to_owned(),
                required_examples(&channel["optionsSchema"]),
            )
        })
        .filter(|(_, chosen)| !chosen.is_empty())
        .map(|(id, chosen)| (id, chosen.into()))
        .collect();
    let mut draft = draft::sample_draft(now);
    draft["channels"] = json!(ids);
    draft["channelSettings"] = settings.into();
    let created = client
        .send(client.request(Method::POST, "/api/events").json(&draft))
        .await?;
    Ok(text(&created, "id").to_owned())
}

async fn publish(client: &Client, event: &str) -> anyhow::Result<(StatusCode, Value)> {
    let request = client
        .request(Method::POST, &format!("/api/events/{event}/publish"))
        .header("Idempotency-Key", format!("demo-{event}"));
    client.answer(request).await
}

/// Shows how far each channel is, until the publish has answered.
async fn watch(client: &Client, event: &str, progress: &Progress) -> Infallible {
    let mut seen = BTreeMap::new();
    loop {
        tokio::time::sleep(POLL_INTERVAL).await;
        // The publish itself returns every result; a failed poll is skipped.
        if let Ok(distribution) = fetch_distribution(client, event).await {
            progress.show(&distribution, &mut seen);
        }
    }
}

async fn fetch_distribution(client: &Client, event: &str) -> anyhow::Result<Value> {
    let path = format!("/api/events/{event}");
    let event = client.send(client.request(Method::GET, &path)).await?;
    let distribution = event["distributionId"]
        .as_str()
        .context("not approved yet")?;
    let path = format!("/api/distribution/{distribution}");
    client.send(client.request(Method::GET, &path)).await
}

/// A spinner on a terminal, plain lines elsewhere, nothing with `--json`.
struct Progress {
    spinner: Option<ProgressBar>,
    quiet: bool,
}

impl Progress {
    fn new(quiet: bool) -> Self {
        let spinner = (!quiet && std::io::stderr().is_terminal()).then(|| {
            let spinner = ProgressBar::new_spinner();
            let style = ProgressStyle::with_template("{spinner} {elapsed} {msg}");
            spinner.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            spinner.enable_steady_tick(Duration::from_millis(100));
            spinner
        });
        Self { spinner, quiet }
    }

    fn report(&self, line: &str) {
        match &self.spinner {
            Some(spinner) => spinner.set_message(line.to_owned()),
            None if !self.quiet => eprintln!("{line}"),
            None => {}
        }
    }

    /// Reports what has changed since the last poll.
    fn show(&self, distribution: &Value, seen: &mut BTreeMap<String, String>) {
        for delivery in distribution["deliveries"].as_array().into_iter().flatten() {
            let (channel, status) = (text(delivery, "channel"), text(delivery, "status"));
            if seen
                .insert(channel.to_owned(), status.to_owned())
                .as_deref()
                != Some(status)
            {
                self.report(&format!("{channel}: {status}"));
            }
        }
    }

    fn finish(&self) {
        if let Some(spinner) = &self.spinner {
            spinner.finish_and_clear();
        }
    }
}

fn print_republish_hint(args: &DemoArgs, api: &str, event: &str) {
    println!("Publish it again; it converges, so nothing is posted twice:");
    println!(
        "  {}",
        curl_command(args, api, &format!("/api/events/{event}/publish"))
    );
}

/// A POST to that path as the demo's owner.
fn curl_command(args: &DemoArgs, api: &str, path: &str) -> String {
    let program = std::env::args()
        .next()
        .unwrap_or_else(|| "baepo".to_owned());
    let (key, user) = (&args.host.key, &args.user);
    format!(
        "curl -X POST -H \"Authorization: Bearer $({program} token {key} --user {user} --role owner)\" {api}{path}"
    )
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or("?")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_filled_with_the_first_examples() {
        let schema = json!({
            "required": ["a"],
            "properties": {"a": {"examples": ["x", "y"]}, "b": {"examples": [1]}, "c": {}}
        });
        assert_eq!(Value::from(examples(&schema)), json!({"a": "x", "b": 1}));
        assert_eq!(Value::from(required_examples(&schema)), json!({"a": "x"}));
    }
}
