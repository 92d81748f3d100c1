//! From NHN Cloud's bytes to what the channel makes of them: every row of the table.

use baepo_sdk::http::Repeat;
use baepo_sdk::testing::Answer as Given;
use serde_json::{Value, json};

use super::*;

fn header(code: &Value, is_successful: bool) -> Value {
    json!({ "resultCode": code, "resultMessage": "as NHN says", "isSuccessful": is_successful })
}

fn refusal(code: &Value) -> Sending {
    sent(Given::json(200, &json!({ "header": header(code, false) })))
}

/// A request that was taken, with these codes for its recipients.
fn taken(codes: &[Value]) -> Sending {
    let results = codes.iter().enumerate().map(|(index, code)| {
        json!({ "recipientSeq": index + 1, "recipientNo": "01012345678",
                "resultCode": code, "resultMessage": "as NHN says" })
    });
    sent(Given::json(
        200,
        &json!({
            "header": header(&json!(0), true),
            "message": { "requestId": "r-1", "senderGroupingKey": "k",
                         "sendResults": results.collect::<Vec<_>>() },
        }),
    ))
}

fn sent(answer: Given) -> Sending {
    sending(answer.to(Repeat::Unsafe))
}

fn lost(codes: &[Value]) -> Failure {
    match taken(codes) {
        Sending::Taken(Verdict::Lost(failure)) => failure,
        other => panic!("{codes:?}: {other:?}"),
    }
}

/// Each code as the header's and as a recipient's, the way NHN Cloud writes it.
fn each(codes: &[&str], expect: impl Fn(&Failure) -> bool) {
    for code in codes {
        let value = code
            .parse::<i64>()
            .map_or_else(|_| json!(code), |number| json!(number));
        let failure = lost(std::slice::from_ref(&value));
        assert!(expect(&failure), "recipient {code}: {failure:?}");
        match refusal(&value) {
            Sending::Refused(failure) | Sending::Trouble(failure) => {
                assert!(expect(&failure), "header {code}: {failure:?}");
            }
            other => panic!("header {code}: {other:?}"),
        }
    }
}

#[test]
fn success_is_zero_on_both_levels() {
    let verdict = Verdict::Sent {
        request_id: "r-1".into(),
        reached: 2,
        missed: 0,
    };
    assert_eq!(
        taken(&[json!(0), json!("0")]),
        Sending::Taken(verdict.clone())
    );
    assert_eq!(
        taken(&[json!(1000), json!("1000")]),
        Sending::Taken(verdict)
    );
}

#[test]
fn status_200_alone_proves_nothing() {
    let message = json!({ "requestId": "r-1", "sendResults": [{ "resultCode": 0 }] });
    let answer = |header: Value| {
        sent(Given::json(
            200,
            &json!({ "header": header, "message": message }),
        ))
    };
    assert!(matches!(
        answer(header(&json!(0), false)),
        Sending::Refused(_)
    ));
    assert!(matches!(
        answer(header(&json!(777), true)),
        Sending::Refused(Failure::Failed(_))
    ));
    assert!(matches!(
        answer(header(&json!(0), true)),
        Sending::Taken(Verdict::Sent { .. })
    ));
    let bare = sent(Given::json(
        200,
        &json!({ "header": header(&json!(0), true) }),
    ));
    assert!(matches!(bare, Sending::Doubt(_)));
}

#[test]
fn what_the_owner_can_change_is_rejected() {
    each(&["1001", "1030", "3013", "3014", "3024"], |failure| {
        matches!(failure, Failure::Rejected(_))
    });
    let at = |code: i64| match lost(&[json!(code)]) {
        Failure::Rejected(findings) => findings[0].at.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        (at(3013), at(3014), at(3024)),
        ("/body".into(), "/body".into(), "/media/0/url".into())
    );
}

#[test]
fn a_channel_or_key_that_is_not_valid_is_unauthorized() {
    let codes = [
        "1002", "1003", "1006", "1007", "1021", "1022", "1023", "1025", "1028", "-1000", "-1001",
    ];
    each(&codes, |failure| {
        matches!(failure, Failure::Unauthorized(_))
    });
    assert!(matches!(
        sent(Given::status(401)),
        Sending::Refused(Failure::Unauthorized(_))
    ));
    assert!(matches!(
        sent(Given::status(403)),
        Sending::Refused(Failure::Unauthorized(_))
    ));
}

#[test]
fn people_who_cannot_be_reached_are_counted_and_only_all_of_them_fail() {
    for code in ["1020", "3008", "3018", "3019"] {
        let some = taken(&[json!(0), json!(code), json!(0)]);
        let verdict = Verdict::Sent {
            request_id: "r-1".into(),
            reached: 2,
            missed: 1,
        };
        assert_eq!(some, Sending::Taken(verdict));
        assert!(matches!(
            lost(&[json!(code), json!(code)]),
            Failure::Failed(_)
        ));
    }
}

#[test]
fn trouble_at_nhn_or_kakao_is_unavailable() {
    each(&["2000", "3000", "3006", "9998", "9999"], |failure| {
        matches!(failure, Failure::Unavailable(_))
    });
}

#[test]
fn a_receipt_that_nobody_knows_is_unknown() {
    each(&["3005", "K997"], |failure| {
        matches!(failure, Failure::Unknown(_))
    });
    assert!(matches!(
        lost(&[json!(3018), json!("K997"), json!(2000)]),
        Failure::Unknown(_)
    ));
}

#[test]
fn night_is_told_on_both_levels() {
    for code in [json!(3022), json!("K303"), json!("B7013")] {
        assert_eq!(refusal(&code), Sending::Night);
        assert_eq!(taken(&[code, json!(3018)]), Sending::Taken(Verdict::Night));
    }
}

#[test]
fn too_many_requests_are_rate_limited() {
    each(&["B004"], |failure| {
        matches!(failure, Failure::RateLimited(None))
    });
    let gateway = sent(Given::status(429).header("Retry-After", "2"));
    assert_eq!(gateway, Sending::Refused(Failure::RateLimited(Some(2_000))));
}

#[test]
fn a_repeated_key_means_that_it_was_accepted() {
    assert_eq!(refusal(&json!(-1005)), Sending::AlreadyAccepted);
    assert_eq!(refusal(&json!("400305")), Sending::AlreadyAccepted);
    let newer = Given::json(400, &json!({ "header": header(&json!(400_305), false) }));
    assert_eq!(sent(newer), Sending::AlreadyAccepted);
}

#[test]
fn a_wrong_request_names_its_field() {
    for code in [-2000, -2001, -2002, -2004, -2018] {
        let Sending::Refused(Failure::Rejected(findings)) = refusal(&json!(code)) else {
            panic!()
        };
        assert_eq!(
            findings[0].message,
            format!("NHN Cloud: as NHN says (code {code})")
        );
    }
    let Sending::Refused(Failure::Rejected(findings)) = refusal(&json!(-1019)) else {
        panic!()
    };
    assert_eq!(findings[0].at, "/settings/unsubscribeNumber");
    assert!(matches!(
        refusal(&json!(777)),
        Sending::Refused(Failure::Failed(_))
    ));
}

#[test]
fn whatever_cannot_be_read_leaves_a_doubt() {
    for answer in [
        Given::in_doubt("limit \"request time\": 30 s"),
        Given::too_large(9_000_000),
        Given::status(200),
        Given::bytes(200, "<html>"),
        Given::status(302),
        Given::status(408),
        Given::status(500),
        Given::bytes(503, "<html>"),
        Given::json(500, &json!({ "header": header(&json!(777), false) })),
    ] {
        let name = format!("{answer:?}");
        assert!(matches!(sent(answer), Sending::Doubt(_)), "{name}");
    }
    assert!(matches!(
        sent(Given::denied("no grant")),
        Sending::Trouble(Failure::Failed(_))
    ));
    assert!(matches!(
        sent(Given::not_sent("no route")),
        Sending::Refused(Failure::Unavailable(_))
    ));
}

#[test]
fn a_lookup_tells_what_became_of_each_recipient() {
    let look = |rows: Value| {
        let search = json!({ "messages": rows, "totalCount": 1 });
        let body =
            json!({ "header": header(&json!(0), true), "messageSearchResultResponse": search });
        found(Given::json(200, &body).to(Repeat::Safe))
    };
    assert_eq!(look(json!([])), Ok(None));
    let rows = json!([
        { "requestId": "r-1", "messageStatus": "COMPLETED", "resultCode": "1000" },
        { "requestId": "r-1", "messageStatus": "READY" },
        { "requestId": "r-1", "messageStatus": "READY", "resultCode": null },
        { "requestId": "r-1", "messageStatus": "FAILED", "resultCode": "3018" },
    ]);
    let verdict = Verdict::Sent {
        request_id: "r-1".into(),
        reached: 3,
        missed: 1,
    };
    assert_eq!(look(rows), Ok(Some(verdict)));
    let unknown = look(json!([{ "requestId": "r-1", "resultCode": "K997" }]));
    assert!(matches!(
        unknown,
        Ok(Some(Verdict::Lost(Failure::Unknown(_))))
    ));
}

#[test]
fn a_lookup_that_fails_tells_nothing() {
    for answer in [
        Given::status(500),
        Given::in_doubt("reset"),
        Given::bytes(200, "<html>"),
        Given::json(200, &json!({ "header": header(&json!(-1001), false) })),
        Given::json(200, &json!({ "header": header(&json!(0), true) })),
    ] {
        assert!(found(answer.to(Repeat::Safe)).is_err());
    }
}
