//! A client of the API: an operator.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::{Value, json};

use crate::owner::{ApiResponse, Owner, send};

/// An operator.
#[derive(Clone)]
pub struct Operator(Owner);

impl Operator {
    pub(crate) fn new(api: String, token: String) -> Self {
        Self(Owner::new(api, token))
    }

    pub async fn get(&self, path: &str) -> ApiResponse {
        self.0.get(path).await
    }

    /// What operators read of one channel's delivery, besides its message.
    pub async fn detail(&self, distribution: &str, channel: &str) -> String {
        let delivery = self.0.delivery(distribution, channel).await;
        delivery["detail"].as_str().unwrap_or_default().to_owned()
    }

    /// Uploads a component.
    ///
    /// # Panics
    /// When the file cannot be read.
    pub async fn upload(&self, channel: &str, component: &std::path::Path) -> ApiResponse {
        let bytes = std::fs::read(component).expect("a component");
        self.upload_bytes(channel, bytes).await
    }

    pub async fn upload_bytes(&self, channel: &str, bytes: Vec<u8>) -> ApiResponse {
        let path = format!("/api/admin/channels/{channel}/releases");
        let request = self.0.request(Method::POST, &path);
        send(
            request
                .header("content-type", "application/wasm")
                .body(bytes),
        )
        .await
    }

    /// Uploads a component with a signature of it.
    pub async fn upload_signed(
        &self,
        channel: &str,
        component: Vec<u8>,
        signature: &[u8],
    ) -> ApiResponse {
        let path = format!("/api/admin/channels/{channel}/releases");
        let request = self.0.request(Method::POST, &path);
        let request = request
            .header("content-type", "application/wasm")
            .header("baepo-signature", STANDARD.encode(signature));
        send(request.body(component)).await
    }

    /// Lets the host pull a component from a registry on its own machine, without TLS.
    pub async fn pull_insecurely(&self, channel: &str, reference: &str) -> ApiResponse {
        let body = json!({"reference": reference, "insecure": true});
        self.install_reference(channel, &body).await
    }

    /// Lets the host pull a component from a registry.
    pub async fn pull(&self, channel: &str, reference: &str) -> ApiResponse {
        let body = json!({"reference": reference});
        self.install_reference(channel, &body).await
    }

    async fn install_reference(&self, channel: &str, body: &Value) -> ApiResponse {
        let path = format!("/api/admin/channels/{channel}/releases");
        send(self.0.request(Method::POST, &path).json(body)).await
    }

    pub async fn promote(&self, channel: &str, digest: &str) -> ApiResponse {
        let path = format!("/api/admin/channels/{channel}/releases/{digest}/promote");
        send(self.0.request(Method::POST, &path)).await
    }

    /// Approves what a release asks for by these names.
    pub async fn approve(&self, channel: &str, digest: &str, names: &Value) -> ApiResponse {
        let path = format!("/api/admin/channels/{channel}/releases/{digest}/approve");
        let request = self.0.request(Method::POST, &path);
        send(request.json(&json!({"approve": names}))).await
    }

    /// Approves whatever a release that was just uploaded asks for, and promotes it.
    ///
    /// # Panics
    /// When the host refuses.
    pub async fn approve_and_promote(&self, channel: &str, release: &Value) -> Value {
        let digest = release["digest"].as_str().expect("a digest");
        let approved = self.approve(channel, digest, &release["pending"]).await;
        let _ = approved.expect(200);
        self.promote(channel, digest).await.expect(200)
    }

    /// Deletes a release, or the whole channel.
    pub async fn delete(&self, channel: &str, digest: Option<&str>) -> ApiResponse {
        let of = digest.map(|digest| format!("/releases/{digest}"));
        let path = format!("/api/admin/channels/{channel}{}", of.unwrap_or_default());
        send(self.0.request(Method::DELETE, &path)).await
    }

    pub async fn rollback(&self, channel: &str) -> ApiResponse {
        let path = format!("/api/admin/channels/{channel}/rollback");
        send(self.0.request(Method::POST, &path)).await
    }

    /// The releases of a channel.
    ///
    /// # Panics
    /// When there is no such channel.
    pub async fn releases(&self, channel: &str) -> Vec<Value> {
        let list = self.get("/api/admin/channels").await.expect(200);
        let channels = list["items"].as_array().expect("a list");
        let found = channels.iter().find(|found| found["id"] == channel);
        let releases = found.and_then(|found| found["releases"].as_array());
        releases
            .unwrap_or_else(|| panic!("no channel {channel} in {list:#}"))
            .clone()
    }

    /// The uploads and pulls that were refused.
    ///
    /// # Panics
    /// When the answer is no list.
    pub async fn rejected(&self) -> Vec<Value> {
        let list = self.get("/api/admin/rejected-releases").await.expect(200);
        list["items"].as_array().expect("a list").clone()
    }

    /// Attempts that run, over all releases.
    pub async fn holders(&self) -> u64 {
        let list = self.get("/api/admin/channels").await.expect(200);
        let channels = list["items"].as_array().into_iter().flatten();
        let releases =
            channels.flat_map(|channel| channel["releases"].as_array().into_iter().flatten());
        releases
            .filter_map(|release| release["holders"].as_u64())
            .sum()
    }
}
