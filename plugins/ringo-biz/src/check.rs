//! What a tone and its line must be, as far as it shows without asking KT.

use baepo_kt::period;
use baepo_sdk::{Content, Finding, Media, MediaKind, run, text};

use crate::options::Options;
use crate::provider::RINGO_BIZ;
use crate::sound::{Sound, TextSource};

/// [contract]
const MAX_RECORDING_MS: u64 = 30_000;
const MAX_SPEECH_CHARACTERS: usize = 200;

pub fn findings(content: &Content, options: &Options) -> Vec<Finding> {
    let mut findings: Vec<Finding> = line(&options.line()).into_iter().collect();
    match Sound::of(content, options) {
        Sound::Recording { index, audio } => {
            findings.extend(recording(index, audio));
            findings.extend(extra_recordings(content));
            findings.extend(unused_script(options));
        }
        sound @ Sound::Reading { .. } => findings.extend(reading(&sound)),
    }
    findings.extend(period::findings(&RINGO_BIZ, content, run::now()));
    findings.extend(unsupported_content(content));
    findings
}

/// What of the content no caller hears.
fn unsupported_content(content: &Content) -> Option<Finding> {
    let is_seen = |media: &Media| media.kind != MediaKind::Audio;
    let at = if content.media.iter().any(is_seen) {
        "/media"
    } else if !content.hashtags.is_empty() {
        "/hashtags"
    } else {
        content.link.as_ref()?;
        "/link"
    };
    let message = text(
        "연결음에는 소리만 나갑니다. 사진과 영상, 해시태그, 링크는 빠집니다.",
        "Callers hear the sound only. Pictures, videos, hashtags and the link are left out.",
    );
    Some(Finding::warning(at, message))
}

/// `02-332-1234`, `010-1234-5678` or `1588-1234`, by their digits.
fn line(digits: &str) -> Option<Finding> {
    let is_line = match digits.as_bytes() {
        [b'0', ..] => (9..=11).contains(&digits.len()),
        [b'1', ..] => digits.len() == 8,
        _ => false,
    };
    (!is_line).then(|| {
        Finding::error(
            "/options/phoneNumber",
            text(
                "연결음이 나갈 전화번호를 02-332-1234처럼 넣어 주세요.",
                "Give the number whose callers hear it, such as 02-332-1234.",
            ),
        )
    })
}

fn recording(index: usize, audio: &Media) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !audio.url.starts_with("https://") {
        findings.push(Finding::error(
            format!("/media/{index}/url"),
            text(
                "누구나 열 수 있는 https 주소여야 KT가 소리 파일을 가져갈 수 있습니다.",
                "KT fetches the recording from its address, so it must be public https.",
            ),
        ));
    }
    let at = format!("/media/{index}/durationMs");
    let seconds = MAX_RECORDING_MS / 1_000;
    match audio.duration_ms {
        None => findings.push(Finding::warning(
            at,
            text(
                format!("소리의 길이를 알 수 없습니다. {seconds}초가 넘지 않는지 확인해 주세요."),
                format!("The length of the recording is not known. Make sure that it is at most {seconds} s."),
            ),
        )),
        Some(duration_ms) if duration_ms > MAX_RECORDING_MS => findings.push(Finding::error(
            at,
            text(
                format!("소리는 {seconds}초까지 들려줄 수 있습니다."),
                format!("A recording has at most {seconds} s."),
            ),
        )),
        Some(_) => {}
    }
    findings
}

fn extra_recordings(content: &Content) -> impl Iterator<Item = Finding> {
    let more = content.media_of(MediaKind::Audio).skip(1);
    more.map(|(index, _)| {
        Finding::error(
            format!("/media/{index}"),
            text(
                "소리 파일은 하나만 들려줄 수 있습니다. 하나만 남겨 주세요.",
                "Callers hear one recording. Leave only one.",
            ),
        )
    })
}

fn unused_script(options: &Options) -> Option<Finding> {
    (!options.script.trim().is_empty()).then(|| {
        Finding::warning(
            "/options/script",
            text(
                "소리 파일이 있어 이 글은 읽지 않습니다.",
                "There is a recording, so this text is not read out.",
            ),
        )
    })
}

fn reading(sound: &Sound<'_>) -> Option<Finding> {
    let Sound::Reading { text: words, from } = sound else {
        return None;
    };
    let found = words.chars().count();
    let message = match (found, from) {
        (0, _) => text(
            "들려줄 말이 없습니다. 소리 파일을 넣거나, 읽을 글이나 본문을 써 주세요.",
            "There is nothing to hear. Add a recording, or write a script or a body.",
        ),
        (1..=MAX_SPEECH_CHARACTERS, _) => return None,
        (_, TextSource::Script) => text(
            format!("{MAX_SPEECH_CHARACTERS}자까지 읽을 수 있습니다. 지금은 {found}자입니다."),
            format!("At most {MAX_SPEECH_CHARACTERS} characters are read out. There are {found}."),
        ),
        (_, TextSource::Content) => text(
            format!(
                "제목과 본문을 더해 {MAX_SPEECH_CHARACTERS}자까지 읽을 수 있습니다. 지금은 {found}자입니다. 읽을 글을 따로 써 주세요."
            ),
            format!(
                "At most {MAX_SPEECH_CHARACTERS} characters of title and body are read out. There are {found}. Write a script for it."
            ),
        ),
    };
    Some(Finding::error(sound.json_pointer(), message))
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
