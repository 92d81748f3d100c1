//! From NHN Cloud's bytes to what the channel makes of them: every row of the table.

use baepo_sdk::http::Repeat;
use baepo_sdk::testing::ScriptedResponse as Scripted;
use serde_json::{Value, json};

use super::code_tests::{DISCONNECTED, header, lost, number, requested, sent, taken};
use super::*;

#[test]
fn success_is_zero_on_both_levels() {
    let outcome = MessageOutcome::Sent {
        request_id: "r-1".into(),
        reached: 2,
        missed: None,
    };
    assert_eq!(
        taken(&[json!(0), json!("0")]),
        SendReply::Accepted(outcome.clone())
    );
    assert_eq!(
        taken(&[json!(1000), json!("1000")]),
        SendReply::Accepted(outcome)
    );
}

#[test]
fn status_200_alone_proves_nothing() {
    let message =
        json!({ "requestId": "r-1", "sendResults": [{ "recipientSeq": 1, "resultCode": 0 }] });
    let answer = |header: Value| {
        sent(Scripted::json(
            200,
            &json!({ "header": header, "message": message }),
        ))
    };
    assert!(matches!(
        answer(header(&json!(0), false)),
        SendReply::Refused(_)
    ));
    assert!(matches!(
        answer(header(&json!(777), true)),
        SendReply::Refused(Failure::Failed(_))
    ));
    assert!(matches!(
        answer(header(&json!(0), true)),
        SendReply::Accepted(MessageOutcome::Sent { .. })
    ));
    let bare = sent(Scripted::json(
        200,
        &json!({ "header": header(&json!(0), true) }),
    ));
    assert!(matches!(bare, SendReply::Doubt(_)));
}

#[test]
fn a_status_without_an_nhn_cloud_header_is_reported_as_it_is() {
    for status in [401, 403] {
        let expected_text = Text::new(DISCONNECTED.0, DISCONNECTED.1).then(&Text::new(
            "제공사가 접근을 허락하지 않았습니다.",
            "The provider does not let the account in.",
        ));
        let expected_text = expected_text.detail(&format!("status {status}"));
        assert_eq!(
            sent(Scripted::status(status)),
            SendReply::Refused(Failure::Unauthorized(expected_text.into()))
        );
    }
}

#[test]
fn unreachable_recipients_are_reported_and_fail_only_if_all_are() {
    for code in ["1020", "3008", "3018", "3019"] {
        let some = taken(&[json!(0), json!(code), json!(0)]);
        let SendReply::Accepted(MessageOutcome::Sent {
            reached: 2,
            missed: Some(missed),
            ..
        }) = some
        else {
            panic!("{code}: {some:?}")
        };
        let counts = "받는 사람 3명 가운데 2명에게 보냈고, 1명에게는 보내지 못했고, 0명은";
        assert!(missed.korean.starts_with(counts), "{}", missed.korean);
        let code_behind = format!("1 × NHN Cloud: as NHN says (code {code})");
        assert!(
            missed.operator.contains(&code_behind),
            "{}",
            missed.operator
        );
        assert!(matches!(
            lost(&[json!(code), json!(code)]),
            Failure::Failed(_)
        ));
    }
}

#[test]
fn a_receipt_that_is_unknown_is_unknown_also_where_others_were_reached() {
    let codes = ["1000", "3005", "K997", "3018", "0"].map(|code| json!(code));
    let Failure::Unknown(text) = lost(&codes) else {
        panic!("it may have reached two more")
    };
    for counts in [
        "받는 사람 5명 가운데 2명에게 보냈고, 1명에게는 보내지 못했고, 2명은",
        "Of 5 recipients 2 were reached, 1 were not, and of 2 it is not known.",
    ] {
        assert!(text.contains(counts), "{text}");
    }
}

#[test]
fn a_recipient_without_a_result_is_unknown_and_looked_for() {
    let results = json!([{ "recipientNo": number(0), "resultCode": 0 }]);
    let body = json!({
        "header": header(&json!(0), true),
        "message": { "requestId": "r-1", "sendResults": results },
    });
    let answer = parse_send_reply(
        Scripted::json(200, &body).into_result(Repeat::Unsafe),
        &requested(2),
    );
    assert!(
        matches!(
            answer,
            SendReply::Incomplete(MessageOutcome::Failed(Failure::Unknown(_)))
        ),
        "{answer:?}"
    );
}

#[test]
fn an_unknown_receipt_takes_precedence_over_every_other_result() {
    assert!(matches!(
        lost(&[json!(3018), json!("K997"), json!(2000)]),
        Failure::Unknown(_)
    ));
}

#[test]
fn quiet_hours_take_precedence_over_unreachable_recipients() {
    for code in [json!(3022), json!("K303"), json!("B7013")] {
        assert_eq!(
            taken(&[code, json!(3018)]),
            SendReply::Accepted(MessageOutcome::RefusedAsNight)
        );
    }
}

#[test]
fn the_retry_after_of_a_gateway_is_used() {
    let gateway = sent(Scripted::status(429).header("Retry-After", "2"));
    assert_eq!(
        gateway,
        SendReply::Refused(Failure::RateLimited(Some(2_000)))
    );
}

#[test]
fn a_repeated_key_means_that_it_was_accepted_whatever_the_status() {
    let newer = Scripted::json(400, &json!({ "header": header(&json!(400_305), false) }));
    assert_eq!(sent(newer), SendReply::AlreadyAccepted);
}

#[test]
fn an_unreadable_answer_is_in_doubt() {
    for answer in [
        Scripted::in_doubt("limit \"request time\": 30 s"),
        Scripted::too_large(9_000_000),
        Scripted::status(200),
        Scripted::bytes(200, "<html>"),
        Scripted::status(302),
        Scripted::status(408),
        Scripted::status(500),
        Scripted::bytes(503, "<html>"),
        Scripted::json(500, &json!({ "header": header(&json!(777), false) })),
    ] {
        let name = format!("{answer:?}");
        assert!(matches!(sent(answer), SendReply::Doubt(_)), "{name}");
    }
    assert!(matches!(
        sent(Scripted::denied("no grant")),
        SendReply::ProviderError(Failure::Failed(_))
    ));
    assert!(matches!(
        sent(Scripted::not_sent("no route")),
        SendReply::Refused(Failure::Unavailable(_))
    ));
}

#[test]
fn a_lookup_returns_the_result_of_each_recipient() {
    let look = |rows: Value, count: usize| {
        let search = json!({ "messages": rows, "totalCount": 1 });
        let body =
            json!({ "header": header(&json!(0), true), "messageSearchResultResponse": search });
        found(
            Scripted::json(200, &body).into_result(Repeat::Safe),
            &requested(count),
        )
    };
    assert_eq!(look(json!([]), 1), Ok(None));
    let row = |index: usize, code: Value| json!({ "requestId": "r-1", "recipientNo": number(index), "resultCode": code });
    let on_its_way =
        json!({ "requestId": "r-1", "recipientNo": number(1), "messageStatus": "READY" });
    let rows = json!([
        row(0, json!("1000")),
        on_its_way,
        row(2, Value::Null),
        row(3, json!("3018")),
        row(3, json!("3018")),
    ]);
    let seen = look(rows, 4);
    assert!(
        matches!(
            seen,
            Ok(Some(MessageOutcome::Sent {
                reached: 3,
                missed: Some(_),
                ..
            }))
        ),
        "{seen:?}"
    );
    let unknown = look(json!([row(0, json!("K997"))]), 1);
    assert!(matches!(
        unknown,
        Ok(Some(MessageOutcome::Failed(Failure::Unknown(_))))
    ));
}

#[test]
fn a_failed_lookup_is_inconclusive() {
    for answer in [
        Scripted::status(500),
        Scripted::in_doubt("reset"),
        Scripted::bytes(200, "<html>"),
        Scripted::json(200, &json!({ "header": header(&json!(-1001), false) })),
        Scripted::json(200, &json!({ "header": header(&json!(0), true) })),
    ] {
        assert!(found(answer.into_result(Repeat::Safe), &requested(1)).is_err());
    }
}
