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
