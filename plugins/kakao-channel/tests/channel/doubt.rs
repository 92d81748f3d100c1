//! A send without a clear answer: it is looked up first, and never goes out twice.

use baepo_sdk::testing::ScriptedResponse;
use baepo_sdk::{Failure, Probe, Text};
use channel_kakao_channel::KakaoChannel;
use core::time::Duration;
use serde_json::json;

use crate::support::{
    FIND, KEY, SEND, answer, at, connected, live, receipt, refused, rows, run, sends, taken,
    taken_by_all,
};

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
