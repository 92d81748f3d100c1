//! What Meta says of the publish itself, and when that is final.

use baepo_sdk::Failure;
use baepo_sdk::testing::ScriptedResponse;
use serde_json::json;

use crate::support::{
    CONTAINER, POSTS, PUBLISH, about_to_publish, error, id, live, posts, prepared, published_times,
    run, slept_s, status,
};

#[test]
fn a_definite_rejection_is_final_after_a_lookup() {
    type Expected = fn(&Failure) -> bool;
    let cases: [(ScriptedResponse, Expected); 6] = [
        (error(9, Some(2_207_042)), |failure| {
            matches!(failure, Failure::RateLimited(None))
        }),
        (ScriptedResponse::status(429), |failure| {
            matches!(failure, Failure::RateLimited(None))
        }),
        (error(190, None), |failure| {
            matches!(failure, Failure::Unauthorized(_))
        }),
        (error(368, None), |failure| {
            matches!(failure, Failure::Failed(_))
        }),
        (error(506, None), |failure| {
            matches!(failure, Failure::Rejected(_))
        }),
        (error(352, Some(2_207_026)), |failure| {
            matches!(failure, Failure::Rejected(_))
        }),
    ];
    for (answer, expected) in cases {
        for look in [status("FINISHED"), status("EXPIRED"), error(190, None)] {
            let host = about_to_publish();
            host.next(PUBLISH, answer.clone()).always(CONTAINER, look);
            let outcome = run(&host);
            assert!(outcome.as_ref().is_err_and(expected), "{outcome:?}");
            assert_eq!(published_times(&host), 1);
        }
        let host = about_to_publish();
        host.next(PUBLISH, answer)
            .next(CONTAINER, status("PUBLISHED"))
            .next(POSTS, posts());
        assert_eq!(run(&host), live(), "the look found the opposite");
    }
}

#[test]
fn an_unsent_request_needs_no_lookup() {
    let host = about_to_publish();
    host.next(PUBLISH, ScriptedResponse::not_sent("no route"));
    assert!(matches!(run(&host), Err(Failure::Unavailable(_))));
    assert_eq!(host.sent().len(), 4);
}

#[test]
fn a_stale_container_is_created_again_and_not_published() {
    let a_day = ScriptedResponse::json(200, &json!({ "status_code": "FINISHED" }))
        .with_latency(core::time::Duration::from_secs(24 * 3_600));
    let slow = prepared();
    slow.next(CONTAINER, a_day)
        .next("POST /v26.0/*/media", id("new"))
        .next("GET /v26.0/new", status("FINISHED"))
        .next(PUBLISH, id("post"));
    assert_eq!(run(&slow), live());
    assert_eq!(slow.bodies(PUBLISH), [json!({ "creation_id": "new" })]);
}

#[test]
fn a_definite_rejection_after_a_doubt_is_not_final() {
    for no in [
        error(9, Some(2_207_042)),
        error(190, None),
        error(506, None),
    ] {
        let host = about_to_publish();
        host.next(PUBLISH, ScriptedResponse::in_doubt("reset"))
            .next(PUBLISH, no)
            .always(CONTAINER, status("FINISHED"));
        assert!(matches!(run(&host), Err(Failure::Unknown(_))));
    }
    let host = about_to_publish();
    host.next(PUBLISH, ScriptedResponse::in_doubt("reset"))
        .next(PUBLISH, error(24, Some(2_207_008)))
        .next(CONTAINER, status("PUBLISHED"))
        .next(POSTS, posts())
        .always(CONTAINER, status("FINISHED"));
    assert_eq!(run(&host), live());
}

#[test]
fn an_unready_container_is_polled_until_ready() {
    let host = about_to_publish();
    host.next(PUBLISH, error(9_007, Some(2_207_027)))
        .next(CONTAINER, status("IN_PROGRESS"))
        .next(PUBLISH, id("post"))
        .always(CONTAINER, status("FINISHED"));
    assert_eq!(run(&host), live());
    assert_eq!(slept_s(&host), 60);
}

#[test]
fn no_new_container_is_created_after_a_publish() {
    for code in ["EXPIRED", "ERROR"] {
        let host = about_to_publish();
        host.next(PUBLISH, ScriptedResponse::in_doubt("reset"))
            .always(CONTAINER, status(code));
        let outcome = run(&host);
        assert!(matches!(outcome, Err(Failure::Unknown(_))), "{outcome:?}");
        assert_eq!(published_times(&host), 1);
        assert_eq!(host.bodies("POST /v26.0/*/media").len(), 1);
    }
}

#[test]
fn an_error_status_that_later_changes_is_not_final() {
    let host = about_to_publish();
    host.next(PUBLISH, ScriptedResponse::in_doubt("reset"))
        .next(CONTAINER, status("ERROR"))
        .next(CONTAINER, status("IN_PROGRESS"))
        .next(CONTAINER, status("PUBLISHED"))
        .next(POSTS, posts());
    assert_eq!(run(&host), live());
}

#[test]
fn a_container_reported_as_unusable_may_be_published() {
    for spoiled in [error(-2, Some(2_207_020)), error(24, Some(2_207_008))] {
        let host = about_to_publish();
        host.always(PUBLISH, spoiled)
            .always(CONTAINER, status("FINISHED"));
        assert!(matches!(run(&host), Err(Failure::Unknown(_))));
        assert_eq!(host.bodies("POST /v26.0/*/media").len(), 1);
    }
}
