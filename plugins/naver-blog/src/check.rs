//! What the editor takes, and what the owner has to do by hand.
//!
//! Naver publishes no reference of its editor's limits. Those of the title and of the tags are what
//! the editor is known to stop at; the number of pictures is ours, so that the work by hand stays
//! small.

use baepo_sdk::{Content, Finding, MediaKind, text};

use crate::post::{self, MAX_TAGS};

const TITLE_CHARACTERS: usize = 100;
const TAG_CHARACTERS: usize = 100;
const MAX_PICTURES: usize = 20;

pub fn findings(content: &Content) -> Vec<Finding> {
    let mut findings = title(content);
    findings.extend(body(content));
    findings.extend(link(content));
    findings.extend(tags(content));
    findings.extend(pictures(content));
    findings.extend(by_hand(content));
    findings
}

fn title(content: &Content) -> Vec<Finding> {
    let message = match content.title.trim().chars().count() {
        0 => text(
            "네이버 블로그 글에는 제목이 필요합니다.",
            "A post on Naver Blog needs a title.",
        ),
        1..=TITLE_CHARACTERS => return Vec::new(),
        more => text(
            format!("제목은 {TITLE_CHARACTERS}자까지 쓸 수 있습니다. 지금은 {more}자입니다."),
            format!("A title may have {TITLE_CHARACTERS} characters. There are {more}."),
        ),
    };
    vec![Finding::error("/title", message)]
}

fn body(content: &Content) -> Option<Finding> {
    content
        .body
        .trim()
        .is_empty()
        .then(|| Finding::error("/body", text("본문이 비어 있습니다.", "The body is empty.")))
}

fn link(content: &Content) -> Option<Finding> {
    let link = content.link.as_deref().filter(|link| !link.is_empty())?;
    (!post::is_web_address(link)).then(|| {
        Finding::error(
            "/link",
            text(
                "링크는 https:// 또는 http://로 시작해야 합니다.",
                "A link must begin with https:// or http://.",
            ),
        )
    })
}

fn tags(content: &Content) -> Vec<Finding> {
    let mut findings = Vec::new();
    let hashtags = post::hashtags(content);
    let count = hashtags.tags.len();
    if count > MAX_TAGS {
        let message = text(
            format!("태그는 {MAX_TAGS}개까지 쓸 수 있습니다. 지금은 {count}개입니다."),
            format!("A post may have {MAX_TAGS} tags. There are {count}."),
        );
        findings.push(Finding::error("/hashtags", message));
    }
    let too_long = |(_, tag): &(usize, &String)| tag.chars().count() > TAG_CHARACTERS;
    let too_long = content.hashtags.iter().enumerate().filter(too_long);
    findings.extend(too_long.map(|(index, _)| {
        let message = text(
            format!("태그 하나는 {TAG_CHARACTERS}자까지 쓸 수 있습니다."),
            format!("A tag may have {TAG_CHARACTERS} characters."),
        );
        Finding::error(format!("/hashtags/{index}"), message)
    }));
    findings.extend(hashtags.findings());
    findings
}

fn pictures(content: &Content) -> Vec<Finding> {
    let mut findings = Vec::new();
    let count = content.media_of(MediaKind::Image).count();
    if count > MAX_PICTURES {
        let message = text(
            format!("사진은 {MAX_PICTURES}장까지 준비해 드립니다. 지금은 {count}장입니다."),
            format!("At most {MAX_PICTURES} pictures are prepared. There are {count}."),
        );
        findings.push(Finding::error("/media", message));
    }
    for (index, image) in content.media_of(MediaKind::Image) {
        if !image.url.starts_with("https://") {
            findings.push(Finding::error(
                format!("/media/{index}/url"),
                text(
                    "누구나 열 수 있는 https 주소여야 사진을 옮길 수 있습니다.",
                    "A picture can be copied only from an https address that anybody can open.",
                ),
            ));
        }
        if image
            .alt_text
            .as_deref()
            .is_none_or(|text| text.trim().is_empty())
        {
            findings.push(Finding::warning(
                format!("/media/{index}/altText"),
                text(
                    "사진 설명이 없습니다. 설명은 사진 아래에 적히고, 보지 못하는 사람에게 읽어 줍니다.",
                    "The picture has no description. It stands below the picture and is read to those who cannot see it.",
                ),
            ));
        }
    }
    findings
}

fn by_hand(content: &Content) -> impl Iterator<Item = Finding> {
    let videos = content.media_of(MediaKind::Video).map(|(index, _)| {
        let message = text(
            "영상은 붙여 넣을 수 없어 직접 올려야 합니다.",
            "A video cannot be pasted: you upload it yourself.",
        );
        Finding::warning(format!("/media/{index}"), message)
    });
    let sounds = content.media_of(MediaKind::Audio).map(|(index, _)| {
        let message = text(
            "소리 파일은 블로그 글에 들어가지 않습니다.",
            "A sound file is not part of a blog post.",
        );
        Finding::warning(format!("/media/{index}"), message)
    });
    videos.chain(sounds)
}

#[cfg(test)]
mod tests {
    use baepo_sdk::testing::{content, image, video};
    use baepo_sdk::{Media, Severity};

    use super::*;

    const JPEG: &str = "https://m.example/1.jpg";

    fn of_severity(severity: Severity, change: impl FnOnce(&mut Content)) -> Vec<String> {
        let mut content = content();
        change(&mut content);
        let findings = findings(&content).into_iter();
        findings
            .filter(|finding| finding.severity == severity)
            .map(|finding| finding.at)
            .collect()
    }

    fn errors(change: impl FnOnce(&mut Content)) -> Vec<String> {
        of_severity(Severity::Error, change)
    }

    fn warnings(change: impl FnOnce(&mut Content)) -> Vec<String> {
        of_severity(Severity::Warning, change)
    }

    #[test]
    fn an_ordinary_event_has_no_problem() {
        assert_eq!(findings(&content()), []);
    }

    #[test]
    fn a_title_has_1_to_100_characters() {
        let titled = |title: String| errors(|content| content.title = title);
        assert_eq!(titled(" ".into()), ["/title"]);
        assert_eq!(titled("가".repeat(100)), [""; 0]);
        assert_eq!(titled("가".repeat(101)), ["/title"]);
    }

    #[test]
    fn a_post_has_a_body_and_a_link_leads_to_the_web() {
        assert_eq!(errors(|content| content.body = "\n ".into()), ["/body"]);
        let linked = |link: &str| errors(|content| content.link = Some(link.into()));
        assert_eq!(linked("javascript:alert(1)"), ["/link"]);
        assert_eq!(linked("http://bakery.example"), [""; 0]);
        assert_eq!(linked(""), [""; 0]);
    }

    #[test]
    fn a_post_has_30_tags_of_100_characters() {
        let tags = |count| (0..count).map(|n| format!("tag{n}")).collect();
        assert_eq!(errors(|content| content.hashtags = tags(30)), [""; 0]);
        assert_eq!(errors(|content| content.hashtags = tags(31)), ["/hashtags"]);
        let same = vec!["봄".to_owned(); 31];
        assert_eq!(errors(|content| content.hashtags = same), [""; 0]);

        let long = |characters| vec!["봄".into(), "가".repeat(characters)];
        assert_eq!(errors(|content| content.hashtags = long(100)), [""; 0]);
        assert_eq!(
            errors(|content| content.hashtags = long(101)),
            ["/hashtags/1"]
        );
    }

    #[test]
    fn twenty_public_pictures_are_prepared() {
        let shown = |media: Vec<Media>| errors(|content| content.media = media);
        assert_eq!(shown(vec![image(JPEG); 20]), [""; 0]);
        assert_eq!(shown(vec![image(JPEG); 21]), ["/media"]);
        assert_eq!(
            shown(vec![image("http://m.example/1.jpg")]),
            ["/media/0/url"]
        );
    }

    #[test]
    fn parts_left_to_the_owner_or_left_out_are_warnings() {
        let undescribed = Media {
            alt_text: Some(" ".into()),
            ..image(JPEG)
        };
        let sound = Media {
            kind: MediaKind::Audio,
            ..image("https://m.example/1.mp3")
        };
        let film = video("https://m.example/1.mp4");
        assert_eq!(
            warnings(|content| content.media = vec![undescribed, sound, film]),
            ["/media/0/altText", "/media/2", "/media/1"]
        );
    }
}
