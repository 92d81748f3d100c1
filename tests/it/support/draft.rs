//! An event that the channels take.

use std::time::Duration;

use baepo_adapters::SystemClock;
use baepo_domain::Timestamp;
use baepo_domain::model::time::after;
use baepo_domain::ports::clock::Clock as _;
use serde_json::{Map, Value, json};

const TWO_WEEKS: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// A complete event for these channels, whose period has just begun.
#[must_use]
pub fn autumn_event(channels: &[&str]) -> Value {
    autumn_event_at(channels, SystemClock.now())
}

/// The same, whose period begins then.
#[must_use]
pub fn autumn_event_at(channels: &[&str], begin: Timestamp) -> Value {
    let mut media = vec![json!({
        "kind": "image", "url": "https://shop.example/autumn.jpg", "mimeType": "image/jpeg",
        "bytes": 400_000, "width": 1080, "height": 1080, "altText": "국밥 한 그릇"
    })];
    if channels.iter().any(|channel| channel.ends_with("-tv")) {
        media.push(json!({
            "kind": "video", "url": "https://shop.example/autumn.mp4", "mimeType": "video/mp4",
            "bytes": 9_000_000, "width": 1920, "height": 1080, "durationMs": 15_000,
            "altText": "국밥을 담는 영상"
        }));
    }
    let settings: Map<String, Value> = channels
        .iter()
        .filter_map(|channel| Some(((*channel).to_owned(), options(channel)?)))
        .collect();
    json!({
        "title": "단골 감사 가을 할인",
        "objective": "REVISITS",
        "recommendation": {"id": "autumn", "title": "가을 단골 감사", "summary": "따뜻한 한 그릇"},
        "content": {
            "title": "가을 단골 감사 이벤트",
            "body": "이번 주말 전 메뉴 20% 할인",
            "hashtags": ["가을", "할인"],
            "link": "https://shop.example/autumn",
            "media": media,
            "period": {"startsAt": begin, "endsAt": after(begin, TWO_WEEKS)}
        },
        "channels": channels,
        "channelSettings": settings,
    })
}

/// What an owner has to choose for a channel.
fn options(channel: &str) -> Option<Value> {
    match channel {
        "uridongne-tv" => Some(json!({"budget": 300_000})),
        "genie-tv" => Some(json!({"budget": 300_000, "areas": ["1144068000"]})),
        "ringo-biz" => Some(json!({"phoneNumber": "02-332-1234"})),
        _ => None,
    }
}
