//! From Meta's bytes to what the channel makes of them: every row of the table.

use baepo_sdk::http::Repeat;
use baepo_sdk::testing::{Answer, Host};
use serde_json::json;

use super::*;
use crate::errors::{Field, Setback};

fn error(code: i64, subcode: Option<i64>) -> Answer {
    let error = json!({ "error": {
        "message": "as Meta says", "type": "OAuthException", "code": code,
        "error_subcode": subcode, "is_transient": false, "fbtrace_id": "AbC",
    }});
    Answer::json(400, &error)
}

fn refusal(answer: Answer) -> Refusal {
    read::<Id>(answer.to(Repeat::Unsafe)).expect_err("no success")
}

fn reactions(errors: &[(i64, Option<i64>)]) -> Vec<Reaction> {
    let of = |(code, subcode): &(i64, Option<i64>)| refusal(error(*code, *subcode)).reaction;
    errors.iter().map(of).collect()
}

fn all_are(reaction: Reaction, errors: &[(i64, Option<i64>)]) {
    for (error, found) in errors.iter().zip(reactions(errors)) {
        assert_eq!(found, reaction, "{error:?}");
    }
}

#[test]
fn trouble_at_meta_is_unavailable() {
    let errors = [
        (-2, Some(2_207_003)),
        (-1, Some(2_207_001)),
        (-1, Some(2_207_032)),
        (1, None),
        (2, None),
    ];
    all_are(Reaction::Unavailable, &errors);
    assert_eq!(
        refusal(error(2, None)).into_failure("/media/0"),
        Failure::Unavailable("인스타그램: as Meta says (code 2)".into())
    );
}

#[test]
fn a_spoiled_container_is_made_anew() {
    all_are(
        Reaction::NewContainer,
        &[
            (-2, Some(2_207_020)),
            (-1, Some(2_207_053)),
            (24, Some(2_207_008)),
        ],
    );
    assert_eq!(
        refusal(error(-2, Some(2_207_020))).into_setback("/media/0"),
        Setback::NewContainer("인스타그램: as Meta says (code -2/2207020)".into())
    );
}

#[test]
fn a_container_that_is_not_ready_is_polled() {
    all_are(
        Reaction::NotReady,
        &[(9_007, Some(2_207_027)), (9_007, None)],
    );
}

#[test]
fn a_file_that_meta_cannot_fetch_is_in_the_end_the_owners_to_change() {
    all_are(
        Reaction::CannotFetch,
        &[(9_004, Some(2_207_052)), (9_004, None)],
    );
    let failure = refusal(error(9_004, Some(2_207_052))).into_failure("/media/1");
    let Failure::Rejected(findings) = failure else {
        panic!("{failure:?}")
    };
    assert_eq!(findings[0].at, "/media/1/url");
}

#[test]
fn a_restricted_account_may_have_posted_all_the_same() {
    all_are(Reaction::Restricted, &[(4, Some(2_207_051))]);
    assert!(!refusal(error(4, Some(2_207_051))).is_certain());
}

#[test]
fn too_many_requests_are_rate_limited() {
    all_are(
        Reaction::RateLimited,
        &[
            (9, Some(2_207_042)),
            (4, None),
            (17, None),
            (32, None),
            (341, None),
            (613, None),
            (80_001, None),
            (80_002, None),
        ],
    );
}

#[test]
fn meta_says_in_a_header_how_many_minutes_to_wait() {
    let usage = r#"{"178414":[{"type":"pages","estimated_time_to_regain_access":3},
                              {"type":"instagram","estimated_time_to_regain_access":19}]}"#;
    let limited = error(80_002, None).header("X-Business-Use-Case-Usage", usage);
    assert_eq!(
        refusal(limited).into_failure(""),
        Failure::RateLimited(Some(19 * 60_000))
    );

    let at_ease = r#"{"178414":[{"type":"instagram","call_count":3}]}"#;
    let limited = error(4, None).header("x-business-use-case-usage", at_ease);
    assert_eq!(
        refusal(limited).into_failure(""),
        Failure::RateLimited(None)
    );

    let gateway = Answer::status(429).header("Retry-After", "30");
    assert_eq!(
        refusal(gateway).into_failure(""),
        Failure::RateLimited(Some(30_000))
    );
}

#[test]
fn what_the_owner_can_change_is_a_finding_at_its_place() {
    let places = [
        (36_000, Some(2_207_004), "/media/0/bytes"),
        (36_001, Some(2_207_005), "/media/0/mimeType"),
        (36_003, Some(2_207_009), "/media/0/width"),
        (36_004, Some(2_207_010), "/body"),
        (352, Some(2_207_026), "/media/0/mimeType"),
        (1, Some(2_207_057), "/media/0"),
        (100, Some(2_207_023), "/media/0"),
        (-1, Some(2_207_028), "/media/0"),
        (-1, Some(2_207_035), "/media/0"),
        (-1, Some(2_207_036), "/media/0"),
        (-1, Some(2_207_037), "/media/0"),
        (-1, Some(2_207_040), "/body"),
        (506, None, "/body"),
        (36_000, None, "/media/0/bytes"),
        (36_001, None, "/media/0/mimeType"),
        (36_003, None, "/media/0/width"),
        (36_004, None, "/body"),
        (352, None, "/media/0/mimeType"),
    ];
    for (code, subcode, place) in places {
        let failure = refusal(error(code, subcode)).into_failure("/media/0");
        let Failure::Rejected(findings) = failure else {
            panic!("{code}: {failure:?}")
        };
        assert_eq!(findings[0].at, place, "{code}/{subcode:?}");
    }
    let Reaction::Rejected(blame) = reaction(36_004, Some(2_207_010)) else {
        panic!()
    };
    assert_eq!(blame.field, Field::Body);
}

#[test]
fn what_the_owner_must_allow_again_is_unauthorized() {
    all_are(
        Reaction::Unauthorized,
        &[
            (190, None),
            (190, Some(463)),
            (10, None),
            (200, None),
            (299, None),
            (25, Some(2_207_050)),
        ],
    );
    assert_eq!(
        refusal(Answer::status(401)).reaction,
        Reaction::Unauthorized
    );
    assert_eq!(
        refusal(Answer::status(403)).reaction,
        Reaction::Unauthorized
    );
}

#[test]
fn metas_policy_is_final() {
    all_are(Reaction::Policy, &[(368, None)]);
    assert!(matches!(
        refusal(error(368, None)).into_failure(""),
        Failure::Failed(_)
    ));
}

#[test]
fn an_error_outside_the_table_is_final_unless_meta_calls_it_transient() {
    all_are(Reaction::Other, &[(100, None), (777, Some(1))]);
    let transient = json!({ "error": { "message": "m", "code": 777, "is_transient": true } });
    assert_eq!(
        refusal(Answer::json(400, &transient)).reaction,
        Reaction::Unavailable
    );
    let server = json!({ "error": { "message": "m", "code": 777 } });
    assert_eq!(
        refusal(Answer::json(500, &server)).reaction,
        Reaction::Unavailable
    );
    assert_eq!(refusal(Answer::status(404)).reaction, Reaction::Other);
}

#[test]
fn whatever_cannot_be_read_leaves_a_doubt() {
    for answer in [
        Answer::in_doubt("limit \"request time\": 30 s"),
        Answer::too_large(9_000_000),
        Answer::status(200),
        Answer::bytes(200, "<html>"),
        Answer::json(200, &json!({ "success": true })),
        Answer::status(302),
        Answer::status(408),
        Answer::status(500),
        Answer::bytes(503, "<html>upstream</html>"),
    ] {
        let name = format!("{answer:?}");
        assert_eq!(refusal(answer).reaction, Reaction::Doubt, "{name}");
    }
}

#[test]
fn the_hosts_own_words_reach_the_owner() {
    let hanging = refusal(Answer::in_doubt("limit \"request time\": 10 s of 10 s"));
    assert!(
        hanging
            .message
            .contains("limit \"request time\": 10 s of 10 s")
    );
    assert_eq!(
        refusal(Answer::denied("no grant")).reaction,
        Reaction::Denied
    );
    assert_eq!(
        refusal(Answer::not_sent("no route")).reaction,
        Reaction::NotSent
    );
}

#[test]
fn a_failed_container_tells_its_code_in_words() {
    let status = |text: &str| Status {
        code: StatusCode::Error,
        status: text.into(),
    };
    let failed = status("Error: Media upload has failed with error code 2207026");
    assert!(matches!(failed.refusal().reaction, Reaction::Rejected(_)));
    let unfetched = status("Error: 2207052, media could not be fetched");
    assert_eq!(unfetched.refusal().reaction, Reaction::CannotFetch);
    assert_eq!(
        status("Error: something").refusal().reaction,
        Reaction::NewContainer
    );
}

#[test]
fn a_used_up_quota_waits() {
    let _host = Host::new();
    let usage = |used: u64, total: u64| {
        let config = json!({ "quota_total": total, "quota_duration": 86_400 });
        Answer::json(
            200,
            &json!({ "data": [{ "quota_usage": used, "config": config }] }),
        )
    };
    assert_eq!(quota(usage(49, 50).to(Repeat::Safe)), Ok(()));
    assert_eq!(
        quota(usage(50, 50).to(Repeat::Safe)),
        Err(Failure::RateLimited(Some(3_600_000)))
    );
    let bare = Answer::json(200, &json!({ "data": [{ "quota_usage": 70 }] }));
    assert_eq!(quota(bare.to(Repeat::Safe)), Ok(()));
}
