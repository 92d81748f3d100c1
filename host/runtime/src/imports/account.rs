//! `account`: the owner's settings, and signatures with their secrets.

use baepo_domain::id::Digest;
use baepo_domain::journal::{Body, Step};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::ExposeSecret as _;
use serde_json::Value;
use sha1::Sha1;
use sha2::Sha256;

use super::{CallState, HostAnswer, HostCall, Stop};
use crate::bindings::account as wit;

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
}

impl CallState {
    /// Text as it is, anything else as JSON.
    pub(super) fn setting(&self, name: &str) -> Option<String> {
        match self.begun.account.settings.get(name)? {
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
    ) -> Result<Option<Vec<u8>>, Stop> {
        let signed = |secret, signature| Step::Signed {
            secret,
            algorithm: algorithm(digest).to_owned(),
            data: Digest::of(data),
            signature,
        };
        let asked = signed(secret.clone(), None);
        if let Some(Step::Signed { signature, .. }) = self.begun.tape.replay(&asked)? {
            return Ok(signature.map(|Body(bytes)| bytes));
        }
        let signature = self.signature(&secret, digest, data);
        self.write(signed(secret, signature.clone().map(Body)))
            .await?;
        Ok(signature)
    }

    /// `None`: the channel does not declare this secret, or the owner has not given it.
    fn signature(&self, name: &str, digest: wit::Digest, data: &[u8]) -> Option<Vec<u8>> {
        let declared = &self.begun.release.manifest.secrets;
        if !declared.iter().any(|secret| secret.name == name) {
            return None;
        }
        let key = self
            .begun
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
