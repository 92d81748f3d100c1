//! Image manifests: which of an image's layers is the component.

use std::collections::BTreeMap;

use baepo_domain::model::id::Digest;
use serde::Deserialize;

pub(super) const IMAGE: &str = "application/vnd.oci.image.manifest.v1+json";
pub(super) const INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// The manifest of an image with one component has about 1 KB.
pub(super) const MANIFEST_BYTES: u64 = 1 << 20;
/// What programs call a component: `wkg` and today's `wash`, older `wash`, and `wasm-to-oci` and its like.
const COMPONENT: [&str; 3] = [
    "application/wasm",
    "application/vnd.module.wasm.content.layer.v1+wasm",
    "application/vnd.wasm.content.layer.v1+wasm",
];

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Manifest {
    #[serde(default)]
    pub layers: Vec<Descriptor>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Index {
    #[serde(default)]
    pub manifests: Vec<Descriptor>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Descriptor {
    #[serde(default)]
    pub media_type: String,
    pub artifact_type: Option<String>,
    digest: String,
    pub size: u64,
    #[serde(default)]
    pub annotations: BTreeMap<String, String>,
}

impl Descriptor {
    /// `None` for one of another kind than SHA-256.
    pub(super) fn digest(&self) -> Option<Digest> {
        self.digest.strip_prefix("sha256:")?.parse().ok()
    }
}

/// The layer that is the component; else what is wrong.
pub(super) fn component(media_type: &str, manifest: &[u8]) -> Result<(Digest, u64), String> {
    if media_type == INDEX || media_type.ends_with("manifest.list.v2+json") {
        let text = "it is an index of several images, and a component needs none: give the digest of the image";
        return Err(text.to_owned());
    }
    let manifest: Manifest = serde_json::from_slice(manifest)
        .map_err(|error| format!("its manifest is none of an image: {error}"))?;
    let [layer] = manifest.layers.as_slice() else {
        return Err(format!(
            "it has {} layers, and an image with a component has one: push it with `wkg oci push`",
            manifest.layers.len()
        ));
    };
    if !COMPONENT.contains(&layer.media_type.as_str()) {
        return Err(format!(
            "its layer is {:?}, which is no component ({}): push it with `wkg oci push`",
            layer.media_type,
            COMPONENT.join(", ")
        ));
    }
    let digest = layer.digest();
    let digest =
        digest.ok_or_else(|| format!("its layer's digest is {:?}, not a SHA-256", layer.digest))?;
    Ok((digest, layer.size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_that_holds_no_component_is_refused_with_the_reason() {
        let layer = |media_type: &str, digest: &str| {
            format!(r#"{{"mediaType": "{media_type}", "digest": "{digest}", "size": 7}}"#)
        };
        let digest = format!("sha256:{}", Digest::of(b"echo"));
        let manifest = |layers: &[String]| format!(r#"{{"layers": [{}]}}"#, layers.join(","));
        let one = layer("application/wasm", &digest);
        assert_eq!(
            component(IMAGE, manifest(std::slice::from_ref(&one)).as_bytes()),
            Ok((Digest::of(b"echo"), 7))
        );
        for (media_type, text, expected) in [
            (
                INDEX,
                manifest(std::slice::from_ref(&one)),
                "index of several images",
            ),
            (IMAGE, "7".to_owned(), "none of an image"),
            (IMAGE, manifest(&[]), "it has 0 layers"),
            (IMAGE, manifest(&[one.clone(), one]), "it has 2 layers"),
            (
                IMAGE,
                manifest(&[layer(
                    "application/vnd.oci.image.layer.v1.tar+gzip",
                    &digest,
                )]),
                "which is no component",
            ),
            (
                IMAGE,
                manifest(&[layer("application/wasm", "sha512:00")]),
                "not a SHA-256",
            ),
        ] {
            let wrong = component(media_type, text.as_bytes()).unwrap_err();
            assert!(wrong.contains(expected), "{wrong}");
        }
    }
}
