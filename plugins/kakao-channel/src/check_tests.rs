//! Every limit of a brand message at its last good and its first bad value.

use baepo_sdk::testing::{Host, content, image, video};
use baepo_sdk::{Period, Severity};

use super::*;
use crate::options::BubbleChoice;

const JPEG: &str = "https://m.example/1.jpg";

fn connected() -> Host {
    let host = Host::new();
    host.setting("recipients", r#"["010-1234-5678"]"#)
        .setting("advertising", "true")
        .setting("unsubscribeNumber", "080-1234-5678");
    host
}

/// No message shows hashtags.
fn untagged() -> Content {
    let mut content = content();
    content.hashtags.clear();
    content
}

fn of_severity(severity: Severity, change: impl FnOnce(&mut Content, &mut Options)) -> Vec<String> {
    let (mut content, mut options) = (untagged(), Options::default());
    change(&mut content, &mut options);
    let findings = findings(&content, &options).into_iter();
    findings
        .filter(|finding| finding.severity == severity)
        .map(|finding| finding.at)
        .collect()
}

fn errors(change: impl FnOnce(&mut Content, &mut Options)) -> Vec<String> {
    of_severity(Severity::Error, change)
}

#[test]
fn an_ordinary_event_has_no_problem_even_before_the_owner_connects() {
    let _host = connected();
    assert_eq!(errors(|_, _| {}), [""; 0]);
    let _host = Host::new();
    assert_eq!(errors(|_, _| {}), [""; 0]);
}

#[test]
fn a_text_has_1300_characters_with_the_mark_and_a_wide_one_76() {
    let _host = connected();
    let alone = |body: String, choice| {
        errors(|content, options| {
            content.title = String::new();
            content.media = vec![image(JPEG)];
            (content.body, options.bubble) = (body, choice);
        })
    };
    let mark = "(광고) ".chars().count();
    assert_eq!(
        alone("가".repeat(1_300 - mark), BubbleChoice::Text),
        [""; 0]
    );
    assert_eq!(
        alone("가".repeat(1_301 - mark), BubbleChoice::Text),
        ["/body"]
    );
    assert_eq!(
        alone("가".repeat(1_301 - mark), BubbleChoice::Image),
        ["/body"]
    );
    assert_eq!(alone("가".repeat(76 - mark), BubbleChoice::Wide), [""; 0]);
    assert_eq!(alone("가".repeat(77 - mark), BubbleChoice::Wide), ["/body"]);
    assert_eq!(alone("가\n".repeat(101), BubbleChoice::Text), ["/body"]);
    assert_eq!(alone(" ".into(), BubbleChoice::Text), ["/body"]);
}

#[test]
fn a_button_has_14_characters_and_a_wide_one_8() {
    let _host = connected();
    let named = |characters: usize, choice| {
        errors(|content, options| {
            (content.title, content.body) = ("봄".into(), String::new());
            content.media = vec![image(JPEG)];
            options.bubble = choice;
            options.button_name = "가".repeat(characters);
        })
    };
    assert_eq!(named(14, BubbleChoice::Text), [""; 0]);
    assert_eq!(named(15, BubbleChoice::Text), ["/options/buttonName"]);
    assert_eq!(named(0, BubbleChoice::Text), ["/options/buttonName"]);
    assert_eq!(named(8, BubbleChoice::Wide), [""; 0]);
    assert_eq!(named(9, BubbleChoice::Wide), ["/options/buttonName"]);
    assert_eq!(
        errors(|content, _| content.link = Some("bakery".into())),
        ["/link"]
    );
}

#[test]
fn a_bubble_with_a_picture_needs_one_and_shows_only_one() {
    let _host = connected();
    assert_eq!(
        errors(|_, options| options.bubble = BubbleChoice::Image),
        ["/media"]
    );
    let plain = image("http://m.example/1.jpg");
    assert_eq!(
        errors(|content, _| content.media = vec![plain]),
        ["/media/0/url"]
    );
    let warnings = of_severity(Severity::Warning, |content, _| {
        content.media = vec![video("https://m.example/1.mp4"), image(JPEG), image(JPEG)];
    });
    assert_eq!(warnings, ["/media/2", "/media/0"]);
}

#[test]
fn hashtags_are_left_out_with_a_warning() {
    let _host = connected();
    let tagged = |content: &mut Content, _: &mut Options| content.hashtags = vec!["봄".into()];
    assert_eq!(of_severity(Severity::Warning, tagged), ["/hashtags"]);
}

#[test]
fn a_request_takes_a_thousand_recipients() {
    let host = connected();
    let numbers = |count: u32| {
        let numbers: Vec<_> = (0..count).map(|n| format!("010{n:08}")).collect();
        serde_json::to_string(&numbers).unwrap()
    };
    host.setting("recipients", &numbers(1_000));
    assert_eq!(errors(|_, _| {}), [""; 0]);
    host.setting("recipients", &numbers(1_001));
    assert_eq!(errors(|_, _| {}), ["/settings/recipients"]);
    host.setting("recipients", "[]");
    assert_eq!(errors(|_, _| {}), ["/settings/recipients"]);
}

#[test]
fn advertising_at_night_has_a_warning_that_it_waits() {
    let host = connected();
    let warnings = |now_ms| {
        host.at(now_ms);
        let mut found = findings(&untagged(), &Options::default());
        found.retain(|finding| finding.severity == Severity::Warning);
        found
    };
    let (noon_ms, hour_ms) = (host.now(), 3_600_000);
    assert_eq!(warnings(noon_ms), []);
    let notice = text(
        "광고는 20:50~08:00에 보내지 않습니다. 3월 3일 08:00에 보냅니다.",
        "Adverts are not sent from 20:50 to 08:00. It goes out on 3 March, 08:00.",
    );
    assert_eq!(
        warnings(noon_ms + 11 * hour_ms),
        [Finding::warning("", notice)]
    );
    host.setting("advertising", "false");
    assert_eq!(warnings(noon_ms + 11 * hour_ms), []);
}

#[test]
fn a_marked_text_is_an_advert_with_a_warning_where_the_option_differs() {
    let host = connected();
    host.setting("advertising", "false");
    let warned = |title: &str, chosen| {
        of_severity(Severity::Warning, |content, options| {
            content.title = title.into();
            options.advertising = chosen;
        })
    };
    for title in ["(광고) 봄", "（광고） 봄", "(광 고) 봄", "봄 [광고]"] {
        assert_eq!(warned(title, None), ["/title"]);
        assert_eq!(warned(title, Some(true)), [""; 0]);
    }
    assert_eq!(warned("광고 촬영 안내", None), [""; 0]);
    // The number for opting out is needed then.
    host.setting("unsubscribeNumber", "");
    let titled = |title: &str| errors(|content, _| content.title = title.into());
    assert_eq!(titled("(광 고) 봄"), ["/settings/unsubscribeNumber"]);
    assert_eq!(titled("광고 촬영 안내"), [""; 0]);
    let only_the_mark = errors(|content, _| {
        (content.title, content.body) = ("(광고)".into(), String::new());
    });
    assert!(
        only_the_mark.contains(&"/body".to_owned()),
        "{only_the_mark:?}"
    );
}

#[test]
fn an_advert_that_would_wait_past_the_end_of_its_offer_is_warned_of() {
    let host = connected();
    let (noon_ms, hour_ms) = (host.now(), 3_600_000);
    host.at(noon_ms + 9 * hour_ms + hour_ms / 2);
    let warned = |ends_at| {
        of_severity(Severity::Warning, |content, _| {
            content.period = Some(Period {
                starts_at: noon_ms,
                ends_at,
            });
        })
    };
    let eight_ms = noon_ms + 20 * hour_ms;
    assert_eq!(warned(noon_ms + 12 * hour_ms), ["/period/endsAt"]);
    assert_eq!(warned(eight_ms), ["/period/endsAt"], "the end is over");
    assert_eq!(warned(eight_ms + 1), [""]);
    host.setting("advertising", "false");
    assert_eq!(warned(noon_ms + 12 * hour_ms), [""; 0]);
}

#[test]
fn advertising_needs_an_unsubscribe_number() {
    let host = connected();
    host.setting("unsubscribeNumber", "");
    assert_eq!(errors(|_, _| {}), ["/settings/unsubscribeNumber"]);
    host.setting("advertising", "false");
    assert_eq!(errors(|_, _| {}), [""; 0]);
}
