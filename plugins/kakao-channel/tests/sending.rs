//! What the channel sends and when, and every kind of doubt: nobody gets a message twice.

use core::time::Duration;

use baepo_sdk::testing::{Host, ScriptedResponse, content, image, job};
use baepo_sdk::{Content, Failure, Outcome, Probe, Receipt, Text, text};
use channel_kakao_channel::KakaoChannel;
use serde_json::{Value, json};

const SEND: &str = "POST /brand-message/v1.0/appkeys/app/freestyle-messages";
const FIND: &str = "GET /brand-message/v1.0/appkeys/app/messages";
const KEY: &str = "0195f0a1-5a3c-7c1e-9b8d-2f4e6a8c0b1d:1";
const MINUTE_MS: u64 = 60_000;

/// An owner who has connected and advertises; it is noon.
fn connected() -> Host {
    let host = Host::new();
    host.setting("appKey", "app")
        .setting("senderKey", "a1b2c3d4e5f6a7b8c9d0a1b2c3d4e5f6a7b8c9d0")
        .setting("recipients", r#"["010-1234-5678","010-2345-6789"]"#)
        .setting("advertising", "true")
        .setting("unsubscribeNumber", "080-1234-5678")
        .setting("apiHost", "kakaotalk-bizmessage.api.nhncloudservice.com")
        .setting("apiVersion", "v1.0");
    host
}

/// A time on 2026-03-02 in Seoul.
fn at(hour: u64, minute: u64) -> u64 {
    1_772_420_400_000 - 12 * 60 * MINUTE_MS + (hour * 60 + minute) * MINUTE_MS
}

fn answer(code: impl Into<Value>, is_successful: bool, rest: Value) -> ScriptedResponse {
    let (code, mut body): (Value, _) = (code.into(), rest);
    body["header"] =
        json!({ "resultCode": code, "resultMessage": "m", "isSuccessful": is_successful });
    ScriptedResponse::json(200, &body)
}

fn taken(codes: &[Value]) -> ScriptedResponse {
    let results: Vec<_> = codes
        .iter()
        .zip(1..)
        .map(|(code, place)| json!({ "recipientSeq": place, "resultCode": code }))
        .collect();
    let message = json!({ "requestId": "r-1", "senderGroupingKey": KEY, "sendResults": results });
    answer(json!(0), true, json!({ "message": message }))
}

fn taken_by_all() -> ScriptedResponse {
    taken(&[json!(0), json!(0)])
}

fn refused(code: i64) -> ScriptedResponse {
    answer(json!(code), false, json!({}))
}

fn rows(codes: &[&str]) -> ScriptedResponse {
    let rows: Vec<_> = codes
        .iter()
        .zip(1..)
        .map(|(code, place)| json!({ "requestId": "r-1", "recipientSeq": place, "resultCode": code }))
        .collect();
    answer(
        json!(0),
        true,
        json!({ "messageSearchResultResponse": { "messages": rows } }),
    )
}

fn live(reach: u64) -> Result<Outcome, Failure> {
    Ok(Outcome::Live(receipt(reach)))
}

fn receipt(reach: u64) -> Receipt {
    Receipt {
        external_id: Some("r-1".into()),
        url: None,
        estimated_reach: Some(reach),
    }
}

fn run(host: &Host) -> Result<Outcome, Failure> {
    host.distribute::<KakaoChannel>(job(content()))
}

fn sends(host: &Host) -> usize {
    host.bodies(SEND).len()
}

#[test]
fn a_message_goes_out_in_one_request() {
    let host = connected();
    host.setting("channelUrl", "https://pf.kakao.com/_bakery")
        .next(SEND, taken_by_all());
    let url = Some("https://pf.kakao.com/_bakery".into());
    assert_eq!(run(&host), Ok(Outcome::Live(Receipt { url, ..receipt(2) })));

    let [request] = host.requests().try_into().unwrap();
    assert!(
        request
            .headers
            .contains(&("X-NC-API-IDEMPOTENCY-KEY".into(), KEY.into()))
    );
    assert_eq!(
        host.bodies(SEND),
        [json!({
            "senderKey": "a1b2c3d4e5f6a7b8c9d0a1b2c3d4e5f6a7b8c9d0",
            "chatBubbleType": "TEXT",
            "pushAlarm": true,
            "content": "(광고) 봄맞이 크루아상 1+1\n\n3월 한 달, 오전에 오시면 하나 더 드립니다.",
            "buttons": [{
                "name": "자세히 보기", "type": "WL",
                "linkMo": "https://bakery.example/spring", "linkPc": "https://bakery.example/spring",
            }],
            "recipientList": [
                { "recipientNo": "01012345678", "targeting": "I" },
                { "recipientNo": "01023456789", "targeting": "I" },
            ],
            "unsubscribeNo": "080-1234-5678",
            "senderGroupingKey": KEY,
        })]
    );
}

#[test]
fn a_picture_goes_out_with_the_owners_choices() {
    let host = connected();
    host.next(SEND, taken_by_all());
    let content = Content {
        media: vec![image("https://m.example/1.jpg")],
        ..content()
    };
    let mut job = job(content);
    job.options = r#"{"bubble":"WIDE","buttonName":"보러 가기","pushAlarm":false}"#.into();

    assert_eq!(host.distribute::<KakaoChannel>(job), live(2));
    let body = &host.bodies(SEND)[0];
    assert_eq!(body["chatBubbleType"], "WIDE");
    assert_eq!(body["pushAlarm"], false);
    assert_eq!(
        body["image"],
        json!({
            "imageUrl": "https://m.example/1.jpg", "imageLink": "https://bakery.example/spring",
        })
    );
    assert_eq!(body["buttons"][0]["name"], "보러 가기");
}

#[test]
fn unreachable_recipients_are_counted_and_reported() {
    let host = connected();
    host.next(SEND, taken(&[json!(3018), json!(0)]));
    assert_eq!(run(&host), live(1));
    let [remark] = host.remarks().try_into().unwrap();
    assert!(remark.contains("2명 가운데 1명에게"), "{remark}");
    let host = connected();
    host.next(SEND, taken_by_all());
    assert_eq!(run(&host), live(2));
    assert_eq!(host.remarks(), [""; 0]);
}

#[test]
fn recipients_without_a_result_are_looked_up_and_never_sent_to_again() {
    let host = connected();
    host.next(SEND, taken(&[json!(0)]))
        .next(FIND, rows(&["1000", "1000"]));
    assert_eq!(run(&host), live(2));

    let host = connected();
    host.next(SEND, taken(&[json!(0)]))
        .always(FIND, rows(&["1000"]));
    let Err(Failure::Unknown(message)) = run(&host) else {
        panic!("one of them may have got it")
    };
    assert!(message.contains("2명 가운데 1명에게"), "{message}");
    assert_eq!(sends(&host), 1);
}

#[test]
fn advertising_waits_for_the_morning() {
    for (now_ms, waited_min) in [
        (at(20, 50), 670),
        (at(23, 0), 540),
        (at(3, 0), 300),
        (at(7, 59), 1),
    ] {
        let host = connected();
        host.at(now_ms).next(SEND, taken_by_all());
        assert_eq!(run(&host), live(2));
        assert_eq!(host.slept(), [Duration::from_secs(waited_min * 60)]);
        assert_eq!(sends(&host), 1);
    }
    for now_ms in [at(8, 0), at(20, 49)] {
        let host = connected();
        host.at(now_ms).next(SEND, taken_by_all());
        assert_eq!(run(&host), live(2));
        assert_eq!(host.slept(), [Duration::ZERO; 0]);
        assert_eq!(host.waiting_notes(), [""; 0]);
    }
}

#[test]
fn an_advert_published_at_eleven_is_announced_at_once_and_sent_once_at_eight() {
    let host = connected();
    host.at(at(23, 0)).next(SEND, taken_by_all());
    assert_eq!(run(&host), live(2));
    assert_eq!(
        host.waiting_notes(),
        [text(
            "광고는 20:50~08:00에 보내지 않습니다. 3월 3일 08:00에 보냅니다.",
            "Adverts are not sent from 20:50 to 08:00. It goes out on 3 March, 08:00.",
        )]
    );
    assert_eq!(host.now(), at(24 + 8, 0));
    assert_eq!(sends(&host), 1);
}

#[test]
fn a_message_without_advertising_is_sent_at_night_and_unmarked() {
    let host = connected();
    host.setting("advertising", "false")
        .at(at(23, 0))
        .next(SEND, taken_by_all());
    assert_eq!(run(&host), live(2));
    assert_eq!(host.slept(), [Duration::ZERO; 0]);
    let body = &host.bodies(SEND)[0];
    assert_eq!(body["unsubscribeNo"], Value::Null);
    assert!(
        body["content"]
            .as_str()
            .is_some_and(|text| text.starts_with("봄맞이"))
    );
}

#[test]
fn a_message_refused_as_night_is_sent_in_the_morning_with_another_key() {
    for night in [
        refused(3022),
        answer(json!("K303"), false, json!({})),
        taken(&[json!("B7013"), json!(3018)]),
    ] {
        let host = connected();
        host.at(at(20, 45))
            .next(SEND, night)
            .next(SEND, taken_by_all());
        assert_eq!(run(&host), live(2));
        assert_eq!(host.now(), at(24 + 8, 0));
        assert_eq!(
            host.waiting_notes(),
            [text(
                "카카오톡이 지금은 광고를 받지 않는 시간이라고 합니다. 3월 3일 08:00에 다시 보냅니다.",
                "Kakao says that it takes no adverts at this hour. It is sent again on 3 March, 08:00.",
            )]
        );
        let keys = host
            .bodies(SEND)
            .into_iter()
            .map(|body| body["senderGroupingKey"].clone());
        assert_eq!(
            keys.collect::<Vec<_>>(),
            [KEY.to_owned(), format!("{KEY}-1")]
        );
    }
}

#[test]
fn a_message_always_refused_as_night_is_unavailable() {
    let host = connected();
    host.always(SEND, refused(3022));
    assert!(matches!(run(&host), Err(Failure::Unavailable(_))));
    assert_eq!(sends(&host), 3);
}

#[test]
fn a_repeated_key_is_looked_up_and_not_sent_again() {
    let host = connected();
    host.next(SEND, refused(-1005))
        .next(FIND, rows(&["1000", "3018"]));
    assert_eq!(run(&host), live(1));
    assert_eq!(
        host.sent()[1],
        "GET /brand-message/v1.0/appkeys/app/messages\
         ?senderGroupingKey=0195f0a1-5a3c-7c1e-9b8d-2f4e6a8c0b1d%3A1&pageNum=1&pageSize=1000"
    );

    let host = connected();
    host.next(SEND, refused(400_305)).always(FIND, rows(&[]));
    assert!(matches!(run(&host), Err(Failure::Unknown(_))));
    assert_eq!(sends(&host), 1);
}

/// All that may stand where NHN Cloud's answer should be, though it may have taken the message.
fn doubtful_answers() -> Vec<ScriptedResponse> {
    vec![
        ScriptedResponse::in_doubt("limit \"request time\": 30 s"),
        ScriptedResponse::too_large(9_000_000),
        ScriptedResponse::status(500),
        ScriptedResponse::bytes(503, "<html>"),
        ScriptedResponse::bytes(200, "<html>"),
        ScriptedResponse::status(302),
        answer(json!(0), true, json!({})),
    ]
}

#[test]
fn a_lost_answer_of_a_message_that_was_taken_is_found_and_not_repeated() {
    for lost in doubtful_answers() {
        let host = connected();
        host.next(SEND, lost).next(FIND, rows(&["1000", "1000"]));
        assert_eq!(run(&host), live(2));
        assert_eq!(sends(&host), 1);
    }
}

#[test]
fn a_message_that_never_arrived_is_sent_again_with_the_same_key() {
    for lost in doubtful_answers() {
        let host = connected();
        host.next(SEND, lost)
            .next(FIND, rows(&[]))
            .next(FIND, rows(&[]))
            .next(SEND, taken_by_all());
        assert_eq!(run(&host), live(2));
        let bodies = host.bodies(SEND);
        assert_eq!(
            bodies[0]["senderGroupingKey"],
            bodies[1]["senderGroupingKey"]
        );
    }
}

#[test]
fn a_repeat_of_an_accepted_key_is_looked_up() {
    let host = connected();
    host.next(SEND, ScriptedResponse::in_doubt("reset"))
        .next(FIND, rows(&[]))
        .next(FIND, rows(&[]))
        .next(SEND, refused(-1005))
        .next(FIND, rows(&["1000", "1000"]));
    assert_eq!(run(&host), live(2));
}

#[test]
fn no_send_is_repeated_after_ten_minutes() {
    let host = connected();
    let late =
        ScriptedResponse::in_doubt("the host was restarted").with_latency(Duration::from_secs(600));
    host.next(SEND, late).always(FIND, rows(&[]));
    let outcome = run(&host);
    let Err(Failure::Unknown(message)) = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(
        message,
        Text::new(
            "메시지가 나갔는지 확인하지 못했습니다. NHN Cloud 콘솔에서 확인해 주세요. \
             NHN Cloud: 응답을 받지 못했습니다. 접수된 메시지가 조회되지 않습니다.",
            "Whether the message went out could not be found out. Please look in the console of \
             NHN Cloud. NHN Cloud: There was no answer. A look-up finds no message.",
        )
        .detail("no answer: the host was restarted")
        .to_string()
    );
    assert_eq!(sends(&host), 1);
}

#[test]
fn a_send_in_doubt_is_not_repeated_in_quiet_hours() {
    let host = connected();
    host.at(at(20, 49) + 50_000);
    host.next(
        SEND,
        ScriptedResponse::in_doubt("reset").with_latency(Duration::from_secs(20)),
    )
    .always(FIND, rows(&[]));
    assert!(matches!(run(&host), Err(Failure::Unknown(_))));
    assert_eq!(sends(&host), 1);
}

#[test]
fn a_delivery_without_a_successful_lookup_is_unknown_with_its_reason() {
    let host = connected();
    host.next(
        SEND,
        ScriptedResponse::in_doubt("limit \"request time\": 30 s"),
    )
    .always(FIND, ScriptedResponse::status(500));
    let outcome = run(&host);
    let Err(Failure::Unknown(message)) = outcome else {
        panic!("{outcome:?}")
    };
    assert!(
        message.contains("limit \"request time\": 30 s"),
        "{message}"
    );
    assert_eq!(sends(&host), 1);
}

#[test]
fn a_delivery_in_doubt_after_three_rounds_is_unknown() {
    let host = connected();
    host.always(SEND, ScriptedResponse::in_doubt("reset"))
        .always(FIND, rows(&[]));
    assert!(matches!(run(&host), Err(Failure::Unknown(_))));
    assert_eq!(sends(&host), 3);
}

#[test]
fn a_message_with_an_unknown_receipt_is_never_sent_again() {
    let host = connected();
    host.next(SEND, taken(&[json!(3005), json!("K997")]));
    assert!(matches!(run(&host), Err(Failure::Unknown(_))));
    assert_eq!(host.sent().len(), 1);
}

#[test]
fn a_server_error_at_nhn_is_looked_up_before_it_is_left_to_the_host() {
    let host = connected();
    host.next(SEND, refused(9999))
        .next(FIND, rows(&["1000", "1000"]));
    assert_eq!(run(&host), live(2));

    let host = connected();
    host.next(SEND, refused(9999)).always(FIND, rows(&[]));
    assert!(matches!(run(&host), Err(Failure::Unavailable(_))));
}

#[test]
fn a_definite_rejection_needs_no_lookup_unless_a_send_is_in_doubt() {
    for no in [
        refused(-1001),
        refused(3014),
        ScriptedResponse::status(429),
        ScriptedResponse::not_sent("no route"),
    ] {
        let host = connected();
        host.next(SEND, no.clone());
        assert!(!matches!(run(&host), Ok(_) | Err(Failure::Unknown(_))));
        assert_eq!(host.sent().len(), 1);

        let host = connected();
        host.next(SEND, ScriptedResponse::in_doubt("reset"))
            .next(SEND, no)
            .always(FIND, rows(&[]));
        assert!(matches!(run(&host), Err(Failure::Unknown(_))));
    }
}

#[test]
fn content_that_cannot_go_out_sends_nothing() {
    let host = connected();
    let outcome = host.distribute::<KakaoChannel>(job(Content {
        body: "가".repeat(1_300),
        ..content()
    }));
    assert!(matches!(outcome, Err(Failure::Rejected(_))));
    host.setting("unsubscribeNumber", "");
    let Err(Failure::Rejected(findings)) = run(&host) else {
        panic!()
    };
    assert_eq!(findings[0].at, "/settings/unsubscribeNumber");
    assert_eq!(host.sent(), [""; 0]);
}

#[test]
fn an_owner_who_has_not_connected_is_asked_to() {
    let _host = Host::new();
    assert!(matches!(run(&_host), Err(Failure::Unauthorized(_))));
}

#[test]
fn a_probe_finds_the_message_of_any_night() {
    let host = connected();
    host.next(FIND, rows(&["3022", "3022"]))
        .next(FIND, rows(&["1000", "1000"]));
    assert_eq!(KakaoChannel::probe(KEY, "event"), Ok(Some(receipt(2))));
    assert!(host.sent()[1].contains("%3A1-1&"));
}

#[test]
fn a_probe_returns_none_only_after_two_lookups() {
    let host = connected();
    host.next(FIND, rows(&[])).next(FIND, rows(&[]));
    assert_eq!(KakaoChannel::probe(KEY, "event"), Ok(None));
    assert_eq!(host.slept(), [Duration::from_secs(5)]);
}

#[test]
fn a_probe_without_a_lookup_or_receipt_is_unknown() {
    for answer in [
        ScriptedResponse::status(500),
        ScriptedResponse::in_doubt("reset"),
        rows(&["K997"]),
    ] {
        let host = connected();
        host.always(FIND, answer);
        assert!(matches!(
            KakaoChannel::probe(KEY, "event"),
            Err(Failure::Unknown(_))
        ));
    }
}
