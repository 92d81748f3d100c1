//! The unsafe step in every kind of doubt: the post is out at most once, and the outcome is right.

use baepo_sdk::testing::{Answer, Host, content, image, job};
use baepo_sdk::{Content, Failure, Outcome};
use channel_instagram::Instagram;
use serde_json::json;

const PUBLISH: &str = "POST /v26.0/*/media_publish";
const CONTAINER: &str = "GET /v26.0/box?fields=status_code%2Cstatus";
const POSTS: &str = "GET /v26.0/*/media";

/// Everything up to the publish has gone well: the container `box` is ready.
fn about_to_publish() -> Host {
    let quota = json!({ "data": [{ "quota_usage": 0, "config": { "quota_total": 50 } }] });
    let host = Host::new();
    host.setting("igUserId", "17841400000000001")
        .setting("apiHost", "graph.facebook.com")
        .setting("apiVersion", "v26.0")
        .always("GET /v26.0/post?fields=permalink", permalink())
        .next(
            "GET /v26.0/*/content_publishing_limit",
            Answer::json(200, &quota),
        )
        .next("POST /v26.0/*/media", id("box"))
        .next(CONTAINER, status("FINISHED"));
    host
}

fn permalink() -> Answer {
    Answer::json(
        200,
        &json!({ "permalink": "https://www.instagram.com/p/abc/" }),
    )
}

fn id(id: &str) -> Answer {
    Answer::json(200, &json!({ "id": id }))
}

fn status(code: &str) -> Answer {
    Answer::json(200, &json!({ "status_code": code }))
}

fn error(code: i64, subcode: Option<i64>) -> Answer {
    let error = json!({ "message": "as Meta says", "code": code, "error_subcode": subcode });
    Answer::json(400, &json!({ "error": error }))
}

/// The list of the owner's posts, the newest being ours.
fn posts() -> Answer {
    let caption = "봄맞이 크루아상 1+1\n\n3월 한 달, 오전에 오시면 하나 더 드립니다.\n\n\
                   https://bakery.example/spring\n\n#동네빵집 #크루아상";
    Answer::json(
        200,
        &json!({ "data": [
            { "id": "post", "caption": caption, "timestamp": "2026-03-02T03:00:05+0000" },
            { "id": "old", "caption": caption, "timestamp": "2026-02-02T03:00:05+0000" },
        ]}),
    )
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
fn doubtful_answers() -> Vec<Answer> {
    vec![
        Answer::in_doubt("connection reset"),
        Answer::in_doubt("limit \"request time\": 30 s"),
        Answer::in_doubt("redirect to https://elsewhere.example refused"),
        Answer::too_large(9_000_000),
        Answer::status(500),
        Answer::bytes(503, "<html>busy</html>"),
        Answer::bytes(200, "<html>ok</html>"),
        Answer::json(200, &json!({})),
        Answer::status(302),
        Answer::status(408),
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
fn a_publish_that_never_acted_is_repeated_after_two_looks_with_a_pause_between() {
    for lost in doubtful_answers() {
        let host = about_to_publish();
        host.next(PUBLISH, lost)
            .next(CONTAINER, status("FINISHED"))
            .next(CONTAINER, status("FINISHED"))
            .next(PUBLISH, id("post"));
        assert_eq!(run(&host), live());
        assert_eq!(
            host.slept()
                .iter()
                .map(core::time::Duration::as_secs)
                .sum::<u64>(),
            5
        );
    }
}

#[test]
fn a_publish_that_was_still_racing_is_seen_at_the_second_look() {
    let host = about_to_publish();
    host.next(PUBLISH, Answer::in_doubt("limit \"request time\""))
        .next(CONTAINER, status("FINISHED"))
        .next(CONTAINER, status("PUBLISHED"))
        .next(POSTS, posts());
    assert_eq!(run(&host), live());
    assert_eq!(published_times(&host), 1);
}

#[test]
fn a_look_that_fails_is_repeated() {
    let host = about_to_publish();
    host.next(PUBLISH, Answer::in_doubt("reset"))
        .next(CONTAINER, Answer::status(500))
        .next(CONTAINER, Answer::in_doubt("reset"))
        .next(CONTAINER, status("PUBLISHED"))
        .next(POSTS, posts());
    assert_eq!(run(&host), live());
}

#[test]
fn without_any_look_it_is_unknown_and_says_why() {
    let host = about_to_publish();
    host.next(PUBLISH, Answer::in_doubt("limit \"request time\": 30 s"))
        .always(CONTAINER, Answer::in_doubt("connection refused"));
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
fn after_three_doubtful_rounds_it_is_unknown() {
    let host = about_to_publish();
    host.always(PUBLISH, Answer::in_doubt("reset"))
        .always(CONTAINER, status("FINISHED"));
    assert!(matches!(run(&host), Err(Failure::Unknown(_))));
    assert_eq!(published_times(&host), 3);
}

#[test]
fn a_published_post_that_cannot_be_told_from_others_is_live_without_an_id() {
    for list in [
        Answer::status(500),
        Answer::in_doubt("reset"),
        Answer::json(200, &json!({ "data": [] })),
    ] {
        let host = about_to_publish();
        host.next(PUBLISH, Answer::in_doubt("reset"))
            .next(CONTAINER, status("PUBLISHED"))
            .always(POSTS, list);
        assert_eq!(run(&host), Ok(Outcome::live(None, None)));
    }
}

#[test]
fn a_restricted_account_is_looked_up_first() {
    let host = about_to_publish();
    host.next(PUBLISH, error(4, Some(2_207_051)))
        .next(CONTAINER, status("PUBLISHED"))
        .next(POSTS, posts());
    assert_eq!(run(&host), live());

    let host = about_to_publish();
    host.next(PUBLISH, error(4, Some(2_207_051)))
        .always(CONTAINER, status("FINISHED"));
    assert!(matches!(run(&host), Err(Failure::Failed(_))));
    assert_eq!(published_times(&host), 1);
}

#[test]
fn a_request_that_the_host_refused_is_looked_up_and_not_repeated() {
    let host = about_to_publish();
    host.next(PUBLISH, Answer::denied("redirect to http://10.0.0.1"))
        .always(CONTAINER, status("FINISHED"));
    assert!(matches!(run(&host), Err(Failure::Failed(_))));
    assert_eq!(published_times(&host), 1);
}

#[test]
fn trouble_at_meta_is_looked_up_and_repeated_and_then_left_to_the_host() {
    for (code, subcode) in [
        (-1, Some(2_207_001)),
        (-1, Some(2_207_032)),
        (-2, Some(2_207_003)),
        (1, None),
        (2, None),
    ] {
        let host = about_to_publish();
        host.always(PUBLISH, error(code, subcode))
            .always(CONTAINER, status("FINISHED"));
        assert!(matches!(run(&host), Err(Failure::Unavailable(_))));
        assert_eq!(published_times(&host), 3);
    }
}

#[test]
fn a_container_that_is_not_ready_after_all_is_waited_for() {
    let host = about_to_publish();
    host.next(PUBLISH, error(9_007, Some(2_207_027)))
        .next(CONTAINER, status("IN_PROGRESS"))
        .next(CONTAINER, status("FINISHED"))
        .next(CONTAINER, status("FINISHED"))
        .next(PUBLISH, id("post"));
    assert_eq!(run(&host), live());
}

#[test]
fn a_container_that_expired_unpublished_is_made_anew() {
    for code in ["EXPIRED", "ERROR"] {
        let host = about_to_publish();
        host.next(PUBLISH, Answer::in_doubt("reset"))
            .next(CONTAINER, status(code))
            .next("POST /v26.0/*/media", id("new"))
            .next("GET /v26.0/new", status("FINISHED"))
            .next(PUBLISH, id("post"));
        assert_eq!(run(&host), live());
        assert_eq!(
            host.bodies(PUBLISH),
            [
                json!({ "creation_id": "box" }),
                json!({ "creation_id": "new" })
            ]
        );
    }
}

#[test]
fn a_container_that_meta_calls_spoiled_is_made_anew_only_without_a_doubt() {
    let spoiled = error(-2, Some(2_207_020));
    let host = about_to_publish();
    host.next(PUBLISH, spoiled.clone())
        .next(CONTAINER, status("FINISHED"))
        .next(CONTAINER, status("FINISHED"))
        .next("POST /v26.0/*/media", id("new"))
        .next("GET /v26.0/new", status("FINISHED"))
        .next(PUBLISH, id("post"));
    assert_eq!(run(&host), live());

    let host = about_to_publish();
    host.next(PUBLISH, Answer::in_doubt("reset"))
        .next(PUBLISH, spoiled)
        .always(CONTAINER, status("FINISHED"));
    assert!(matches!(run(&host), Err(Failure::Unknown(_))));
}

#[test]
fn a_clear_no_needs_no_look() {
    type Expected = fn(&Failure) -> bool;
    let cases: [(Answer, Expected); 6] = [
        (error(9, Some(2_207_042)), |failure| {
            matches!(failure, Failure::RateLimited(None))
        }),
        (Answer::status(429), |failure| {
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
        (Answer::not_sent("no route"), |failure| {
            matches!(failure, Failure::Unavailable(_))
        }),
    ];
    for (answer, expected) in cases {
        let host = about_to_publish();
        host.next(PUBLISH, answer);
        let outcome = run(&host);
        assert!(outcome.as_ref().is_err_and(expected), "{outcome:?}");
        assert_eq!(host.sent().len(), 4);
    }
}

#[test]
fn a_clear_no_after_a_doubt_is_not_clear_any_more() {
    for no in [
        error(9, Some(2_207_042)),
        error(190, None),
        error(506, None),
    ] {
        let host = about_to_publish();
        host.next(PUBLISH, Answer::in_doubt("reset"))
            .next(PUBLISH, no)
            .always(CONTAINER, status("FINISHED"));
        assert!(matches!(run(&host), Err(Failure::Unknown(_))));
    }
    let host = about_to_publish();
    host.next(PUBLISH, Answer::in_doubt("reset"))
        .next(CONTAINER, status("FINISHED"))
        .next(CONTAINER, status("FINISHED"))
        .next(PUBLISH, error(24, Some(2_207_008)))
        .next(CONTAINER, status("PUBLISHED"))
        .next(POSTS, posts());
    assert_eq!(run(&host), live());
}
