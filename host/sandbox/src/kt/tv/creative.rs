//! The spot itself: MP4, 1920×1080, 15 or 30 seconds. It is not fetched, so what the request says
//! of it is believed.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::kt::asset::{Content, web_address};
use crate::kt::creation::required;
use crate::kt::problem::Problem;

const DIGEST_CHARACTERS: usize = 64;

#[derive(Debug, Clone)]
pub(crate) struct Creative {
    pub(super) source_url: String,
    pub(super) length: Length,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Length {
    Short,
    Long,
}

impl Length {
    pub(super) fn seconds(self) -> u64 {
        match self {
            Self::Short => 15,
            Self::Long => 30,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreativeRequest {
    source_url: Option<String>,
    sha256: Option<String>,
    duration_sec: Option<u64>,
    mime_type: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LengthRequest {
    duration_sec: Option<u64>,
}

impl CreativeRequest {
    pub(super) fn check(self) -> Result<Creative, Problem> {
        let source_url = required("sourceUrl", self.source_url)?;
        let source_url = web_address("sourceUrl", source_url)?;
        if let Some(digest) = &self.sha256 {
            check_digest(digest)?;
        }
        let seconds = required("durationSec", self.duration_sec)?;
        if required("mimeType", self.mime_type)? != "video/mp4" {
            return Err(Problem::creative_rejected("MP4 형식이 아닙니다."));
        }
        let length = parse_length(seconds)
            .ok_or_else(|| Problem::creative_rejected("영상 길이가 15초 또는 30초가 아닙니다."))?;
        Ok(Creative { source_url, length })
    }
}

impl LengthRequest {
    pub(super) fn check(self) -> Result<Length, Problem> {
        let seconds = required("durationSec", self.duration_sec)?;
        parse_length(seconds).ok_or_else(|| Problem::invalid("durationSec", "is not 15 or 30"))
    }
}

impl Content for Creative {
    const ID_PREFIX: &'static str = "cr_";
    const DEFAULT_REJECTION_REASON: &'static str = "영상이 1920×1080 MP4가 아닙니다.";

    fn source(&self) -> &str {
        &self.source_url
    }

    fn ready_members(&self) -> Value {
        json!({})
    }

    fn still_processing() -> Problem {
        Problem::creative_processing()
    }
}

fn parse_length(seconds: u64) -> Option<Length> {
    [Length::Short, Length::Long]
        .into_iter()
        .find(|length| length.seconds() == seconds)
}

fn check_digest(digest: &str) -> Result<(), Problem> {
    let is_hex = digest.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hex && digest.len() == DIGEST_CHARACTERS {
        Ok(())
    } else {
        let detail = format!("is not {DIGEST_CHARACTERS} hexadecimal digits");
        Err(Problem::invalid("sha256", detail))
    }
}
