//! The program as an operator starts and stops it.

use std::process::Command;

use it::{Program, autumn_event, program};

#[tokio::test(flavor = "multi_thread")]
async fn the_program_reports_its_address_and_exits_on_sigterm() {
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
async fn a_token_created_on_the_command_line_is_accepted_by_the_api() {
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
async fn a_shutdown_drains_running_publishes() {
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
        running.sandbox().active_faults().await == 0
    })
    .await;

    let stopped = running.stop().await;

    let answer = publishing.await.unwrap();
    assert_eq!(answer.result("instagram")["status"], "LIVE");
    assert_eq!(stopped.status.code(), Some(0), "{}", stopped.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_component_is_reported_and_skipped() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(it::plugin("kakao-channel"), folder.path().join("good.wasm")).unwrap();
    std::fs::write(folder.path().join("broken.wasm"), b"no component").unwrap();
    let folder = folder.path().to_str().unwrap();
    let running = Program::start(&["--channels", folder, "--trust-channels"]).await;

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
async fn a_second_host_on_the_same_data_folder_is_rejected() {
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

/// The output of a command that fails.
fn refused(arguments: &[&str]) -> String {
    let output = Command::new(program()).args(arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_command_with_a_wrong_data_folder_creates_nothing_and_reports_the_fix() {
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
            let stderr_text = refused(command);
            assert!(
                stderr_text.contains(data) && stderr_text.contains("--token-key"),
                "{stderr_text}"
            );
        }
    }
    let key = folder.path().join("no.key");
    let stderr_text = refused(&["token", "--user", "x", "--token-key", key.to_str().unwrap()]);
    assert!(stderr_text.contains("no.key"), "{stderr_text}");
    assert!(!missing.exists() && !key.exists());
    assert_eq!(std::fs::read_dir(&empty).unwrap().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_address_option_is_accepted_before_and_after_a_command() {
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
        let stderr_text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            output.status.code(),
            Some(0),
            "{arguments:?}: {stderr_text}"
        );
    }

    let other = tempfile::tempdir().unwrap();
    let key = other.path().join("token.key");
    baepo::api::Tokens::load_or_create(&key).unwrap();
    let folder = other.path().to_str().unwrap();
    let stderr_text = refused(&["--api", &api, "channel", "list", "--data", folder]);
    assert!(
        stderr_text.contains("signature is invalid"),
        "{stderr_text}"
    );
    assert!(
        stderr_text.contains(folder) && stderr_text.contains(&api),
        "{stderr_text}"
    );
    let _ = running.stop().await;
}
