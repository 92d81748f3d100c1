//! The way out, as scenarios: what a component tries, what arrives at the provider, what it learns.

mod answers;
mod encodings;
mod provider;
mod redirects;
mod refusals;
mod renewal;
mod secrets;
mod tokens;

use std::collections::BTreeMap;
use std::time::Duration;

use baepo_domain::model::id::ChannelId;
use baepo_domain::model::journal::{Body, Repeat, Request, Response};
use baepo_domain::model::manifest::{Grant, TokenSpec};
use provider::Provider;
use secrecy::SecretString;

use super::*;

const META: &str = "https://graph.facebook.com";
const CANARY: &str = "canary+of/the mine";

/// A channel with its account and limits, and the way out.
struct Scenario {
    egress: Egress,
    channel: ChannelId,
    grants: Vec<Grant>,
    tokens: Vec<TokenSpec>,
    secrets: BTreeMap<String, SecretString>,
    limits: EgressLimits,
}

impl Scenario {
    /// Every origin of the default grants is answered by `provider`, below `/meta` and `/cdn`.
    fn with(provider: &Provider) -> Self {
        Self::to(&format!("http://{}", provider.address))
    }

    fn to(base: &str) -> Self {
        Self::of(Egress::new(rewritten(base)).expect("a way out"))
    }

    fn of(egress: Egress) -> Self {
        let grants = vec![
            grant(
                META,
                &["GET /v1/{id}", "HEAD /v1/{id}", "POST /v1/posts"],
                &["accessToken"],
            ),
            grant("https://cdn.example", &["GET /**"], &[]),
        ];
        let secrets = [("accessToken", CANARY), ("appSecret", "canary-app-secret")];
        Self {
            egress,
            channel: "instagram".parse().expect("a channel"),
            grants,
            tokens: Vec::new(),
            secrets: secrets
                .map(|(name, value)| (name.to_owned(), value.into()))
                .into(),
            limits: EgressLimits {
                request_bytes: 10_000,
                response_bytes: 10_000,
                request_time: Duration::from_secs(15),
                longest_request_time: Duration::from_secs(15),
                requests_per_second: 100,
            },
        }
    }

    fn policy(&self) -> EgressPolicy<'_> {
        EgressPolicy {
            channel: &self.channel,
            grants: &self.grants,
            tokens: &self.tokens,
            secrets: &self.secrets,
            send_guard: &|| Ok(()),
            limits: self.limits,
        }
    }

    async fn send(&self, request: Request) -> Result<Response, SendError> {
        self.egress.exchange(self.policy(), &request).await
    }

    /// The text of the refusal; anything else fails the test.
    async fn denied(&self, request: Request) -> String {
        let url = request.url.clone();
        match self.send(request).await {
            Err(SendError::Denied(text)) => text,
            other => panic!("{url} was not denied: {other:?}"),
        }
    }
}

/// Every origin of the tests is answered below this address, with a folder for each.
fn rewritten(base: &str) -> EgressConfig {
    let rewrites = [
        (META, "/meta"),
        ("https://cdn.example", "/cdn"),
        ("https://auth.example", "/auth"),
    ];
    let rewrites = rewrites.map(|(origin, path)| Rewrite {
        origin: origin.parse().expect("an origin"),
        to: format!("{base}{path}").parse().expect("a base"),
    });
    EgressConfig {
        rewrites: rewrites.into(),
        ..EgressConfig::default()
    }
}

fn grant(origin: &str, requests: &[&str], secrets: &[&str]) -> Grant {
    Grant {
        origin: origin.parse().expect("an origin"),
        requests: requests
            .iter()
            .map(|text| text.parse().expect("a pattern"))
            .collect(),
        secrets: secrets.iter().map(|name| (*name).to_owned()).collect(),
    }
}

/// A safe request to this address.
fn get(url: &str) -> Request {
    Request {
        method: "GET".to_owned(),
        url: url.to_owned(),
        headers: Vec::new(),
        body: None,
        credentials: Vec::new(),
        repeat: Repeat::Safe,
        timeout_ms: None,
    }
}

/// A request that would act twice.
fn post(url: &str) -> Request {
    Request {
        method: "POST".to_owned(),
        body: Some(Body(b"caption=hello".to_vec())),
        repeat: Repeat::Unsafe,
        ..get(url)
    }
}

fn with_token(request: Request) -> Request {
    Request {
        credentials: vec!["bearer accessToken".to_owned()],
        ..request
    }
}
