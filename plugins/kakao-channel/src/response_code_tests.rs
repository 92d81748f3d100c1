//! Every code of NHN Cloud: the message's outcome, and what the owner reads.

use baepo_sdk::http::Repeat;
use baepo_sdk::testing::ScriptedResponse as Scripted;
use serde_json::{Value, json};

use super::*;

pub(super) fn header(code: &Value, is_successful: bool) -> Value {
    json!({ "resultCode": code, "resultMessage": "as NHN says", "isSuccessful": is_successful })
}

fn refusal(code: &Value) -> SendReply {
    sent(Scripted::json(
        200,
        &json!({ "header": header(code, false) }),
    ))
}

/// A request that was taken, with these codes for its recipients.
pub(super) fn taken(codes: &[Value]) -> SendReply {
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

pub(super) fn number(index: usize) -> String {
    format!("0101234567{index}")
}

pub(super) fn requested(count: usize) -> Vec<String> {
    (0..count).map(number).collect()
}

/// To one recipient.
pub(super) fn sent(answer: Scripted) -> SendReply {
    parse_send_reply(answer.into_result(Repeat::Unsafe), &requested(1))
}

pub(super) fn lost(codes: &[Value]) -> Failure {
    match taken(codes) {
        SendReply::Accepted(MessageOutcome::Failed(failure)) => failure,
        other => panic!("{codes:?}: {other:?}"),
    }
}

/// In Korean and in English.
pub(super) type Texts = (&'static str, &'static str);

/// The outcome of a message without a recipient.
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
pub(super) const DISCONNECTED: Texts = (
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
