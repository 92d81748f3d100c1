//! A selection of what `cargo xtask attack` uploads: each is refused by a reason that names what is
//! wrong with it, and the host serves another channel meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use guests::hostile;
use it::{Owner, Program, autumn_event};

/// One per cause: those that once cost gigabytes or minutes, and some of their neighbours.
const UPLOADS: [&str; 24] = [
    "nested-components-10000",
    "nested-components-20000",
    "nested-instance-types-100000",
    "deep-lists-200000",
    "doubling-tuples-64",
    "many-sections-1000000",
    "many-core-instances-500000",
    "many-imports-200000",
    "import-wasi",
    "import-http-minor",
    "loops-300-locals-3000",
    "loops-1000-locals-5000",
    "start-loops",
    "start-allocates",
    "start-traps",
    "memory-4gb",
    "table-4000000000",
    "elements-out-of-bounds",
    "manifest-1mb",
    "manifest-arrays-30000",
    "schema-fan-out-34",
    "schema-cycle",
    "schema-regex",
    "schema-remote",
];

#[tokio::test(flavor = "multi_thread")]
async fn hostile_uploads_are_refused_by_name_while_another_channel_publishes() {
    let program = Program::start(&[]).await;
    let owner = program.owner("shop-1");
    owner.connect_all().await;
    let done = Arc::new(AtomicBool::new(false));
    let publishing = tokio::spawn(publish_until(owner, Arc::clone(&done)));
    let operator = program.operator();

    let mut wrong = Vec::new();
    for upload in selected() {
        let answer = operator.upload_bytes(hostile::ID, upload.component()).await;
        let reason = answer.body["detail"].as_str().unwrap_or_default();
        let refused = answer.status.is_client_error().then_some(reason);
        if !upload.expected.allows(refused) {
            let (name, status) = (&upload.name, answer.status);
            wrong.push(format!("{name}: {status} {reason}"));
        }
    }
    done.store(true, Ordering::Relaxed);
    let published = publishing.await.unwrap();

    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(published > 0);
    let channels = operator.get("/api/channels").await.expect(200);
    let channels = channels["items"].as_array().unwrap();
    assert!(
        channels.iter().all(|channel| channel["id"] != hostile::ID),
        "{channels:#?}"
    );
    let ended = program.stop().await;
    assert!(ended.status.success(), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_components_are_client_errors() {
    let program = Program::start(&[]).await;
    let operator = program.operator();
    let damaged = hostile::uploads().into_iter();
    let damaged = damaged.filter(|upload| upload.name.starts_with("damaged-"));

    let mut uploaded = 0;
    for upload in damaged {
        let answer = operator.upload_bytes(hostile::ID, upload.component()).await;
        let reason = answer.body["detail"].as_str();
        let refused = (!answer.status.is_success()).then(|| reason.unwrap_or_default());
        let is_answered = answer.status.is_success() || answer.status.is_client_error();
        assert!(
            is_answered && upload.expected.allows(refused),
            "{}: {} {:#}",
            upload.name,
            answer.status,
            answer.body
        );
        uploaded += 1;
    }

    assert!(uploaded > 60);
}

fn selected() -> Vec<hostile::Upload> {
    let uploads = hostile::uploads().into_iter();
    let selected: Vec<_> = uploads
        .filter(|upload| UPLOADS.contains(&upload.name.as_str()))
        .collect();
    assert_eq!(selected.len(), UPLOADS.len(), "an upload has another name");
    selected
}

/// How many events it has published, all of them live.
async fn publish_until(owner: Owner, done: Arc<AtomicBool>) -> usize {
    let mut published = 0;
    while !done.load(Ordering::Relaxed) {
        let answer = owner.publish_new(&autumn_event(&["kakao-channel"])).await;
        let result = answer.result("kakao-channel");
        assert_eq!(result["status"], "LIVE", "{:#}", answer.body);
        published += 1;
    }
    published
}
