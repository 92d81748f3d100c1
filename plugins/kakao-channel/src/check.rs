//! Limits of a brand message, and what the law wants of advertising, as far as it shows here.

use baepo_sdk::{Content, Finding, MediaKind, run, text};

use crate::Options;
use crate::account::{self, MOST_RECIPIENTS};
use crate::message::{Bubble, MARK, Message};
use crate::quiet;

pub fn findings(content: &Content, options: &Options) -> Vec<Finding> {
    let message = Message::compose(content, options, account::is_advertising());
    let mut findings = words(content, &message);
    findings.extend(button(&message));
    findings.extend(media(content, &message));
    findings.extend(recipients());
    findings.extend(opting_out(&message));
    findings.extend(unmarked_advert(&message));
    findings.extend(quiet_now(&message));
    findings
}

fn words(content: &Content, message: &Message) -> Vec<Finding> {
    let mut findings = Vec::new();
    if content.title.trim().is_empty() && content.body.trim().is_empty() {
        findings.push(Finding::error(
            "/body",
            text(
                "보낼 글이 없습니다. 제목이나 본문을 써 주세요.",
                "There is nothing to send. Write a title or a body.",
            ),
        ));
    }
    let (found, most) = (
        message.text.chars().count(),
        message.bubble.most_characters(),
    );
    if found > most {
        let bubble = message.bubble.name();
        let message = text(
            format!(
                "제목과 본문을 더해 {most}자까지 보낼 수 있습니다. 지금은 {}{found}자입니다. ({bubble})",
                if message.advertising {
                    "(광고) 표시까지 "
                } else {
                    ""
                },
            ),
            format!(
                "Title and body may have {most} characters together. There are {found}{}. ({bubble})",
                if message.advertising {
                    " with the mark (광고)"
                } else {
                    ""
                },
            ),
        );
        findings.push(Finding::error("/body", message));
    }
    let (found, most) = (
        message.text.matches('\n').count(),
        message.bubble.most_line_breaks(),
    );
    if found > most {
        let message = text(
            format!("줄바꿈은 {most}번까지 할 수 있습니다. 지금은 {found}번입니다."),
            format!("A message may have {most} line breaks. There are {found}."),
        );
        findings.push(Finding::error("/body", message));
    }
    findings
}

fn button(message: &Message) -> Vec<Finding> {
    let Some(button) = &message.button else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    let most = message.bubble.most_button_characters();
    if !(1..=most).contains(&button.name.chars().count()) {
        let message = text(
            format!("버튼 이름은 1자에서 {most}자까지 쓸 수 있습니다."),
            format!("A button's name has 1 to {most} characters."),
        );
        findings.push(Finding::error("/options/buttonName", message));
    }
    if !is_web_address(&button.link) {
        findings.push(Finding::error(
            "/link",
            text(
                "링크는 https:// 또는 http://로 시작해야 합니다.",
                "A link must begin with https:// or http://.",
            ),
        ));
    }
    findings
}

fn is_web_address(link: &str) -> bool {
    link.starts_with("https://") || link.starts_with("http://")
}

fn media(content: &Content, message: &Message) -> Vec<Finding> {
    let mut findings = Vec::new();
    if message.bubble != Bubble::Text && message.image_url.is_none() {
        let bubble = message.bubble.name();
        findings.push(Finding::error(
            "/media",
            text(
                format!("{bubble} 말풍선에는 사진이 필요합니다."),
                format!("A bubble {bubble} needs a picture."),
            ),
        ));
    }
    if message
        .image_url
        .as_ref()
        .is_some_and(|url| !url.starts_with("https://"))
    {
        let first = content
            .media_of(MediaKind::Image)
            .next()
            .map_or(0, |(index, _)| index);
        findings.push(Finding::error(
            format!("/media/{first}/url"),
            text(
                "누구나 열 수 있는 https 주소여야 카카오톡이 보여 줄 수 있습니다.",
                "Kakao can show only an https address that anybody can open.",
            ),
        ));
    }
    findings.extend(left_out(content, message));
    findings
}

fn left_out(content: &Content, message: &Message) -> impl Iterator<Item = Finding> {
    let shown = usize::from(message.image_url.is_some());
    let more_images = content.media_of(MediaKind::Image).skip(shown);
    let videos = content.media_of(MediaKind::Video);
    let others = videos.chain(content.media_of(MediaKind::Audio));
    more_images.chain(others).map(|(index, _)| {
        Finding::warning(
            format!("/media/{index}"),
            text(
                "카카오톡 메시지에는 사진 한 장만 들어갑니다. 이 파일은 빠집니다.",
                "A Kakao message shows one picture only. This file is left out.",
            ),
        )
    })
}

/// Says nothing about an owner who has not connected yet.
fn recipients() -> Option<Finding> {
    let recipients = account::recipients()?;
    match recipients.len() {
        0 => Some(Finding::error(
            "/settings/recipients",
            text("받는 사람이 한 명도 없습니다.", "There is no recipient."),
        )),
        1..=MOST_RECIPIENTS => None,
        more => Some(Finding::error(
            "/settings/recipients",
            text(
                format!("한 번에 {MOST_RECIPIENTS}명까지 보낼 수 있습니다. 지금은 {more}명입니다."),
                format!("At most {MOST_RECIPIENTS} recipients at once. There are {more}."),
            ),
        )),
    }
}

fn opting_out(message: &Message) -> Option<Finding> {
    let is_connected = account::recipients().is_some();
    let is_missing = message.advertising && account::unsubscribe_number().is_none();
    (is_connected && is_missing).then(|| {
        Finding::error(
            "/settings/unsubscribeNumber",
            text(
                "광고에는 무료 수신 거부 번호(080)가 꼭 필요합니다. 채널 설정에 넣어 주세요.",
                "Advertising needs a free number for opting out (080). Add it to the channel's settings.",
            ),
        )
    })
}

/// What calls itself an advert is one, at night too.
fn unmarked_advert(message: &Message) -> Option<Finding> {
    let is_contradiction = !message.advertising && message.text.starts_with(MARK);
    is_contradiction.then(|| {
        Finding::error(
            "/settings/advertising",
            text(
                "(광고)로 시작하는 글은 광고입니다. 채널 설정에서 광고 메시지를 켜 주세요.",
                "A text that begins with (광고) is an advert. Turn on advertising in the channel's settings.",
            ),
        )
    })
}

fn quiet_now(message: &Message) -> Option<Finding> {
    let now_ms = run::now();
    let remaining = quiet::remaining(now_ms).filter(|_| message.advertising)?;
    Some(Finding::warning("", quiet::notice(now_ms, remaining)))
}

#[cfg(test)]
mod tests {
    use baepo_sdk::Severity;
    use baepo_sdk::testing::{Host, content, image, video};

    use super::*;
    use crate::Choice;

    const JPEG: &str = "https://m.example/1.jpg";

    fn connected() -> Host {
        let host = Host::new();
        host.setting("recipients", r#"["010-1234-5678"]"#)
            .setting("advertising", "true")
            .setting("unsubscribeNumber", "080-1234-5678");
        host
    }

    fn of_severity(
        severity: Severity,
        change: impl FnOnce(&mut Content, &mut Options),
    ) -> Vec<String> {
        let (mut content, mut options) = (content(), Options::default());
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
        assert_eq!(alone("가".repeat(1_300 - mark), Choice::Text), [""; 0]);
        assert_eq!(alone("가".repeat(1_301 - mark), Choice::Text), ["/body"]);
        assert_eq!(alone("가".repeat(1_301 - mark), Choice::Image), ["/body"]);
        assert_eq!(alone("가".repeat(76 - mark), Choice::Wide), [""; 0]);
        assert_eq!(alone("가".repeat(77 - mark), Choice::Wide), ["/body"]);
        assert_eq!(alone("가\n".repeat(101), Choice::Text), ["/body"]);
        assert_eq!(alone(" ".into(), Choice::Text), ["/body"]);
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
        assert_eq!(named(14, Choice::Text), [""; 0]);
        assert_eq!(named(15, Choice::Text), ["/options/buttonName"]);
        assert_eq!(named(0, Choice::Text), ["/options/buttonName"]);
        assert_eq!(named(8, Choice::Wide), [""; 0]);
        assert_eq!(named(9, Choice::Wide), ["/options/buttonName"]);
        assert_eq!(
            errors(|content, _| content.link = Some("bakery".into())),
            ["/link"]
        );
    }

    #[test]
    fn a_bubble_with_a_picture_needs_one_and_shows_only_one() {
        let _host = connected();
        assert_eq!(
            errors(|_, options| options.bubble = Choice::Image),
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
    fn advertising_at_night_is_told_that_it_waits() {
        let host = connected();
        let warnings = |now_ms| {
            host.at(now_ms);
            let mut found = findings(&content(), &Options::default());
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
    fn what_calls_itself_an_advert_is_one() {
        let host = connected();
        host.setting("advertising", "false");
        let titled = |title: &str| errors(|content, _| content.title = title.into());
        assert_eq!(titled("(광고) 봄"), ["/settings/advertising"]);
        assert_eq!(titled("봄 (광고)"), [""; 0]);
        host.setting("advertising", "true");
        assert_eq!(titled("(광고) 봄"), [""; 0]);
    }

    #[test]
    fn advertising_needs_a_free_way_out() {
        let host = connected();
        host.setting("unsubscribeNumber", "");
        assert_eq!(errors(|_, _| {}), ["/settings/unsubscribeNumber"]);
        host.setting("advertising", "false");
        assert_eq!(errors(|_, _| {}), [""; 0]);
    }
}
