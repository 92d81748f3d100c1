//! What the channel sends, and in which order, when nothing goes wrong.

use baepo_sdk::testing::{ScriptedResponse, image, job, video};
use baepo_sdk::{Failure, Outcome};
use channel_instagram::Instagram;
use core::time::Duration;
use serde_json::{Value, json};

use crate::support::{JPEG, connected, error, id, live, one_image, publish, status, with_media};

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
        .next("GET /v26.0/box", error(4, Some(0)))
        .next("GET /v26.0/box", status("FINISHED"))
        .next("POST /v26.0/*/media_publish", id("post"));
    let film = video("https://media.example/oven.mp4");
    assert_eq!(publish(&host, vec![film]), live());
}

#[test]
fn a_new_container_that_is_not_readable_yet_is_polled_again() {
    let host = connected();
    host.next("POST /v26.0/*/media", id("box"))
        .next("GET /v26.0/box", error(100, Some(33)))
        .next("GET /v26.0/box", error(100, Some(33)))
        .next("GET /v26.0/box", status("FINISHED"))
        .next("POST /v26.0/*/media_publish", id("post"));
    assert_eq!(one_image(&host), live());
}

#[test]
fn an_unreadable_container_is_not_published_and_has_its_own_message() {
    let host = connected();
    host.next("POST /v26.0/*/media", id("box"))
        .always("GET /v26.0/box", error(100, Some(33)));
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
        error(190, Some(0)),
    ] {
        let host = connected();
        host.next("POST /v26.0/*/media", id("box"))
            .next("GET /v26.0/box", status("FINISHED"))
            .next("POST /v26.0/*/media_publish", id("post"))
            .next("GET /v26.0/post", answer);
        assert_eq!(one_image(&host), Ok(Outcome::live(Some("post"), None)));
    }
}
