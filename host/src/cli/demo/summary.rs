//! A line per channel: its result, and what happens next.

use baepo_domain::Timestamp;
use baepo_domain::model::number::grouped;
use baepo_domain::model::time::until;
use serde_json::Value;

/// `지니TV: under review, next look in 2 min`.
pub(super) fn line(channels: &[Value], delivery: &Value, now: Timestamp) -> String {
    let id = delivery["channel"].as_str().unwrap_or("?");
    let channel = channels.iter().find(|channel| channel["id"] == id);
    let name = channel.and_then(|channel| channel["names"]["ko"].as_str());
    let (name, outcome_text) = (name.unwrap_or(id), outcome_text(delivery));
    match time_until_next(delivery, now) {
        Some(time_until_next) => format!("{name}: {outcome_text}, next look {time_until_next}"),
        None => format!("{name}: {outcome_text}"),
    }
}

fn outcome_text(delivery: &Value) -> String {
    let message = delivery["message"].as_str().map(first_line);
    let message = message.map(|message| message.trim_end_matches('.').to_owned());
    let place = delivery["url"].as_str().or(delivery["externalId"].as_str());
    let outcome_text = match delivery["status"].as_str().unwrap_or("?") {
        "LIVE" => match place {
            Some(place) => format!("live, {place}"),
            None => "live".to_owned(),
        },
        "ACCEPTED" => message.unwrap_or_else(|| "accepted, not live yet".to_owned()),
        "ACTION_REQUIRED" => "manual posting required".to_owned(),
        "PENDING" | "RUNNING" => message.unwrap_or_else(|| "in progress".to_owned()),
        "FAILED" => format!("failed: {}", message.unwrap_or_default()),
        "UNKNOWN" => format!("outcome unknown: {}", message.unwrap_or_default()),
        "WITHDRAWN" => "withdrawn".to_owned(),
        other => other.to_owned(),
    };
    match delivery["estimatedReach"].as_u64() {
        Some(reach) => format!("{outcome_text} (about {} people)", grouped(reach)),
        None => outcome_text,
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// The time until the next attempt.
fn time_until_next(delivery: &Value, now: Timestamp) -> Option<String> {
    let next: Timestamp = delivery["nextAttemptAt"].as_str()?.parse().ok()?;
    let seconds = until(now, next).as_secs();
    Some(match seconds {
        0..=5 => "now".to_owned(),
        6..=90 => format!("in {seconds} s"),
        91..=5_400 => format!("in {} min", (seconds + 30) / 60),
        5_401..=172_800 => format!("in {} h", (seconds + 1_800) / 3_600),
        _ => format!("in {} days", (seconds + 43_200) / 86_400),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn summary_line(delivery: &Value) -> String {
        let channels = [json!({"id": "genie-tv", "names": {"ko": "지니TV", "en": "Genie TV"}})];
        line(
            &channels,
            delivery,
            "2026-11-22T03:00:00Z".parse().expect("a time"),
        )
    }

    #[test]
    fn the_summary_names_the_status_and_the_next_check() {
        let accepted = json!({"channel": "genie-tv", "status": "ACCEPTED",
            "message": "under review.", "nextAttemptAt": "2026-11-22T03:02:00Z"});
        assert_eq!(
            summary_line(&accepted),
            "지니TV: under review, next look in 2 min"
        );
        let live = json!({"channel": "genie-tv", "status": "LIVE", "url": "https://a.example/1",
            "estimatedReach": 12_400});
        assert_eq!(
            summary_line(&live),
            "지니TV: live, https://a.example/1 (about 12,400 people)"
        );
        let failed = json!({"channel": "x", "status": "FAILED", "message": "no\nmore"});
        assert_eq!(summary_line(&failed), "x: failed: no");
    }
}
