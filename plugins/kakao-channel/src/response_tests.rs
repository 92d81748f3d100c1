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
        json!({ "recipientSeq": index + 1, "recipientNo": number(index),
                "resultCode": code, "resultMessage": "as NHN says" })
    });
    let answer = Given::json(
        200,
        &json!({
            "header": header(&json!(0), true),
            "message": { "requestId": "r-1", "senderGroupingKey": "k",
                         "sendResults": results.collect::<Vec<_>>() },
        }),
    );
    sending(answer.to(Repeat::Unsafe), &asked(codes.len()))
}

fn number(index: usize) -> String {
    format!("0101234567{index}")
}

fn asked(count: usize) -> Vec<String> {
    (0..count).map(number).collect()
}

/// To one recipient.
fn sent(answer: Given) -> Sending {
    sending(answer.to(Repeat::Unsafe), &asked(1))
}

fn lost(codes: &[Value]) -> Failure {
    match taken(codes) {
        Sending::Taken(Verdict::Lost(failure)) => failure,
        other => panic!("{codes:?}: {other:?}"),
    }
}

/// In Korean and in English.
type Words = (&'static str, &'static str);

/// What becomes of a message that nobody gets.
enum Becomes {
    /// With the place of the finding.
    Rejected(&'static str, Words),
    Unauthorized(Words),
    /// That recipient only; all of them: failed.
    Unreachable,
    Unavailable(Words),
    Unknown(Words),
    Night,
    RateLimited,
    /// Was taken by an earlier request.
    Accepted(Words),
    Failed(Words),
}

use Becomes::{
    Accepted, Failed, Night, RateLimited, Rejected, Unauthorized, Unavailable, Unknown, Unreachable,
};

const WRONG: Words = (
    "카카오톡이 이 메시지를 받지 않습니다. 내용과 설정을 확인해 주세요.",
    "Kakao does not take this message. Check the content and the settings.",
);
const EMPTY: Words = ("보낼 글이 비어 있습니다.", "The message has no text.");
const TOO_LONG: Words = (
    "글이 너무 깁니다. 짧게 줄여 주세요.",
    "The text is too long. Make it shorter.",
);
const PICTURE: Words = (
    "카카오톡이 이 사진을 보여 줄 수 없습니다. 다른 사진을 골라 주세요.",
    "Kakao cannot show this picture. Choose another one.",
);
const NUMBER: Words = (
    "수신 거부 번호가 맞지 않습니다. 080 번호를 확인해 주세요.",
    "The number for opting out is not right. Check the 080 number.",
);
const DISCONNECTED: Words = (
    "카카오톡 채널에 연결할 수 없습니다. 앱키, 비밀 키, 발신 키와 채널 상태를 확인하고 다시 연결해 주세요.",
    "The Kakao channel cannot be reached. Check the app key, the secret key, the sender key and the channel's state, and connect again.",
);
const TROUBLE: Words = (
    "NHN Cloud나 카카오톡에 잠시 문제가 있습니다.",
    "NHN Cloud or Kakao is in trouble at the moment.",
);
const NO_RECEIPT: Words = (
    "메시지를 보냈지만 도착했는지 알 수 없습니다. 다시 보내지 않습니다.",
    "The message was sent, and whether it arrived is not known. It is not sent again.",
);
const TAKEN_BEFORE: Words = (
    "같은 메시지를 이미 받았다고 합니다.",
    "The same message is said to be taken already.",
);
const NOT_TAKEN: Words = (
    "카카오톡이 메시지를 받지 않았습니다. 내용을 바꿔도 같으면 운영자에게 알려 주세요.",
    "Kakao did not take the message. If another text does not help, please tell the operator.",
);
const NOT_REACHED: Words = (
    "받는 사람에게 보낼 수 없습니다. 채널 친구인지, 번호가 맞는지 확인해 주세요.",
    "A recipient cannot be reached. Check whether they are a friend of the channel, and the number.",
);
const NOBODY: Words = (
    "받는 사람 1명 모두에게 보낼 수 없습니다. 채널 친구인지, 번호가 맞는지 확인해 주세요.",
    "None of the recipients (1) can be reached. Check whether they are friends of the channel, and their numbers.",
);

const TABLE: &[(&str, Becomes)] = &[
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
    ("3022", Night),
    ("K303", Night),
    ("B7013", Night),
    ("B004", RateLimited),
    ("-1005", Accepted(TAKEN_BEFORE)),
    ("400305", Accepted(TAKEN_BEFORE)),
    ("777", Failed(NOT_TAKEN)),
];

/// Our words in both languages; NHN Cloud's are for operators.
fn said((korean, english): &Words, code: &str) -> String {
    let said = Text::new(*korean, *english);
    said.detail(&format!("NHN Cloud: as NHN says (code {code})"))
        .into()
}

/// As NHN Cloud writes it: its own codes are numbers, Kakao's are text.
fn written(code: &str) -> Value {
    code.parse::<i64>()
        .map_or_else(|_| json!(code), |number| json!(number))
}

#[test]
fn every_code_of_a_recipient_has_its_verdict_and_the_owner_reads_it_in_both_languages() {
    for (code, becomes) in TABLE {
        let expected = match becomes {
            Rejected(at, words) => Failure::rejected(*at, said(words, code)),
            Unauthorized(words) => Failure::Unauthorized(said(words, code)),
            Unreachable => Failure::Failed(said(&NOBODY, code)),
            Unavailable(words) => Failure::Unavailable(said(words, code)),
            Unknown(words) => Failure::Unknown(said(words, code)),
            RateLimited => Failure::RateLimited(None),
            Accepted(words) | Failed(words) => Failure::Failed(said(words, code)),
            Night => {
                assert_eq!(taken(&[written(code)]), Sending::Taken(Verdict::Night));
                continue;
            }
        };
        assert_eq!(lost(&[written(code)]), expected, "{code}");
    }
}

#[test]
fn every_code_of_a_request_has_its_failure_and_the_owner_reads_it_in_both_languages() {
    for (code, becomes) in TABLE {
        let expected = match becomes {
            Rejected(at, words) => Sending::Refused(Failure::rejected(*at, said(words, code))),
            Unauthorized(words) => Sending::Refused(Failure::Unauthorized(said(words, code))),
            Unreachable => Sending::Refused(Failure::Failed(said(&NOT_REACHED, code))),
            Unavailable(words) => Sending::Trouble(Failure::Unavailable(said(words, code))),
            Unknown(words) => Sending::Refused(Failure::Unknown(said(words, code))),
            Night => Sending::Night,
            RateLimited => Sending::Refused(Failure::RateLimited(None)),
            Accepted(_) => Sending::AlreadyAccepted,
            Failed(words) => Sending::Refused(Failure::Failed(said(words, code))),
        };
        assert_eq!(refusal(&written(code)), expected, "{code}");
    }
}

#[test]
fn success_is_zero_on_both_levels() {
    let verdict = Verdict::Sent {
        request_id: "r-1".into(),
        reached: 2,
        missed: None,
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
    let message =
        json!({ "requestId": "r-1", "sendResults": [{ "recipientSeq": 1, "resultCode": 0 }] });
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
fn a_status_without_nhn_clouds_words_is_told_as_it_is() {
    for status in [401, 403] {
        let said = Text::new(DISCONNECTED.0, DISCONNECTED.1).then(&Text::new(
            "제공사가 접근을 허락하지 않았습니다.",
            "The provider does not let the account in.",
        ));
        let said = said.detail(&format!("status {status}"));
        assert_eq!(
            sent(Given::status(status)),
            Sending::Refused(Failure::Unauthorized(said.into()))
        );
    }
}

#[test]
fn people_who_cannot_be_reached_are_reported_and_only_all_of_them_fail() {
    for code in ["1020", "3008", "3018", "3019"] {
        let some = taken(&[json!(0), json!(code), json!(0)]);
        let Sending::Taken(Verdict::Sent {
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
    let answer = sending(Given::json(200, &body).to(Repeat::Unsafe), &asked(2));
    assert!(
        matches!(
            answer,
            Sending::Incomplete(Verdict::Lost(Failure::Unknown(_)))
        ),
        "{answer:?}"
    );
}

#[test]
fn a_receipt_that_nobody_knows_wins_over_every_other_result() {
    assert!(matches!(
        lost(&[json!(3018), json!("K997"), json!(2000)]),
        Failure::Unknown(_)
    ));
}

#[test]
fn night_wins_over_people_who_cannot_be_reached() {
    for code in [json!(3022), json!("K303"), json!("B7013")] {
        assert_eq!(taken(&[code, json!(3018)]), Sending::Taken(Verdict::Night));
    }
}

#[test]
fn a_gateway_says_how_long_to_wait() {
    let gateway = sent(Given::status(429).header("Retry-After", "2"));
    assert_eq!(gateway, Sending::Refused(Failure::RateLimited(Some(2_000))));
}

#[test]
fn a_repeated_key_means_that_it_was_accepted_whatever_the_status() {
    let newer = Given::json(400, &json!({ "header": header(&json!(400_305), false) }));
    assert_eq!(sent(newer), Sending::AlreadyAccepted);
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
fn a_lookup_tells_the_result_of_each_recipient() {
    let look = |rows: Value, count: usize| {
        let search = json!({ "messages": rows, "totalCount": 1 });
        let body =
            json!({ "header": header(&json!(0), true), "messageSearchResultResponse": search });
        found(Given::json(200, &body).to(Repeat::Safe), &asked(count))
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
            Ok(Some(Verdict::Sent {
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
        assert!(found(answer.to(Repeat::Safe), &asked(1)).is_err());
    }
}
