//! Accounts: secrets run out, are renewed and rotated, and never come out.

use std::sync::Arc;
use std::time::Duration;

use baepo_adapters::SystemClock;
use baepo_domain::ports::clock::{Clock as _, ManualClock};
use it::{Host, HostBuilder, Owner, SandboxProviders, Stack, autumn_event_at, eventually};
use reqwest::Method;
use serde_json::{Value, json};

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(24 * 3_600);
const ACCOUNT: &str = "/api/accounts/instagram";

fn by_clock(clock: &Arc<ManualClock>, providers: &SandboxProviders) -> HostBuilder {
    Host::builder()
        .clock(Arc::clone(clock) as _)
        .with_providers(providers)
}

fn connection(api_host: &str) -> Value {
    json!({
        "settings": {"igUserId": "17841400000000001", "apiHost": api_host},
        "secrets": {"accessToken": "sandbox-instagram-token"}
    })
}

async fn renewals(providers: &SandboxProviders) -> usize {
    let requests = providers.control().requests("instagram").await;
    let renewal = |request: &&String| request.contains("refresh_access_token");
    requests.iter().filter(renewal).count()
}

/// A check's findings for the account.
async fn of_account(owner: &Owner, event: &str) -> Vec<Value> {
    let check = owner
        .post(&format!("/api/events/{event}/check"), &json!({}))
        .await
        .expect(200);
    let findings = check["items"][0]["findings"].as_array().unwrap().iter();
    findings
        .filter(|finding| finding["at"] == "/accounts/instagram")
        .cloned()
        .collect()
}

/// On a store that hosts share there are two of them; else one.
#[tokio::test(flavor = "multi_thread")]
async fn an_expiring_secret_is_refreshed_once_by_one_host() {
    let providers = SandboxProviders::start().await;
    let stack = Stack::default();
    let hosts = match &stack {
        Stack::Embedded => 1,
        Stack::Production(_) => 2,
    };
    let keys = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(SystemClock.now()));
    let mut running = Vec::new();
    for _ in 0..hosts {
        let host = by_clock(&clock, &providers)
            .on(stack.clone())
            .config(|config| {
                config.server.vault_key = Some(keys.path().join("vault.key"));
                config.server.token_key = Some(keys.path().join("token.key"));
            })
            .start()
            .await;
        running.push(host);
    }
    let owner = running[0].owner_with_key("shop-1", &keys.path().join("token.key"));
    let connected = owner.put(ACCOUNT, &connection("graph.instagram.com")).await;
    let connected = connected.expect(201);
    assert_eq!(connected["status"], "connected");
    let first = connected["expiresAt"]["accessToken"].clone();
    // Another owner's is due two hours later: once it is renewed, a host has looked again.
    clock.advance(HOUR * 2);
    let other = running[0].owner_with_key("shop-2", &keys.path().join("token.key"));
    let connected = other.put(ACCOUNT, &connection("graph.instagram.com")).await;
    let other_first = connected.expect(201)["expiresAt"]["accessToken"].clone();

    // A tenth of its 60 days before they are over, and an hour before the other's turn.
    clock.advance(DAY * 54 - HOUR);

    eventually("it is renewed", || async {
        let account = owner.get(ACCOUNT).await.expect(200);
        account["expiresAt"]["accessToken"] != first
    })
    .await;
    assert_eq!(renewals(&providers).await, 1);
    clock.advance(HOUR * 2);
    eventually("the other owner's is renewed", || async {
        let account = other.get(ACCOUNT).await.expect(200);
        account["expiresAt"]["accessToken"] != other_first
    })
    .await;
    assert_eq!(renewals(&providers).await, 2, "each was renewed once");
    let log = owner.get("/api/audit").await.expect(200);
    assert_eq!(log["items"][0]["action"], "renew-secret", "{log:#}");
    assert_eq!(log["items"][0]["role"], "host");
    let text = log.to_string();
    assert!(!text.contains("sandbox-refreshed"), "{text}");
    // The new one is good: the provider takes it.
    let event = autumn_event_at(&["instagram"], clock.now());
    let answer = owner.publish_new(&event).await;
    assert_eq!(answer.result("instagram")["status"], "LIVE");
    for host in running {
        host.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_secret_is_detected_before_publishing_and_requires_reconnecting() {
    let providers = SandboxProviders::start().await;
    let clock = Arc::new(ManualClock::at(SystemClock.now()));
    let host = by_clock(&clock, &providers)
        .on(Stack::Embedded)
        .start()
        .await;
    let owner = host.owner("shop-1");
    let put = owner.put(ACCOUNT, &connection("graph.facebook.com")).await;
    let _ = put.expect(201);
    let event = owner
        .create(&autumn_event_at(&["instagram"], clock.now()))
        .await;
    assert_eq!(of_account(&owner, &event).await, [] as [Value; 0]);

    clock.advance(DAY * 55);
    assert_eq!(of_account(&owner, &event).await[0]["severity"], "warning");
    assert_eq!(owner.get(ACCOUNT).await.expect(200)["status"], "expiring");
    clock.advance(DAY * 6);

    let found = of_account(&owner, &event).await;
    assert_eq!(found[0]["severity"], "error", "{found:#?}");
    assert!(
        found[0]["message"]
            .as_str()
            .unwrap()
            .contains("Connect the account again.")
    );
    let korean = of_account(&owner.reading("ko"), &event).await;
    let message = korean[0]["message"].as_str().unwrap();
    assert!(message.contains("다시 연결해 주세요"), "{message}");
    let account = owner.get(ACCOUNT).await.expect(200);
    assert_eq!(account["status"], "reconnect");
    // The offer of the first is over.
    let event = owner
        .create(&autumn_event_at(&["instagram"], clock.now()))
        .await;
    let answer = owner.publish(&event).await.expect(502);
    let result = &answer["distributionResults"][0];
    assert_eq!(result["findings"][0]["at"], "/accounts/instagram");
    assert_eq!(renewals(&providers).await, 0, "Facebook's cannot be");
    let rotated = json!({"secrets": {"accessToken": "sandbox-new-token"}});
    let patch = owner.request(Method::PATCH, ACCOUNT).json(&rotated);
    let patched = owner.send(patch).await.expect(200);
    assert_eq!(patched["status"], "connected");
    assert_eq!(patched["settings"], account["settings"], "they stay");
    let answer = owner.publish(&event).await;
    assert_eq!(answer.result("instagram")["status"], "LIVE");
}

#[tokio::test(flavor = "multi_thread")]
async fn account_updates_are_partial_owner_only_and_audited_without_values() {
    let host = Host::start().await;
    let owner = host.owner("shop-1");
    let patch = |body: Value| owner.send(owner.request(Method::PATCH, ACCOUNT).json(&body));
    let nothing = json!({"settings": {"apiVersion": "v27.0"}});
    let _ = patch(nothing.clone()).await.expect(404);
    let _ = owner
        .put(ACCOUNT, &connection("graph.facebook.com"))
        .await
        .expect(201);

    let changed = patch(nothing).await.expect(200);
    let wrong = patch(json!({"settings": {"apiVersion": "soon"}})).await;
    let other = host.owner("shop-2").get(ACCOUNT).await;
    let _ = owner
        .send(owner.request(Method::DELETE, ACCOUNT))
        .await
        .status;

    assert_eq!(changed["settings"]["apiVersion"], "v27.0");
    assert_eq!(changed["settings"]["igUserId"], "17841400000000001");
    assert_eq!(wrong.expect(422)["errors"][0]["at"], "/settings/apiVersion");
    let _ = other.expect(404);
    let log = owner.get("/api/audit").await.expect(200);
    let done: Vec<&Value> = log["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| &entry["action"])
        .collect();
    assert_eq!(
        done,
        ["disconnect-account", "change-account", "connect-account"]
    );
    assert!(!log.to_string().contains("sandbox-instagram-token"));
}

/// A refused refresh, and an answer that cannot be true, say nothing about the token in use.
#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_without_a_new_token_keeps_the_old_one() {
    let providers = SandboxProviders::start().await;
    let clock = Arc::new(ManualClock::at(SystemClock.now()));
    let host = by_clock(&clock, &providers).start().await;
    let owner = host.owner("shop-1");
    let put = owner.put(ACCOUNT, &connection("graph.instagram.com")).await;
    let first = put.expect(201)["expiresAt"]["accessToken"].clone();
    let transient = json!({
        "status": 400,
        "body": {"error": {"message": "x", "code": 190, "is_transient": true}},
    });
    let no_life = json!({
        "status": 200,
        "body": {"access_token": "sandbox-not-believed", "token_type": "bearer", "expires_in": 0},
    });
    let control = providers.control();
    for answer in [transient, no_life] {
        control
            .faults("instagram", "refresh_access_token", "status", answer, 1)
            .await;
    }

    clock.advance(DAY * 55);
    for asked in 1..=2 {
        // Its pause begins when the host has written the one before, which no request shows.
        eventually("the provider was asked", || async {
            let is_asked = renewals(&providers).await == asked;
            if !is_asked {
                clock.advance(Duration::from_secs(600));
            }
            is_asked
        })
        .await;
        let account = owner.get(ACCOUNT).await.expect(200);
        assert_eq!(account["expiresAt"]["accessToken"], first, "{account:#}");
        assert_ne!(account["status"], "reconnect", "{account:#}");
        let event = autumn_event_at(&["instagram"], clock.now());
        let answer = owner.publish_new(&event).await;
        assert_eq!(
            answer.result("instagram")["status"],
            "LIVE",
            "{:#}",
            answer.body
        );
    }
    eventually("it is renewed", || async {
        let account = owner.get(ACCOUNT).await.expect(200);
        let is_renewed = account["expiresAt"]["accessToken"] != first;
        if !is_renewed {
            clock.advance(Duration::from_secs(600));
        }
        is_renewed
    })
    .await;
    host.stop().await;
}
