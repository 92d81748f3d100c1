//! KT's partner APIs: what the three have alike, and a partner to talk to.

mod errors;
mod idempotency;
mod ringback;
mod settings;
mod television;
mod token;

use reqwest::{Method, RequestBuilder, header};
use serde_json::{Value, json};

use crate::support::{Fixture, answer};

pub const MINUTE_MS: u64 = 60_000;
pub const HOUR_MS: u64 = 60 * MINUTE_MS;

/// A customer of one provider, with a token.
pub struct Partner<'a> {
    pub fixture: &'a Fixture,
    pub provider: &'a str,
    token: String,
}

pub async fn partner<'a>(fixture: &'a Fixture, provider: &'a str) -> Partner<'a> {
    let (status, answered) = issue_token(fixture, provider, "sandbox-id", "sandbox-secret").await;
    assert_eq!(status, 200, "{answered}");
    let token = answered["access_token"].as_str().unwrap().to_owned();
    Partner {
        fixture,
        provider,
        token,
    }
}

pub async fn issue_token(
    fixture: &Fixture,
    provider: &str,
    id: &str,
    secret: &str,
) -> (u16, Value) {
    let request = fixture
        .request(Method::POST, &format!("/{provider}/oauth2/token"))
        .basic_auth(id, Some(secret))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body("grant_type=client_credentials");
    answer(request.send().await.unwrap()).await
}

impl Partner<'_> {
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let path = format!("/{}/v1{path}", self.provider);
        self.fixture.request(method, &path).bearer_auth(&self.token)
    }

    pub async fn get(&self, path: &str) -> (u16, Value) {
        answer(self.request(Method::GET, path).send().await.unwrap()).await
    }

    pub async fn delete(&self, path: &str) -> u16 {
        let deleted = self.request(Method::DELETE, path).send().await.unwrap();
        deleted.status().as_u16()
    }

    pub async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let request = self.request(Method::POST, path).json(body);
        answer(request.send().await.unwrap()).await
    }

    pub async fn create(&self, path: &str, key: &str, body: &Value) -> (u16, Value) {
        let request = self.request(Method::POST, path).json(body);
        let request = request.header("Idempotency-Key", key);
        answer(request.send().await.unwrap()).await
    }

    /// The id of what was taken in.
    #[track_caller]
    pub fn id(&self, (status, body): (u16, Value)) -> String {
        assert_eq!(status, 202, "{body}");
        body["id"].as_str().unwrap().to_owned()
    }

    pub async fn status(&self, path: &str) -> String {
        let (status, body) = self.get(path).await;
        assert_eq!(status, 200, "{body}");
        body["status"].as_str().unwrap().to_owned()
    }

    /// A creative that can be used, under a key of its own.
    pub async fn ready_creative(&self) -> String {
        let id = self.id(self.create("/creatives", "creative", &creative()).await);
        self.fixture.advance_clock(1_000).await;
        id
    }

    pub async fn ready_tone(&self) -> String {
        let id = self.id(self.create("/tones", "tone", &tone()).await);
        self.fixture.advance_clock(1_000).await;
        id
    }

    /// From the present of the sandbox's clock.
    pub async fn period(&self, from_ms: u64, to_ms: u64) -> Value {
        let no_time = json!({ "advanceMs": 0 });
        let (_, clock) = self.fixture.control(Method::POST, "/clock", no_time).await;
        let now: jiff::Timestamp = clock["now"].as_str().unwrap().parse().unwrap();
        let later = |ms: u64| now + jiff::SignedDuration::from_millis(ms.try_into().unwrap());
        json!({ "startsAt": later(from_ms), "endsAt": later(to_ms) })
    }

    /// A campaign that is in order, for the next ten hours.
    pub async fn campaign(&self, reference: &str, creative_id: &str) -> Value {
        let mut campaign = airtime(&self.period(0, 10 * HOUR_MS).await);
        campaign["clientReference"] = json!(reference);
        campaign["name"] = json!("봄맞이 전 메뉴 20% 할인");
        campaign["creativeId"] = json!(creative_id);
        campaign
    }

    /// An assignment that is in order, for the next ten hours.
    pub async fn assignment(&self, reference: &str, tone_id: &str) -> Value {
        json!({
            "clientReference": reference,
            "phoneNumber": "0212345678",
            "toneId": tone_id,
            "period": self.period(0, 10 * HOUR_MS).await,
            "restorePrevious": true,
        })
    }

    pub async fn posts(&self) -> Vec<Value> {
        self.fixture.posts(self.provider).await
    }
}

pub fn creative() -> Value {
    json!({
        "sourceUrl": "https://shop.example/spot.mp4",
        "durationSec": 15,
        "mimeType": "video/mp4",
    })
}

pub fn tone() -> Value {
    json!({ "ttsScript": "안녕하세요, 우리 가게입니다.", "voice": "female-calm" })
}

/// What a forecast asks for.
pub fn airtime(period: &Value) -> Value {
    let center = json!({ "latitude": 37.5563, "longitude": 126.9236 });
    json!({
        "period": period,
        "region": { "center": center, "radius": "1km" },
        "timeBands": ["evening"],
        "budget": 300_000,
        "durationSec": 15,
    })
}

/// The code of a problem that has everything that a problem needs.
#[track_caller]
pub fn code((status, problem): &(u16, Value)) -> &str {
    assert_eq!(problem["status"], *status, "{problem}");
    let code = problem["code"].as_str().unwrap();
    let kebab = code.to_lowercase().replace('_', "-");
    assert_eq!(problem["type"], format!("urn:kt:problem:{kebab}"));
    assert!(problem["title"].is_string() && problem["detail"].is_string());
    code
}
