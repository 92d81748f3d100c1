//! What goes out, to whom, and what the owner reads of it.

use baepo_sdk::testing::{Host, content, image, job};
use baepo_sdk::{Content, Failure, Outcome, Receipt};
use channel_kakao_channel::KakaoChannel;
use serde_json::json;

use crate::support::{
    FIND, KEY, SEND, connected, live, receipt, rows, run, sends, taken, taken_by_all,
};

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
