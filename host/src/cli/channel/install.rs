//! Uploading a component, or having the host pull it.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use anyhow::Context as _;
use baepo_adapters::{read_signature, signatures_beside};
use baepo_domain::model::id::ChannelId;
use baepo_domain::model::oci_reference::{InvalidReference, OciReference};
use baepo_domain::model::signature::Signature;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::super::client::Client;
use crate::api::SIGNATURE_HEADER;

/// A pull may take twice oci.time_limit_ms, and a large component is compiled for long.
const INSTALL_TIMEOUT: Duration = Duration::from_secs(600);

/// What is installed, and how.
#[derive(Debug)]
pub(super) struct Installation {
    pub component: ComponentPlace,
    pub signatures: Vec<PathBuf>,
    pub insecure: bool,
}

impl Installation {
    /// The release as the host answers it.
    pub async fn run(self, client: &Client, channel: &ChannelId) -> anyhow::Result<Value> {
        match self.component {
            ComponentPlace::File(_) if self.insecure => {
                anyhow::bail!("--insecure is for oci:// alone: a file is not pulled")
            }
            ComponentPlace::File(file) => upload(client, channel, &file, &self.signatures).await,
            ComponentPlace::Registry(_) if !self.signatures.is_empty() => anyhow::bail!(
                "--signature is for files alone: sign the image with `cosign sign --key`"
            ),
            ComponentPlace::Registry(reference) => {
                let body = json!({"reference": reference.to_string(), "insecure": self.insecure});
                pull(client, channel, &body).await
            }
        }
    }
}

/// Where a component is.
#[derive(Debug, Clone)]
pub(super) enum ComponentPlace {
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
