//! `baepo demo`: connects a demo owner to every channel with the examples that the channels give,
//! publishes an event, and shows what each channel did. It uses the API as any app would.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use reqwest::{Method, StatusCode};
use serde_json::{Map, Value, json};

use super::client::{Client, HostArgs};
use crate::api::Role;

const LOOK_EVERY: Duration = Duration::from_millis(200);
/// What a channel may end as in a demo: out, taken, or the owner's turn.
const AS_IT_SHOULD: [&str; 3] = ["LIVE", "ACCEPTED", "ACTION_REQUIRED"];

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
    /// Print the publication as JSON instead of lines.
    #[arg(long)]
    json: bool,
}

pub async fn demo(args: DemoArgs) -> anyhow::Result<ExitCode> {
    let client = Client::new(&args.host, &args.user, Role::Owner)?;
    let channels = connect(&client).await?;
    let event = create_event(&client, &channels).await?;
    let progress = Progress::new(args.json);
    progress.say(&format!(
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
        print_results(&publication);
        print_again(&args, &event);
    }
    let results = publication["distributionResults"].as_array();
    let all_as_they_should = results.is_some_and(|results| {
        results.len() == channels.len()
            && results
                .iter()
                .all(|result| AS_IT_SHOULD.contains(&text(result, "status")))
    });
    ensure!(
        !status.is_server_error() || results.is_some(),
        "the publish was refused: {} ({status})",
        text(&publication, "title")
    );
    Ok(if all_as_they_should {
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
        "the host has no channels: start it with --channels target/plugins, after `cargo xtask plugins`"
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

async fn create_event(client: &Client, channels: &[Value]) -> anyhow::Result<String> {
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
    let mut draft = draft();
    draft["channels"] = json!(ids);
    draft["channelSettings"] = settings.into();
    let created = client
        .send(client.request(Method::POST, "/api/events").json(&draft))
        .await?;
    Ok(text(&created, "id").to_owned())
}

/// What a shop in Seoul could publish in autumn.
fn draft() -> Value {
    json!({
        "title": "단골 감사 가을 할인",
        "objective": "REVISITS",
        "recommendation": {
            "id": "autumn-thanks",
            "title": "가을 단골 감사 이벤트",
            "summary": "다시 찾아 주신 손님께 따뜻한 한 그릇과 작은 할인을 드립니다."
        },
        "content": {
            "title": "온담국밥 가을 단골 감사 이벤트",
            "body": "찬바람 부는 저녁, 뜨끈한 국밥 한 그릇 어떠세요?\n이번 주 화요일부터 일요일까지 국밥을 드시는 모든 손님께 수제 만두 한 접시를 드립니다.\n저녁 6시 이후에 오시면 전 메뉴 20% 할인도 함께 받으세요.",
            "hashtags": ["온담국밥", "망원동맛집", "가을이벤트"],
            "link": "https://ondam.example/autumn",
            "media": [{
                "kind": "image",
                "url": "https://ondam.example/images/autumn-gukbap.jpg",
                "mimeType": "image/jpeg",
                "bytes": 412_000,
                "width": 1080,
                "height": 1080,
                "altText": "김이 오르는 국밥 한 그릇과 수제 만두 한 접시"
            }]
        }
    })
}

async fn publish(client: &Client, event: &str) -> anyhow::Result<(StatusCode, Value)> {
    let request = client
        .request(Method::POST, &format!("/api/events/{event}/publish"))
        .header("Idempotency-Key", format!("demo-{event}"));
    client.answer(request).await
}

enum Never {}

/// Shows how far each channel is, until the publish has answered.
async fn watch(client: &Client, event: &str, progress: &Progress) -> Never {
    let mut seen = BTreeMap::new();
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        // The answer of the publish tells everything in the end; a look that fails is skipped.
        if let Ok(distribution) = look(client, event).await {
            progress.show(&distribution, &mut seen);
        }
    }
}

async fn look(client: &Client, event: &str) -> anyhow::Result<Value> {
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

    fn say(&self, line: &str) {
        match &self.spinner {
            Some(spinner) => spinner.set_message(line.to_owned()),
            None if !self.quiet => eprintln!("{line}"),
            None => {}
        }
    }

    /// Says what has changed since the last look.
    fn show(&self, distribution: &Value, seen: &mut BTreeMap<String, String>) {
        for delivery in distribution["deliveries"].as_array().into_iter().flatten() {
            let (channel, status) = (text(delivery, "channel"), text(delivery, "status"));
            if seen
                .insert(channel.to_owned(), status.to_owned())
                .as_deref()
                != Some(status)
            {
                self.say(&format!("{channel}: {status}"));
            }
        }
    }

    fn finish(&self) {
        if let Some(spinner) = &self.spinner {
            spinner.finish_and_clear();
        }
    }
}

fn print_results(publication: &Value) {
    println!();
    for result in publication["distributionResults"]
        .as_array()
        .into_iter()
        .flatten()
    {
        let url = result["url"]
            .as_str()
            .or(result["externalId"].as_str())
            .unwrap_or("-");
        let millis = result["executionTimeMs"].as_u64().unwrap_or(0);
        println!(
            "  {:<16} {:<16} {:>6} ms  {url}",
            text(result, "channel"),
            text(result, "status"),
            millis
        );
        if let Some(message) = result["message"].as_str() {
            println!("  {:<16} {message}", "");
        }
    }
    println!();
}

fn print_again(args: &DemoArgs, event: &str) {
    let program = std::env::args()
        .next()
        .unwrap_or_else(|| "baepo".to_owned());
    let (api, key) = (&args.host.api, &args.host.key);
    println!("Publish it again; it converges, so nothing is posted twice:");
    println!(
        "  curl -X POST -H \"Authorization: Bearer $({program} token {key} --user {} --role owner)\" {api}/api/events/{event}/publish",
        args.user
    );
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

    #[test]
    fn the_demo_draft_is_one_that_the_host_takes() {
        let draft: baepo_domain::draft::Draft = serde_json::from_value(draft()).expect("a draft");
        assert_eq!(draft.problems(), []);
    }
}
