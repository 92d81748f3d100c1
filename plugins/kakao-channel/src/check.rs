//! Limits of a brand message, and what the law wants of advertising, as far as it shows here.

use baepo_sdk::{Content, Finding, MediaKind, hashtags, run, text};

use crate::account::{self, MAX_RECIPIENTS};
use crate::advert_mark::UnmarkedText;
use crate::message::{Bubble, Message};
use crate::options::Options;
use crate::picture;
use crate::quiet_hours;

pub fn findings(content: &Content, options: &Options) -> Vec<Finding> {
    let message = Message::compose(content, options, account::is_advertising());
    let mut findings = words(content, &message);
    findings.extend(button(&message));
    findings.extend(media(content, &message));
    findings.extend(hashtags::unsupported_finding(content));
    findings.extend(recipients());
    findings.extend(opt_out_finding(&message));
    findings.extend(advert_mark_finding(&message));
    findings.extend(quiet_now(content, &message));
    findings
}

fn words(content: &Content, message: &Message) -> Vec<Finding> {
    let mut findings = Vec::new();
    let own = UnmarkedText::of(content);
    if own.title.is_empty() && own.body.is_empty() {
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
        message.bubble.max_characters(),
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
        message.bubble.max_line_breaks(),
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
    let most = message.bubble.max_button_characters();
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
    let first = content.media_of(MediaKind::Image).next();
    if let Some((index, picture)) = first.filter(|_| message.image_url.is_some()) {
        let place = format!("/media/{index}");
        findings.extend(picture::findings(&place, picture, message.bubble));
    }
    findings.extend(unsupported_parts(content, message));
    findings
}

fn unsupported_parts(content: &Content, message: &Message) -> impl Iterator<Item = Finding> {
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
        1..=MAX_RECIPIENTS => None,
        more => Some(Finding::error(
            "/settings/recipients",
            text(
                format!("한 번에 {MAX_RECIPIENTS}명까지 보낼 수 있습니다. 지금은 {more}명입니다."),
                format!("At most {MAX_RECIPIENTS} recipients at once. There are {more}."),
            ),
        )),
    }
}

fn opt_out_finding(message: &Message) -> Option<Finding> {
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
fn advert_mark_finding(message: &Message) -> Option<Finding> {
    message.marked.map(|at| {
        Finding::warning(
            at,
            text(
                "(광고)라고 쓴 글은 광고로 보냅니다. 밤에는 기다렸다가 보내고, 수신 거부 번호를 함께 알립니다. 광고가 아니면 (광고)를 지워 주세요.",
                "What says (광고) is sent as an advert: it waits at night, and tells how to opt out. If it is none, take (광고) away.",
            ),
        )
    })
}

fn quiet_now(content: &Content, message: &Message) -> Option<Finding> {
    let now_ms = run::now();
    let remaining = quiet_hours::remaining(now_ms).filter(|_| message.advertising)?;
    let period = content.period.as_ref();
    let over = period.filter(|period| quiet_hours::is_past_end(now_ms, remaining, period.ends_at));
    Some(match over {
        Some(period) => Finding::warning(
            "/period/endsAt",
            quiet_hours::too_late(now_ms, remaining, period.ends_at),
        ),
        None => Finding::warning("", quiet_hours::notice(now_ms, remaining)),
    })
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
