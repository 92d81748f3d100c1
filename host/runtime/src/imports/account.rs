//! `account`: the owner's settings, signatures with their secrets, and whose posts are whose.

use baepo_domain::model::id::Digest;
use baepo_domain::model::journal::{Body, Repeat, Request, RequestOutcome, Step};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use secrecy::ExposeSecret as _;
use serde_json::Value;
use sha1::Sha1;
use sha2::Sha256;

use super::{CallState, HostAnswer, HostCall, HostFailure, Misuse, Purpose, StopReason};
use crate::bindings::account as wit;

/// More than a provider shows on a page that a channel would read for this.
const MAX_POSTS: usize = 100;

impl wit::Host for CallState {
    async fn setting(&mut self, name: String) -> wasmtime::Result<Option<String>> {
        match self.perform(HostCall::Setting(name)).await? {
            HostAnswer::Setting(value) => Ok(value),
            other => other.is_not("account.setting"),
        }
    }

    async fn sign(
        &mut self,
        secret: String,
        digest: wit::Digest,
        data: Vec<u8>,
    ) -> wasmtime::Result<Option<Vec<u8>>> {
        match self
            .perform(HostCall::Sign {
                secret,
                digest,
                data,
            })
            .await?
        {
            HostAnswer::Signature(signature) => Ok(signature),
            other => other.is_not("account.sign"),
        }
    }

    async fn attributable(
        &mut self,
        external_ids: Vec<String>,
        since: u64,
    ) -> wasmtime::Result<Vec<String>> {
        let call = HostCall::Attributable {
            external_ids,
            since_ms: since,
        };
        match self.perform(call).await? {
            HostAnswer::Attributable(external_ids) => Ok(external_ids),
            other => other.is_not("account.attributable"),
        }
    }
}

impl CallState {
    /// In the journal it is a request that the host itself answers: hosts that do not know this call
    /// can read what is stored, and a replay gets the answer that was given, whatever the store says
    /// by then.
    pub(super) async fn attributable(
        &mut self,
        external_ids: Vec<String>,
        since_ms: u64,
    ) -> wasmtime::Result<Vec<String>> {
        if !matches!(self.context.purpose, Purpose::Distribute(_)) {
            return Err(Misuse("only distribute can ask whose posts are whose").into());
        }
        if external_ids.len() > MAX_POSTS {
            return Err(Misuse("account.attributable takes at most 100 posts").into());
        }
        let requested = Step::Sent(vec![attribution_request(&external_ids, since_ms)]);
        if self.context.cursor.replay(&requested)?.is_none() {
            self.write(requested).await?;
        } else if let Some(answers) = self.context.cursor.answers(&requested, 1)? {
            return parse_attribution(&answers);
        }
        self.active_time.pause();
        let since = i64::try_from(since_ms).ok();
        let since = since.and_then(|since| Timestamp::from_millisecond(since).ok());
        let since = since.unwrap_or(Timestamp::MAX);
        let found = self.context.cursor.attributable(&external_ids, since).await;
        self.active_time.resume();
        self.write(Step::Answered(vec![answer(&found)])).await?;
        Ok(found)
    }

    /// Text as it is, anything else as JSON.
    pub(super) fn setting(&self, name: &str) -> Option<String> {
        match self.context.account.settings.get(name)? {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        }
    }

    /// Journaled like an answer, so that a secret that changed meanwhile changes no replay.
    pub(super) async fn sign(
        &mut self,
        secret: String,
        digest: wit::Digest,
        data: &[u8],
    ) -> Result<Option<Vec<u8>>, StopReason> {
        let signed = |secret, signature| Step::Signed {
            secret,
            algorithm: algorithm(digest).to_owned(),
            data: Digest::of(data),
            signature,
        };
        let requested = signed(secret.clone(), None);
        if let Some(Step::Signed { signature, .. }) = self.context.cursor.replay(&requested)? {
            return Ok(signature.map(|Body(bytes)| bytes));
        }
        let signature = self.signature(&secret, digest, data);
        self.write(signed(secret, signature.clone().map(Body)))
            .await?;
        Ok(signature)
    }

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

fn answer(external_ids: &[String]) -> RequestOutcome {
    RequestOutcome::Response {
        status: 200,
        headers: Vec::new(),
        body: json(external_ids),
    }
}

fn parse_attribution(answers: &[RequestOutcome]) -> wasmtime::Result<Vec<String>> {
    let found = match answers {
        [RequestOutcome::Response { body, .. }] => serde_json::from_slice(&body.0).ok(),
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
