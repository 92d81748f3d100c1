//! What a release newly asks for waits for an operator, and what nobody needs can be forgotten.

use baepo::config::Config;
use baepo_domain::usecases::failpoint::RELEASE_POINTS;
use baepo_domain::usecases::releases::Bundled;
use baepo_runtime::{RuntimeConfig, componentize, verify_for_authors};
use it::{
    Host, Installation, LaunchOptions, Operator, Program, autumn_event, eventually, guest, plugin,
};
use serde_json::{Value, json};

const ECHO_TOML: &str = include_str!("../guests/examples/echo.toml");

/// The echo channel with this `channel.toml`.
fn echo(manifest: &str) -> Vec<u8> {
    let component = std::fs::read(guest("echo")).unwrap();
    componentize(&component, manifest).unwrap()
}

/// One that also sends to another address.
fn greedy_echo() -> Vec<u8> {
    let asks = "requests = [\"GET /**\", \"POST /**\"]\n";
    let more = format!(
        "{asks}[[grants]]\norigin = \"https://more.example\"\nrequests = [\"PUT /v1/{{id}}\"]\n"
    );
    let manifest = ECHO_TOML.replacen(asks, &more, 1);
    assert_ne!(manifest, ECHO_TOML);
    echo(&manifest)
}

fn digest(release: &Value) -> &str {
    release["digest"].as_str().unwrap()
}

fn state(release: &Value) -> &str {
    release["state"].as_str().unwrap()
}

async fn staged(operator: &Operator, channel: &str, component: Vec<u8>) -> Value {
    operator.upload_bytes(channel, component).await.expect(201)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_release_waits_for_an_approval_by_name() {
    let host = Host::start().await;
    let operator = host.operator();
    let release = staged(&operator, "echo", echo(ECHO_TOML)).await;
    assert_eq!(state(&release), "NEEDS_APPROVAL");
    let asked = json!([
        "request GET /** at https://echo.example",
        "request POST /** at https://echo.example",
    ]);
    assert_eq!(release["pending"], asked);
    let list = operator.get("/api/admin/channels").await.expect(200);
    assert_eq!(list["items"][0]["id"], "echo", "what waits comes first");

    let digest = digest(&release);
    let refused = operator.promote("echo", digest).await.expect(409);
    assert_eq!(refused["type"], "urn:baepo:problem:release-needs-approval");
    assert_eq!(refused["pending"], asked);
    let partly = json!([asked[0]]);
    let refused = operator.approve("echo", digest, &partly).await.expect(409);
    assert_eq!(refused["pending"], asked, "all of them, or none");

    let approved = operator.approve("echo", digest, &asked).await.expect(200);
    assert_eq!(state(&approved), "STAGED");
    assert_eq!(approved["approval"]["by"], "operator-1");
    assert_eq!(approved["approval"]["approved"], asked);
    let active = operator.promote("echo", digest).await.expect(200);
    assert_eq!(state(&active), "ACTIVE");
    let audit = operator.get("/api/audit").await.expect(200);
    let entry = &audit["items"][0];
    assert_eq!(entry["action"], "approve-release", "{audit:#}");
    assert_eq!(entry["channel"], "echo");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_the_active_release_was_not_given_waits() {
    let host = Host::builder().components([guest("echo")]).start().await;
    let operator = host.operator();
    let release = staged(&operator, "echo", greedy_echo()).await;
    let new = json!(["request PUT /v1/{id} at https://more.example"]);
    assert_eq!(release["pending"], new);
    let _ = operator
        .approve("echo", digest(&release), &new)
        .await
        .expect(200);
    let _ = operator.promote("echo", digest(&release)).await.expect(200);

    let back = operator.rollback("echo").await.expect(200);
    assert_eq!(
        state(&back),
        "ACTIVE",
        "what was active once needs no approval"
    );
    let again = operator.promote("echo", digest(&release)).await;
    assert_eq!(
        state(&again.expect(200)),
        "ACTIVE",
        "approved once, and for good"
    );
}

/// The start that stages it may have been killed before it promoted it, or the folder was not trusted then.
#[tokio::test(flavor = "multi_thread")]
async fn a_release_that_a_start_has_staged_is_promoted_by_a_later_one() {
    let folder = tempfile::tempdir().unwrap();
    let upgrade = folder.path().join("echo.wasm");
    std::fs::write(&upgrade, greedy_echo()).unwrap();
    let host = Host::builder().components([guest("echo")]).start().await;
    let first = host.operator().releases("echo").await.remove(0);

    let strange = |config: &mut Config| config.server.channels_are = Bundled::Strange;
    let host = host.restart_with(strange).await.restart_on([upgrade]).await;
    let releases = host.operator().releases("echo").await;
    let states: Vec<&str> = releases.iter().map(state).collect();
    assert_eq!(states, ["ACTIVE", "NEEDS_APPROVAL"]);

    let trusted = |config: &mut Config| config.server.channels_are = Bundled::Trusted;
    let host = host.restart_with(trusted).await;
    let operator = host.operator();
    let states = async |operator: &Operator| {
        let releases = operator.releases("echo").await;
        releases
            .iter()
            .map(state)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(states(&operator).await, ["RETIRED", "ACTIVE"]);
    let audit = operator.get("/api/audit").await.expect(200);
    let entry = &audit["items"][0];
    assert_eq!(entry["action"], "approve-release", "{audit:#}");
    assert_eq!(entry["role"], "host", "{audit:#}");
    assert_eq!(entry["actor"], "server.channels_are=trusted");

    let _ = operator.promote("echo", digest(&first)).await.expect(200);
    let host = host.restart().await;
    let operator = host.operator();
    assert_eq!(
        states(&operator).await,
        ["ACTIVE", "RETIRED"],
        "an operator has decided"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_in_a_folder_that_is_not_trusted_waits_after_a_restart_too() {
    let host = Host::builder()
        .components([guest("echo")])
        .config(|config| config.server.channels_are = Bundled::Strange)
        .start()
        .await;
    let release = host.operator().releases("echo").await.remove(0);
    assert_eq!(state(&release), "NEEDS_APPROVAL");
    let host = host.restart().await;
    let operator = host.operator();
    let release = operator.releases("echo").await.remove(0);
    assert_eq!(state(&release), "NEEDS_APPROVAL", "a file is no approval");

    let pending = &release["pending"];
    let _ = operator
        .approve("echo", digest(&release), pending)
        .await
        .expect(200);
    let _ = operator.promote("echo", digest(&release)).await.expect(200);
    let host = host.restart().await;
    let release = host.operator().releases("echo").await.remove(0);
    assert_eq!(state(&release), "ACTIVE");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_is_deleted_once_nobody_needs_it() {
    let host = Host::builder().components([guest("echo")]).start().await;
    let operator = host.operator();
    let first = operator.releases("echo").await.remove(0);
    let refused = operator
        .delete("echo", Some(digest(&first)))
        .await
        .expect(409);
    assert_eq!(refused["type"], "urn:baepo:problem:release-needed");
    assert!(
        refused["reason"].as_str().unwrap().contains("it is active"),
        "{refused:#}"
    );

    let second = operator.upload("echo", &guest("echo_v2")).await.expect(201);
    let _ = operator.promote("echo", digest(&second)).await.expect(200);
    let _ = operator
        .delete("echo", Some(digest(&first)))
        .await
        .expect(204);
    assert_eq!(operator.releases("echo").await.len(), 1);
    let _ = operator
        .delete("echo", Some(digest(&first)))
        .await
        .expect(404);
    let audit = operator.get("/api/audit").await.expect(200);
    assert_eq!(audit["items"][0]["action"], "delete-release", "{audit:#}");

    let again = operator.upload("echo", &guest("echo")).await.expect(201);
    assert_eq!(state(&again), "STAGED", "it may come back");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sleeping_attempt_holds_its_release_and_its_channel() {
    let host = Host::builder()
        .components([guest("slow")])
        .config(|config| {
            config.runtime.short_sleep_ms = 100;
            config.publish.answer_within_ms = 300;
        })
        .start()
        .await;
    let owner = host.connected_owner("shop-1").await;
    let operator = host.operator();
    let mut draft = autumn_event(&["slow"]);
    draft["channelSettings"] = json!({"slow": {"sleepMs": 7_200_000}});
    let answered = owner.publish_new(&draft).await.expect(200);
    let distribution = answered["distributionId"].as_str().unwrap();
    eventually("it sleeps", || async {
        owner.delivery(distribution, "slow").await["nextAttemptAt"].is_string()
    })
    .await;

    assert_eq!(operator.releases("slow").await[0]["holders"], 1);
    let refused = operator.delete("slow", None).await.expect(409);
    let reason = refused["reason"].as_str().unwrap();
    assert!(reason.contains("1 attempts that are not over"), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_channel_takes_no_more_events() {
    let host = Host::builder().also(guest("echo")).start().await;
    let owner = host.connected_owner("shop-1").await;
    let operator = host.operator();
    let _ = operator.delete("echo", None).await.expect(204);

    let refused = owner.post("/api/events", &autumn_event(&["echo"])).await;
    let event = refused.expect(201)["id"].as_str().unwrap().to_owned();
    let refused = owner.publish(&event).await.expect(422);
    assert_eq!(
        refused["type"], "urn:baepo:problem:unknown-channels",
        "{refused:#}"
    );
    let _ = operator.delete("echo", None).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_upload_is_listed_apart_and_is_no_channel() {
    let host = Host::start().await;
    let operator = host.operator();
    let _ = operator
        .upload_bytes("nothing", b"no component".to_vec())
        .await
        .expect(422);
    let list = operator.get("/api/admin/channels").await.expect(200);
    let ids: Vec<&str> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["id"].as_str().unwrap())
        .collect();
    assert!(!ids.contains(&"nothing"), "{ids:?}");
    let rejected = operator.rejected().await;
    assert_eq!(rejected[0]["channel"], "nothing");
    assert!(rejected[0]["reason"].is_string(), "{rejected:#?}");

    for number in 0..100 {
        let channel = format!("nothing-{number}");
        let bytes = format!("no component {number}").into_bytes();
        let _ = operator.upload_bytes(&channel, bytes).await.expect(422);
    }
    let path = "/api/admin/rejected-releases?limit=100";
    let list = operator.get(path).await.expect(200);
    assert_eq!(list["next"], Value::Null, "the newest 100 of all channels");
    let items = list["items"].as_array().unwrap();
    assert!(!items.iter().any(|it| it["channel"] == "nothing"));
}

/// Every step of an operator's, and the kill of the program at it.
#[tokio::test(flavor = "multi_thread")]
async fn a_kill_at_any_step_of_a_release_change_leaves_no_half_release() {
    let each = RELEASE_POINTS.map(|point| async move {
        let installation = Installation::default();
        let launch = LaunchOptions {
            channel: Some("kakao-channel"),
            kill_at: Some((point, passage_of(point))),
            ..LaunchOptions::default()
        };
        let program = Program::launch(installation, &launch).await;
        let program = program.unwrap_or_else(|ended| panic!("{point}: {}", ended.stderr));
        // One of the steps is its last.
        let operator = program.operator();
        let _ = tokio::spawn(async move { change_releases(&operator).await }).await;
        let killed = program.kill().await;
        let launch = LaunchOptions {
            channel: Some("kakao-channel"),
            ..LaunchOptions::default()
        };
        let program = Program::launch(killed.into_installation(), &launch).await;
        let program = program.unwrap_or_else(|ended| panic!("{point}: {}", ended.stderr));
        let operator = program.operator();
        let kakao = operator.releases("kakao-channel").await;
        assert_eq!(state(&kakao[0]), "ACTIVE", "{point}: {kakao:#?}");
        change_releases(&operator).await;
        let _ = program.stop().await;
    });
    futures::future::join_all(each).await;
}

/// The start of the program takes these steps once for the channel in its folder.
fn passage_of(point: &str) -> u32 {
    match point {
        "release.stage" | "release.staged" | "release.promote" | "release.promoted" => 2,
        _ => 1,
    }
}

/// Two releases of a channel, one of which is deleted, and then the channel. Whatever was done before may be done
/// already.
async fn change_releases(operator: &Operator) {
    let mut digests = Vec::new();
    for component in [echo(ECHO_TOML), greedy_echo()] {
        let release = operator.upload_bytes("echo", component).await;
        let release = release.body;
        let digest = digest(&release).to_owned();
        let approved = operator.approve("echo", &digest, &release["pending"]).await;
        let _ = approved.expect(200);
        let active = operator.promote("echo", &digest).await.expect(200);
        assert_eq!(state(&active), "ACTIVE");
        digests.push(digest);
    }
    let _ = operator.delete("echo", Some(&digests[0])).await.expect(204);
    let left = operator.releases("echo").await;
    assert_eq!(left.len(), 1, "{left:#?}");
    assert_eq!(digest(&left[0]), digests[1]);
    assert_eq!(state(&left[0]), "ACTIVE");
    let _ = operator.delete("echo", None).await.expect(204);
    let _ = operator.get("/api/admin/channels/echo").await.expect(404);
}

#[test]
fn the_repository_s_channels_follow_the_rules_for_authors() {
    for channel in it::CHANNELS {
        let component = std::fs::read(plugin(channel)).unwrap();
        let verified = verify_for_authors(&component, &RuntimeConfig::default());
        assert_eq!(verified, Ok(()), "{channel}");
    }
}
