//! A channel is asked whether an attempt of unknown outcome went out.

use baepo_domain::model::attempt::AccountView;
use baepo_domain::model::id::EventId;
use baepo_domain::model::receipt::Receipt;
use baepo_domain::ports::{Channels as _, ProbeInconclusive, ProbeRequest};
use uuid::Uuid;

use super::support::{Guest, RuntimeFixture, full_channel, small};

fn channel_answering(probe: &str) -> Vec<u8> {
    full_channel(probe, "(i32.const 0)")
}

async fn probed(component: Vec<u8>) -> Option<Result<Option<Receipt>, ProbeInconclusive>> {
    let fixture = RuntimeFixture::with(small());
    let held = fixture.runtime.load(component).await.expect("it loads");
    let question = ProbeRequest {
        idempotency_key: "key".to_owned(),
        event: EventId(Uuid::nil()),
        account: AccountView::default(),
    };
    held.probe(question).await
}

#[tokio::test]
async fn a_probe_returns_the_provider_answer_and_a_trapped_probe_returns_none() {
    assert_eq!(
        probed(channel_answering("(i32.const 0)")).await,
        Some(Ok(None))
    );

    let found = "(i32.store8 (i32.const 8) (i32.const 1)) (i32.const 0)";
    let found = probed(channel_answering(found)).await;
    assert_eq!(found, Some(Ok(Some(Receipt::default()))));

    let unknown = "(i32.store8 (i32.const 0) (i32.const 1))
        (i32.store8 (i32.const 8) (i32.const 4)) (i32.const 0)";
    let unknown = probed(channel_answering(unknown)).await;
    assert_eq!(unknown, Some(Err(ProbeInconclusive(String::new()))));

    let Some(Err(ProbeInconclusive(why))) = probed(channel_answering("unreachable")).await else {
        panic!("it trapped")
    };
    assert!(why.starts_with("the component trapped"), "{why}");
}

#[tokio::test]
async fn a_component_without_probe_is_not_called() {
    assert_eq!(probed(Guest::that("").build()).await, None);
}
