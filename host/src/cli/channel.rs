//! `baepo channel`: what an operator does with channels, over the API.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;
use std::time::Duration;

use anyhow::Context as _;
use baepo_adapters::{read_signature, signatures_beside};
use baepo_domain::model::id::ChannelId;
use baepo_domain::model::oci_reference::{InvalidReference, OciReference};
use baepo_domain::model::signature::Signature;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::{Args, Subcommand};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::client::{Client, HostArgs};
use crate::api::{Role, SIGNATURE_HEADER};

/// A pull may take twice oci.time_limit_ms, and a large component is compiled for long.
const INSTALL_TIMEOUT: Duration = Duration::from_secs(600);

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  baepo channel list
  baepo channel install kakao-channel target/plugins/kakao-channel.wasm --promote
  baepo channel install kakao-channel oci://registry.example/kakao-channel:1.2.0
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
    /// Upload a component and stage it, or let the host pull it from an OCI registry.
    ///
    /// Signatures of a file are sent along: COMPONENT.sig and COMPONENT.sigstore.json, where they lie
    /// beside it. Those of an image the host finds in the registry.
    Install {
        channel: ChannelId,
        /// A file, oci://REGISTRY/REPOSITORY:TAG or oci://REGISTRY/REPOSITORY@sha256:DIGEST.
        component: ComponentPlace,
        /// A file with a signature, instead of those beside the component; can be repeated.
        #[arg(long, value_name = "FILE")]
        signature: Vec<PathBuf>,
        /// Pull over HTTP without TLS, from a registry on the host's own machine alone.
        #[arg(long)]
        insecure: bool,
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
            signature,
            insecure,
            promote,
        } => {
            let staged = match component {
                ComponentPlace::File(_) if insecure => {
                    anyhow::bail!("--insecure is for oci:// alone: a file is not pulled")
                }
                ComponentPlace::File(file) => upload(&client, &channel, &file, &signature).await?,
                ComponentPlace::Registry(_) if !signature.is_empty() => anyhow::bail!(
                    "--signature is for files alone: sign the image with `cosign sign --key`"
                ),
                ComponentPlace::Registry(reference) => {
                    let body = json!({"reference": reference.to_string(), "insecure": insecure});
                    pull(&client, &channel, &body).await?
                }
            };
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
            "{} {} is {}{}",
            text("channel"),
            short(text("digest")),
            text("state"),
            origin(&answer)
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// Where a component is.
#[derive(Debug, Clone)]
enum ComponentPlace {
    File(PathBuf),
    Registry(OciReference),
}

impl FromStr for ComponentPlace {
    type Err = InvalidReference;

    fn from_str(text: &str) -> Result<Self, InvalidReference> {
        match text.starts_with(OciReference::SCHEME) {
            true => text.parse().map(Self::Registry),
            false => Ok(Self::File(text.into())),
        }
    }
}

async fn upload(
    client: &Client,
    channel: &ChannelId,
    file: &Path,
    signatures: &[PathBuf],
) -> anyhow::Result<Value> {
    let component =
        std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let signatures = match signatures {
        [] => signatures_beside(file)?,
        given => given
            .iter()
            .map(|file| read_signature(file))
            .collect::<Result<_, _>>()?,
    };
    let mut request = install(client, channel).header("content-type", "application/wasm");
    for signature in signatures {
        if let Signature::Detached(bytes) | Signature::Bundle(bytes) = signature {
            request = request.header(SIGNATURE_HEADER, STANDARD.encode(bytes));
        }
    }
    client.send(request.body(component)).await
}

async fn pull(client: &Client, channel: &ChannelId, body: &Value) -> anyhow::Result<Value> {
    client.send(install(client, channel).json(body)).await
}

fn install(client: &Client, channel: &ChannelId) -> RequestBuilder {
    let path = format!("/api/admin/channels/{channel}/releases");
    client.request(Method::POST, &path).timeout(INSTALL_TIMEOUT)
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
                "{:<18} {:<14} {:<10} {:>8} {:>6}  {}{}{}",
                channel["id"].as_str().unwrap_or("?"),
                short(release["digest"].as_str().unwrap_or("?")),
                release["state"].as_str().unwrap_or("?"),
                release["bytes"].as_u64().unwrap_or(0).div_ceil(1_000),
                release["holders"].as_u64().unwrap_or(0),
                release["installedAt"].as_str().unwrap_or("?"),
                origin(release),
                release["reason"]
                    .as_str()
                    .map(|reason| format!("  {reason}"))
                    .unwrap_or_default(),
            );
        }
    }
}

/// Where in a registry a release came from and who signed it, to follow other words.
fn origin(release: &Value) -> String {
    let source = release["source"].as_str();
    let source = source.filter(|source| source.starts_with(OciReference::SCHEME));
    let source = source.map(|source| format!(" from {source}"));
    let key = release["signedBy"].as_str();
    let key = key.map(|key| format!(" signed by {key}"));
    source.unwrap_or_default() + &key.unwrap_or_default()
}

fn short(digest: &str) -> &str {
    digest.get(..12).unwrap_or(digest)
}
