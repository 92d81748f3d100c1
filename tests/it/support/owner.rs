//! A client of the API: an owner's app.

use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Map, Value, json};

/// An owner's app.
#[derive(Clone)]
pub struct Owner {
    http: reqwest::Client,
    api: String,
    token: String,
    language: &'static str,
}

/// Status and JSON of an answer.
#[derive(Debug, Clone)]
pub struct ApiResponse {
    pub status: StatusCode,
    pub headers: reqwest::header::HeaderMap,
    pub body: Value,
}

impl ApiResponse {
    /// The answer's body.
    ///
    /// # Panics
    /// When the status is not this one; shows the body.
    #[must_use]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{:#}", self.body);
        self.body
    }

    /// The result of one channel in a publish's answer.
    ///
    /// # Panics
    /// When the channel has none.
    #[must_use]
    pub fn result(&self, channel: &str) -> Value {
        let results = self.body["distributionResults"].as_array();
        let result = results
            .into_iter()
            .flatten()
            .find(|result| result["channel"] == channel);
        result
            .unwrap_or_else(|| panic!("no result of {channel} in {:#}", self.body))
            .clone()
    }
}

impl Owner {
    pub(crate) fn new(api: String, token: String) -> Self {
        Self {
            http: client(),
            api,
            token,
            language: "en",
        }
    }

    /// The same app with another token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self {
            token: token.to_owned(),
            ..self.clone()
        }
    }

    /// The same app for a reader of another language.
    #[must_use]
    pub fn reading(&self, language: &'static str) -> Self {
        Self {
            language,
            ..self.clone()
        }
    }

    /// A request to a path of the API.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.api))
            .bearer_auth(&self.token)
            .header("Accept-Language", self.language)
    }

    /// Sends it.
    ///
    /// # Panics
    /// When no host answers.
    pub async fn send(&self, request: RequestBuilder) -> ApiResponse {
        send(request).await
    }

    /// Sends it; `None` when the host was gone before it had answered.
    pub async fn ask(&self, request: RequestBuilder) -> Option<ApiResponse> {
        ask(request).await.ok()
    }

    pub async fn get(&self, path: &str) -> ApiResponse {
        self.send(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> ApiResponse {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> ApiResponse {
        self.send(self.request(Method::PUT, path).json(body)).await
    }

    /// Connects to every channel with the examples that the channels give.
    ///
    /// # Panics
    /// When a channel does not take its own examples, or no host answers.
    pub async fn connect_all(&self) {
        assert!(self.try_connect_all().await, "the host is gone");
    }

    /// The same; `false` when the host was gone before it was done.
    ///
    /// # Panics
    /// When a channel does not take its own examples.
    pub async fn try_connect_all(&self) -> bool {
        let list = self.request(Method::GET, "/api/channels");
        let Some(channels) = self.ask(list).await else {
            return false;
        };
        let channels = channels.expect(200);
        for channel in channels["items"].as_array().expect("a list") {
            let id = channel["id"].as_str().expect("an id");
            let account = example_account(channel);
            let put = self.request(Method::PUT, &format!("/api/accounts/{id}"));
            let Some(answer) = self.ask(put.json(&account)).await else {
                return false;
            };
            let body = &answer.body;
            assert!(answer.status.is_success(), "connecting {id}: {body:#}");
        }
        true
    }

    /// Creates an event and gives its id.
    ///
    /// # Panics
    /// When the draft is refused.
    pub async fn create(&self, draft: &Value) -> String {
        let event = self.post("/api/events", draft).await.expect(201);
        event["id"].as_str().expect("an id").to_owned()
    }

    /// Publishes an event to its own selection.
    pub async fn publish(&self, event: &str) -> ApiResponse {
        self.send(self.request(Method::POST, &format!("/api/events/{event}/publish")))
            .await
    }

    /// A request to publish an event that may be repeated with this key.
    pub fn publish_request(&self, event: &str, key: &str) -> RequestBuilder {
        self.request(Method::POST, &format!("/api/events/{event}/publish"))
            .header("Idempotency-Key", key)
    }

    /// Creates and publishes an event.
    pub async fn publish_new(&self, draft: &Value) -> ApiResponse {
        let event = self.create(draft).await;
        self.publish(&event).await
    }

    /// What a human does to a delivery: `retry`, `withdraw`, or with a body `confirm`, `resolve`.
    pub async fn act(
        &self,
        distribution: &str,
        channel: &str,
        act: &str,
        body: &Value,
    ) -> ApiResponse {
        let path = format!("/api/distribution/{distribution}/deliveries/{channel}/{act}");
        let request = self.request(Method::POST, &path);
        let request = if body.is_null() {
            request
        } else {
            request.json(body)
        };
        self.send(request).await
    }

    /// One channel's delivery.
    ///
    /// # Panics
    /// When there is none.
    pub async fn delivery(&self, distribution: &str, channel: &str) -> Value {
        let distribution = self.distribution(distribution).await;
        let deliveries = distribution["deliveries"].as_array().into_iter().flatten();
        let mut of_channel = deliveries.filter(|delivery| delivery["channel"] == channel);
        let found = of_channel.next().cloned();
        found.unwrap_or_else(|| panic!("no delivery of {channel} in {distribution:#}"))
    }

    /// The distribution as its owner sees it.
    ///
    /// # Panics
    /// When there is none.
    pub async fn distribution(&self, id: &str) -> Value {
        self.get(&format!("/api/distribution/{id}"))
            .await
            .expect(200)
    }

    /// The status of one channel's delivery.
    pub async fn status(&self, distribution: &str, channel: &str) -> String {
        let distribution = self.distribution(distribution).await;
        let deliveries = distribution["deliveries"].as_array().into_iter().flatten();
        let mut of_channel = deliveries.filter(|delivery| delivery["channel"] == channel);
        of_channel
            .next()
            .and_then(|delivery| delivery["status"].as_str())
            .unwrap_or("none")
            .to_owned()
    }
}

fn example_account(channel: &Value) -> Value {
    let properties = channel["settingsSchema"]["properties"].as_object();
    let mut settings: Map<String, Value> = properties
        .into_iter()
        .flatten()
        .filter_map(|(name, property)| Some((name.clone(), property["examples"].get(0)?.clone())))
        .collect();
    // A review is looked at soon, and so is over soon: how often is the channels' own business.
    if let Some(first_look) = settings.get_mut("firstLookSeconds") {
        *first_look = json!(1);
    }
    // The stand-ins lag only where a test says so, and by less than this.
    if let Some(read_lag) = settings.get_mut("readLagSeconds") {
        *read_lag = json!(6);
    }
    let secrets: Map<String, Value> = channel["secrets"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|secret| {
            Some((
                secret["name"].as_str()?.to_owned(),
                secret["example"].clone(),
            ))
        })
        .collect();
    json!({"settings": settings, "secrets": secrets})
}

pub(crate) fn client() -> reqwest::Client {
    baepo::tls::install_provider();
    let builder = reqwest::Client::builder().no_proxy();
    builder
        .timeout(std::time::Duration::from_secs(90))
        .build()
        .expect("an HTTP client")
}

pub(crate) async fn send(request: RequestBuilder) -> ApiResponse {
    ask(request).await.expect("the host answers")
}

async fn ask(request: RequestBuilder) -> reqwest::Result<ApiResponse> {
    let response = request.send().await?;
    let (status, headers) = (response.status(), response.headers().clone());
    let bytes = response.bytes().await?;
    let body = serde_json::from_slice(&bytes)
        .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()));
    Ok(ApiResponse {
        status,
        headers,
        body,
    })
}
