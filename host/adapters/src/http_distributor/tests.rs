use std::sync::Mutex;

use baepo_domain::Timestamp;
use baepo_domain::model::delivery::DeliveryStatus;
use baepo_domain::model::id::{DistributionId, EventId};
use baepo_domain::ports::clock::ManualClock;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use uuid::Uuid;

use super::*;

/// What the service does with a call.
#[derive(Clone, Copy)]
enum Behavior {
    Answers,
    AnswersAfter(Duration),
    Fails,
    Hangs,
}

/// A scripted distribution service; one connection, one call.
struct Service {
    behavior: Arc<Mutex<Behavior>>,
    calls: Arc<Mutex<Vec<String>>>,
    url: Url,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Service {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn service(clock: Arc<ManualClock>) -> Service {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/base/", listener.local_addr().unwrap());
    let behavior = Arc::new(Mutex::new(Behavior::Answers));
    let calls = Arc::new(Mutex::new(Vec::new()));
    let (said, heard) = (Arc::clone(&behavior), Arc::clone(&calls));
    let task = tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = vec![0; 65_536];
            let length = stream.read(&mut request).await.unwrap();
            let text = String::from_utf8_lossy(&request[..length]).into_owned();
            heard.lock().unwrap().push(text);
            let behavior = *said.lock().unwrap();
            let (status, body) = match behavior {
                Behavior::Answers => ("200 OK", results()),
                Behavior::AnswersAfter(time) => {
                    clock.advance(time);
                    ("200 OK", results())
                }
                Behavior::Fails => ("503 Service Unavailable\r\nretry-after: 7", "{}".to_owned()),
                Behavior::Hangs => {
                    std::mem::forget(stream);
                    continue;
                }
            };
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 {status}\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
            );
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    Service {
        behavior,
        calls,
        url: url.parse().unwrap(),
        task,
    }
}

fn results() -> String {
    json!({"distributionId": Uuid::nil(), "distributionResults": [{
        "channel": "instagram", "status": "LIVE", "externalId": "17", "url": null,
        "estimatedReach": 300, "executionTimeMs": 12, "attempts": 1, "message": null,
        "findings": [], "release": null,
    }]})
    .to_string()
}

fn order() -> DistributionOrder {
    DistributionOrder {
        distribution: DistributionId(Uuid::from_u128(1)),
        event: EventId(Uuid::from_u128(2)),
        owner: "shop-1".parse().unwrap(),
        channels: vec!["instagram".parse().unwrap()],
        content: None,
    }
}

struct Scene {
    service: Service,
    clock: Arc<ManualClock>,
    distributor: HttpDistributor,
}

async fn scene() -> Scene {
    let clock = Arc::new(ManualClock::at(
        Timestamp::from_second(1_800_000_000).unwrap(),
    ));
    let service = service(Arc::clone(&clock)).await;
    let config = HttpDistributorConfig {
        time_limit: Duration::from_millis(300),
        slow_call: Duration::from_secs(66),
        failures_to_open: 3,
        open_for: Duration::from_secs(15),
    };
    let token: ServiceToken = Arc::new(|| Ok(SecretString::from("a-token")));
    let distributor =
        HttpDistributor::new(&service.url, &config, token, Arc::clone(&clock) as _).unwrap();
    Scene {
        service,
        clock,
        distributor,
    }
}

impl Scene {
    fn behavior(&self, behavior: Behavior) {
        *self.service.behavior.lock().unwrap() = behavior;
    }

    fn calls(&self) -> usize {
        self.service.calls.lock().unwrap().len()
    }

    /// `Err`: the caller's message, and when to retry.
    async fn distribute(&self) -> Result<Vec<DeliveryResult>, (String, u64)> {
        match self.distributor.distribute(order()).await {
            Ok(results) => Ok(results),
            Err(DistributorError::Unavailable { why, retry_after }) => {
                Err((why.to_string(), retry_after.as_secs()))
            }
            Err(error) => panic!("{error}"),
        }
    }

    fn state(&self) -> &'static str {
        breaker_guard::name(self.distributor.breaker())
    }
}

#[tokio::test]
async fn an_order_goes_out_with_a_token_and_its_results_come_back() {
    let scene = scene().await;
    let results = scene.distribute().await.unwrap();
    assert_eq!(results[0].status, DeliveryStatus::Live);
    assert_eq!(results[0].receipt.external_id.as_deref(), Some("17"));
    let calls = scene.service.calls.lock().unwrap();
    assert!(calls[0].starts_with("POST /base/api/distribution/distribute HTTP/1.1"));
    assert!(calls[0].contains("authorization: Bearer a-token"));
}

#[tokio::test]
async fn a_hanging_service_is_reported_as_still_running() {
    let scene = scene().await;
    scene.behavior(Behavior::Hangs);
    let (why, retry_after) = scene.distribute().await.unwrap_err();
    assert_eq!(
        (why.as_str(), retry_after),
        ("it did not answer in time; what it has begun goes on", 5)
    );
}

#[tokio::test]
async fn a_service_that_is_down_opens_the_breaker_and_one_call_closes_it_again() {
    let scene = scene().await;
    scene.behavior(Behavior::Fails);
    for _ in 0..3 {
        let (why, retry_after) = scene.distribute().await.unwrap_err();
        assert!(why.contains("503"), "{why}");
        assert_eq!(retry_after, 7, "as the service asks");
    }
    assert_eq!((scene.state(), scene.calls()), ("open", 3));
    let (why, retry_after) = scene.distribute().await.unwrap_err();
    assert!(why.contains("breaker is open"), "{why}");
    assert_eq!((retry_after, scene.calls()), (15, 3), "nobody was asked");

    scene.clock.advance(Duration::from_secs(15));
    scene.distribute().await.unwrap_err();
    assert_eq!(
        (scene.state(), scene.calls()),
        ("open", 4),
        "the trial failed"
    );
    scene.clock.advance(Duration::from_secs(15));
    scene.behavior(Behavior::Answers);
    scene.distribute().await.unwrap();
    assert_eq!(scene.state(), "closed");
}

#[tokio::test]
async fn slow_responses_succeed_and_open_the_breaker() {
    let scene = scene().await;
    scene.behavior(Behavior::AnswersAfter(Duration::from_secs(67)));
    for _ in 0..3 {
        assert_eq!(scene.distribute().await.unwrap().len(), 1);
    }
    assert_eq!(scene.state(), "open");
    scene.behavior(Behavior::AnswersAfter(Duration::from_secs(66)));
    scene.clock.advance(Duration::from_secs(15));
    scene.distribute().await.unwrap();
    assert_eq!(scene.state(), "closed");
}

#[tokio::test]
async fn a_dropped_trial_does_not_keep_the_breaker_half_open() {
    let scene = scene().await;
    scene.behavior(Behavior::Fails);
    for _ in 0..3 {
        scene.distribute().await.unwrap_err();
    }
    scene.behavior(Behavior::Hangs);
    scene.clock.advance(Duration::from_secs(15));
    {
        let mut trial = Box::pin(scene.distribute());
        assert!(futures::poll!(&mut trial).is_pending());
        assert_eq!(scene.state(), "half-open");
        let (why, _) = scene.distribute().await.unwrap_err();
        assert!(
            why.contains("breaker is open"),
            "one trial at a time: {why}"
        );
    }
    assert_eq!(scene.state(), "open");
    scene.behavior(Behavior::Answers);
    scene.clock.advance(Duration::from_secs(15));
    scene.distribute().await.unwrap();
    assert_eq!(scene.state(), "closed");
}
