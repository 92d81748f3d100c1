//! Signatures in the formats that cosign documents, made here: so that tests have keys and signatures of every
//! kind. That cosign's own are the same is what `cargo xtask interop` shows.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::json;

/// What precedes the point in the DER of a public key on P-256.
const P256_PREFIX: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
/// What `cosign sign` states.
pub const SIGN_PREDICATE: &str = "https://sigstore.dev/cosign/sign/v1";

/// A key as `cosign generate-key-pair` makes it.
pub struct SigningKey {
    pair: EcdsaKeyPair,
    random: SystemRandom,
}

impl SigningKey {
    /// A new one.
    ///
    /// # Panics
    /// When the system has no randomness.
    #[must_use]
    pub fn generate() -> Self {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key");
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random);
        Self {
            pair: pair.expect("the key that was made"),
            random,
        }
    }

    /// `cosign.pub`.
    #[must_use]
    pub fn public_pem(&self) -> String {
        let der = [&P256_PREFIX[..], self.pair.public_key().as_ref()].concat();
        let text = STANDARD.encode(der);
        let lines = [text.get(..64), text.get(64..)].map(Option::unwrap_or_default);
        let lines = lines.join("\n");
        format!("-----BEGIN PUBLIC KEY-----\n{lines}\n-----END PUBLIC KEY-----\n")
    }

    /// `cosign sign-blob`, before it is written as base64.
    ///
    /// # Panics
    /// When the system has no randomness.
    #[must_use]
    pub fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        let signature = self.pair.sign(&self.random, bytes);
        signature.expect("a signature").as_ref().to_vec()
    }

    /// The payload of `cosign sign` of version 2 about the image with that SHA-256, and its signature.
    #[must_use]
    pub fn claim(&self, image: &str) -> (Vec<u8>, Vec<u8>) {
        let payload = json!({
            "critical": {
                "identity": {"docker-reference": "registry.example/echo"},
                "image": {"docker-manifest-digest": format!("sha256:{image}")},
                "type": "cosign container image signature",
            },
            "optional": null,
        });
        let payload = payload.to_string().into_bytes();
        let signature = self.sign(&payload);
        (payload, signature)
    }

    /// The bundle of `cosign sign-blob --bundle` of version 3.
    #[must_use]
    pub fn blob_bundle(&self, bytes: &[u8]) -> Vec<u8> {
        let signature = STANDARD.encode(self.sign(bytes));
        let bundle = json!({
            "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "verificationMaterial": {"publicKey": {"hint": "not looked at"}},
            "messageSignature": {"signature": signature},
        });
        bundle.to_string().into_bytes()
    }

    /// The bundle of `cosign sign-blob --bundle` of version 2.
    #[must_use]
    pub fn old_blob_bundle(&self, bytes: &[u8]) -> Vec<u8> {
        let signature = STANDARD.encode(self.sign(bytes));
        let bundle = json!({"base64Signature": signature});
        bundle.to_string().into_bytes()
    }

    /// The bundle of a statement about the image with that SHA-256; of `cosign sign` of version 3 with
    /// [`SIGN_PREDICATE`].
    #[must_use]
    pub fn statement_bundle(&self, image: &str, predicate_type: &str) -> Vec<u8> {
        let statement = json!({
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [{"name": "", "digest": {"sha256": image}}],
            "predicateType": predicate_type,
            "predicate": {},
        });
        let (kind, payload) = ("application/vnd.in-toto+json", statement.to_string());
        let signed = format!("DSSEv1 {} {kind} {} {payload}", kind.len(), payload.len());
        let signature = STANDARD.encode(self.sign(signed.as_bytes()));
        let bundle = json!({
            "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "verificationMaterial": {"publicKey": {"hint": "not looked at"}},
            "dsseEnvelope": {
                "payload": STANDARD.encode(payload),
                "payloadType": kind,
                "signatures": [{"sig": signature}],
            },
        });
        bundle.to_string().into_bytes()
    }
}
