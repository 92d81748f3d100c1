//! A channel is asked whether an attempt of unknown outcome went out.

use baepo_domain::attempt::{AccountView, Receipt};
use baepo_domain::id::EventId;
use baepo_domain::ports::{CannotTell, Channels as _, Question};
use uuid::Uuid;

use super::support::{Guest, Stage, full_channel, small};

fn that_answers(probe: &str) -> Vec<u8> {
    full_channel(probe, "(i32.const 0)")
}

async fn probed(component: Vec<u8>) -> Option<Result<Option<Receipt>, CannotTell>> {
    let stage = Stage::with(small());
    let about = stage.runtime.load(component).await.expect("it loads");
    let held = stage.runtime.hold_release(about.digest);
    let question = Question {
        idempotency_key: "key".to_owned(),
        event: EventId(Uuid::nil()),
        account: AccountView::default(),
    };
    held.expect("it is loaded").probe(question).await
}

#[tokio::test]
async fn what_the_provider_knows_is_told_and_a_probe_that_dies_tells_nothing() {
    assert_eq!(probed(that_answers("(i32.const 0)")).await, Some(Ok(None)));

    let found = "(i32.store8 (i32.const 8) (i32.const 1)) (i32.const 0)";
    let found = probed(that_answers(found)).await;
    assert_eq!(found, Some(Ok(Some(Receipt::default()))));

    let unknown = "(i32.store8 (i32.const 0) (i32.const 1))
        (i32.store8 (i32.const 8) (i32.const 4)) (i32.const 0)";
    let unknown = probed(that_answers(unknown)).await;
    assert_eq!(unknown, Some(Err(CannotTell(String::new()))));

    let Some(Err(CannotTell(why))) = probed(that_answers("unreachable")).await else {
        panic!("it trapped")
    };
    assert!(why.starts_with("the component trapped"), "{why}");
}

#[tokio::test]
async fn who_has_no_probe_is_not_asked() {
    assert_eq!(probed(Guest::that("").build()).await, None);
}
