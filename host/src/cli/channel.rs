//! `baepo channel`: what an operator does with channels, over the API.

mod install;
mod print;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use baepo_domain::model::id::ChannelId;
use clap::{Args, Subcommand};
use reqwest::Method;
use serde_json::{Value, json};

use self::install::{ComponentPlace, Installation};
use super::client::{Client, HostArgs};
use crate::api::Role;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  baepo channel list
  baepo channel install kakao-channel target/plugins/kakao-channel.wasm --promote
  baepo channel install kakao-channel oci://registry.example/kakao-channel:1.2.0
  baepo channel show kakao-channel                    what its releases ask for
  baepo channel approve kakao-channel 3fa9c1d2e4b5 --all
  baepo channel promote kakao-channel 3fa9c1d2e4b5
  baepo channel rollback kakao-channel
  baepo channel delete kakao-channel 3fa9c1d2e4b5")]
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
    /// Every channel with its releases, those that wait for an approval first, and how many attempts hold each.
    List {
        /// The uploads that were refused, instead, each with the reason.
        #[arg(long)]
        rejected: bool,
    },
    /// All releases of a channel, with what each asks for.
    Show { channel: ChannelId },
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
        /// Make it active when it could be loaded and asks for nothing new.
        #[arg(long)]
        promote: bool,
    },
    /// Answer for what a release asks for that the active one was not given.
    ///
    /// Without --all or --permission it prints what that is, and approves nothing.
    Approve {
        channel: ChannelId,
        /// The release's digest, or its first digits.
        digest: String,
        /// A name as it was printed; all of them are needed.
        #[arg(long, value_name = "NAME", conflicts_with = "all")]
        permission: Vec<String>,
        /// Everything that it asks for now.
        #[arg(long)]
        all: bool,
    },
    /// Let new attempts run on a release; running ones finish on theirs.
    Promote {
        channel: ChannelId,
        /// The release's digest, or its first digits.
        digest: String,
    },
    /// Go back to the release that was active before.
    Rollback { channel: ChannelId },
    /// Forget a release that nobody needs, or without a digest the channel with all its releases.
    Delete {
        channel: ChannelId,
        /// The release's digest, or its first digits.
        digest: Option<String>,
    },
}

pub async fn channel(args: ChannelArgs, api: &str) -> anyhow::Result<ExitCode> {
    let client = Client::new(api, &args.host, "cli", Role::Operator)?;
    let release = match args.command {
        ChannelCommand::List { rejected } => {
            let path = if rejected {
                "rejected-releases"
            } else {
                "channels"
            };
            let items = all_pages(&client, path).await?;
            match (args.json, rejected) {
                (true, _) => println!("{}", json!({"items": items})),
                (false, true) => items.iter().for_each(|release| {
                    print::release(release);
                    println!("  {}", print::reason(release));
                }),
                (false, false) => print::list(&items),
            }
            return Ok(ExitCode::SUCCESS);
        }
        ChannelCommand::Show { channel } => {
            let items = all_pages(&client, &format!("channels/{channel}/releases")).await?;
            if items.is_empty() {
                bail!("nothing is installed for {channel}: baepo channel list names what is");
            }
            match args.json {
                true => println!("{}", json!({"items": items})),
                false => items.iter().for_each(print::release),
            }
            return Ok(ExitCode::SUCCESS);
        }
        ChannelCommand::Install {
            channel,
            component,
            signature,
            insecure,
            promote,
        } => {
            let installation = Installation {
                component,
                signatures: signature,
                insecure,
            };
            let staged = installation.run(&client, &channel).await?;
            let waits = staged["pending"]
                .as_array()
                .is_some_and(|it| !it.is_empty());
            if promote && waits {
                print::answer(&staged, args.json);
                eprintln!("it is not promoted: it waits for an approval");
                return Ok(ExitCode::FAILURE);
            }
            if promote {
                let digest = staged["digest"]
                    .as_str()
                    .context("the host named no digest")?;
                act(&client, &format!("{channel}/releases/{digest}/promote")).await?
            } else {
                staged
            }
        }
        ChannelCommand::Approve {
            channel,
            digest,
            permission,
            all,
        } => approve(&client, &channel, &digest, permission, all).await?,
        ChannelCommand::Promote { channel, digest } => {
            act(&client, &format!("{channel}/releases/{digest}/promote")).await?
        }
        ChannelCommand::Rollback { channel } => {
            act(&client, &format!("{channel}/rollback")).await?
        }
        ChannelCommand::Delete { channel, digest } => {
            let of = digest.map(|digest| format!("/releases/{digest}"));
            let path = format!("/api/admin/channels/{channel}{}", of.unwrap_or_default());
            client.send(client.request(Method::DELETE, &path)).await?;
            println!("it is forgotten");
            return Ok(ExitCode::SUCCESS);
        }
    };
    print::answer(&release, args.json);
    Ok(ExitCode::SUCCESS)
}

/// The release as it is then; as it is now where nothing was named.
async fn approve(
    client: &Client,
    channel: &ChannelId,
    digest: &str,
    permissions: Vec<String>,
    all: bool,
) -> anyhow::Result<Value> {
    let releases = all_pages(client, &format!("channels/{channel}/releases")).await?;
    let mut found = releases.into_iter().filter(|release| {
        let full = release["digest"].as_str();
        full.is_some_and(|full| full.starts_with(digest))
    });
    let release = found.next();
    let release = release.with_context(|| {
        format!("{channel} has no release {digest}: baepo channel show {channel} names them")
    })?;
    if found.next().is_some() {
        bail!("several releases of {channel} begin with {digest:?}: give more digits");
    }
    if permissions.is_empty() && !all {
        return Ok(release);
    }
    let approved = match all {
        true => release["pending"].clone(),
        false => json!(permissions),
    };
    let digest = release["digest"].as_str().unwrap_or(digest);
    let path = format!("/api/admin/channels/{channel}/releases/{digest}/approve");
    let request = client.request(Method::POST, &path);
    client
        .send(request.json(&json!({"approve": approved})))
        .await
}

async fn all_pages(client: &Client, list: &str) -> anyhow::Result<Vec<Value>> {
    let path = format!("/api/admin/{list}?limit=100");
    let (mut items, mut after) = (Vec::new(), None::<String>);
    loop {
        let request = client.request(Method::GET, &path);
        let after_last: Vec<_> = after.iter().map(|after| ("after", after)).collect();
        let page = client.send(request.query(&after_last)).await?;
        items.extend(page["items"].as_array().into_iter().flatten().cloned());
        after = page["next"].as_str().map(str::to_owned);
        if after.is_none() {
            return Ok(items);
        }
    }
}

async fn act(client: &Client, path: &str) -> anyhow::Result<Value> {
    let path = format!("/api/admin/channels/{path}");
    client.send(client.request(Method::POST, &path)).await
}
