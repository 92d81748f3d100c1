//! The unsafe step in every kind of doubt: the post is out at most once, and the outcome is right.

use baepo_sdk::Failure;
use baepo_sdk::testing::ScriptedResponse;
use serde_json::json;

use crate::support::{
    CONTAINER, POSTS, PUBLISH, about_to_publish, doubtful_answers, error, id, live, posts,
    published_times, run, slept_s, status, transient,
};

#[test]
fn a_lost_answer_of_a_post_that_is_out_is_found_and_not_repeated() {
    for lost in doubtful_answers() {
        let name = format!("{lost:?}");
        let host = about_to_publish();
        host.next(PUBLISH, lost)
            .next(CONTAINER, status("PUBLISHED"))
            .next(POSTS, posts());
        assert_eq!(run(&host), live(), "{name}");
        assert_eq!(published_times(&host), 1, "{name}");
    }
}

#[test]
fn an_unpublished_container_is_published_again_after_the_read_lag() {
    for lost in doubtful_answers() {
        let host = about_to_publish();
        host.next(PUBLISH, lost)
            .next(PUBLISH, id("post"))
            .always(CONTAINER, status("FINISHED"));
        assert_eq!(run(&host), live());
        assert_eq!(slept_s(&host), 600);
        assert_eq!(host.waiting_notes().len(), 1);
        assert_eq!(
            host.bodies(PUBLISH),
            [
                json!({ "creation_id": "box" }),
                json!({ "creation_id": "box" })
            ]
        );
    }
}

#[test]
fn an_error_of_a_post_that_is_out_is_no_failure_while_the_container_lags() {
    for answer in [
        error(4, Some(2_207_051)),
        error(4, None),
        error(1, None),
        error(2, None),
        error(-1, Some(2_207_001)),
        error(24, Some(2_207_008)),
        error(777, None),
        transient(190),
        transient(9),
        ScriptedResponse::status(500),
    ] {
        let name = format!("{answer:?}");
        let host = about_to_publish();
        host.next(PUBLISH, answer)
            .next(CONTAINER, status("FINISHED"))
            .next(CONTAINER, status("FINISHED"))
            .next(CONTAINER, error(100, Some(33)))
            .next(CONTAINER, status("FINISHED"))
            .next(CONTAINER, status("PUBLISHED"))
            .next(POSTS, posts());
        assert_eq!(run(&host), live(), "{name}");
        assert_eq!(published_times(&host), 1, "{name}");
    }
}

#[test]
fn the_owner_chooses_how_long_reads_may_lag() {
    let host = about_to_publish();
    host.setting("readLagSeconds", "6")
        .next(PUBLISH, ScriptedResponse::in_doubt("reset"))
        .next(PUBLISH, id("post"))
        .always(CONTAINER, status("FINISHED"));
    assert_eq!(run(&host), live());
    assert_eq!(slept_s(&host), 6);
}

#[test]
fn a_publish_in_flight_is_seen_by_the_second_poll() {
    let host = about_to_publish();
    host.next(
        PUBLISH,
        ScriptedResponse::in_doubt("limit \"request time\""),
    )
    .next(CONTAINER, status("FINISHED"))
    .next(CONTAINER, status("PUBLISHED"))
    .next(POSTS, posts());
    assert_eq!(run(&host), live());
    assert_eq!(published_times(&host), 1);
}

#[test]
fn a_failed_lookup_is_repeated() {
    let host = about_to_publish();
    host.next(PUBLISH, ScriptedResponse::in_doubt("reset"))
        .next(CONTAINER, ScriptedResponse::status(500))
        .next(CONTAINER, ScriptedResponse::in_doubt("reset"))
        .next(CONTAINER, status("PUBLISHED"))
        .next(POSTS, posts());
    assert_eq!(run(&host), live());
}

#[test]
fn a_delivery_without_a_successful_lookup_is_unknown_with_its_reason() {
    let host = about_to_publish();
    host.next(
        PUBLISH,
        ScriptedResponse::in_doubt("limit \"request time\": 30 s"),
    )
    .always(CONTAINER, ScriptedResponse::in_doubt("connection refused"));
    let outcome = run(&host);
    let Err(Failure::Unknown(message)) = outcome else {
        panic!("{outcome:?}")
    };
    assert!(
        message.contains("limit \"request time\": 30 s"),
        "{message}"
    );
    assert!(message.contains("connection refused"), "{message}");
    assert!(message.starts_with("[ko] 인스타그램에 올라갔는지 확인하지 못했습니다."));
    assert_eq!(message.matches("\n[en] ").count(), 1, "{message}");
    assert_eq!(published_times(&host), 1);
}

#[test]
fn a_delivery_in_doubt_after_three_rounds_is_unknown() {
    let host = about_to_publish();
    host.always(PUBLISH, ScriptedResponse::in_doubt("reset"))
        .always(CONTAINER, status("FINISHED"));
    assert!(matches!(run(&host), Err(Failure::Unknown(_))));
    assert_eq!(published_times(&host), 3);
}

#[test]
fn a_restricted_account_is_never_failed_since_the_post_may_be_out() {
    let host = about_to_publish();
    host.always(PUBLISH, error(4, Some(2_207_051)))
        .always(CONTAINER, status("FINISHED"));
    assert!(matches!(run(&host), Err(Failure::Unknown(_))));
    assert_eq!(published_times(&host), 3);
}

#[test]
fn a_request_that_the_host_refused_is_looked_up_and_not_repeated() {
    let host = about_to_publish();
    host.next(
        PUBLISH,
        ScriptedResponse::denied("redirect to http://10.0.0.1"),
    )
    .always(CONTAINER, status("FINISHED"));
    assert!(matches!(run(&host), Err(Failure::Failed(_))));
    assert_eq!(published_times(&host), 1);
}

#[test]
fn a_server_error_at_meta_is_looked_up_and_repeated_and_then_unknown() {
    for (code, subcode) in [
        (-1, Some(2_207_001)),
        (-1, Some(2_207_032)),
        (-2, Some(2_207_003)),
        (1, None),
        (2, None),
        (100, Some(33)),
    ] {
        let host = about_to_publish();
        host.always(PUBLISH, error(code, subcode))
            .always(CONTAINER, status("FINISHED"));
        assert!(matches!(run(&host), Err(Failure::Unknown(_))));
        assert_eq!(published_times(&host), 3);
    }
}
