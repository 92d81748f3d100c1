//! A client of an OCI registry that pushes what `wkg`, `wash` and `cosign` push.

use std::fmt::Write as _;

use baepo_domain::model::id::Digest;
use baepo_test_services::{OciRegistry, SIGN_PREDICATE, SigningKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Certificate, Client, RequestBuilder, StatusCode};
use serde_json::{Value, json};

const IMAGE: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";

/// Who pushes a component, which decides its media types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    Wkg,
    /// Before it did as `wkg`.
    OldWash,
}

/// Which version of cosign signs an image, which decides where the signature lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cosign {
    V2,
    V3,
}

/// Pushes to one repository of a registry.
pub struct Repository {
    http: Client,
    registry: String,
    name: &'static str,
    login: Option<(&'static str, &'static str)>,
}

impl Repository {
    /// Of an open registry.
    #[must_use]
    pub fn open(registry: &OciRegistry, name: &'static str) -> Self {
        Self {
            http: crate::owner::client(),
            registry: registry.url(),
            name,
            login: None,
        }
    }

    /// Of a registry with TLS and login.
    ///
    /// # Panics
    /// When its certificate cannot be read.
    #[must_use]
    pub fn with_login(registry: &OciRegistry, name: &'static str) -> Self {
        baepo::tls::install_provider();
        let pem = std::fs::read(registry.root_certificate()).expect("the registry's certificate");
        let certificate = Certificate::from_pem(&pem).expect("a certificate");
        let http = Client::builder().no_proxy().tls_certs_only([certificate]);
        Self {
            http: http.build().expect("an HTTP client"),
            registry: registry.url(),
            name,
            login: Some(OciRegistry::LOGIN),
        }
    }

    /// A reference to it, followed by `:tag` or `@sha256:…`.
    ///
    /// # Panics
    /// Never: an address has a scheme.
    #[must_use]
    pub fn reference(&self, version: &str) -> String {
        let (_, host) = self.registry.split_once("//").expect("a scheme");
        format!("oci://{host}/{}{version}", self.name)
    }

    /// Pushes a component under a tag; the image's digest.
    pub async fn push(&self, tag: &str, layout: Layout, component: &[u8]) -> Digest {
        let (config_type, layer_type) = match layout {
            Layout::Wkg => ("application/vnd.wasm.config.v0+json", "application/wasm"),
            Layout::OldWash => (
                "application/vnd.wasmcloud.actor.archive.config",
                "application/vnd.module.wasm.content.layer.v1+wasm",
            ),
        };
        let config = self.blob(config_type, b"{}").await;
        let layer = self.blob(layer_type, component).await;
        let manifest = json!({
            "schemaVersion": 2, "mediaType": IMAGE, "config": config, "layers": [layer],
        });
        self.manifest(tag, IMAGE, &manifest).await
    }

    /// Signs an image, as that version of cosign does.
    pub async fn sign(&self, image: Digest, key: &SigningKey, cosign: Cosign) {
        let digest = image.to_string();
        match cosign {
            Cosign::V2 => {
                let (payload, signature) = key.claim(&digest);
                self.attach_claim(image, &payload, &signature).await;
            }
            Cosign::V3 => {
                let bundle = key.statement_bundle(&digest, SIGN_PREDICATE);
                self.attach_bundle(image, &bundle).await;
            }
        }
    }

    /// Puts a payload with its signature where cosign 2 puts them.
    pub async fn attach_claim(&self, image: Digest, payload: &[u8], signature: &[u8]) {
        let kind = "application/vnd.dev.cosign.simplesigning.v1+json";
        let mut layer = self.blob(kind, payload).await;
        layer["annotations"] =
            json!({"dev.cosignproject.cosign/signature": STANDARD.encode(signature)});
        let config = self
            .blob("application/vnd.oci.image.config.v1+json", b"{}")
            .await;
        let manifest = json!({
            "schemaVersion": 2, "mediaType": IMAGE, "config": config, "layers": [layer],
        });
        self.manifest(&format!("sha256-{image}.sig"), IMAGE, &manifest)
            .await;
    }

    /// Puts a bundle where cosign 3 puts it in a registry that knows no referrers.
    pub async fn attach_bundle(&self, image: Digest, bundle: &[u8]) {
        let layer = self.blob(BUNDLE, bundle).await;
        let config = self.blob("application/vnd.oci.empty.v1+json", b"{}").await;
        let manifest = json!({
            "schemaVersion": 2, "mediaType": IMAGE, "artifactType": BUNDLE, "config": config,
            "layers": [layer],
            "subject": {"mediaType": IMAGE, "digest": format!("sha256:{image}"), "size": 1},
        });
        let digest = Digest::of(manifest.to_string().as_bytes());
        self.manifest(&format!("sha256:{digest}"), IMAGE, &manifest)
            .await;
        let referrer = json!({
            "mediaType": IMAGE, "artifactType": BUNDLE, "digest": format!("sha256:{digest}"),
            "size": manifest.to_string().len(),
        });
        let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": [referrer]});
        self.manifest(&format!("sha256-{image}"), INDEX, &index)
            .await;
    }

    async fn blob(&self, media_type: &str, bytes: &[u8]) -> Value {
        let url = format!("{}/v2/{}/blobs/uploads/", self.registry, self.name);
        let begun = self.send(self.http.post(url), StatusCode::ACCEPTED).await;
        let location = begun.headers()["location"].to_str().expect("an address");
        let mut location = location.to_owned();
        let digest = Digest::of(bytes);
        let separator = if location.contains('?') { '&' } else { '?' };
        write!(location, "{separator}digest=sha256:{digest}").expect("a string");
        let request = self.http.put(location).body(bytes.to_vec());
        self.send(request, StatusCode::CREATED).await;
        json!({"mediaType": media_type, "digest": format!("sha256:{digest}"), "size": bytes.len()})
    }

    async fn manifest(&self, version: &str, media_type: &str, manifest: &Value) -> Digest {
        let url = format!("{}/v2/{}/manifests/{version}", self.registry, self.name);
        let bytes = manifest.to_string();
        let digest = Digest::of(bytes.as_bytes());
        let request = self
            .http
            .put(url)
            .header("content-type", media_type)
            .body(bytes);
        self.send(request, StatusCode::CREATED).await;
        digest
    }

    async fn send(&self, request: RequestBuilder, expected: StatusCode) -> reqwest::Response {
        let request = match self.login {
            Some((user, password)) => request.basic_auth(user, Some(password)),
            None => request,
        };
        let response = request.send().await.expect("the registry answers");
        assert_eq!(response.status(), expected, "{response:?}");
        response
    }
}
