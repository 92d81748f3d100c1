//! What the channel sends, and in which order, when nothing goes wrong and when Meta says no.

use core::time::Duration;

use baepo_sdk::testing::{Host, ScriptedResponse, content, image, job, video};
use baepo_sdk::{Content, Failure, Media, Outcome, Receipt, Withdraw, text};
use channel_instagram::Instagram;
use serde_json::{Value, json};

const JPEG: &str = "https://media.example/croissant.jpg";
const USER: &str = "17841400000000001";

/// An owner who has connected, with quota left; posts have a permalink.
fn connected() -> Host {
    let host = Host::new();
    host.setting("igUserId", USER)
        .setting("apiHost", "graph.facebook.com")
        .setting("apiVersion", "v26.0")
        .always("GET /v26.0/*/content_publishing_limit", quota(3))
        .always("GET /v26.0/post?fields=permalink", permalink());
    host
}

fn quota(usage: u64) -> ScriptedResponse {
    let config = json!({ "quota_total": 50, "quota_duration": 86_400 });
    ScriptedResponse::json(
        200,
        &json!({ "data": [{ "quota_usage": usage, "config": config }] }),
    )
}

fn permalink() -> ScriptedResponse {
    ScriptedResponse::json(
        200,
        &json!({ "permalink": "https://www.instagram.com/p/abc/", "id": "post" }),
    )
}

fn id(id: &str) -> ScriptedResponse {
    ScriptedResponse::json(200, &json!({ "id": id }))
}

fn status(code: &str) -> ScriptedResponse {
    ScriptedResponse::json(
        200,
        &json!({ "status_code": code, "status": code, "id": "box" }),
    )
}

fn error(code: i64, subcode: i64) -> ScriptedResponse {
    let error = json!({ "message": "as Meta says", "code": code, "error_subcode": subcode });
    ScriptedResponse::json(400, &json!({ "error": error }))
}

fn with_media(media: Vec<Media>) -> Content {
    Content { media, ..content() }
}

fn publish(host: &Host, media: Vec<Media>) -> Result<Outcome, Failure> {
    host.distribute::<Instagram>(job(with_media(media)))
}

fn one_image(host: &Host) -> Result<Outcome, Failure> {
    publish(host, vec![image(JPEG)])
}

fn live() -> Result<Outcome, Failure> {
    Ok(Outcome::live(
        Some("post"),
        Some("https://www.instagram.com/p/abc/"),
    ))
}

#[test]
fn an_image_goes_out_in_five_requests() {
    let host = connected();
    host.next("POST /v26.0/17841400000000001/media", id("box"))
        .next(
            "GET /v26.0/box?fields=status_code%2Cstatus",
            status("FINISHED"),
        )
        .next("POST /v26.0/17841400000000001/media_publish", id("post"));

    assert_eq!(one_image(&host), live());
    assert_eq!(
        host.sent(),
        [
            "GET /v26.0/17841400000000001/content_publishing_limit?fields=quota_usage%2Cconfig",
            "POST /v26.0/17841400000000001/media",
            "GET /v26.0/box?fields=status_code%2Cstatus",
            "POST /v26.0/17841400000000001/media_publish",
            "GET /v26.0/post?fields=permalink",
        ]
    );
    let bodies = host.bodies("POST /v26.0/*/media");
    assert_eq!(bodies[0]["image_url"], JPEG);
    assert_eq!(bodies[0]["alt_text"], "갓 구운 크루아상");
    assert_eq!(bodies[0]["media_type"], Value::Null);
    assert!(
        bodies[0]["caption"]
            .as_str()
            .is_some_and(|caption| caption.ends_with("#크루아상"))
    );
    assert_eq!(
        host.bodies("POST /v26.0/*/media_publish"),
        [json!({ "creation_id": "box" })]
    );
}

#[test]
fn a_carousel_prepares_each_child_before_the_whole() {
    let host = connected();
    host.next("POST /v26.0/*/media", id("first"))
        .next("GET /v26.0/first", status("FINISHED"))
        .next("POST /v26.0/*/media", id("second"))
        .next("GET /v26.0/second", status("IN_PROGRESS"))
        .next("GET /v26.0/second", status("FINISHED"))
        .next("POST /v26.0/*/media", id("whole"))
        .next("GET /v26.0/whole", status("FINISHED"))
        .next("POST /v26.0/*/media_publish", id("post"));

    let film = video("https://media.example/oven.mp4");
    assert_eq!(publish(&host, vec![image(JPEG), film]), live());

    let [first, second, whole] = host.bodies("POST /v26.0/*/media").try_into().unwrap();
    assert_eq!(
        first,
        json!({
            "image_url": JPEG, "alt_text": "갓 구운 크루아상", "is_carousel_item": true,
        })
    );
    assert_eq!(
        second,
        json!({
            "media_type": "VIDEO", "video_url": "https://media.example/oven.mp4", "is_carousel_item": true,
        })
    );
    assert_eq!(whole["media_type"], "CAROUSEL");
    assert_eq!(whole["children"], "first,second");
}

#[test]
fn a_reel_that_takes_long_is_polled_and_never_uploaded_anew() {
    let host = connected();
    host.next("POST /v26.0/*/media", id("box"));
    for _ in 0..8 {
        host.next("GET /v26.0/box", status("IN_PROGRESS"));
    }
    host.next("GET /v26.0/box", status("FINISHED"))
        .next("POST /v26.0/*/media_publish", id("post"));

    let film = video("https://media.example/oven.mp4");
    assert_eq!(publish(&host, vec![film]), live());
    assert_eq!(host.slept()[..5], [Duration::from_secs(60); 5]);
    assert_eq!(host.waiting_notes().len(), 1);
    let bodies = host.bodies("POST /v26.0/*/media");
    assert_eq!(bodies.len(), 1);
    assert_eq!(
        (&bodies[0]["media_type"], &bodies[0]["share_to_feed"]),
        (&json!("REELS"), &json!(true))
    );
}

#[test]
fn a_reel_is_abandoned_only_when_its_container_is_about_to_expire() {
    let host = connected();
    host.next("POST /v26.0/*/media", id("box"))
        .always("GET /v26.0/box", status("IN_PROGRESS"));

    let outcome = publish(&host, vec![video("https://media.example/oven.mp4")]);
    assert!(
        matches!(outcome, Err(Failure::Unavailable(_))),
        "{outcome:?}"
    );
    let slept: Duration = host.slept().iter().sum();
    assert!(slept >= Duration::from_secs(23 * 3_600), "{slept:?}");
    assert_eq!(host.bodies("POST /v26.0/*/media").len(), 1);
    // Each look costs two calls of the 500 that `channel.toml` allows.
    assert!(host.slept().len() < 150, "{} looks", host.slept().len());
}

#[test]
fn a_failed_lookup_does_not_upload_the_video_again() {
    let host = connected();
    host.next("POST /v26.0/*/media", id("box"))
        .next("GET /v26.0/box", status("IN_PROGRESS"))
        .next("GET /v26.0/box", ScriptedResponse::status(500))
        .next("GET /v26.0/box", ScriptedResponse::in_doubt("reset"))
        .next("GET /v26.0/box", error(4, 0))
        .next("GET /v26.0/box", status("FINISHED"))
        .next("POST /v26.0/*/media_publish", id("post"));
    let film = video("https://media.example/oven.mp4");
    assert_eq!(publish(&host, vec![film]), live());
}

#[test]
fn a_new_container_that_is_not_readable_yet_is_polled_again() {
    let host = connected();
    host.next("POST /v26.0/*/media", id("box"))
        .next("GET /v26.0/box", error(100, 33))
        .next("GET /v26.0/box", error(100, 33))
        .next("GET /v26.0/box", status("FINISHED"))
        .next("POST /v26.0/*/media_publish", id("post"));
    assert_eq!(one_image(&host), live());
}

#[test]
fn an_unreadable_container_is_not_published_and_has_its_own_message() {
    let host = connected();
    host.next("POST /v26.0/*/media", id("box"))
        .always("GET /v26.0/box", error(100, 33));
    let Err(Failure::Unavailable(message)) = one_image(&host) else {
        panic!()
    };
    assert!(
        message.contains("[en] Instagram does not show yet what it has just been given."),
        "{message}"
    );
    assert!(message.contains("code 100/33"), "{message}");
    let slept: Duration = host.slept().iter().sum();
    assert_eq!(slept, Duration::from_secs(600));
    assert_eq!(host.bodies("POST /v26.0/*/media").len(), 1);
}

#[test]
fn the_owner_can_keep_a_reel_out_of_the_feed() {
    let host = connected();
    host.next("POST /v26.0/*/media", id("box"))
        .next("GET /v26.0/box", status("FINISHED"))
        .next("POST /v26.0/*/media_publish", id("post"));
    let mut job = job(with_media(vec![video("https://media.example/oven.mp4")]));
    job.options = r#"{"shareToFeed":false}"#.into();

    assert_eq!(host.distribute::<Instagram>(job), live());
    assert_eq!(
        host.bodies("POST /v26.0/*/media")[0]["share_to_feed"],
        json!(false)
    );
}

#[test]
fn the_permalink_never_fails_the_post() {
    for answer in [
        ScriptedResponse::in_doubt("reset"),
        ScriptedResponse::status(500),
        ScriptedResponse::denied("no grant"),
        error(190, 0),
    ] {
        let host = connected();
        host.next("POST /v26.0/*/media", id("box"))
            .next("GET /v26.0/box", status("FINISHED"))
            .next("POST /v26.0/*/media_publish", id("post"))
            .next("GET /v26.0/post", answer);
        assert_eq!(one_image(&host), Ok(Outcome::live(Some("post"), None)));
    }
}

#[test]
fn content_that_cannot_go_out_sends_nothing() {
    let host = connected();
    let outcome = publish(
        &host,
        vec![Media {
            mime_type: "image/png".into(),
            ..image(JPEG)
        }],
    );
    let Err(Failure::Rejected(findings)) = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(findings[0].at, "/media/0/mimeType");
    assert_eq!(host.sent(), [""; 0]);
}

#[test]
fn a_used_up_quota_waits_before_anything_is_made() {
    let host = connected();
    host.always("GET /v26.0/*/content_publishing_limit", quota(50));
    assert_eq!(one_image(&host), Err(Failure::RateLimited(Some(3_600_000))));
    assert_eq!(host.sent().len(), 1);
}

#[test]
fn an_expired_token_asks_the_owner_to_connect_again() {
    let host = connected();
    host.next("GET /v26.0/*/content_publishing_limit", error(190, 463));
    assert!(matches!(one_image(&host), Err(Failure::Unauthorized(_))));
}

#[test]
fn a_missing_setting_asks_the_owner_to_connect() {
    let host = Host::new();
    let outcome = one_image(&host);
    let Err(Failure::Unauthorized(message)) = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(
        message,
        "[ko] 채널 설정에 빠진 것이 있습니다. 채널을 다시 연결해 주세요.\n\
         [en] Something is missing in the channel's settings. Connect the channel again.\n\
         [op] the setting `apiHost` is missing"
    );
}

#[test]
fn a_file_that_meta_cannot_fetch_is_tried_three_times_and_then_rejected() {
    let host = connected();
    host.always("POST /v26.0/*/media", error(9_004, 2_207_052));
    let outcome = one_image(&host);
    let Err(Failure::Rejected(findings)) = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(findings[0].at, "/media/0/url");
    assert_eq!(host.bodies("POST /v26.0/*/media").len(), 3);
    assert_eq!(
        host.slept(),
        [Duration::from_secs(5), Duration::from_secs(15)]
    );
}

#[test]
fn only_the_child_that_could_not_be_fetched_is_made_again() {
    let host = connected();
    host.next("POST /v26.0/*/media", id("first"))
        .next("GET /v26.0/first", status("FINISHED"))
        .next("POST /v26.0/*/media", error(9_004, 2_207_052))
        .next("POST /v26.0/*/media", id("second"))
        .next("GET /v26.0/second", status("FINISHED"))
        .next("POST /v26.0/*/media", id("whole"))
        .next("GET /v26.0/whole", status("FINISHED"))
        .next("POST /v26.0/*/media_publish", id("post"));
    assert_eq!(publish(&host, vec![image(JPEG), image(JPEG)]), live());
}

#[test]
fn a_lost_container_is_created_again_twice_and_then_meta_is_unavailable() {
    for lost in [
        error(-2, 2_207_020),
        error(-1, 2_207_053),
        error(24, 2_207_008),
    ] {
        let host = connected();
        host.always("POST /v26.0/*/media", lost);
        assert!(matches!(one_image(&host), Err(Failure::Unavailable(_))));
        assert_eq!(host.bodies("POST /v26.0/*/media").len(), 3);
    }
}

#[test]
fn a_container_that_failed_in_processing_is_created_again() {
    let host = connected();
    host.next("POST /v26.0/*/media", id("bad"))
        .next("GET /v26.0/bad", status("ERROR"))
        .next("POST /v26.0/*/media", id("late"))
        .next("GET /v26.0/late", status("EXPIRED"))
        .next("POST /v26.0/*/media", id("box"))
        .next("GET /v26.0/box", status("FINISHED"))
        .next("POST /v26.0/*/media_publish", id("post"));
    assert_eq!(one_image(&host), live());
}

#[test]
fn every_fault_before_the_publish_leaves_nothing_out_and_is_repeated_by_the_host() {
    let faults = [
        ScriptedResponse::in_doubt("limit \"request time\": 10 s"),
        ScriptedResponse::not_sent("no route"),
        ScriptedResponse::too_large(9_000_000),
        ScriptedResponse::status(500),
        ScriptedResponse::bytes(503, "<html>"),
        ScriptedResponse::bytes(200, "<html>"),
    ];
    let steps = [
        "GET /v26.0/*/content_publishing_limit",
        "POST /v26.0/*/media",
        "GET /v26.0/box",
    ];
    for (fault, step) in faults
        .iter()
        .flat_map(|fault| steps.map(|step| (fault, step)))
    {
        let host = connected();
        host.always("POST /v26.0/*/media", id("box"))
            .always(step, fault.clone());
        let outcome = one_image(&host);
        assert!(
            matches!(outcome, Err(Failure::Unavailable(_))),
            "{step} {fault:?}: {outcome:?}"
        );
        assert_eq!(host.bodies("POST /v26.0/*/media_publish"), [Value::Null; 0]);
    }
}

#[test]
fn the_limit_that_a_hanging_meta_hit_is_named_to_the_owner() {
    let host = connected();
    host.next(
        "POST /v26.0/*/media",
        ScriptedResponse::in_doubt("limit \"request time\": 20 s of 20 s"),
    );
    let Err(Failure::Unavailable(message)) = one_image(&host) else {
        panic!()
    };
    assert!(
        message.contains("limit \"request time\": 20 s of 20 s"),
        "{message}"
    );
}

#[test]
fn withdrawing_a_post_is_idempotent() {
    let receipt = Receipt {
        external_id: Some("post".into()),
        ..Receipt::EMPTY
    };
    for answer in [
        ScriptedResponse::json(200, &json!({ "success": true })),
        error(100, 33),
    ] {
        let host = connected();
        host.next("DELETE /v26.0/post", answer);
        assert_eq!(Instagram::withdraw("key", &receipt), Ok(()));
    }
}

#[test]
fn a_post_made_with_instagram_login_must_be_deleted_in_the_app() {
    let receipt = Receipt {
        external_id: Some("post".into()),
        ..Receipt::EMPTY
    };
    let host = connected();
    host.setting("apiHost", "graph.instagram.com");
    assert_eq!(
        Instagram::withdraw("key", &receipt),
        Err(Failure::Failed(text(
            "Instagram 로그인으로 연결한 계정의 게시물은 여기서 지울 수 없습니다. \
             인스타그램 앱에서 직접 지워 주세요.",
            "A post of an account that is connected with Instagram Login cannot be deleted from \
             here. Please delete it in the Instagram app.",
        )))
    );
    assert_eq!(host.sent(), [""; 0]);
}

#[test]
fn a_post_without_an_id_must_be_deleted_in_the_app() {
    let host = connected();
    let Err(Failure::Failed(message)) = Instagram::withdraw("key", &Receipt::EMPTY) else {
        panic!()
    };
    assert!(message.contains("[en] It is not certain which post it is, so none was deleted."));
    assert_eq!(host.sent(), [""; 0]);
}
