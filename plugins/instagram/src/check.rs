//! Meta's limits, as far as they show without asking Meta.

use baepo_sdk::{Content, Finding, Media, MediaKind, text};

use crate::post::{self, Item, MAX_ITEMS};

const CAPTION_CHARACTERS: usize = 2_200;
const HASHTAGS: usize = 30;
const MENTIONS: usize = 20;
const IMAGE_BYTES: u64 = 8 * 1024 * 1024;
const WIDTHS: core::ops::RangeInclusive<u32> = 320..=1_440;
const REEL_MS: core::ops::RangeInclusive<u64> = 3_000..=15 * 60 * 1_000;

pub fn findings(content: &Content) -> Vec<Finding> {
    let items = post::items(content);
    let mut findings = caption(content);
    match items.len() {
        0 => findings.push(no_media()),
        1..=MAX_ITEMS => {}
        more => findings.push(Finding::error(
            "/media",
            text(
                format!("사진과 영상은 {MAX_ITEMS}개까지 올릴 수 있습니다. 지금은 {more}개입니다."),
                format!("A post may have {MAX_ITEMS} pictures and videos. There are {more}."),
            ),
        )),
    }
    findings.extend(audio(content));
    findings.extend(items.iter().flat_map(of_item));
    findings
}

pub fn no_media() -> Finding {
    Finding::error(
        "/media",
        text(
            "인스타그램에는 사진이나 영상이 하나 이상 필요합니다.",
            "Instagram needs at least one picture or video.",
        ),
    )
}

fn caption(content: &Content) -> Vec<Finding> {
    let caption = post::caption(content);
    let mut findings = Vec::new();
    let mut at_most = |at: &str, korean: &str, english: &str, found: usize, most: usize| {
        if found > most {
            let message = text(
                format!("{korean} {most}까지 쓸 수 있습니다. 지금은 {found}입니다."),
                format!("{english}: at most {most}. There are {found}."),
            );
            findings.push(Finding::error(at, message));
        }
    };
    // Counted as UTF-16 does: whichever way Meta counts an emoji, it is not over the limit.
    at_most(
        "/body",
        "제목·본문·링크·해시태그를 더한 글자 수는",
        "Characters of title, body, link and hashtags together",
        caption.encode_utf16().count(),
        CAPTION_CHARACTERS,
    );
    at_most(
        "/hashtags",
        "해시태그는 본문의 것까지 더해",
        "Hashtags, with those in the body",
        marked(&caption, '#'),
        HASHTAGS,
    );
    at_most(
        "/body",
        "@로 시작하는 언급은",
        "Mentions that begin with @",
        mentions(&caption),
        MENTIONS,
    );
    findings.extend(post::hashtags(content).findings());
    if content.link.is_some() {
        findings.push(Finding::warning(
            "/link",
            text(
                "인스타그램 글 속의 링크는 눌리지 않습니다. 프로필 링크를 함께 알려 주세요.",
                "A link in an Instagram post cannot be clicked. Point to the link in your profile as well.",
            ),
        ));
    }
    findings
}

/// How many words have this mark before them. Also counts `a#b`, which Meta may: better one
/// finding too many at the very limit than a post that is refused.
fn marked(text: &str, mark: char) -> usize {
    let begins_word = |rest: &&str| rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    text.split(mark).skip(1).filter(begins_word).count()
}

/// How many accounts are mentioned: `@name`, but not an e-mail address, which has its name before the
/// mark.
fn mentions(text: &str) -> usize {
    let is_of_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '+' | '%');
    let begins = |(at, _): &(usize, &str)| {
        let before = text[..*at].chars().next_back();
        let behind = text[at + 1..].chars().next();
        !before.is_some_and(is_of_name)
            && behind.is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'))
    };
    text.match_indices('@').filter(begins).count()
}

fn audio(content: &Content) -> impl Iterator<Item = Finding> {
    content.media_of(MediaKind::Audio).map(|(index, _)| {
        Finding::warning(
            format!("/media/{index}"),
            text(
                "소리 파일은 인스타그램에 올라가지 않습니다.",
                "A sound file is not posted to Instagram.",
            ),
        )
    })
}

fn of_item(item: &Item<'_>) -> Vec<Finding> {
    let mut findings = match item.media.kind {
        MediaKind::Video => video(item),
        MediaKind::Image | MediaKind::Audio => image(item),
    };
    if !item.media.url.starts_with("https://") {
        findings.push(Finding::error(
            format!("{}/url", item.json_pointer()),
            text(
                "누구나 열 수 있는 https 주소여야 인스타그램이 가져갈 수 있습니다.",
                "Instagram can fetch only an https address that anybody can open.",
            ),
        ));
    }
    findings
}

fn image(item: &Item<'_>) -> Vec<Finding> {
    let (json_pointer, media) = (item.json_pointer(), item.media);
    let mut findings = Vec::new();
    if !matches!(media.mime_type.as_str(), "image/jpeg" | "image/jpg") {
        let message = text(
            format!(
                "사진은 JPEG만 올릴 수 있습니다. 이 파일은 {}입니다.",
                media.mime_type
            ),
            format!(
                "A picture must be a JPEG. This file is {}.",
                media.mime_type
            ),
        );
        findings.push(Finding::error(format!("{json_pointer}/mimeType"), message));
    }
    if media.bytes.is_some_and(|bytes| bytes > IMAGE_BYTES) {
        findings.push(Finding::error(
            format!("{json_pointer}/bytes"),
            text(
                "사진 파일은 8MB까지 올릴 수 있습니다. 더 작게 저장해 주세요.",
                "A picture's file may have 8 MB. Save it smaller.",
            ),
        ));
    }
    if has_wrong_ratio(media) {
        findings.push(Finding::error(
            format!("{json_pointer}/width"),
            text(
                "사진의 가로세로 비율은 4:5(세로)에서 1.91:1(가로) 사이여야 합니다.",
                "A picture's aspect ratio must be between 4:5 (upright) and 1.91:1 (wide).",
            ),
        ));
    }
    // Meta scales these by itself, so they spoil a picture and do not stop it.
    if media.width.is_some_and(|width| !WIDTHS.contains(&width)) {
        findings.push(Finding::warning(
            format!("{json_pointer}/width"),
            text(
                "사진의 가로는 320~1440픽셀이 좋습니다. 인스타그램이 크기를 바꾸면 흐려질 수 있습니다.",
                "A width of 320 to 1,440 pixels is best. Instagram scales others, which may blur them.",
            ),
        ));
    }
    findings
}

fn has_wrong_ratio(media: &Media) -> bool {
    let (Some(width), Some(height)) = (media.width, media.height) else {
        return false;
    };
    let (width, height) = (u64::from(width), u64::from(height));
    width * 5 < height * 4 || width * 100 > height * 191
}

fn video(item: &Item<'_>) -> Vec<Finding> {
    let (json_pointer, media) = (item.json_pointer(), item.media);
    let mut findings = Vec::new();
    if !matches!(media.mime_type.as_str(), "video/mp4" | "video/quicktime") {
        let message = text(
            format!(
                "영상은 MP4나 MOV만 올릴 수 있습니다. 이 파일은 {}입니다.",
                media.mime_type
            ),
            format!(
                "A video must be MP4 or MOV. This file is {}.",
                media.mime_type
            ),
        );
        findings.push(Finding::error(format!("{json_pointer}/mimeType"), message));
    }
    if media
        .duration_ms
        .is_some_and(|duration| !REEL_MS.contains(&duration))
    {
        findings.push(Finding::error(
            format!("{json_pointer}/durationMs"),
            text(
                "영상의 길이는 3초에서 15분 사이여야 합니다.",
                "A video must last from 3 seconds to 15 minutes.",
            ),
        ));
    }
    findings
}

#[cfg(test)]
mod tests {
    use baepo_sdk::Severity;
    use baepo_sdk::testing::{content, image, video};

    use super::*;

    const JPEG: &str = "https://m.example/1.jpg";
    const MP4: &str = "https://m.example/1.mp4";

    /// The pointers of what stops this content.
    fn errors(change: impl FnOnce(&mut Content)) -> Vec<String> {
        of_severity(Severity::Error, change)
    }

    fn warnings(change: impl FnOnce(&mut Content)) -> Vec<String> {
        of_severity(Severity::Warning, change)
    }

    fn of_severity(severity: Severity, change: impl FnOnce(&mut Content)) -> Vec<String> {
        let mut content = Content {
            media: vec![image(JPEG)],
            link: None,
            ..content()
        };
        change(&mut content);
        let findings = findings(&content).into_iter();
        findings
            .filter(|finding| finding.severity == severity)
            .map(|finding| finding.at)
            .collect()
    }

    #[test]
    fn an_ordinary_event_has_no_problem() {
        assert_eq!(errors(|_| {}), [""; 0]);
        assert_eq!(warnings(|_| {}), [""; 0]);
    }

    #[test]
    fn one_to_ten_media_are_required() {
        assert_eq!(errors(|content| content.media.clear()), ["/media"]);
        assert_eq!(
            errors(|content| content.media = vec![image(JPEG); 10]),
            [""; 0]
        );
        assert_eq!(
            errors(|content| content.media = vec![image(JPEG); 11]),
            ["/media"]
        );
    }

    #[test]
    fn a_caption_has_2200_characters_30_hashtags_and_20_mentions() {
        let alone = |body: String| {
            errors(|content| {
                (content.title, content.hashtags) = (String::new(), Vec::new());
                content.body = body;
            })
        };
        assert_eq!(alone("가".repeat(2_200)), [""; 0]);
        assert_eq!(alone("가".repeat(2_201)), ["/body"]);

        let tags = |count| (0..count).map(|n| format!("tag{n}")).collect();
        assert_eq!(errors(|content| content.hashtags = tags(30)), [""; 0]);
        assert_eq!(errors(|content| content.hashtags = tags(31)), ["/hashtags"]);
        assert_eq!(errors(|content| content.body = "@a ".repeat(20)), [""; 0]);
        assert_eq!(errors(|content| content.body = "@a ".repeat(21)), ["/body"]);
        assert_eq!(errors(|content| content.body = "@ # ".repeat(400)), [""; 0]);
        let addresses = "shop.info+a@ondam.kr ".repeat(21);
        assert_eq!(errors(|content| content.body = addresses), [""; 0]);
        let both = "(@ondam_bakery) shop@ondam.kr ".repeat(21);
        assert_eq!(errors(|content| content.body = both), ["/body"]);
    }

    #[test]
    fn a_changed_or_dropped_hashtag_is_a_warning() {
        let tagged = warnings(|content| {
            content.link = None;
            content.hashtags = vec!["1+1".into(), "가을".into(), "🍞".into()];
        });
        assert_eq!(tagged, ["/hashtags/0", "/hashtags/2"]);
    }

    #[test]
    fn an_image_is_a_jpeg_of_8_mb_from_4_to_5_to_191_to_100() {
        let image = |change: fn(&mut Media)| errors(|content| change(&mut content.media[0]));
        assert_eq!(
            image(|image| image.mime_type = "image/png".into()),
            ["/media/0/mimeType"]
        );
        assert_eq!(image(|image| image.bytes = Some(8_388_608)), [""; 0]);
        assert_eq!(
            image(|image| image.bytes = Some(8_388_609)),
            ["/media/0/bytes"]
        );
        assert_eq!(image(|image| image.height = Some(1_350)), [""; 0]);
        assert_eq!(
            image(|image| image.height = Some(1_351)),
            ["/media/0/width"]
        );
        assert_eq!(image(|image| image.height = Some(566)), [""; 0]);
        assert_eq!(image(|image| image.height = Some(565)), ["/media/0/width"]);
        assert_eq!(image(|image| image.width = None), [""; 0]);
        assert_eq!(
            image(|image| image.url = "http://m.example/1.jpg".into()),
            ["/media/0/url"]
        );
    }

    #[test]
    fn media_that_meta_scales_or_leaves_out_are_warnings() {
        let sized = |width, height| {
            warnings(|content| {
                (content.media[0].width, content.media[0].height) = (Some(width), Some(height));
            })
        };
        assert_eq!(sized(319, 319), ["/media/0/width"]);
        assert_eq!(sized(1_441, 1_441), ["/media/0/width"]);
        assert_eq!(
            warnings(|content| content.link = Some("https://a.example".into())),
            ["/link"]
        );
        assert_eq!(
            warnings(|content| {
                content.media.push(Media {
                    kind: MediaKind::Audio,
                    ..image("https://m.example/1.mp3")
                });
            }),
            ["/media/1"]
        );
    }

    #[test]
    fn a_reel_lasts_from_3_seconds_to_15_minutes() {
        let lasting = |duration_ms| {
            let duration_ms = Some(duration_ms);
            errors(|content| {
                content.media[0] = Media {
                    duration_ms,
                    ..video(MP4)
                }
            })
        };
        assert_eq!(lasting(2_999), ["/media/0/durationMs"]);
        assert_eq!(lasting(3_000), [""; 0]);
        assert_eq!(lasting(900_000), [""; 0]);
        assert_eq!(lasting(900_001), ["/media/0/durationMs"]);
        let avi = Media {
            mime_type: "video/avi".into(),
            ..video(MP4)
        };
        assert_eq!(
            errors(|content| content.media = vec![avi]),
            ["/media/0/mimeType"]
        );
    }
}
