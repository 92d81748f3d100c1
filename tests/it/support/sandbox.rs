//! What a test asks of the sandbox providers.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::owner::{client, send};

/// The stand-ins' controls.
#[derive(Clone)]
pub struct SandboxControl {
    http: reqwest::Client,
    address: String,
}

impl SandboxControl {
    pub(crate) fn new(address: String) -> Self {
        Self {
            http: client(),
            address,
        }
    }

    /// What the public sees at a provider.
    ///
    /// # Panics
    /// When the stand-in does not answer.
    pub async fn posts(&self, provider: &str) -> Vec<Value> {
        let url = format!("{}/_control/posts?provider={provider}", self.address);
        let posts = send(self.http.get(url)).await.expect(200);
        posts["posts"].as_array().expect("a list").clone()
    }

    /// Requests that a provider has seen, as `METHOD path`.
    ///
    /// # Panics
    /// When the stand-in does not answer.
    pub async fn requests(&self, provider: &str) -> Vec<String> {
        let url = format!("{}/_control/requests?provider={provider}", self.address);
        let requests = send(self.http.get(url)).await.expect(200);
        let text = |request: &Value, key: &str| request[key].as_str().unwrap_or("?").to_owned();
        let requests = requests["requests"].as_array().into_iter().flatten();
        requests
            .map(|request| format!("{} {}", text(request, "method"), text(request, "path")))
            .collect()
    }

    /// Breaks something at a provider, once.
    pub async fn fault(&self, provider: &str, path: &str, fault: &str) {
        self.faults(provider, path, fault, Value::Null, 1).await;
    }

    /// Breaks something at a provider that often; 0: until it is mended.
    ///
    /// # Panics
    /// When the stand-in knows no such fault.
    pub async fn faults(&self, provider: &str, path: &str, fault: &str, value: Value, times: u32) {
        let mut order = json!({"provider": provider, "path": path, "fault": fault, "times": times});
        if !value.is_null() {
            order["value"] = value;
        }
        let request = self
            .http
            .request(Method::POST, format!("{}/_control/faults", self.address));
        let answer = send(request.json(&order)).await;
        assert!(answer.status.is_success(), "{:#}", answer.body);
    }

    /// How many faults have not been met as often as they were ordered.
    ///
    /// # Panics
    /// When the stand-in does not answer.
    pub async fn active_faults(&self) -> usize {
        let url = format!("{}/_control/faults", self.address);
        let faults = send(self.http.get(url)).await.expect(200);
        faults["faults"].as_array().expect("a list").len()
    }

    /// How often Instagram lets one account post within a day.
    ///
    /// # Panics
    /// When the stand-in does not take it.
    pub async fn publishing_quota(&self, posts: u32) {
        self.set(&json!({"publishingQuota": posts})).await;
    }

    /// Changes how the stand-ins behave.
    ///
    /// # Panics
    /// When the stand-in does not take it.
    pub async fn set(&self, settings: &Value) {
        let url = format!("{}/_control/settings", self.address);
        let change = self.http.request(Method::PATCH, url);
        let answer = send(change.json(settings)).await;
        assert!(answer.status.is_success(), "{:#}", answer.body);
    }

    /// Adverts are ready at once and reviewed within that time.
    pub async fn set_review_time(&self, time: Duration) {
        let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        self.set(&json!({"creativeMs": 0, "reviewMs": millis}))
            .await;
    }

    /// Time jumps forward for the stand-ins.
    ///
    /// # Panics
    /// When the stand-in does not take it.
    pub async fn advance(&self, time: Duration) {
        let url = format!("{}/_control/clock", self.address);
        let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let answer = send(self.http.post(url).json(&json!({"advanceMs": millis}))).await;
        assert!(answer.status.is_success(), "{:#}", answer.body);
    }

    /// Campaigns and assignments at a provider, whatever their state.
    ///
    /// # Panics
    /// When the stand-in does not answer.
    pub async fn campaigns(&self, provider: &str) -> Vec<Value> {
        let url = format!("{}/_control/campaigns?provider={provider}", self.address);
        let campaigns = send(self.http.get(url)).await.expect(200);
        campaigns["campaigns"].as_array().expect("a list").clone()
    }

    /// Mends everything.
    pub async fn clear_faults(&self) {
        let url = format!("{}/_control/faults", self.address);
        let answer = send(self.http.request(Method::DELETE, url)).await;
        assert!(answer.status.is_success(), "{:#}", answer.body);
    }
}
