//! From NHN Cloud's bytes to what the channel makes of them: every row of the table.

use baepo_sdk::http::Repeat;
use baepo_sdk::testing::ScriptedResponse as Scripted;
use serde_json::{Value, json};

use super::*;

fn header(code: &Value, is_successful: bool) -> Value {
    json!({ "resultCode": code, "resultMessage": "as NHN says", "isSuccessful": is_successful })
}

fn refusal(code: &Value) -> SendReply {
    sent(Scripted::json(
        200,
        &json!({ "header": header(code, false) }),
    ))
}

/// A request that was taken, with these codes for its recipients.
fn taken(codes: &[Value]) -> SendReply {
    let results = codes.iter().enumerate().map(|(index, code)| {
        json!({ "recipientSeq": index + 1, "recipientNo": number(index),
                "resultCode": code, "resultMessage": "as NHN says" })
    });
    let answer = Scripted::json(
        200,
        &json!({
            "header": header(&json!(0), true),
            "message": { "requestId": "r-1", "senderGroupingKey": "k",
                         "sendResults": results.collect::<Vec<_>>() },
        }),
    );
    parse_send_reply(answer.into_result(Repeat::Unsafe), &requested(codes.len()))
}

fn number(index: usize) -> String {
    format!("0101234567{index}")
}

fn requested(count: usize) -> Vec<String> {
    (0..count).map(number).collect()
}

/// To one recipient.
fn sent(answer: Scripted) -> SendReply {
    parse_send_reply(answer.into_result(Repeat::Unsafe), &requested(1))
}

fn lost(codes: &[Value]) -> Failure {
    match taken(codes) {
        SendReply::Accepted(MessageOutcome::Failed(failure)) => failure,
        other => panic!("{codes:?}: {other:?}"),
    }
}

/// In Korean and in English.
type Texts = (&'static str, &'static str);

/// What becomes of a message that nobody gets.
enum Expected {
    /// With the place of the finding.
    Rejected(&'static str, Texts),
    Unauthorized(Texts),
    /// That recipient only; all of them: failed.
    Unreachable,
    Unavailable(Texts),
    Unknown(Texts),
    RefusedAsNight,
    RateLimited,
    /// Was taken by an earlier request.
    Accepted(Texts),
    Failed(Texts),
}

use Expected::{
    Accepted, Failed, RateLimited, RefusedAsNight, Rejected, Unauthorized, Unavailable, Unknown,
    Unreachable,
};

const WRONG: Texts = (
    "카카오톡이 이 메시지를 받지 않습니다. 내용과 설정을 확인해 주세요.",
    "Kakao does not take this message. Check the content and the settings.",
);
const EMPTY: Texts = ("보낼 글이 비어 있습니다.", "The message has no text.");
const TOO_LONG: Texts = (
    "글이 너무 깁니다. 짧게 줄여 주세요.",
    "The text is too long. Make it shorter.",
);
const PICTURE: Texts = (
    "카카오톡이 이 사진을 보여 줄 수 없습니다. 다른 사진을 골라 주세요.",
    "Kakao cannot show this picture. Choose another one.",
);
const NUMBER: Texts = (
    "수신 거부 번호가 맞지 않습니다. 080 번호를 확인해 주세요.",
    "The number for opting out is not right. Check the 080 number.",
);
const DISCONNECTED: Texts = (
    "카카오톡 채널에 연결할 수 없습니다. 앱키, 비밀 키, 발신 키와 채널 상태를 확인하고 다시 연결해 주세요.",
    "The Kakao channel cannot be reached. Check the app key, the secret key, the sender key and the channel's state, and connect again.",
);
const TROUBLE: Texts = (
    "NHN Cloud나 카카오톡에 잠시 문제가 있습니다.",
    "NHN Cloud or Kakao is in trouble at the moment.",
);
const NO_RECEIPT: Texts = (
    "메시지를 보냈지만 도착했는지 알 수 없습니다. 다시 보내지 않습니다.",
    "The message was sent, and whether it arrived is not known. It is not sent again.",
);
const TAKEN_BEFORE: Texts = (
    "같은 메시지를 이미 받았다고 합니다.",
    "The same message is said to be taken already.",
);
const NOT_TAKEN: Texts = (
    "카카오톡이 메시지를 받지 않았습니다. 내용을 바꿔도 같으면 운영자에게 알려 주세요.",
    "Kakao did not take the message. If another text does not help, please tell the operator.",
);
const NOT_REACHED: Texts = (
    "받는 사람에게 보낼 수 없습니다. 채널 친구인지, 번호가 맞는지 확인해 주세요.",
    "A recipient cannot be reached. Check whether they are a friend of the channel, and the number.",
);
const NOBODY: Texts = (
    "받는 사람 1명 모두에게 보낼 수 없습니다. 채널 친구인지, 번호가 맞는지 확인해 주세요.",
    "None of the recipients (1) can be reached. Check whether they are friends of the channel, and their numbers.",
);

const TABLE: &[(&str, Expected)] = &[
    ("1001", Rejected("", WRONG)),
    ("1030", Rejected("", WRONG)),
    ("3013", Rejected("/body", EMPTY)),
    ("3014", Rejected("/body", TOO_LONG)),
    ("3024", Rejected("/media/0/url", PICTURE)),
    ("-1019", Rejected("/settings/unsubscribeNumber", NUMBER)),
    ("-2000", Rejected("", WRONG)),
    ("-2001", Rejected("", WRONG)),
    ("-2002", Rejected("", WRONG)),
    ("-2004", Rejected("", WRONG)),
    ("-2018", Rejected("", WRONG)),
    ("1002", Unauthorized(DISCONNECTED)),
    ("1003", Unauthorized(DISCONNECTED)),
    ("1006", Unauthorized(DISCONNECTED)),
    ("1007", Unauthorized(DISCONNECTED)),
    ("1021", Unauthorized(DISCONNECTED)),
    ("1022", Unauthorized(DISCONNECTED)),
    ("1023", Unauthorized(DISCONNECTED)),
    ("1025", Unauthorized(DISCONNECTED)),
    ("1028", Unauthorized(DISCONNECTED)),
    ("-1000", Unauthorized(DISCONNECTED)),
    ("-1001", Unauthorized(DISCONNECTED)),
    ("1020", Unreachable),
    ("3008", Unreachable),
    ("3018", Unreachable),
    ("3019", Unreachable),
    ("2000", Unavailable(TROUBLE)),
    ("3000", Unavailable(TROUBLE)),
    ("3006", Unavailable(TROUBLE)),
    ("9998", Unavailable(TROUBLE)),
    ("9999", Unavailable(TROUBLE)),
    ("3005", Unknown(NO_RECEIPT)),
    ("K997", Unknown(NO_RECEIPT)),
    ("3022", RefusedAsNight),
    ("K303", RefusedAsNight),
    ("B7013", RefusedAsNight),
    ("B004", RateLimited),
    ("-1005", Accepted(TAKEN_BEFORE)),
    ("400305", Accepted(TAKEN_BEFORE)),
    ("777", Failed(NOT_TAKEN)),
];

/// Our words in both languages; NHN Cloud's are for operators.
fn expected_text((korean, english): &Texts, code: &str) -> String {
    let expected_text = Text::new(*korean, *english);
    expected_text
        .detail(&format!("NHN Cloud: as NHN says (code {code})"))
        .into()
}

/// As NHN Cloud writes it: its own codes are numbers, Kakao's are text.
fn written(code: &str) -> Value {
    code.parse::<i64>()
        .map_or_else(|_| json!(code), |number| json!(number))
}

#[test]
fn every_code_of_a_recipient_has_its_verdict_and_the_owner_reads_it_in_both_languages() {
    for (code, expectation) in TABLE {
        let expected = match expectation {
            Rejected(at, words) => Failure::rejected(*at, expected_text(words, code)),
            Unauthorized(words) => Failure::Unauthorized(expected_text(words, code)),
            Unreachable => Failure::Failed(expected_text(&NOBODY, code)),
            Unavailable(words) => Failure::Unavailable(expected_text(words, code)),
            Unknown(words) => Failure::Unknown(expected_text(words, code)),
            RateLimited => Failure::RateLimited(None),
            Accepted(words) | Failed(words) => Failure::Failed(expected_text(words, code)),
            RefusedAsNight => {
                assert_eq!(
                    taken(&[written(code)]),
                    SendReply::Accepted(MessageOutcome::RefusedAsNight)
                );
                continue;
            }
        };
        assert_eq!(lost(&[written(code)]), expected, "{code}");
    }
}

#[test]
fn every_code_of_a_request_has_its_failure_and_the_owner_reads_it_in_both_languages() {
    for (code, expectation) in TABLE {
        let expected = match expectation {
            Rejected(at, words) => {
                SendReply::Refused(Failure::rejected(*at, expected_text(words, code)))
            }
            Unauthorized(words) => {
                SendReply::Refused(Failure::Unauthorized(expected_text(words, code)))
            }
            Unreachable => SendReply::Refused(Failure::Failed(expected_text(&NOT_REACHED, code))),
            Unavailable(words) => {
                SendReply::ProviderError(Failure::Unavailable(expected_text(words, code)))
            }
            Unknown(words) => SendReply::Refused(Failure::Unknown(expected_text(words, code))),
            RefusedAsNight => SendReply::RefusedAsNight,
            RateLimited => SendReply::Refused(Failure::RateLimited(None)),
            Accepted(_) => SendReply::AlreadyAccepted,
            Failed(words) => SendReply::Refused(Failure::Failed(expected_text(words, code))),
        };
        assert_eq!(refusal(&written(code)), expected, "{code}");
    }
}

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
