//! Each limit at its last good and its first bad value.

use baepo_sdk::testing::{self, Host, image};
use baepo_sdk::{Period, Severity};

use super::*;

const DAY_MS: u64 = 86_400_000;
const NONE: [&str; 0] = [];

fn audio(duration_ms: Option<u64>) -> Media {
    Media {
        kind: MediaKind::Audio,
        mime_type: "audio/mpeg".into(),
        duration_ms,
        ..image("https://m.example/hello.mp3")
    }
}

fn of_severity(severity: Severity, change: impl FnOnce(&mut Content, &mut Options)) -> Vec<String> {
    let host = Host::new();
    let starts_at = host.now() + 3 * DAY_MS;
    let mut content = Content {
        period: Some(Period {
            starts_at,
            ends_at: starts_at + 7 * DAY_MS,
        }),
        ..testing::content()
    };
    let mut options = Options {
        phone_number: "02-332-1234".into(),
        ..Options::default()
    };
    change(&mut content, &mut options);
    let findings = findings(&content, &options).into_iter();
    findings
        .filter(|finding| finding.severity == severity)
        .inspect(|finding| assert!(finding.message.starts_with("[ko] "), "{finding:?}"))
        .map(|finding| finding.at)
        .collect()
}

fn errors(change: impl FnOnce(&mut Content, &mut Options)) -> Vec<String> {
    of_severity(Severity::Error, change)
}

fn warnings(change: impl FnOnce(&mut Content, &mut Options)) -> Vec<String> {
    of_severity(Severity::Warning, change)
}

#[test]
fn an_ordinary_event_has_no_problem() {
    assert_eq!(errors(|_, _| {}), NONE);
    assert_eq!(warnings(|content, _| words_alone(content)), NONE);
}

/// Nothing but what callers hear.
fn words_alone(content: &mut Content) {
    content.hashtags.clear();
    content.link = None;
}

#[test]
fn inaudible_parts_have_findings() {
    assert_eq!(warnings(|_, _| {}), ["/hashtags"]);
    let picture = image("https://m.example/1.jpg");
    let seen = warnings(|content, _| content.media = vec![picture]);
    assert_eq!(seen, ["/media"]);
    assert_eq!(warnings(|content, _| content.hashtags.clear()), ["/link"]);
}

#[test]
fn a_line_is_a_korean_number() {
    let dialled = |number: &str| errors(|_, options| options.phone_number = number.into());
    for number in [
        "02-332-1234",
        "023321234",
        "010-1234-5678",
        "031-123-4567",
        "1588-1234",
    ] {
        assert_eq!(dialled(number), NONE, "{number}");
    }
    for number in [
        "",
        "02-332-123",
        "010-1234-56789",
        "1588-12345",
        "332-1234",
        "82-2-332-1234",
    ] {
        assert_eq!(dialled(number), ["/options/phoneNumber"], "{number}");
    }
}

#[test]
fn a_recording_lasts_30_seconds() {
    let lasting = |duration_ms| errors(|content, _| content.media = vec![audio(duration_ms)]);
    assert_eq!(lasting(Some(30_000)), NONE);
    assert_eq!(lasting(Some(30_001)), ["/media/0/durationMs"]);
    assert_eq!(lasting(None), NONE);
    let unknown = warnings(|content, _| {
        words_alone(content);
        content.media = vec![audio(None)];
    });
    assert_eq!(unknown, ["/media/0/durationMs"]);
}

#[test]
fn one_recording_is_heard_and_fetched_from_https() {
    let picture = image("https://m.example/1.jpg");
    let two = errors(|content, _| {
        content.media = vec![picture, audio(Some(9_000)), audio(Some(9_000))];
    });
    assert_eq!(two, ["/media/2"]);
    let plain = errors(|content, _| {
        content.media = vec![audio(Some(9_000))];
        content.media[0].url = "http://m.example/hello.mp3".into();
    });
    assert_eq!(plain, ["/media/0/url"]);
}

#[test]
fn a_recording_takes_precedence_over_text() {
    let recorded = |content: &mut Content, options: &mut Options| {
        content.media = vec![audio(Some(9_000))];
        words_alone(content);
        content.body = "가".repeat(500);
        options.script = "가".into();
    };
    assert_eq!(errors(recorded), NONE);
    assert_eq!(warnings(recorded), ["/options/script"]);
}

#[test]
fn two_hundred_characters_are_read_out() {
    let script = |length| errors(|_, options| options.script = "가".repeat(length));
    assert_eq!(script(200), NONE);
    assert_eq!(script(201), ["/options/script"]);

    let words = |length: usize| {
        errors(|content, _| {
            content.title = "봄".into();
            content.body = "가".repeat(length - "봄\n".chars().count());
        })
    };
    assert_eq!(words(200), NONE);
    assert_eq!(words(201), ["/body"]);
}

#[test]
fn an_empty_tone_is_rejected() {
    let silent = |title: &str| {
        errors(|content, _| (content.title, content.body) = (title.into(), " ".into()))
    };
    assert_eq!(silent(""), ["/body"]);
    assert_eq!(silent("봄"), NONE);
}

#[test]
fn a_period_is_needed() {
    assert_eq!(errors(|content, _| content.period = None), ["/period"]);
}
