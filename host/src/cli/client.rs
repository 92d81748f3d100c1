//! A client of the API of a running host.

use std::time::Duration;

use anyhow::{Context as _, bail};
use baepo_adapters::SystemClock;
use baepo_domain::ports::clock::Clock as _;
use clap::Args;
use reqwest::header::ACCEPT_LANGUAGE;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::Value;

use super::key::KeyArgs;
use crate::api::Role;

/// Above the 65 s within which a publish answers.
const TIMEOUT: Duration = Duration::from_secs(90);
const TOKEN_LIFETIME: Duration = Duration::from_secs(3_600);

/// The credentials for a host.
#[derive(Debug, Clone, Args)]
pub struct HostArgs {
    #[command(flatten)]
    pub key: KeyArgs,
    /// A token; made with the host's key where none is given.
    #[arg(long, env = "BAEPO_TOKEN", hide_env_values = true, global = true)]
    pub token: Option<String>,
}

/// A client with one user's token.
pub struct Client {
    http: reqwest::Client,
    api: String,
    token: String,
    /// The arguments that name the key of a token that was made here.
    signed_with: Option<String>,
}

impl Client {
    /// A client for `user` in that role.
    ///
    /// # Errors
    /// When there is neither a token nor a key to make one with.
    pub fn new(api: &str, host: &HostArgs, user: &str, role: Role) -> anyhow::Result<Self> {
        let (token, signed_with) = match &host.token {
            Some(token) => (token.clone(), None),
            None => {
                let tokens = host.key.tokens()?;
                let token = tokens.issue(user, role, TOKEN_LIFETIME, SystemClock.now())?;
                (token, Some(host.key.to_string()))
            }
        };
        Ok(Self {
            http: http_client(TIMEOUT)?,
            api: api.trim_end_matches('/').to_owned(),
            token,
            signed_with,
        })
    }

    /// The API's address.
    pub fn api(&self) -> &str {
        &self.api
    }

    /// A request to a path below the API's address.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.api))
            .bearer_auth(&self.token)
            // The messages of this program are in English; so should be those that it passes on.
            .header(ACCEPT_LANGUAGE, "en")
    }

    /// A request to another server, without the token.
    pub fn unauthenticated_request(&self, method: Method, url: &str) -> RequestBuilder {
        self.http.request(method, url)
    }

    /// The answer's JSON.
    ///
    /// # Errors
    /// The host's message when it refused; its address when it did not answer.
    pub async fn send(&self, request: RequestBuilder) -> anyhow::Result<Value> {
        let (status, body) = self.answer(request).await?;
        if status.is_success() {
            return Ok(body);
        }
        let refusal = refusal(status, &body);
        match &self.signed_with {
            Some(key) if status == StatusCode::UNAUTHORIZED => {
                bail!(
                    "{refusal}\n  the token was signed with the key of {key}: is that the key of the host at {}?",
                    self.api
                )
            }
            _ => bail!("{refusal}"),
        }
    }

    /// Status and JSON of any response.
    ///
    /// # Errors
    /// When no host answers there.
    pub async fn answer(&self, request: RequestBuilder) -> anyhow::Result<(StatusCode, Value)> {
        let response = request.send().await.with_context(|| {
            format!(
                "no answer from {}: is `baepo serve` running there? (--api)",
                self.api
            )
        })?;
        let status = response.status();
        let bytes = response.bytes().await?;
        Ok((
            status,
            serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        ))
    }
}

/// An HTTP client for requests to a host, which is reached without a proxy.
pub fn http_client(timeout: Duration) -> reqwest::Result<reqwest::Client> {
    crate::tls::install_provider();
    let http = reqwest::Client::builder().no_proxy();
    http.timeout(timeout).build()
}

fn refusal(status: StatusCode, body: &Value) -> String {
    let title = body["title"].as_str().unwrap_or("the host refused");
    match body["detail"].as_str() {
        Some(detail) => format!("{title}: {detail} ({status})"),
        None => format!("{title} ({status})"),
    }
}
