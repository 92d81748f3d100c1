//! The topics of an event service, which an operator creates.

use it::{Host, Stack};

use crate::doctor::{doctor, text};

#[tokio::test(flavor = "multi_thread")]
async fn an_event_service_is_ready_once_its_topics_exist() {
    let service = Host::start().await;
    let (stack, folder) = (Stack::production(), tempfile::tempdir().unwrap());
    let (data, file) = (folder.path().join("data"), folder.path().join("baepo.toml"));
    std::fs::write(&file, stack.toml()).unwrap();
    let own = folder.path().file_name().unwrap().to_str().unwrap();
    let topics = ["created", "completed"].map(|name| format!("{name}{own}"));
    let (url, key) = (service.api(), service.data().join("token.key"));
    let environment = [
        ("BAEPO_BUS__EVENT_TOPIC", topics[0].as_str()),
        ("BAEPO_BUS__DISTRIBUTION_TOPIC", &topics[1]),
        ("BAEPO_DISTRIBUTION__URL", &url),
        ("BAEPO_SERVER__TOKEN_KEY", text(&key)),
    ];
    let args = [
        ["--config", text(&file)],
        ["--data", text(&data)],
        ["--role", "event"],
    ];
    let args = args.as_flattened();
    let making = [
        args,
        &["--create-topics", "--partitions", "3", "--replication", "1"],
    ]
    .concat();

    let before = doctor(args, &environment);
    let made = doctor(&making, &environment);
    let after = doctor(args, &environment);

    let missing = topics
        .each_ref()
        .map(|topic| format!("kafka: topic {topic}"));
    assert_eq!(before.status, Some(1), "{:#?}", before.checks);
    assert_eq!(before.bad(), missing, "{:#?}", before.checks);
    assert!(before.is_good("distribution: "), "{:#?}", before.checks);
    assert_eq!(made.status, Some(0), "{:#?}", made.checks);
    let new = made.of("kafka: new topics");
    assert_eq!(new.len(), 2, "{new:?}");
    assert!(
        new.iter().all(|(_, found)| found.ends_with("was made")),
        "{new:?}"
    );
    assert_eq!(after.status, Some(0), "{:#?}", after.checks);
    assert!(after.is_good("redis: connection"), "{:#?}", after.checks);
    assert!(!data.exists(), "nothing but the topics is made");
    service.stop().await;
}
