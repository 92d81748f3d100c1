//! No secret in any log, error, journal or answer.

use std::io::Read as _;
use std::path::Path;

use it::{Host, autumn_event};
use serde_json::{Value, json};

/// Accepted by the stand-ins, and found wherever it does not belong.
const CANARIES: [&str; 3] = [
    "sandbox-canary-instagram-71c2",
    "sandbox-canary-kakao-9d4f",
    "sandbox-canary-app-5e10",
];

/// What the tokens that KT's stand-in gives out begin with: the host fetches them by itself.
const TOKENS: &str = "sandbox-kt-";

async fn connect_with_canaries(owner: &it::Owner) {
    let channels = owner.get("/api/channels").await.expect(200);
    for channel in channels["items"].as_array().unwrap() {
        let id = channel["id"].as_str().unwrap();
        let properties = channel["settingsSchema"]["properties"].as_object().unwrap();
        let settings: serde_json::Map<String, Value> = properties
            .iter()
            .filter_map(|(name, property)| {
                Some((name.clone(), property["examples"].get(0)?.clone()))
            })
            .collect();
        let canaries = if id == "instagram" {
            &CANARIES[..1]
        } else {
            &CANARIES[1..]
        };
        let names = channel["secrets"].as_array().unwrap().iter();
        let secrets: serde_json::Map<String, Value> = names
            .zip(canaries)
            .map(|(secret, canary)| (secret["name"].as_str().unwrap().to_owned(), json!(canary)))
            .collect();
        let account = json!({"settings": settings, "secrets": secrets});
        let _ = owner.put(&format!("/api/accounts/{id}"), &account).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn canary_secrets_never_leak() {
    let program = it::Program::start(&[]).await;
    let owner = program.owner("shop-1");
    connect_with_canaries(&owner).await;
    let mut seen = String::new();
    let faults = [
        ("instagram", "reset-after"),
        ("instagram", "hang"),
        ("kakao-channel", "status"),
        ("genie-tv", "status"),
        ("genie-tv", "reset-after"),
    ];
    for (provider, fault) in faults {
        let value = if fault == "status" {
            json!(500)
        } else {
            Value::Null
        };
        program
            .sandbox()
            .faults(provider, "*", fault, value, 1)
            .await;
        let answer = owner
            .publish_new(&autumn_event(&["genie-tv", "instagram", "kakao-channel"]))
            .await;
        seen.push_str(&answer.body.to_string());
        if let Some(distribution) = answer.body["distributionId"].as_str() {
            seen.push_str(&owner.distribution(distribution).await.to_string());
        }
    }
    for path in [
        "/api/accounts",
        "/api/accounts/instagram",
        "/api/channels",
        "/api/events",
        "/api/audit",
    ] {
        seen.push_str(&owner.get(path).await.body.to_string());
    }
    let refused =
        json!({"settings": {"igUserId": "no number"}, "secrets": {"accessToken": CANARIES[0]}});
    seen.push_str(
        &owner
            .put("/api/accounts/instagram", &refused)
            .await
            .body
            .to_string(),
    );
    let outbox = program.operator().get("/api/admin/outbox").await;
    seen.push_str(&outbox.body.to_string());

    let stopped = program.stop().await;
    seen.push_str(&stopped.stderr);
    let files = bytes_below(&stopped.data());

    assert!(stopped.stderr.len() > 100, "the host logged something");
    for canary in CANARIES.into_iter().chain([TOKENS]) {
        assert!(!seen.contains(canary), "{canary} in an answer or a log");
        let canary = canary.as_bytes();
        let in_files = files.windows(canary.len()).any(|window| window == canary);
        assert!(!in_files, "a canary in the data folder");
    }
}

fn bytes_below(folder: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            bytes.extend(bytes_below(&path));
        } else {
            std::fs::File::open(path)
                .unwrap()
                .read_to_end(&mut bytes)
                .unwrap();
        }
    }
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn a_world_readable_key_file_prevents_the_start() {
    use std::os::unix::fs::PermissionsExt as _;
    let host = Host::start().await;
    let key = host.data().join("vault.key");
    let mode = std::fs::metadata(&key).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
