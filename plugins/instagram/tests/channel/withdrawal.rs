//! A post is taken down.

use baepo_sdk::testing::ScriptedResponse;
use baepo_sdk::{Failure, Receipt, Withdraw, text};
use channel_instagram::Instagram;
use serde_json::json;

use crate::support::{connected, error};

#[test]
fn withdrawing_a_post_is_idempotent() {
    let receipt = Receipt {
        external_id: Some("post".into()),
        ..Receipt::EMPTY
    };
    for answer in [
        ScriptedResponse::json(200, &json!({ "success": true })),
        error(100, Some(33)),
    ] {
        let host = connected();
        host.next("DELETE /v26.0/post", answer);
        assert_eq!(Instagram::withdraw("key", &receipt), Ok(()));
    }
}

#[test]
fn a_post_made_with_instagram_login_must_be_deleted_in_the_app() {
    let receipt = Receipt {
        external_id: Some("post".into()),
        ..Receipt::EMPTY
    };
    let host = connected();
    host.setting("apiHost", "graph.instagram.com");
    assert_eq!(
        Instagram::withdraw("key", &receipt),
        Err(Failure::Failed(text(
            "Instagram 로그인으로 연결한 계정의 게시물은 여기서 지울 수 없습니다. \
             인스타그램 앱에서 직접 지워 주세요.",
            "A post of an account that is connected with Instagram Login cannot be deleted from \
             here. Please delete it in the Instagram app.",
        )))
    );
    assert_eq!(host.sent(), [""; 0]);
}

#[test]
fn a_post_without_an_id_must_be_deleted_in_the_app() {
    let host = connected();
    let Err(Failure::Failed(message)) = Instagram::withdraw("key", &Receipt::EMPTY) else {
        panic!()
    };
    assert!(message.contains("[en] It is not certain which post it is, so none was deleted."));
    assert_eq!(host.sent(), [""; 0]);
}
