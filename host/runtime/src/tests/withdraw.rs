//! A channel takes a post down again.

use std::time::Duration;

use baepo_domain::model::attempt::{AccountView, Failure, GuestFailure};
use baepo_domain::model::receipt::Receipt;
use baepo_domain::model::text::Localized;
use baepo_domain::ports::{Channels as _, WithdrawError, WithdrawRequest};

use super::call_fixture::{begin, listening_provider, post};
use super::support::{Guest, RuntimeFixture, full_channel, small, start};
use crate::bindings::http::{Host as _, Repeat};
use crate::bindings::run::Host as _;
use crate::bindings::types;
use crate::imports::{JournalCursor, Purpose};

fn account() -> AccountView {
    AccountView {
        secrets: [("token".to_owned(), "canary-71c2".into())].into(),
        ..AccountView::default()
    }
}

async fn withdrawn(component: Vec<u8>) -> Option<Result<(), WithdrawError>> {
    let fixture = RuntimeFixture::with(small());
    let held = fixture.runtime.load(component).await.expect("it loads");
    let withdrawal = WithdrawRequest {
        idempotency_key: "key".to_owned(),
        receipt: Receipt {
            external_id: Some("post of canary-71c2".to_owned()),
            ..Receipt::default()
        },
        account: account(),
    };
    held.withdraw(withdrawal).await
}

fn channel_answering(withdraw: &str) -> Vec<u8> {
    full_channel("(i32.const 0)", withdraw)
}

#[tokio::test]
async fn a_withdrawal_returns_success_or_its_reason() {
    assert_eq!(
        withdrawn(channel_answering("(i32.const 0)")).await,
        Some(Ok(()))
    );

    // `failed`, with the receipt's id for a text.
    let failed = "(i32.store8 (i32.const 0) (i32.const 1))
        (i32.store8 (i32.const 8) (i32.const 5))
        (i32.store (i32.const 12) (local.get 3))
        (i32.store (i32.const 16) (local.get 3))
        (i32.store (i32.const 20) (local.get 4))
        (i32.const 0)";
    let wanted = Failure::Failed(Localized::verbatim("post of [secret]"));
    assert_eq!(
        withdrawn(channel_answering(failed)).await,
        Some(Err(WithdrawError::Failed(wanted)))
    );

    let died = withdrawn(channel_answering("unreachable")).await;
    assert!(
        matches!(
            died,
            Some(Err(WithdrawError::GuestFailed(GuestFailure::Trap(..))))
        ),
        "{died:?}"
    );
}

#[tokio::test]
async fn a_component_without_withdraw_is_not_called() {
    assert_eq!(withdrawn(Guest::that("").build()).await, None);
}

#[tokio::test]
async fn a_withdrawal_may_send_granted_requests_and_sleep_briefly() {
    let (port, mut requests) = listening_provider().await;
    let (mut state, clock) = begin(port, Purpose::Withdraw, JournalCursor::unrecorded(start()));
    let url = "https://shop.example/posts";
    let answer = state.send(post(url, Repeat::Unsafe)).await;
    assert!(answer.expect("no trap").is_ok());
    assert!(requests.try_recv().is_ok(), "it arrived");

    let wake = async { clock.advance(Duration::from_secs(5)) };
    let (slept, ()) = tokio::join!(state.sleep(5_000), wake);
    slept.expect("no trap");
    let long = state.sleep(5_001).await.expect_err("nobody would wake it");
    assert_eq!(long.to_string(), "only distribute can sleep for long");

    let receipt = types::Receipt {
        external_id: None,
        url: None,
        estimated_reach: None,
    };
    assert!(state.accepted(receipt, String::new()).await.is_err());
    assert!(state.waiting(String::new()).await.is_err());
}
