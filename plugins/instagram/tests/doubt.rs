//! The unsafe step in every kind of doubt: the post is out at most once, and the outcome is right.

use baepo_sdk::testing::{Host, ScriptedResponse, content, image, job};
use baepo_sdk::{Content, Failure, Outcome};
use channel_instagram::Instagram;
use serde_json::json;

const PUBLISH: &str = "POST /v26.0/*/media_publish";
const CONTAINER: &str = "GET /v26.0/box?fields=status_code%2Cstatus";
const POSTS: &str = "GET /v26.0/*/media";

/// Everything up to the publish has gone well: the container `box` is ready.
fn about_to_publish() -> Host {
    let host = prepared();
    host.next(CONTAINER, status("FINISHED"));
    host
}

/// The container `box` has just been made.
fn prepared() -> Host {
    let quota = json!({ "data": [{ "quota_usage": 0, "config": { "quota_total": 50 } }] });
    let host = Host::new();
    host.setting("igUserId", "17841400000000001")
        .setting("apiHost", "graph.facebook.com")
        .setting("apiVersion", "v26.0")
        .always("GET /v26.0/post?fields=permalink", permalink())
        .next(
            "GET /v26.0/*/content_publishing_limit",
            ScriptedResponse::json(200, &quota),
        )
        .next("POST /v26.0/*/media", id("box"));
    host
}

fn permalink() -> ScriptedResponse {
    ScriptedResponse::json(
        200,
        &json!({ "permalink": "https://www.instagram.com/p/abc/" }),
    )
}

fn id(id: &str) -> ScriptedResponse {
    ScriptedResponse::json(200, &json!({ "id": id }))
}

fn status(code: &str) -> ScriptedResponse {
    ScriptedResponse::json(200, &json!({ "status_code": code }))
}

fn error(code: i64, subcode: Option<i64>) -> ScriptedResponse {
    let error = json!({ "message": "as Meta says", "code": code, "error_subcode": subcode });
    ScriptedResponse::json(400, &json!({ "error": error }))
}

/// What Meta says is about to pass.
fn transient(code: i64) -> ScriptedResponse {
    let error = json!({ "message": "as Meta says", "code": code, "is_transient": true });
    ScriptedResponse::json(400, &json!({ "error": error }))
}

fn slept_s(host: &Host) -> u64 {
    let slept = host.slept();
    slept.iter().map(core::time::Duration::as_secs).sum()
}

/// The list of the owner's posts, the newest being ours.
fn posts() -> ScriptedResponse {
    ScriptedResponse::json(200, &listed_posts())
}

fn listed_posts() -> serde_json::Value {
    let caption = "봄맞이 크루아상 1+1\n\n3월 한 달, 오전에 오시면 하나 더 드립니다.\n\n\
                   https://bakery.example/spring\n\n#동네빵집 #크루아상";
    json!({ "data": [
        { "id": "post", "caption": caption, "timestamp": "2026-03-02T03:00:05+0000" },
        { "id": "old", "caption": caption, "timestamp": "2026-02-02T03:00:05+0000" },
    ]})
}

fn run(host: &Host) -> Result<Outcome, Failure> {
    host.distribute::<Instagram>(job(Content {
        media: vec![image("https://media.example/croissant.jpg")],
        ..content()
    }))
}

fn published_times(host: &Host) -> usize {
    host.sent()
        .iter()
        .filter(|line| line.ends_with("/media_publish"))
        .count()
}

fn live() -> Result<Outcome, Failure> {
    Ok(Outcome::live(
        Some("post"),
        Some("https://www.instagram.com/p/abc/"),
    ))
}

/// All that may stand where Meta's answer should be, though Meta may have published.
fn doubtful_answers() -> Vec<ScriptedResponse> {
    vec![
        ScriptedResponse::in_doubt("connection reset"),
        ScriptedResponse::in_doubt("limit \"request time\": 30 s"),
        ScriptedResponse::in_doubt("redirect to https://elsewhere.example refused"),
        ScriptedResponse::too_large(9_000_000),
        ScriptedResponse::status(500),
        ScriptedResponse::bytes(503, "<html>busy</html>"),
        ScriptedResponse::bytes(200, "<html>ok</html>"),
        ScriptedResponse::json(200, &json!({})),
        ScriptedResponse::status(302),
        ScriptedResponse::status(408),
    ]
}

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
fn an_ambiguous_published_post_is_live_without_an_id() {
    for list in [
        ScriptedResponse::status(500),
        ScriptedResponse::in_doubt("reset"),
        ScriptedResponse::json(200, &json!({ "data": [] })),
    ] {
        let host = about_to_publish();
        host.next(PUBLISH, ScriptedResponse::in_doubt("reset"))
            .next(CONTAINER, status("PUBLISHED"))
            .always(POSTS, list);
        assert_eq!(run(&host), Ok(Outcome::live(None, None)));
    }
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

/// Two posts of the same caption that were made since our container was, and one from before.
fn twins() -> ScriptedResponse {
    let mut list = listed_posts();
    let mut twin = list["data"][0].clone();
    twin["id"] = json!("twin");
    list["data"].as_array_mut().expect("a list").insert(0, twin);
    ScriptedResponse::json(200, &list)
}

fn out_in_doubt() -> Host {
    let host = about_to_publish();
    host.next(PUBLISH, ScriptedResponse::in_doubt("reset"))
        .next(CONTAINER, status("PUBLISHED"));
    host
}

#[test]
fn a_post_of_another_delivery_is_not_a_candidate() {
    let host = out_in_doubt();
    host.foreign_posts(&["twin"]).next(POSTS, twins());
    assert_eq!(run(&host), live());

    let host = out_in_doubt();
    host.foreign_posts(&["post"]).always(POSTS, posts());
    assert_eq!(run(&host), Ok(Outcome::live(None, None)));
}

#[test]
fn two_candidate_posts_yield_no_id() {
    let host = out_in_doubt();
    host.always(POSTS, twins());
    assert_eq!(run(&host), Ok(Outcome::live(None, None)));
    assert!(
        host.slept().len() > 2,
        "another delivery may get its own id meanwhile"
    );
}

#[test]
fn an_unidentified_other_delivery_yields_no_id() {
    let host = out_in_doubt();
    host.unidentified_deliveries(2).always(POSTS, posts());
    assert_eq!(run(&host), live());
    assert_eq!(slept_s(&host), 2 + 5);

    let host = out_in_doubt();
    host.unidentified_deliveries(usize::MAX)
        .always(POSTS, posts());
    assert_eq!(run(&host), Ok(Outcome::live(None, None)));
}

#[test]
fn a_lagging_list_is_read_again() {
    let host = out_in_doubt();
    host.next(POSTS, ScriptedResponse::json(200, &json!({ "data": [] })))
        .next(POSTS, posts());
    assert_eq!(run(&host), live());
}
