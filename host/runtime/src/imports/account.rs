//! `account`: the owner's settings, signatures with their secrets, and attribution of posts.

use baepo_domain::model::id::Digest;
use baepo_domain::model::journal::{Body, Repeat, Request, RequestOutcome, Response, Step};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use secrecy::ExposeSecret as _;
use serde_json::Value;
use sha1::Sha1;
use sha2::Sha256;

use super::{CallState, HostFailure, Misuse, Progress};
use crate::bindings::account as wit;

/// More than a provider shows on a page that a channel would read for this.
const MAX_POSTS: usize = 100;

impl wit::Host for CallState {
    /// Text as it is, anything else as JSON.
    async fn setting(&mut self, name: String) -> wasmtime::Result<Option<String>> {
        self.count("account.setting", 1)?;
        Ok(match self.context.account.settings.get(&name) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text.clone()),
            Some(other) => Some(other.to_string()),
        })
    }

    /// Journaled like an answer, so that a secret that changed meanwhile changes no replay.
    async fn sign(
        &mut self,
        secret: String,
        digest: wit::Digest,
        data: Vec<u8>,
    ) -> wasmtime::Result<Option<Vec<u8>>> {
        self.count("account.sign", 1)?;
        let requested = Step::Signed {
            secret: secret.clone(),
            algorithm: algorithm(digest).to_owned(),
            data: Digest::of(&data),
            signature: None,
        };
        if let Some(Step::Signed { signature, .. }) = self.context.cursor.replay(&requested)? {
            return Ok(signature.map(|Body(bytes)| bytes));
        }
        let computed = self.signature(&secret, digest, &data);
        let mut signed = requested;
        if let Step::Signed { signature, .. } = &mut signed {
            *signature = computed.clone().map(Body);
        }
        self.write(signed).await?;
        Ok(computed)
    }

    /// In the journal it is a request that the host itself answers: hosts that do not know this call
    /// can read what is stored, and a replay gets the answer that was given, whatever the store says
    /// by then.
    async fn attributable(
        &mut self,
        external_ids: Vec<String>,
        since: u64,
    ) -> wasmtime::Result<Vec<String>> {
        self.count("account.attributable", 1)?;
        self.only_distribute("only distribute can ask whose posts are whose")?;
        if external_ids.len() > MAX_POSTS {
            return Err(Misuse("account.attributable takes at most 100 posts").into());
        }
        let sent = Step::Sent(vec![attribution_request(&external_ids, since)]);
        if let Progress::Answered(outcomes) = self.replay_or_send(sent, 1).await? {
            return parse_attribution(&outcomes);
        }
        let since = i64::try_from(since).ok();
        let since = since.and_then(|since| Timestamp::from_millisecond(since).ok());
        let since = since.unwrap_or(Timestamp::MAX);
        self.pause();
        let found = self.context.cursor.attributable(&external_ids, since).await;
        self.active_time.resume();
        self.write(Step::Answered(vec![outcome(&found)])).await?;
        Ok(found)
    }
}

impl CallState {
    /// `None`: the channel does not declare this secret, or the owner has not given it.
    fn signature(&self, name: &str, digest: wit::Digest, data: &[u8]) -> Option<Vec<u8>> {
        let declared = &self.context.release.manifest.secrets;
        if !declared.iter().any(|secret| secret.name == name) {
            return None;
        }
        let key = self
            .context
            .account
            .secrets
            .get(name)?
            .expose_secret()
            .as_bytes();
        Some(match digest {
            wit::Digest::HmacSha256 => hmac::<Hmac<Sha256>>(key, data),
            wit::Digest::HmacSha1 => hmac::<Hmac<Sha1>>(key, data),
        })
    }
}

fn attribution_request(external_ids: &[String], since_ms: u64) -> Request {
    Request {
        method: "GET".to_owned(),
        url: format!("host:attributable?since={since_ms}"),
        headers: Vec::new(),
        body: Some(json(external_ids)),
        credentials: Vec::new(),
        repeat: Repeat::Safe,
        timeout_ms: None,
    }
}

fn outcome(external_ids: &[String]) -> RequestOutcome {
    RequestOutcome::Response(Response {
        status: 200,
        headers: Vec::new(),
        body: json(external_ids),
    })
}

fn parse_attribution(outcomes: &[RequestOutcome]) -> wasmtime::Result<Vec<String>> {
    let found = match outcomes {
        [RequestOutcome::Response(response)] => serde_json::from_slice(&response.body.0).ok(),
        _ => None,
    };
    let foreign = || HostFailure("the journal has no such answer to account.attributable".into());
    Ok(found.ok_or_else(foreign)?)
}

fn json(texts: &[String]) -> Body {
    Body(serde_json::to_vec(texts).expect("texts can be written as JSON"))
}

fn algorithm(digest: wit::Digest) -> &'static str {
    match digest {
        wit::Digest::HmacSha256 => "hmac-sha256",
        wit::Digest::HmacSha1 => "hmac-sha1",
    }
}

fn hmac<M: Mac + KeyInit>(key: &[u8], data: &[u8]) -> Vec<u8> {
    let mac = <M as KeyInit>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.chain_update(data).finalize().into_bytes().to_vec()
}
