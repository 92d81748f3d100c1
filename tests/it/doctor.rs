//! What an operator learns before a host is started, and while it runs.

use std::path::Path;
use std::process::Command;

use it::{Host, Installation, Program, Stack, program};
use serde_json::Value;

/// One look with `baepo doctor --json`.
pub struct DoctorReport {
    pub status: Option<i32>,
    pub checks: Vec<Value>,
}

pub fn doctor(args: &[&str], environment: &[(&str, &str)]) -> DoctorReport {
    let mut command = Command::new(program());
    command.args(["doctor", "--json"]).args(args);
    command.envs(environment.iter().copied());
    let output = command.output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    let checks = serde_json::from_slice(&output.stdout);
    DoctorReport {
        status: output.status.code(),
        checks: checks.unwrap_or_else(|error| panic!("{error}: {errors}")),
    }
}

impl DoctorReport {
    /// How everything whose subject begins like that is, and what was found of it.
    pub fn of(&self, subject: &str) -> Vec<(&str, &str)> {
        let checks = self.checks.iter();
        let those = checks.filter(|check| check["subject"].as_str().unwrap().starts_with(subject));
        let found = those.map(|check| {
            let verdict = check["verdict"].as_str().unwrap();
            (verdict, check["found"].as_str().unwrap())
        });
        found.collect()
    }

    pub fn is_good(&self, subject: &str) -> bool {
        let found = self.of(subject);
        !found.is_empty() && found.iter().all(|(verdict, _)| *verdict == "good")
    }

    pub fn bad(&self) -> Vec<&str> {
        let bad = self.checks.iter().filter(|check| check["verdict"] == "bad");
        bad.map(|check| check["subject"].as_str().unwrap())
            .collect()
    }
}

pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn an_unused_data_folder_passes_and_is_left_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");

    let doctor = doctor(&["--data", text(&data)], &[]);

    assert_eq!(doctor.status, Some(0), "{:#?}", doctor.checks);
    assert!(doctor.is_good(""), "{:#?}", doctor.checks);
    assert!(!data.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_host_is_checked_without_side_effects() {
    let running = Program::start_in(Installation::on(Stack::Embedded), &[]).await;
    let data = running.data();

    let doctor = doctor(&["--data", text(&data)], &[]);

    assert_eq!(doctor.status, Some(0), "{:#?}", doctor.checks);
    assert!(doctor.is_good("sqlite: integrity"), "{:#?}", doctor.checks);
    let stopped = running.stop().await;
    assert_eq!(stopped.status.code(), Some(0), "{}", stopped.stderr);
}

#[test]
fn an_invalid_configuration_prevents_a_start_and_is_listed_by_the_doctor() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("baepo.toml");
    std::fs::write(
        &file,
        "[publish]\nlease_ms = 10\n[store]\nurl = \"mysql://u:hunter2@h/d\"",
    )
    .unwrap();
    let variable = [("BAEPO_BUS__TOPIC", "x")];

    let doctor = doctor(&["--config", text(&file)], &variable);
    let mut serve = Command::new(program());
    serve.args(["serve", "--config"]).arg(&file).envs(variable);
    let serve = serve.output().unwrap();

    assert_eq!(doctor.status, Some(1));
    assert_eq!(doctor.bad(), ["config"; 3]);
    assert_eq!(serve.status.code(), Some(1));
    let stderr = String::from_utf8_lossy(&serve.stderr);
    for (_, found) in doctor.of("config") {
        assert!(stderr.contains(found), "{stderr}");
    }
    assert!(
        stderr.contains("baepo.toml:2: publish.lease_ms is 10"),
        "{stderr}"
    );
    assert!(!stderr.contains("hunter2"), "{stderr}");
}

#[test]
fn unreachable_services_fail_with_a_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let args = ["--data", text(&data), "--role", "event"];
    let environment = [
        (
            "BAEPO_STORE__URL",
            "postgres://baepo:hunter2@127.0.0.1:1/baepo",
        ),
        ("BAEPO_CACHE__URL", "redis://:hunter2@127.0.0.1:1"),
        ("BAEPO_BUS__URL", "kafka://127.0.0.1:1"),
        ("BAEPO_DISTRIBUTION__URL", "http://127.0.0.1:1"),
    ];

    let doctor = doctor(&args, &environment);

    assert_eq!(doctor.status, Some(1));
    for subject in ["postgres", "redis", "kafka", "distribution"] {
        let bad = doctor
            .bad()
            .into_iter()
            .filter(|bad| bad.starts_with(subject));
        assert_eq!(bad.count(), 1, "{subject}: {:#?}", doctor.checks);
    }
    for check in &doctor.checks {
        assert!(
            check["verdict"] == "good" || check["advice"].is_string(),
            "{check}"
        );
        assert!(!check.to_string().contains("hunter2"), "{check}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_rejected_by_the_distribution_service_is_reported() {
    let service = Host::start().await;
    let folder = tempfile::tempdir().unwrap();
    let (data, token) = (folder.path().join("data"), folder.path().join("token"));
    std::fs::write(&token, service.token("shop-1", baepo::api::Role::Owner)).unwrap();
    let url = service.api();
    let environment = [
        ("BAEPO_STORE__URL", "postgres://127.0.0.1:1/baepo"),
        ("BAEPO_DISTRIBUTION__URL", url.as_str()),
        ("BAEPO_DISTRIBUTION__TOKEN_FILE", text(&token)),
    ];
    let args = ["--data", text(&data), "--role", "event"];

    let of_an_owner = doctor(&args, &environment);
    std::fs::write(&token, "no token").unwrap();
    let of_nobody = doctor(&args, &environment);

    let found = |doctor: &DoctorReport| doctor.of("distribution: token")[0].1.to_owned();
    assert!(found(&of_an_owner).ends_with("has another role"));
    assert!(found(&of_nobody).ends_with("is not accepted"));
    service.stop().await;
}
