//! `baepo health`: what a container's health check runs, since the image has no other client.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Args;
use reqwest::Url;
use serde_json::{Value, json};

use super::client::http_client;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  baepo health                                          does the host on this machine take requests?
  baepo health --api http://distribution:8080           does that one?
  baepo health --url http://127.0.0.1:8080/healthz      does its process live?

Exits with 0 when the answer is a success, with 1 when it is not or does not come in time.")]
pub struct HealthArgs {
    /// Request this address instead of /readyz at --api: /healthz reports only that the process lives.
    #[arg(long)]
    url: Option<Url>,
    /// How long the answer may take, in ms.
    #[arg(long, default_value_t = 3_000, value_parser = clap::value_parser!(u64).range(1..=60_000))]
    within_ms: u64,
    /// Print the answer as one line of JSON, also when it is not a success.
    #[arg(long)]
    json: bool,
}

pub async fn health(args: HealthArgs, api: &str) -> anyhow::Result<ExitCode> {
    let url = match &args.url {
        Some(url) => url.clone(),
        None => format!("{}/readyz", api.trim_end_matches('/'))
            .parse()
            .with_context(|| format!("{api} is no address: --api http://HOST:PORT"))?,
    };
    let (status, body) = fetch_health(&args, &url).await?;
    let is_success = (200..300).contains(&status);
    if args.json {
        println!("{}", json!({"status": status, "answer": body}));
    } else if is_success {
        println!("{}", body["status"].as_str().unwrap_or("ok"));
    } else {
        bail!("{}", refusal(&url, status, &body));
    }
    Ok(if is_success {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn fetch_health(args: &HealthArgs, url: &Url) -> anyhow::Result<(u16, Value)> {
    let http = http_client(Duration::from_millis(args.within_ms))?;
    let no_response = || {
        let within = args.within_ms;
        format!("no answer from {url} within {within} ms: is `baepo serve` running there? (--api)")
    };
    let response = http.get(url.clone()).send().await;
    let response = response.with_context(no_response)?;
    let status = response.status().as_u16();
    let body = response.bytes().await.with_context(no_response)?;
    Ok((status, serde_json::from_slice(&body).unwrap_or(Value::Null)))
}

/// With the host's own message if it has one.
fn refusal(url: &Url, status: u16, body: &Value) -> String {
    match body["detail"].as_str() {
        Some(detail) => format!("{url} answered {status}: {detail}"),
        None => format!("{url} answered {status}"),
    }
}
