//! `baepo channel`: what an operator does with channels, over the API.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use baepo_domain::model::id::ChannelId;
use clap::{Args, Subcommand};
use reqwest::Method;
use serde_json::Value;

use super::client::{Client, HostArgs};
use crate::api::Role;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  baepo channel list
  baepo channel install kakao-channel target/plugins/kakao-channel.wasm --promote
  baepo channel promote kakao-channel 3fa9c1d2e4b5
  baepo channel rollback kakao-channel")]
pub struct ChannelArgs {
    #[command(flatten)]
    host: HostArgs,
    /// Print the host's answer as JSON.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: ChannelCommand,
}

#[derive(Debug, Subcommand)]
enum ChannelCommand {
    /// Channels, their releases, and how many attempts hold each.
    List,
    /// Upload a component and stage it.
    Install {
        channel: ChannelId,
        component: PathBuf,
        /// Make it active when it could be loaded.
        #[arg(long)]
        promote: bool,
    },
    /// Let new attempts run on a release; running ones finish on theirs.
    Promote {
        channel: ChannelId,
        /// The release's digest, or its first digits.
        digest: String,
    },
    /// Go back to the release that was active before.
    Rollback { channel: ChannelId },
}

pub async fn channel(args: ChannelArgs, api: &str) -> anyhow::Result<ExitCode> {
    let client = Client::new(api, &args.host, "cli", Role::Operator)?;
    let answer = match args.command {
        ChannelCommand::List => {
            let list = client
                .send(client.request(Method::GET, "/api/admin/channels"))
                .await?;
            if !args.json {
                print_list(&list);
                return Ok(ExitCode::SUCCESS);
            }
            list
        }
        ChannelCommand::Install {
            channel,
            component,
            promote,
        } => {
            let staged = install(&client, &channel, &component).await?;
            if promote {
                let digest = staged["digest"]
                    .as_str()
                    .context("the host named no digest")?;
                swap(&client, &format!("{channel}/releases/{digest}/promote")).await?
            } else {
                staged
            }
        }
        ChannelCommand::Promote { channel, digest } => {
            swap(&client, &format!("{channel}/releases/{digest}/promote")).await?
        }
        ChannelCommand::Rollback { channel } => {
            swap(&client, &format!("{channel}/rollback")).await?
        }
    };
    if args.json {
        println!("{answer}");
    } else {
        let text = |key: &str| answer[key].as_str().unwrap_or("?");
        println!(
            "{} {} is {}",
            text("channel"),
            short(text("digest")),
            text("state")
        );
    }
    Ok(ExitCode::SUCCESS)
}

async fn install(client: &Client, channel: &ChannelId, file: &PathBuf) -> anyhow::Result<Value> {
    let component =
        std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let path = format!("/api/admin/channels/{channel}/releases");
    let request = client
        .request(Method::POST, &path)
        .header("content-type", "application/wasm")
        .body(component);
    client.send(request).await
}

async fn swap(client: &Client, path: &str) -> anyhow::Result<Value> {
    let path = format!("/api/admin/channels/{path}");
    client.send(client.request(Method::POST, &path)).await
}

fn print_list(list: &Value) {
    println!(
        "{:<18} {:<14} {:<10} {:>8} {:>6}  INSTALLED",
        "CHANNEL", "RELEASE", "STATE", "KB", "HELD"
    );
    for channel in list["items"].as_array().into_iter().flatten() {
        for release in channel["releases"].as_array().into_iter().flatten() {
            println!(
                "{:<18} {:<14} {:<10} {:>8} {:>6}  {}{}",
                channel["id"].as_str().unwrap_or("?"),
                short(release["digest"].as_str().unwrap_or("?")),
                release["state"].as_str().unwrap_or("?"),
                release["bytes"].as_u64().unwrap_or(0).div_ceil(1_000),
                release["holders"].as_u64().unwrap_or(0),
                release["installedAt"].as_str().unwrap_or("?"),
                release["reason"]
                    .as_str()
                    .map(|reason| format!("  {reason}"))
                    .unwrap_or_default(),
            );
        }
    }
}

fn short(digest: &str) -> &str {
    digest.get(..12).unwrap_or(digest)
}
