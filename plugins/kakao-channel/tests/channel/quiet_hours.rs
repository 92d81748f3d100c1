//! Advertising waits for the day.

use baepo_sdk::{Failure, text};
use core::time::Duration;
use serde_json::{Value, json};

use crate::support::{
    KEY, SEND, answer, at, connected, live, refused, run, sends, taken, taken_by_all,
};

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
