//! Time that only passes while somebody sleeps, here and at the stand-ins of the providers.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use baepo_domain::Timestamp;
use baepo_domain::model::time::{after, until};
use baepo_domain::ports::clock::Clock;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use serde_json::{Value, json};

/// Stands still but while somebody sleeps; then it jumps, and the stand-ins' clock with it.
#[derive(Clone)]
pub struct SleepingClock {
    now: Arc<Mutex<Timestamp>>,
    stand_ins: Option<SandboxControl>,
}

impl SleepingClock {
    pub fn at(now: Timestamp, stand_ins: Option<SandboxControl>) -> Self {
        let now = Arc::new(Mutex::new(now));
        Self { now, stand_ins }
    }

    pub fn set(&self, now: Timestamp) {
        *self.now.lock().unwrap() = now;
    }

    pub async fn pass_until(&self, end: Timestamp) {
        let slept = until(self.now(), end);
        self.sleep(slept).await;
    }
}

impl std::fmt::Debug for SleepingClock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SleepingClock")
    }
}

impl Clock for SleepingClock {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let clock = self.clone();
        async move {
            if let Some(stand_ins) = &clock.stand_ins {
                let millis = u64::try_from(duration.as_millis()).unwrap();
                let time = json!({"advanceMs": millis});
                stand_ins.set("POST", "clock", &time).await;
            }
            let mut now = clock.now.lock().unwrap();
            *now = after(*now, duration);
        }
        .boxed()
    }
}

/// Where the stand-ins are configured.
#[derive(Clone)]
pub struct SandboxControl(pub String);

impl SandboxControl {
    pub async fn set(&self, method: &str, what: &str, value: &Value) {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let request = reqwest::Client::new().request(method, format!("{}/{what}", self.0));
        let body = value.to_string();
        let request = request
            .header("content-type", "application/json")
            .body(body);
        request.send().await.unwrap().error_for_status().unwrap();
    }
}
