//! Limits of a brand message, and what the law wants of advertising, as far as it shows here.

use baepo_sdk::{Content, Finding, MediaKind};

use crate::Options;
use crate::account::{self, MOST_RECIPIENTS};
use crate::message::{Bubble, Message};

pub fn findings(content: &Content, options: &Options) -> Vec<Finding> {
    let message = Message::compose(content, options, account::is_advertising());
    let mut findings = text(content, &message);
    findings.extend(button(&message));
    findings.extend(media(content, &message));
    findings.extend(recipients());
    findings.extend(opting_out(&message));
    findings
}

fn text(content: &Content, message: &Message) -> Vec<Finding> {
    let mut findings = Vec::new();
    if content.title.trim().is_empty() && content.body.trim().is_empty() {
        findings.push(Finding::error(
            "/body",
            "보낼 글이 없습니다. 제목이나 본문을 써 주세요.",
        ));
    }
    let (found, most) = (
        message.text.chars().count(),
        message.bubble.most_characters(),
    );
    if found > most {
        let message = format!(
            "제목과 본문을 더해 {most}자까지 보낼 수 있습니다. 지금은 {found}자입니다. ({})",
            message.bubble.name()
        );
        findings.push(Finding::error("/body", message));
    }
    let (found, most) = (
        message.text.matches('\n').count(),
        message.bubble.most_line_breaks(),
    );
    if found > most {
        let message = format!("줄바꿈은 {most}번까지 할 수 있습니다. 지금은 {found}번입니다.");
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
        let message = format!("버튼 이름은 1자에서 {most}자까지 쓸 수 있습니다.");
        findings.push(Finding::error("/options/buttonName", message));
    }
    if !is_web_address(&button.link) {
        findings.push(Finding::error(
            "/link",
            "링크는 https:// 또는 http://로 시작해야 합니다.",
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
            format!("{bubble} 말풍선에는 사진이 필요합니다."),
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
            "누구나 열 수 있는 https 주소여야 카카오톡이 보여 줄 수 있습니다.",
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
            "카카오톡 메시지에는 사진 한 장만 들어갑니다. 이 파일은 빠집니다.",
        )
    })
}

/// Says nothing about an owner who has not connected yet.
fn recipients() -> Option<Finding> {
    let recipients = account::recipients()?;
    match recipients.len() {
        0 => Some(Finding::error(
            "/settings/recipients",
            "받는 사람이 한 명도 없습니다.",
        )),
        1..=MOST_RECIPIENTS => None,
        more => Some(Finding::error(
            "/settings/recipients",
            format!("한 번에 {MOST_RECIPIENTS}명까지 보낼 수 있습니다. 지금은 {more}명입니다."),
        )),
    }
}

fn opting_out(message: &Message) -> Option<Finding> {
    let is_connected = account::recipients().is_some();
    let is_missing = message.advertising && account::unsubscribe_number().is_none();
    (is_connected && is_missing).then(|| {
        Finding::error(
            "/settings/unsubscribeNumber",
            "광고에는 무료 수신 거부 번호(080)가 꼭 필요합니다. 채널 설정에 넣어 주세요.",
        )
    })
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
    fn advertising_needs_a_free_way_out() {
        let host = connected();
        host.setting("unsubscribeNumber", "");
        assert_eq!(errors(|_, _| {}), ["/settings/unsubscribeNumber"]);
        host.setting("advertising", "false");
        assert_eq!(errors(|_, _| {}), [""; 0]);
    }
}
