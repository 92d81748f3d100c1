//! What a spot on television must be, as far as it shows without asking KT.

use baepo_sdk::{Content, Failure, Finding, Media, MediaKind, Severity, run, text};

use super::service::Service;
use crate::answer::grouped;
use crate::period;

/// Of a campaign's name [contract].
const NAME_CHARACTERS: usize = 40;
const WIDTH: u32 = 1_920;
const HEIGHT: u32 = 1_080;
const VIDEO_BYTES: u64 = 100_000_000;
/// In won [contract].
const MIN_BUDGET: u64 = 50_000;

/// The video that is shown, and its place among the content's media.
#[derive(Clone, Copy, Debug)]
pub struct AdSpot<'a> {
    index: usize,
    pub video: &'a Media,
}

impl AdSpot<'_> {
    /// As a JSON pointer.
    pub fn json_pointer(&self) -> String {
        format!("/media/{}", self.index)
    }

    /// In whole seconds, as KT counts: files are a few frames longer or shorter. Without metadata
    /// the shortest of the service.
    pub fn length_s(&self, service: &Service) -> u32 {
        let rounded = self.video.duration_ms.map(rounded_s);
        rounded.unwrap_or_else(|| service.lengths_s.first().copied().unwrap_or_default())
    }
}

fn rounded_s(duration_ms: u64) -> u32 {
    u32::try_from(duration_ms.saturating_add(500) / 1_000).unwrap_or(u32::MAX)
}

/// # Errors
/// If there is no video to show.
pub fn spot(content: &Content) -> Result<AdSpot<'_>, Failure> {
    let mut videos = content.media_of(MediaKind::Video);
    let (index, video) = videos
        .next()
        .ok_or_else(|| Failure::Rejected(vec![no_video()]))?;
    Ok(AdSpot { index, video })
}

pub fn findings(service: &Service, content: &Content, budget: u64) -> Vec<Finding> {
    let mut findings: Vec<Finding> = title(&content.title).into_iter().collect();
    findings.extend(videos(service, content));
    findings.extend(period::findings(&service.provider, content, run::now()));
    findings.extend(budget_finding(budget));
    let is_shown = findings
        .iter()
        .all(|finding| finding.severity == Severity::Warning);
    if is_shown {
        findings.extend(unsupported_finding(content));
    }
    if is_shown && content.link.is_some() {
        findings.push(Finding::warning(
            "/link",
            text(
                "TV 광고의 링크는 누를 수 없습니다. 영상 안에 주소나 전화번호를 넣어 주세요.",
                "Nobody can follow a link on television: show an address or a number in the video.",
            ),
        ));
    }
    findings
}

/// The title as the name of a campaign, which nobody sees on television: a long one is cut.
pub fn campaign_name(title: &str) -> String {
    let title = title.trim();
    if title.chars().count() <= NAME_CHARACTERS {
        return title.to_owned();
    }
    let kept: String = title.chars().take(NAME_CHARACTERS - 1).collect();
    kept.trim_end().to_owned() + "…"
}

fn title(title: &str) -> Option<Finding> {
    let name = campaign_name(title);
    if name.is_empty() {
        let message = text(
            "제목을 써 주세요. 캠페인 이름으로 씁니다.",
            "Write a title: it is the name of the campaign.",
        );
        return Some(Finding::error("/title", message));
    }
    (name != title.trim()).then(|| {
        let message = text(
            format!(
                "캠페인 이름은 {NAME_CHARACTERS}자까지라 제목의 앞부분만 씁니다: {name} 방송에는 보이지 않습니다."
            ),
            format!(
                "A campaign's name has at most {NAME_CHARACTERS} characters, so the title is cut: {name} It is not shown on television."
            ),
        );
        Finding::warning("/title", message)
    })
}

/// What of the content television does not show.
fn unsupported_finding(content: &Content) -> Option<Finding> {
    let has_words = !content.body.trim().is_empty() || !content.hashtags.is_empty();
    let has_more = content
        .media
        .iter()
        .any(|media| media.kind != MediaKind::Video);
    let at = match (has_words, has_more) {
        (true, _) => "/body",
        (false, true) => "/media",
        (false, false) => return None,
    };
    let message = text(
        "TV에는 영상만 나갑니다. 글과 해시태그, 사진은 보이지 않으니 알릴 것은 영상 안에 넣어 주세요.",
        "Television shows the video only. Text, hashtags and pictures are not seen, so put into the video what people should know.",
    );
    Some(Finding::warning(at, message))
}

fn no_video() -> Finding {
    Finding::error(
        "/media",
        text(
            "TV에 내보낼 영상을 하나 넣어 주세요.",
            "Add a video to show on television.",
        ),
    )
}

fn videos(service: &Service, content: &Content) -> Vec<Finding> {
    let Ok(spot) = spot(content) else {
        return vec![no_video()];
    };
    let mut findings = format(&spot);
    findings.extend(size(&spot));
    findings.extend(length(service, &spot));
    let others = content.media_of(MediaKind::Video).skip(1);
    findings.extend(others.map(|(index, _)| {
        Finding::error(
            format!("/media/{index}"),
            text(
                "TV에는 영상 하나만 내보낼 수 있습니다. 하나만 남겨 주세요.",
                "Television shows one video. Leave only one.",
            ),
        )
    }));
    findings
}

fn format(spot: &AdSpot<'_>) -> Vec<Finding> {
    let (json_pointer, video) = (spot.json_pointer(), spot.video);
    let mut findings = Vec::new();
    if video.mime_type != "video/mp4" {
        findings.push(Finding::error(
            format!("{json_pointer}/mimeType"),
            text(
                format!(
                    "영상은 MP4만 내보낼 수 있습니다. 이 파일은 {}입니다.",
                    video.mime_type
                ),
                format!("A video is MP4. This file is {}.", video.mime_type),
            ),
        ));
    }
    if !video.url.starts_with("https://") {
        findings.push(Finding::error(
            format!("{json_pointer}/url"),
            text(
                "누구나 열 수 있는 https 주소여야 KT가 영상을 가져갈 수 있습니다.",
                "KT fetches the video from its address, so it must be public https.",
            ),
        ));
    }
    if video.bytes.is_some_and(|bytes| bytes > VIDEO_BYTES) {
        findings.push(Finding::error(
            format!("{json_pointer}/bytes"),
            text(
                "영상 파일은 100MB까지 내보낼 수 있습니다.",
                "A video has at most 100 MB.",
            ),
        ));
    }
    findings
}

fn size(spot: &AdSpot<'_>) -> Option<Finding> {
    let (width, height) = (spot.video.width, spot.video.height);
    let at = format!("{}/width", spot.json_pointer());
    let (Some(width), Some(height)) = (width, height) else {
        return Some(Finding::warning(
            at,
            text(
                format!("영상의 크기를 알 수 없습니다. {WIDTH}×{HEIGHT}인지 확인해 주세요."),
                format!(
                    "The size of the video is not known. Make sure that it is {WIDTH}×{HEIGHT}."
                ),
            ),
        ));
    };
    ((width, height) != (WIDTH, HEIGHT)).then(|| {
        Finding::error(
            at,
            text(
                format!(
                    "영상의 크기는 {WIDTH}×{HEIGHT}이어야 합니다. 지금은 {width}×{height}입니다."
                ),
                format!("A video is {WIDTH}×{HEIGHT}. This one is {width}×{height}."),
            ),
        )
    })
}

fn length(service: &Service, spot: &AdSpot<'_>) -> Option<Finding> {
    let at = format!("{}/durationMs", spot.json_pointer());
    let lengths: Vec<String> = service.lengths_s.iter().map(u32::to_string).collect();
    let (ko, en) = (lengths.join("초나 "), lengths.join(" or "));
    let Some(duration_ms) = spot.video.duration_ms else {
        return Some(Finding::warning(
            at,
            text(
                format!("영상의 길이를 알 수 없습니다. {ko}초인지 확인해 주세요."),
                format!("The length of the video is not known. Make sure that it is {en} s."),
            ),
        ));
    };
    (!service.lengths_s.contains(&rounded_s(duration_ms))).then(|| {
        let found = format!("{}.{}", duration_ms / 1_000, duration_ms % 1_000 / 100);
        Finding::error(
            at,
            text(
                format!("영상의 길이는 {ko}초여야 합니다. 지금은 {found}초입니다."),
                format!("A video lasts {en} s. This one lasts {found} s."),
            ),
        )
    })
}

fn budget_finding(budget: u64) -> Option<Finding> {
    (budget < MIN_BUDGET).then(|| {
        let least = grouped(MIN_BUDGET);
        Finding::error(
            "/options/budget",
            text(
                format!("예산은 {least}원 이상이어야 합니다."),
                format!("The budget is at least {least} won."),
            ),
        )
    })
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
