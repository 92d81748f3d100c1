//! Each limit at its last good and its first bad value.

use baepo_sdk::Severity;
use baepo_sdk::testing::{Host, image, video};

use super::*;
use crate::tv::sample::{self, SERVICE};

fn of_severity(severity: Severity, budget: u64, change: impl FnOnce(&mut Content)) -> Vec<String> {
    let _host = Host::new();
    let mut content = sample::content();
    change(&mut content);
    let findings = findings(&SERVICE, &content, budget).into_iter();
    findings
        .filter(|finding| finding.severity == severity)
        .inspect(|finding| assert!(finding.message.starts_with("[ko] "), "{finding:?}"))
        .map(|finding| finding.at)
        .collect()
}

fn errors(change: impl FnOnce(&mut Content)) -> Vec<String> {
    of_severity(Severity::Error, 300_000, change)
}

fn warnings(change: impl FnOnce(&mut Content)) -> Vec<String> {
    of_severity(Severity::Warning, 300_000, change)
}

fn of_video(change: fn(&mut Media)) -> Vec<String> {
    errors(|content| change(&mut content.media[0]))
}

const NONE: [&str; 0] = [];

#[test]
fn an_ordinary_spot_has_no_problem() {
    assert_eq!(errors(|_| {}), NONE);
    assert_eq!(warnings(video_alone), NONE);
}

/// Nothing but what television shows.
fn video_alone(content: &mut Content) {
    content.body.clear();
    content.hashtags.clear();
    content.link = None;
}

#[test]
fn parts_that_television_does_not_show_have_findings() {
    let with = |change: fn(&mut Content)| {
        warnings(|content| {
            video_alone(content);
            change(content);
        })
    };
    assert_eq!(with(|content| content.body = "봄".into()), ["/body"]);
    assert_eq!(
        with(|content| content.hashtags = vec!["봄".into()]),
        ["/body"]
    );
    let picture = |content: &mut Content| content.media.push(image("https://m.example/1.jpg"));
    assert_eq!(with(picture), ["/media"]);
}

#[test]
fn a_title_of_40_characters_names_the_campaign() {
    let titled = |title: String| {
        warnings(|content| {
            video_alone(content);
            content.title = title;
        })
    };
    assert_eq!(titled("가".repeat(40)), NONE);
    assert_eq!(titled("가".repeat(81)), ["/title"], "cut, and said");
    assert_eq!(campaign_name(&"가".repeat(40)), "가".repeat(40));
    assert_eq!(campaign_name(&"가".repeat(81)), "가".repeat(39) + "…");
    assert_eq!(errors(|content| content.title = "가".repeat(200)), NONE);
    assert_eq!(errors(|content| content.title = " ".into()), ["/title"]);
}

#[test]
fn exactly_one_video_is_shown_beside_other_media() {
    assert_eq!(errors(|content| content.media.clear()), ["/media"]);
    let picture = image("https://m.example/1.jpg");
    assert_eq!(
        errors(|content| content.media.insert(0, picture.clone())),
        NONE
    );
    let second = video("https://m.example/2.mp4");
    assert_eq!(errors(|content| content.media.push(second)), ["/media/1"]);
    assert_eq!(errors(|content| content.media = vec![picture]), ["/media"]);
}

#[test]
fn a_finding_points_at_the_video_among_the_other_media() {
    let at = errors(|content| {
        content.media[0].mime_type = "video/quicktime".into();
        content.media.insert(0, image("https://m.example/1.jpg"));
    });
    assert_eq!(at, ["/media/1/mimeType"]);
}

#[test]
fn a_video_is_a_public_mp4_of_100_mb() {
    assert_eq!(
        of_video(|video| video.mime_type = "video/webm".into()),
        ["/media/0/mimeType"]
    );
    assert_eq!(
        of_video(|video| video.url = "http://m.example/spot.mp4".into()),
        ["/media/0/url"]
    );
    assert_eq!(of_video(|video| video.bytes = Some(100_000_000)), NONE);
    assert_eq!(
        of_video(|video| video.bytes = Some(100_000_001)),
        ["/media/0/bytes"]
    );
    assert_eq!(of_video(|video| video.bytes = None), NONE);
}

#[test]
fn a_video_is_1920_wide_and_1080_high() {
    assert_eq!(
        of_video(|video| video.width = Some(1_919)),
        ["/media/0/width"]
    );
    assert_eq!(
        of_video(|video| video.height = Some(1_081)),
        ["/media/0/width"]
    );
    assert_eq!(of_video(|video| video.width = None), NONE);
    assert_eq!(
        warnings(|content| {
            video_alone(content);
            content.media[0].height = None;
        }),
        ["/media/0/width"]
    );
}

#[test]
fn a_video_length_is_one_that_the_service_sells_within_half_a_second() {
    let lasting = |duration_ms| errors(|content| content.media[0].duration_ms = Some(duration_ms));
    for good in [14_500, 15_000, 15_499, 29_500, 30_499] {
        assert_eq!(lasting(good), NONE, "{good}");
    }
    for bad in [0, 14_499, 15_500, 20_000, 29_499, 30_500] {
        assert_eq!(lasting(bad), ["/media/0/durationMs"], "{bad}");
    }
    assert_eq!(
        warnings(|content| {
            video_alone(content);
            content.media[0].duration_ms = None;
        }),
        ["/media/0/durationMs"]
    );
}

#[test]
fn the_length_is_sent_in_whole_seconds_and_the_shortest_without_metadata() {
    let mut content = sample::content();
    let mut length_s = |duration_ms| {
        content.media[0].duration_ms = duration_ms;
        spot(&content).map(|spot| spot.length_s(&SERVICE))
    };
    assert_eq!(length_s(Some(15_033)), Ok(15));
    assert_eq!(length_s(Some(29_967)), Ok(30));
    assert_eq!(length_s(None), Ok(15));
}

#[test]
fn a_budget_has_at_least_50000_won() {
    let with = |budget| of_severity(Severity::Error, budget, |_| {});
    assert_eq!(with(50_000), NONE);
    assert_eq!(with(49_999), ["/options/budget"]);
}

#[test]
fn a_period_is_needed_and_a_link_is_mentioned_where_nothing_is_wrong() {
    assert_eq!(errors(|content| content.period = None), ["/period"]);
    let link = Some("https://bakery.example".to_owned());
    let linked = warnings(|content| {
        video_alone(content);
        content.link = link.clone();
    });
    assert_eq!(linked, ["/link"]);
    let wrong = warnings(|content| {
        content.link = link;
        content.media[0].width = Some(1);
    });
    assert_eq!(wrong, NONE);
}
