//! The program as an operator starts and stops it.

use std::process::Command;

use it::{Program, autumn_event, program};

#[tokio::test(flavor = "multi_thread")]
async fn it_says_where_it_serves_and_ends_on_sigterm() {
    let running = Program::start(&[]).await;
    assert!(
        running.ready()["api"]
            .as_str()
            .unwrap()
            .starts_with("http://127.0.0.1:")
    );
    assert!(
        running.ready()["sandbox"]
            .as_str()
            .unwrap()
            .starts_with("http://127.0.0.1:")
    );

    let stopped = running.stop().await;

    assert_eq!(stopped.status.code(), Some(0), "{}", stopped.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_from_the_command_line_opens_the_api() {
    let running = Program::start(&[]).await;
    let token = Command::new(program())
        .args(["token", "--user", "shop-1", "--role", "owner", "--data"])
        .arg(running.data())
        .output()
        .unwrap();
    let token = String::from_utf8(token.stdout).unwrap();

    let owner = running.owner("nobody").with_token(token.trim());
    owner.connect_all().await;
    let answer = owner.publish_new(&autumn_event(&["kakao-channel"])).await;

    assert_eq!(answer.result("kakao-channel")["status"], "LIVE");
    let _ = running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_lets_a_running_publish_come_to_its_end() {
    let running = Program::start(&[]).await;
    let owner = running.owner("shop-1");
    owner.connect_all().await;
    let delay = serde_json::json!(1_000);
    running
        .sandbox()
        .faults("instagram", "media_publish", "delay", delay, 1)
        .await;
    let publishing = tokio::spawn({
        let owner = owner.clone();
        async move { owner.publish_new(&autumn_event(&["instagram"])).await }
    });
    it::eventually("the attempt waits for its provider", || async {
        running.sandbox().standing_faults().await == 0
    })
    .await;

    let stopped = running.stop().await;

    let answer = publishing.await.unwrap();
    assert_eq!(answer.result("instagram")["status"], "LIVE");
    assert_eq!(stopped.status.code(), Some(0), "{}", stopped.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_component_is_reported_and_left_out() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(it::plugin("kakao-channel"), folder.path().join("good.wasm")).unwrap();
    std::fs::write(folder.path().join("broken.wasm"), b"no component").unwrap();
    let running = Program::start(&["--channels", folder.path().to_str().unwrap()]).await;

    let channels = running
        .owner("shop-1")
        .get("/api/channels")
        .await
        .expect(200);
    assert_eq!(
        channels["items"].as_array().unwrap().len(),
        1,
        "{channels:#}"
    );

    let stopped = running.stop().await;
    assert!(stopped.stderr.contains("broken.wasm"), "{}", stopped.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_host_in_the_same_folder_is_refused() {
    let running = Program::start(&[]).await;
    let second = Command::new(program())
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(running.data())
        .output()
        .unwrap();
    assert_eq!(second.status.code(), Some(1));
    let error = String::from_utf8_lossy(&second.stderr);
    assert!(error.contains("another baepo works in"), "{error}");
    let _ = running.stop().await;
}

/// What a command says, which fails.
fn refused(arguments: &[&str]) -> String {
    let output = Command::new(program()).args(arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_command_with_a_wrong_data_folder_makes_nothing_and_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let (empty, missing) = (folder.path().join("empty"), folder.path().join("missing"));
    std::fs::create_dir(&empty).unwrap();
    let attempt = "01a20462-f713-788a-9a01-b98791f03a65";
    for data in [&empty, &missing] {
        let data = data.to_str().unwrap();
        for command in [
            &["token", "--user", "shop-1", "--data", data][..],
            &["channel", "list", "--data", data],
            &["channel", "--data", data, "rollback", "instagram"],
            &["replay", attempt, "--data", data],
            &["demo", "--data", data],
        ] {
            let said = refused(command);
            assert!(
                said.contains(data) && said.contains("--token-key"),
                "{said}"
            );
        }
    }
    let key = folder.path().join("no.key");
    let said = refused(&["token", "--user", "x", "--token-key", key.to_str().unwrap()]);
    assert!(said.contains("no.key"), "{said}");
    assert!(!missing.exists() && !key.exists());
    assert_eq!(std::fs::read_dir(&empty).unwrap().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_s_address_is_given_before_or_after_a_command_alike() {
    let running = Program::start(&[]).await;
    let (api, data) = (format!("http://{}", running.api()), running.data());
    let data = data.to_str().unwrap();
    for arguments in [
        &["--api", &api, "channel", "--data", data, "list"][..],
        &["channel", "--api", &api, "--data", data, "list"],
        &["channel", "list", "--data", data, "--api", &api],
        &["--api", &api, "health"],
        &["health", "--api", &api],
    ] {
        let output = Command::new(program()).args(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {said}");
    }

    let other = tempfile::tempdir().unwrap();
    let key = other.path().join("token.key");
    baepo::api::Tokens::load_or_create(&key).unwrap();
    let folder = other.path().to_str().unwrap();
    let said = refused(&["--api", &api, "channel", "list", "--data", folder]);
    assert!(said.contains("signed with another key"), "{said}");
    assert!(said.contains(folder) && said.contains(&api), "{said}");
    let _ = running.stop().await;
}
