//! What Meta refuses or loses before the post can be out.

use baepo_sdk::testing::{Host, ScriptedResponse, image};
use baepo_sdk::{Failure, Media};
use core::time::Duration;
use serde_json::Value;

use crate::support::{JPEG, connected, error, id, live, one_image, publish, quota, status};

#[test]
fn content_that_cannot_go_out_sends_nothing() {
    let host = connected();
    let outcome = publish(
        &host,
        vec![Media {
            mime_type: "image/png".into(),
            ..image(JPEG)
        }],
    );
    let Err(Failure::Rejected(findings)) = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(findings[0].at, "/media/0/mimeType");
    assert_eq!(host.sent(), [""; 0]);
}

#[test]
fn a_used_up_quota_waits_before_anything_is_made() {
    let host = connected();
    host.always("GET /v26.0/*/content_publishing_limit", quota(50));
    assert_eq!(one_image(&host), Err(Failure::RateLimited(Some(3_600_000))));
    assert_eq!(host.sent().len(), 1);
}

#[test]
fn an_expired_token_asks_the_owner_to_connect_again() {
    let host = connected();
    host.next(
        "GET /v26.0/*/content_publishing_limit",
        error(190, Some(463)),
    );
    assert!(matches!(one_image(&host), Err(Failure::Unauthorized(_))));
}

#[test]
fn a_missing_setting_asks_the_owner_to_connect() {
    let host = Host::new();
    let outcome = one_image(&host);
    let Err(Failure::Unauthorized(message)) = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(
        message,
        "[ko] 채널 설정에 빠진 것이 있습니다. 채널을 다시 연결해 주세요.\n\
         [en] Something is missing in the channel's settings. Connect the channel again.\n\
         [op] the setting `apiHost` is missing"
    );
}

#[test]
fn a_file_that_meta_cannot_fetch_is_tried_three_times_and_then_rejected() {
    let host = connected();
    host.always("POST /v26.0/*/media", error(9_004, Some(2_207_052)));
    let outcome = one_image(&host);
    let Err(Failure::Rejected(findings)) = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(findings[0].at, "/media/0/url");
    assert_eq!(host.bodies("POST /v26.0/*/media").len(), 3);
    assert_eq!(
        host.slept(),
        [Duration::from_secs(5), Duration::from_secs(15)]
    );
}

#[test]
fn only_the_child_that_could_not_be_fetched_is_made_again() {
    let host = connected();
    host.next("POST /v26.0/*/media", id("first"))
        .next("GET /v26.0/first", status("FINISHED"))
        .next("POST /v26.0/*/media", error(9_004, Some(2_207_052)))
        .next("POST /v26.0/*/media", id("second"))
        .next("GET /v26.0/second", status("FINISHED"))
        .next("POST /v26.0/*/media", id("whole"))
        .next("GET /v26.0/whole", status("FINISHED"))
        .next("POST /v26.0/*/media_publish", id("post"));
    assert_eq!(publish(&host, vec![image(JPEG), image(JPEG)]), live());
}

#[test]
fn a_lost_container_is_created_again_twice_and_then_meta_is_unavailable() {
    for lost in [
        error(-2, Some(2_207_020)),
        error(-1, Some(2_207_053)),
        error(24, Some(2_207_008)),
    ] {
        let host = connected();
        host.always("POST /v26.0/*/media", lost);
        assert!(matches!(one_image(&host), Err(Failure::Unavailable(_))));
        assert_eq!(host.bodies("POST /v26.0/*/media").len(), 3);
    }
}

#[test]
fn a_container_that_failed_in_processing_is_created_again() {
    let host = connected();
    host.next("POST /v26.0/*/media", id("bad"))
        .next("GET /v26.0/bad", status("ERROR"))
        .next("POST /v26.0/*/media", id("late"))
        .next("GET /v26.0/late", status("EXPIRED"))
        .next("POST /v26.0/*/media", id("box"))
        .next("GET /v26.0/box", status("FINISHED"))
        .next("POST /v26.0/*/media_publish", id("post"));
    assert_eq!(one_image(&host), live());
}

#[test]
fn every_fault_before_the_publish_leaves_nothing_out_and_is_repeated_by_the_host() {
    let faults = [
        ScriptedResponse::in_doubt("limit \"request time\": 10 s"),
        ScriptedResponse::not_sent("no route"),
        ScriptedResponse::too_large(9_000_000),
        ScriptedResponse::status(500),
        ScriptedResponse::bytes(503, "<html>"),
        ScriptedResponse::bytes(200, "<html>"),
    ];
    let steps = [
        "GET /v26.0/*/content_publishing_limit",
        "POST /v26.0/*/media",
        "GET /v26.0/box",
    ];
    for (fault, step) in faults
        .iter()
        .flat_map(|fault| steps.map(|step| (fault, step)))
    {
        let host = connected();
        host.always("POST /v26.0/*/media", id("box"))
            .always(step, fault.clone());
        let outcome = one_image(&host);
        assert!(
            matches!(outcome, Err(Failure::Unavailable(_))),
            "{step} {fault:?}: {outcome:?}"
        );
        assert_eq!(host.bodies("POST /v26.0/*/media_publish"), [Value::Null; 0]);
    }
}

#[test]
fn the_limit_that_a_hanging_meta_hit_is_named_to_the_owner() {
    let host = connected();
    host.next(
        "POST /v26.0/*/media",
        ScriptedResponse::in_doubt("limit \"request time\": 20 s of 20 s"),
    );
    let Err(Failure::Unavailable(message)) = one_image(&host) else {
        panic!()
    };
    assert!(
        message.contains("limit \"request time\": 20 s of 20 s"),
        "{message}"
    );
}
