//! A sandbox to talk to, and the few calls that every scenario begins with.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Once;
use std::time::Duration;

use baepo_sandbox::Sandbox;
use jiff::Timestamp;
use reqwest::{Client, Method, RequestBuilder, Response, header};
use serde_json::{Value, json};
use url::form_urlencoded;

pub const USER: &str = "17841400000000001";

pub struct Fixture {
    pub sandbox: Sandbox,
    pub client: Client,
}

pub async fn fixture() -> Fixture {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        rustls::crypto::ring::default_provider()
            .install_default()
            .unwrap();
    });
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    Fixture {
        sandbox: Sandbox::start(listen).await.unwrap(),
        client: client(Duration::from_secs(30)),
    }
}

pub fn client(timeout: Duration) -> Client {
    let no_redirects = reqwest::redirect::Policy::none();
    Client::builder()
        .timeout(timeout)
        .redirect(no_redirects)
        .no_proxy()
        .build()
        .unwrap()
}

impl Fixture {
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.sandbox.address())
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, self.url(path))
    }

    // The control API.

    pub async fn control(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        let request = self.request(method, &format!("/_control{path}"));
        answer(request.json(&body).send().await.unwrap()).await
    }

    pub async fn posts(&self, provider: &str) -> Vec<Value> {
        let path = format!("/_control/posts?provider={provider}");
        let (_, body) = answer(self.request(Method::GET, &path).send().await.unwrap()).await;
        body["posts"].as_array().unwrap().clone()
    }

    /// When the first request came whose path contains this.
    pub async fn requested_at(&self, path: &str) -> Timestamp {
        let (_, body) = self.control(Method::GET, "/requests", Value::Null).await;
        let mut requests = body["requests"].as_array().unwrap().iter();
        let request = requests.find(|request| request["path"].as_str().unwrap().contains(path));
        time(&request.unwrap()["at"])
    }

    /// Of one of KT's providers, whatever their state.
    pub async fn campaigns(&self, provider: &str) -> Vec<Value> {
        let path = format!("/_control/campaigns?provider={provider}");
        let (_, body) = answer(self.request(Method::GET, &path).send().await.unwrap()).await;
        body["campaigns"].as_array().unwrap().clone()
    }

    pub async fn settings(&self, change: Value) {
        let (status, body) = self.control(Method::PATCH, "/settings", change).await;
        assert_eq!(status, 200, "{body}");
    }

    pub async fn fault(&self, fault: Value) {
        let (status, body) = self.control(Method::POST, "/faults", fault).await;
        assert_eq!(status, 201, "{body}");
    }

    pub async fn advance_clock(&self, ms: u64) {
        let (status, _) = self
            .control(Method::POST, "/clock", json!({ "advanceMs": ms }))
            .await;
        assert_eq!(status, 200);
    }

    // Instagram.

    pub fn graph(&self, method: Method, path: &str) -> RequestBuilder {
        self.request(method, &format!("/instagram/v26.0{path}"))
            .bearer_auth("sandbox-token")
    }

    pub async fn graph_get(&self, path: &str) -> Value {
        let (status, body) = answer(self.graph(Method::GET, path).send().await.unwrap()).await;
        assert_eq!(status, 200, "{body}");
        body
    }

    /// The answer to a container request with these parameters.
    pub async fn container(&self, parameters: Value) -> (u16, Value) {
        let fields = parameters.as_object().unwrap();
        let fields = fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str().unwrap()));
        let request = self.graph(Method::POST, &format!("/{USER}/media"));
        answer(form(request, fields).send().await.unwrap()).await
    }

    /// The id of a new container.
    pub async fn ready_image(&self, caption: &str) -> String {
        let image = json!({ "image_url": "https://shop.example/tea.jpg", "caption": caption });
        id(self.container(image).await)
    }

    pub fn publish_request(&self, container: &str) -> RequestBuilder {
        let request = self.graph(Method::POST, &format!("/{USER}/media_publish"));
        form(request, [("creation_id", container)])
    }

    pub async fn publish(&self, container: &str) -> (u16, Value) {
        answer(self.publish_request(container).send().await.unwrap()).await
    }

    pub async fn status(&self, container: &str) -> String {
        let node = self
            .graph_get(&format!("/{container}?fields=status_code,status"))
            .await;
        node["status_code"].as_str().unwrap().to_owned()
    }

    // Kakao.

    pub fn bizmessage(&self, method: Method, path: &str) -> RequestBuilder {
        self.request(
            method,
            &format!("/nhn-cloud/brand-message/v1.0/appkeys/app{path}"),
        )
        .header("X-Secret-Key", "sandbox-secret")
    }

    pub async fn send(&self, key: &str, message: &Value) -> Value {
        let request = self
            .bizmessage(Method::POST, "/freestyle-messages")
            .json(message);
        let sent = request
            .header("X-NC-API-IDEMPOTENCY-KEY", key)
            .send()
            .await
            .unwrap();
        let (status, body) = answer(sent).await;
        assert_eq!(status, 200, "a business error is HTTP 200 as well: {body}");
        body
    }

    pub async fn look_up(&self, query: &str) -> Value {
        let request = self.bizmessage(Method::GET, &format!("/messages?{query}"));
        answer(request.send().await.unwrap()).await.1
    }
}

fn form<'a>(
    request: RequestBuilder,
    fields: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> RequestBuilder {
    let encoded = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    request
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(encoded)
}

/// A message that is in order, to `numbers`.
pub fn message(numbers: &[&str]) -> Value {
    let recipients: Vec<_> = numbers
        .iter()
        .map(|no| json!({ "recipientNo": no, "targeting": "I" }))
        .collect();
    json!({
        "senderKey": "k".repeat(40),
        "chatBubbleType": "TEXT",
        "content": "(광고) 봄맞이 세일",
        "buttons": [{ "name": "보러 가기", "type": "WL", "linkMo": "https://shop.example" }],
        "senderGroupingKey": "delivery-1",
        "recipientList": recipients,
    })
}

pub fn time(value: &Value) -> Timestamp {
    value.as_str().unwrap().parse().unwrap()
}

pub async fn answer(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    (status, response.json().await.unwrap_or(Value::Null))
}

#[track_caller]
pub fn id((status, body): (u16, Value)) -> String {
    assert_eq!(status, 200, "{body}");
    body["id"].as_str().unwrap().to_owned()
}

/// Code and subcode of a Graph error.
#[track_caller]
pub fn graph_error((status, body): (u16, Value)) -> (i64, Option<i64>) {
    assert_eq!(status, 400, "{body}");
    let error = &body["error"];
    assert!(
        error["fbtrace_id"].is_string() && error["type"].is_string(),
        "{body}"
    );
    (
        error["code"].as_i64().unwrap(),
        error["error_subcode"].as_i64(),
    )
}

/// Publishes a new container under this fault; what the client got, and how many posts are out.
pub async fn publish_under(
    fixture: &Fixture,
    fault: Value,
) -> (reqwest::Result<reqwest::Response>, usize) {
    let container = fixture.ready_image("장애 속에서").await;
    let mut rule = json!({ "provider": "instagram", "path": "media_publish" });
    rule.as_object_mut()
        .unwrap()
        .extend(fault.as_object().unwrap().clone());
    fixture.fault(rule).await;
    let met = fixture.publish_request(&container).send().await;
    (met, fixture.posts("instagram").await.len())
}
