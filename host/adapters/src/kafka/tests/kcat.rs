//! Another client than the one that sent.

use std::process::Command;

use baepo_test_services::find_program;

use super::*;

#[tokio::test]
async fn kcat_reads_sent_messages() {
    let kcat = find_program("kcat", "kcat").expect("kcat");
    let kafka = shared();
    let config = config(kafka.bootstrap());
    kafka.create_topic(&config.event_topic, 1).expect("a topic");
    let sent = row(7, Topic::Event, "event-1");
    send_all(&bus(&config), std::slice::from_ref(&sent)).await;

    let read = Command::new(kcat)
        .args(["-b", kafka.bootstrap(), "-t", &config.event_topic])
        .args(["-C", "-J", "-q", "-c", "1", "-o", "beginning"])
        .output()
        .expect("kcat runs");
    let message: serde_json::Value = serde_json::from_slice(&read.stdout).expect("JSON");
    assert_eq!(message["topic"], json!(config.event_topic));
    assert_eq!(message["key"], "event-1");
    let payload = serde_json::to_string(&sent.message.payload).expect("JSON");
    assert_eq!(message["payload"], payload);
    let headers = json!([
        "ce_specversion",
        "1.0",
        "ce_id",
        sent.message.id.to_string(),
        "ce_source",
        "/baepo",
        "ce_type",
        "EventCreated",
        "ce_time",
        "2026-03-01T09:30:00.123Z",
        "content-type",
        "application/json",
    ]);
    assert_eq!(message["headers"], headers);
}
