//! Signatures by cosign, verified with public keys of the operator: of a file, of an image in the layout
//! of version 2, and Sigstore bundles, the layout of version 3. No certificates, no transparency log, no network.

mod beside;
mod bundle;
mod config;
mod keys;
#[cfg(test)]
mod tests;

use baepo_domain::model::id::Digest;
use baepo_domain::model::signature::{KeyName, Signature, Signers};
use baepo_domain::ports::SignatureVerifier;
use serde::Deserialize;

pub use self::beside::{SIGNATURE_BYTES, read_signature, signatures_beside};
pub use self::config::{KeySource, SignatureConfig};
use self::keys::PublicKey;
pub use self::keys::PublicKeyError;

/// The `critical.type` of what cosign signs.
const IMAGE_SIGNATURE: &str = "cosign container image signature";

/// The operator's keys.
#[derive(Debug, Default)]
pub struct CosignVerifier {
    keys: Vec<(KeyName, PublicKey)>,
}

impl CosignVerifier {
    /// Reads the keys.
    ///
    /// # Errors
    /// Names the key that cannot be read, or is of no kind that is known.
    pub fn new(config: &SignatureConfig) -> Result<Self, PublicKeyError> {
        let read = |(name, source)| Ok((KeyName::clone(name), PublicKey::read(name, source)?));
        let keys = config.keys.iter().map(read).collect::<Result<_, _>>()?;
        Ok(Self { keys })
    }

    fn is_signed(key: &PublicKey, bytes: &[u8], digest: &Digest, signature: &Signature) -> bool {
        match signature {
            Signature::Detached(signature) => key.verifies(bytes, signature),
            Signature::Claim { payload, signature } => {
                key.verifies(payload, signature) && claimed(payload) == Some(*digest)
            }
            Signature::Bundle(json) => bundle::is_signed(key, bytes, digest, json),
        }
    }
}

impl SignatureVerifier for CosignVerifier {
    fn signers(&self, bytes: &[u8], signatures: &[Signature]) -> Signers {
        let digest = Digest::of(bytes);
        let signed = |key: &PublicKey| {
            let mut signatures = signatures.iter();
            signatures.any(|signature| Self::is_signed(key, bytes, &digest, signature))
        };
        let keys = self.keys.iter().filter(|(_, key)| signed(key));
        Signers {
            keys: keys.map(|(name, _)| name.clone()).collect(),
            given: signatures.len(),
        }
    }
}

/// The digest of the image that a payload of version 2 is about. Where the image lay when it was
/// signed is of no matter: it is what it is wherever it is copied to.
fn claimed(payload: &[u8]) -> Option<Digest> {
    #[derive(Deserialize)]
    struct Payload {
        critical: Critical,
    }
    #[derive(Deserialize)]
    struct Critical {
        #[serde(rename = "type")]
        kind: String,
        image: Image,
    }
    #[derive(Deserialize)]
    struct Image {
        #[serde(rename = "docker-manifest-digest")]
        digest: String,
    }
    let Payload { critical } = serde_json::from_slice(payload).ok()?;
    let digits = critical.image.digest.strip_prefix("sha256:")?;
    (critical.kind == IMAGE_SIGNATURE)
        .then(|| digits.parse().ok())
        .flatten()
}
