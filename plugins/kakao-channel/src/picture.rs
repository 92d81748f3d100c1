//! Limits of the picture in a bubble.
//!
//! Kakao's, by NHN Cloud's page "KakaoTalk Bizmessage > Brand Message > Overview"
//! (docs.nhncloud.com, read in November 2026), and the same in Infobip's "Brand Message": JPG or PNG,
//! up to 5 MB, 500 pixels wide or more; from 2:1 to 3:4, in a wide bubble from 2:1 to 1:1. What is
//! not said of a picture is not checked.

use baepo_sdk::{Finding, Media, text};

use crate::message::Bubble;

const BYTES: u64 = 5 * 1024 * 1024;
const MIN_WIDTH: u32 = 500;

/// `place` is its JSON pointer.
pub fn findings(place: &str, picture: &Media, bubble: Bubble) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !matches!(picture.mime_type.as_str(), "image/jpeg" | "image/png") {
        let kind = &picture.mime_type;
        findings.push(Finding::error(
            format!("{place}/mimeType"),
            text(
                format!("카카오톡 사진은 JPG나 PNG만 보낼 수 있습니다. 이 파일은 {kind}입니다."),
                format!("A picture for Kakao must be a JPG or PNG. This file is {kind}."),
            ),
        ));
    }
    if picture.bytes.is_some_and(|bytes| bytes > BYTES) {
        findings.push(Finding::error(
            format!("{place}/bytes"),
            text(
                "카카오톡 사진 파일은 5MB까지 보낼 수 있습니다. 더 작게 저장해 주세요.",
                "A picture's file for Kakao may have 5 MB. Save it smaller.",
            ),
        ));
    }
    if picture.width.is_some_and(|width| width < MIN_WIDTH) {
        findings.push(Finding::error(
            format!("{place}/width"),
            text(
                format!("카카오톡 사진의 가로는 {MIN_WIDTH}픽셀 이상이어야 합니다."),
                format!("A picture for Kakao must be {MIN_WIDTH} pixels wide or more."),
            ),
        ));
    }
    if let (Some(width), Some(height)) = (picture.width, picture.height)
        && !fits(bubble, width, height)
    {
        let (korean, english) = match bubble {
            Bubble::Wide => ("2:1에서 1:1", "2:1 and 1:1"),
            Bubble::Image | Bubble::Text => ("2:1에서 3:4(세로)", "2:1 and 3:4 (upright)"),
        };
        findings.push(Finding::error(
            format!("{place}/width"),
            text(
                format!("카카오톡 사진의 가로세로 비율은 {korean} 사이여야 합니다."),
                format!("The aspect ratio of a picture for Kakao must be between {english}."),
            ),
        ));
    }
    findings
}

fn fits(bubble: Bubble, width: u32, height: u32) -> bool {
    let (width, height) = (u64::from(width), u64::from(height));
    let is_not_too_wide = width <= height * 2;
    is_not_too_wide
        && match bubble {
            Bubble::Wide => width >= height,
            Bubble::Image | Bubble::Text => width * 4 >= height * 3,
        }
}

#[cfg(test)]
mod tests {
    use baepo_sdk::testing::image;

    use super::*;

    fn places(bubble: Bubble, change: impl FnOnce(&mut Media)) -> Vec<String> {
        let mut picture = image("https://m.example/1.jpg");
        change(&mut picture);
        let findings = findings("/media/0", &picture, bubble).into_iter();
        findings.map(|finding| finding.at).collect()
    }

    #[test]
    fn a_picture_is_a_jpg_or_png_of_five_megabytes_and_500_pixels() {
        let image = |change: fn(&mut Media)| places(Bubble::Image, change);
        assert_eq!(image(|_| {}), [""; 0]);
        assert_eq!(image(|it| it.mime_type = "image/png".into()), [""; 0]);
        for kind in ["image/heic", "image/gif", "image/webp", ""] {
            let found = places(Bubble::Image, |it| it.mime_type = kind.into());
            assert_eq!(found, ["/media/0/mimeType"], "{kind}");
        }
        assert_eq!(image(|it| it.bytes = Some(BYTES)), [""; 0]);
        assert_eq!(image(|it| it.bytes = Some(BYTES + 1)), ["/media/0/bytes"]);
        let narrow = |it: &mut Media| (it.width, it.height) = (Some(499), Some(500));
        assert_eq!(image(narrow), ["/media/0/width"]);
        let enough = |it: &mut Media| (it.width, it.height) = (Some(500), Some(500));
        assert_eq!(image(enough), [""; 0]);
    }

    #[test]
    fn a_ratio_is_from_two_to_one_to_three_to_four_and_wide_ones_are_not_upright() {
        let of = |bubble, width, height| {
            places(bubble, |it| {
                (it.width, it.height) = (Some(width), Some(height));
            })
        };
        assert_eq!(of(Bubble::Image, 2_000, 1_000), [""; 0]);
        assert_eq!(of(Bubble::Image, 2_001, 1_000), ["/media/0/width"]);
        assert_eq!(of(Bubble::Image, 750, 1_000), [""; 0]);
        assert_eq!(of(Bubble::Image, 749, 1_000), ["/media/0/width"]);
        assert_eq!(of(Bubble::Wide, 1_000, 1_000), [""; 0]);
        assert_eq!(of(Bubble::Wide, 999, 1_000), ["/media/0/width"]);
        assert_eq!(of(Bubble::Wide, 2_001, 1_000), ["/media/0/width"]);
    }

    #[test]
    fn an_unknown_size_has_no_finding() {
        let unknown = |it: &mut Media| {
            (it.bytes, it.width, it.height) = (None, None, None);
        };
        assert_eq!(places(Bubble::Wide, unknown), [""; 0]);
    }
}
