//! The signatures of an image, where cosign puts them: in the layers of the tag `sha256-DIGEST.sig` (version 2),
//! and as bundles that refer to the image (version 3), found by the registry or by the tag `sha256-DIGEST`.

use baepo_domain::model::id::Digest;
use baepo_domain::model::signature::Signature;
use baepo_domain::ports::PullError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::DeserializeOwned;

use super::manifest::{Descriptor, IMAGE, INDEX, Index, MANIFEST_BYTES, Manifest};
use super::session::Session;
use crate::signature::SIGNATURE_BYTES;

/// The most signatures of an image that are looked at, in each layout.
const SIGNATURES: usize = 32;
const CLAIM: &str = "application/vnd.dev.cosign.simplesigning.v1+json";
const ANNOTATION: &str = "dev.cosignproject.cosign/signature";
const BUNDLE: &str = "application/vnd.dev.sigstore.bundle";

/// All of them.
pub(super) async fn signatures(
    session: &mut Session<'_>,
    image: Digest,
) -> Result<Vec<Signature>, PullError> {
    let mut found = claims(session, image).await?;
    found.extend(bundles(session, image).await?);
    Ok(found)
}

async fn claims(session: &mut Session<'_>, image: Digest) -> Result<Vec<Signature>, PullError> {
    let tag = format!("manifests/sha256-{image}.sig");
    let manifest: Option<Manifest> = json(session, &tag, IMAGE).await?;
    let layers = manifest.map(|manifest| manifest.layers).unwrap_or_default();
    let mut found = Vec::new();
    let claims = layers.iter().filter(|layer| layer.media_type == CLAIM);
    for layer in claims.take(SIGNATURES) {
        let signature = layer.annotations.get(ANNOTATION);
        let signature = signature.and_then(|text| STANDARD.decode(text).ok());
        let signature = signature.unwrap_or_default();
        if let Some(payload) = blob(session, layer).await? {
            found.push(Signature::Claim { payload, signature });
        }
    }
    Ok(found)
}

async fn bundles(session: &mut Session<'_>, image: Digest) -> Result<Vec<Signature>, PullError> {
    let by_registry: Option<Index> =
        json(session, &format!("referrers/sha256:{image}"), INDEX).await?;
    let index = match by_registry {
        Some(index) => Some(index),
        None => json(session, &format!("manifests/sha256-{image}"), INDEX).await?,
    };
    let referrers = index.map(|index| index.manifests).unwrap_or_default();
    // A registry that knows no such type leaves it out; the manifest has it too.
    let is_bundle = |it: &&Descriptor| {
        it.artifact_type
            .as_ref()
            .is_none_or(|kind| kind.starts_with(BUNDLE))
    };
    let mut found = Vec::new();
    for referrer in referrers.iter().filter(is_bundle).take(SIGNATURES) {
        let Some(digest) = referrer.digest() else {
            continue;
        };
        let path = format!("manifests/sha256:{digest}");
        let manifest: Option<Manifest> = json(session, &path, IMAGE).await?;
        let layers = manifest.map(|manifest| manifest.layers).unwrap_or_default();
        let bundle = layers
            .iter()
            .find(|layer| layer.media_type.starts_with(BUNDLE));
        if let Some(layer) = bundle
            && let Some(json) = blob(session, layer).await?
        {
            found.push(Signature::Bundle(json));
        }
    }
    Ok(found)
}

/// What is no JSON of that form is no list of signatures.
async fn json<T: DeserializeOwned>(
    session: &mut Session<'_>,
    path: &str,
    accept: &str,
) -> Result<Option<T>, PullError> {
    let answer = session.get(path, accept, MANIFEST_BYTES).await?;
    Ok(answer.and_then(|answer| serde_json::from_slice(&answer.bytes).ok()))
}

async fn blob(session: &mut Session<'_>, layer: &Descriptor) -> Result<Option<Vec<u8>>, PullError> {
    match layer.digest() {
        Some(digest) if layer.size <= SIGNATURE_BYTES => {
            session.blob(digest, SIGNATURE_BYTES).await.map(Some)
        }
        _ => Ok(None),
    }
}
