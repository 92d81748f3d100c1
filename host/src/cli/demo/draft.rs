//! The demo's event.

use std::time::Duration;

use baepo_domain::Timestamp;
use baepo_domain::model::time::after;
use serde_json::{Value, json};

const TWO_WEEKS: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// What a shop in Seoul could publish in autumn: something for every kind of channel.
pub(super) fn sample_draft(now: Timestamp) -> Value {
    json!({
        "title": "단골 감사 가을 할인",
        "objective": "REVISITS",
        "recommendation": {
            "id": "autumn-thanks",
            "title": "가을 단골 감사 이벤트",
            "summary": "다시 찾아 주신 손님께 따뜻한 한 그릇과 작은 할인을 드립니다."
        },
        "content": {
            "title": "온담국밥 가을 단골 감사 이벤트",
            "body": "찬바람 부는 저녁, 뜨끈한 국밥 한 그릇 어떠세요?\n국밥을 드시는 모든 손님께 수제 만두 한 접시를 드립니다.\n저녁 6시 이후에 오시면 전 메뉴 20% 할인도 함께 받으세요.",
            "hashtags": ["온담국밥", "망원동맛집", "가을이벤트"],
            "link": "https://ondam.example/autumn",
            "media": [{
                "kind": "image",
                "url": "https://ondam.example/images/autumn-gukbap.jpg",
                "mimeType": "image/jpeg",
                "bytes": 412_000,
                "width": 1080,
                "height": 1080,
                "altText": "김이 오르는 국밥 한 그릇과 수제 만두 한 접시"
            }, {
                "kind": "video",
                "url": "https://ondam.example/films/autumn-15s.mp4",
                "mimeType": "video/mp4",
                "bytes": 18_000_000,
                "width": 1920,
                "height": 1080,
                "durationMs": 15_000,
                "altText": "국밥을 담아 내는 15초 영상"
            }],
            "period": {"startsAt": an_hour_before(now), "endsAt": after(now, TWO_WEEKS)}
        }
    })
}

/// Begun already, so that nothing waits for the beginning.
fn an_hour_before(now: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(now.as_millisecond() - 3_600_000).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_draft_is_valid() {
        let now = Timestamp::from_second(1_800_000_000).expect("a time");
        let draft: baepo_domain::model::draft::Draft =
            serde_json::from_value(sample_draft(now)).expect("a draft");
        assert!(draft.checked().is_ok());
    }
}
