//! Sigstore bundles: the JSON that cosign writes since version 3, and version 2 when asked.

use baepo_domain::model::id::Digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::keys::PublicKey;

/// What cosign states of an image that it signs. A statement of another kind, such as a list of what
/// is in it or of the holes that a scanner found, vouches for nothing.
const SIGNED: &str = "https://sigstore.dev/cosign/sign/v1";
const IN_TOTO: &str = "application/vnd.in-toto+json";
const STATEMENTS: [&str; 2] = [
    "https://in-toto.io/Statement/v1",
    "https://in-toto.io/Statement/v0.1",
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bundle {
    message_signature: Option<MessageSignature>,
    /// Where version 2 puts it, unless it is asked for a bundle of Sigstore's.
    base64_signature: Option<String>,
    dsse_envelope: Option<Envelope>,
}

#[derive(Deserialize)]
struct MessageSignature {
    signature: String,
}

/// DSSE.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    payload: String,
    payload_type: String,
    signatures: Vec<EnvelopeSignature>,
}

#[derive(Deserialize)]
struct EnvelopeSignature {
    sig: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Statement {
    #[serde(rename = "_type")]
    kind: String,
    predicate_type: String,
    subject: Vec<Subject>,
}

#[derive(Deserialize)]
struct Subject {
    digest: SubjectDigest,
}

#[derive(Deserialize)]
struct SubjectDigest {
    sha256: Option<String>,
}

/// Whether the key signed these bytes in that bundle.
pub(super) fn is_signed(key: &PublicKey, bytes: &[u8], digest: &Digest, json: &[u8]) -> bool {
    let Ok(bundle) = serde_json::from_slice::<Bundle>(json) else {
        return false;
    };
    let message = bundle.message_signature.map(|message| message.signature);
    let message = message.or(bundle.base64_signature);
    let message = message.and_then(|signature| decoded(&signature));
    message.is_some_and(|signature| key.verifies(bytes, &signature))
        || bundle
            .dsse_envelope
            .is_some_and(|envelope| envelope.states(key, digest) == Some(true))
}

impl Envelope {
    /// Whether the key states of that digest that it is signed; `None` when something is not as it should be.
    fn states(&self, key: &PublicKey, digest: &Digest) -> Option<bool> {
        let payload = decoded(&self.payload)?;
        let signed = pre_authentication_encoding(&self.payload_type, &payload);
        let mut signatures = self.signatures.iter().filter_map(|it| decoded(&it.sig));
        if self.payload_type != IN_TOTO
            || !signatures.any(|signature| key.verifies(&signed, &signature))
        {
            return None;
        }
        let statement: Statement = serde_json::from_slice(&payload).ok()?;
        let mut subjects = statement.subject.iter();
        let digest = digest.to_string();
        let is_subject = subjects.any(|it| it.digest.sha256.as_ref() == Some(&digest));
        let is_signature =
            STATEMENTS.contains(&statement.kind.as_str()) && statement.predicate_type == SIGNED;
        Some(is_subject && is_signature)
    }
}

/// What DSSE signs.
fn pre_authentication_encoding(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!(
        "DSSEv1 {} {payload_type} {} ",
        payload_type.len(),
        payload.len()
    );
    [head.as_bytes(), payload].concat()
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}
