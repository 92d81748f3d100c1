//! A small event to begin a test with.

use super::host::RawJob;
use crate::bindings::imports::baepo::channel::types::{Content, Media, MediaKind};

/// A bakery's event, without media.
#[must_use]
pub fn content() -> Content {
    Content {
        title: "봄맞이 크루아상 1+1".into(),
        body: "3월 한 달, 오전에 오시면 하나 더 드립니다.".into(),
        hashtags: vec!["동네빵집".into(), "크루아상".into()],
        link: Some("https://bakery.example/spring".into()),
        media: Vec::new(),
        period: None,
    }
}

/// A square JPEG that every provider takes.
#[must_use]
pub fn image(url: &str) -> Media {
    Media {
        kind: MediaKind::Image,
        url: url.into(),
        mime_type: "image/jpeg".into(),
        bytes: Some(400_000),
        width: Some(1_080),
        height: Some(1_080),
        duration_ms: None,
        alt_text: Some("갓 구운 크루아상".into()),
    }
}

/// A 15-second MP4.
#[must_use]
pub fn video(url: &str) -> Media {
    Media {
        kind: MediaKind::Video,
        url: url.into(),
        mime_type: "video/mp4".into(),
        bytes: Some(9_000_000),
        width: Some(1_080),
        height: Some(1_920),
        duration_ms: Some(15_000),
        alt_text: None,
    }
}

/// A delivery of this content, with no options chosen.
#[must_use]
pub fn job(content: Content) -> RawJob {
    RawJob {
        idempotency_key: "0195f0a1-5a3c-7c1e-9b8d-2f4e6a8c0b1d:1".into(),
        event_id: "0195f0a1-0000-7000-8000-000000000001".into(),
        content,
        options: "{}".into(),
    }
}
