//! What the channel sends, in which order and how long it waits, until the spot is on air.

mod support;

use core::time::Duration;

use baepo_sdk::http::Repeat;
use baepo_sdk::testing::{self, ScriptedResponse};
use baepo_sdk::{Failure, Outcome};
use channel_uridongne_tv::UridongneTv;
use serde_json::json;
use support::*;

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_spot_goes_on_air() {
    let host = connected();
    host.next("POST /v1/creatives", creative("PROCESSING"))
        .next("GET /v1/creatives/cr_3", creative("PROCESSING"))
        .next("GET /v1/creatives/cr_3", creative("READY"))
        .next("POST /v1/forecasts", forecast())
        .next("POST /v1/campaigns", campaign("UNDER_REVIEW"))
        .next(LOOK, campaign("SCHEDULED"))
        .next(LOOK, campaign("ON_AIR"));

    assert_eq!(distribute(&host), Ok(Outcome::Live(on_air())));

    assert_eq!(
        host.sent(),
        [
            "POST /v1/creatives",
            "GET /v1/creatives/cr_3",
            "GET /v1/creatives/cr_3",
            "POST /v1/forecasts",
            "POST /v1/campaigns",
            LOOK,
            LOOK,
        ]
    );
    assert_eq!(
        host.bodies("POST /v1/creatives"),
        [json!({
            "sourceUrl": "https://m.example/spot.mp4", "durationSec": 15, "mimeType": "video/mp4",
        })]
    );
    let period = json!({
        "startsAt": "2026-03-05T12:00:00+09:00", "endsAt": "2026-03-12T12:00:00+09:00",
    });
    let region = json!({
        "center": { "latitude": 37.556, "longitude": 126.905 }, "radius": "1km",
    });
    assert_eq!(
        host.bodies("POST /v1/forecasts"),
        [json!({
            "period": period, "region": region, "timeBands": ["evening"], "budget": 300_000,
            "durationSec": 15,
        })]
    );
    assert_eq!(
        host.bodies("POST /v1/campaigns"),
        [json!({
            "clientReference": KEY, "name": "봄맞이 크루아상 1+1", "creativeId": "cr_3",
            "period": period, "region": region, "timeBands": ["evening"], "budget": 300_000,
        })]
    );
}

#[test]
fn every_request_names_the_token_and_every_creation_has_a_key_of_its_own() {
    let host = connected();
    host.next("POST /v1/campaigns", campaign("ON_AIR"));
    assert_eq!(distribute(&host), Ok(Outcome::Live(on_air())));

    let requests = host.requests();
    let keys: Vec<_> = requests
        .iter()
        .map(|request| {
            let key = request
                .headers
                .iter()
                .find(|(name, _)| name == "Idempotency-Key");
            (request.repeat, key.map(|(_, key)| key.as_str()))
        })
        .collect();
    let (creative, campaign) = (format!("{KEY}-creative"), format!("{KEY}-placement"));
    assert_eq!(
        keys,
        [
            (Repeat::Idempotent, Some(creative.as_str())),
            (Repeat::Safe, None),
            (Repeat::Idempotent, Some(campaign.as_str())),
        ]
    );
    assert!(requests.iter().all(|request| {
        format!("{:?}", request.credentials).contains("accessToken")
            && request
                .url
                .starts_with("https://partner.uridongne-tv.example/v1/")
    }));
}

#[test]
fn a_long_review_is_polled_with_increasing_intervals() {
    let host = connected();
    host.next("POST /v1/campaigns", campaign("UNDER_REVIEW"));
    for _ in 0..7 {
        host.next(LOOK, campaign("UNDER_REVIEW"));
    }
    host.next(LOOK, campaign("ON_AIR"));

    assert_eq!(distribute(&host), Ok(Outcome::Live(on_air())));
    let waits = [120, 240, 480, 960, 1_920, 3_600, 3_600, 3_600].map(|s| SECOND * s);
    assert_eq!(host.slept(), waits);
    assert_eq!(host.accepted().len(), 1, "the owner reads it once");
}

#[test]
fn each_status_change_is_reported_to_the_owner_with_the_local_start_time() {
    let host = connected();
    host.next("POST /v1/campaigns", campaign("UNDER_REVIEW"))
        .next(LOOK, campaign("APPROVED"))
        .next(LOOK, campaign("SCHEDULED"))
        .next(LOOK, campaign("ON_AIR"));

    assert_eq!(distribute(&host), Ok(Outcome::Live(on_air())));
    let reports = host.accepted();
    let notes: Vec<_> = reports.iter().map(|(_, note)| note.as_str()).collect();
    assert_eq!(
        notes,
        [
            "[ko] 우리동네TV가 심사하고 있습니다. 보통 하루가 걸립니다.\n\
             [en] Under review at Uridongne TV, usually for a day.",
            "[ko] 우리동네TV 심사를 통과했습니다. 방송 시작: 3월 5일 12:00\n\
             [en] Uridongne TV has approved it. It starts on 5 March, 12:00 in Seoul.",
            "[ko] 우리동네TV 편성이 끝났습니다. 방송 시작: 3월 5일 12:00\n\
             [en] Uridongne TV has scheduled it. It starts on 5 March, 12:00 in Seoul.",
        ]
    );
    let (receipt, _) = &reports[0];
    assert_eq!(receipt.external_id.as_deref(), Some("cp_7"));
    assert_eq!(receipt.estimated_reach, Some(12_000));
}

#[test]
fn a_scheduled_placement_is_polled_a_few_seconds_after_its_start() {
    let host = connected();
    host.next("POST /v1/campaigns", campaign("SCHEDULED"))
        .next(LOOK, campaign("SCHEDULED"))
        .next(LOOK, campaign("ON_AIR"));

    assert_eq!(distribute(&host), Ok(Outcome::Live(on_air())));
    // KT is late: from the start on it is looked at as in the beginning.
    assert_eq!(host.slept(), [SECOND * (3 * 86_400 + 5), SECOND * 120]);
}

#[test]
fn a_long_poll_interval_ends_at_the_start() {
    let host = connected();
    host.setting("firstLookSeconds", "3600")
        .at(START_MS - 600_000);
    host.next("POST /v1/campaigns", campaign("APPROVED"))
        .next(LOOK, campaign("ON_AIR"));

    assert_eq!(distribute(&host), Ok(Outcome::Live(on_air())));
    assert_eq!(host.slept(), [SECOND * 605]);
}

#[test]
fn the_first_poll_delay_is_configurable() {
    let host = connected();
    host.setting("firstLookSeconds", "1");
    host.next("POST /v1/campaigns", campaign("UNDER_REVIEW"))
        .next(LOOK, campaign("UNDER_REVIEW"))
        .next(LOOK, campaign("ENDED"));

    assert_eq!(distribute(&host), Ok(Outcome::Live(on_air())));
    assert_eq!(host.slept(), [SECOND, SECOND * 2]);
}

#[test]
fn transport_errors_do_not_fail_an_accepted_placement() {
    let host = connected();
    host.next("POST /v1/campaigns", campaign("UNDER_REVIEW"))
        .next(LOOK, ScriptedResponse::in_doubt("connection reset"))
        .next(LOOK, ScriptedResponse::status(503))
        .next(LOOK, ScriptedResponse::bytes(200, "<html>"))
        .next(
            LOOK,
            problem(429, "RATE_LIMITED").header("Retry-After", "7200"),
        )
        .next(LOOK, problem(400, "INVALID_REQUEST"))
        .next(LOOK, campaign("A_STATE_OF_TOMORROW"))
        .next(LOOK, campaign("ON_AIR"));

    assert_eq!(distribute(&host), Ok(Outcome::Live(on_air())));
    let waits = [120, 240, 480, 960, 7_200, 3_600, 3_600].map(|s| SECOND * s);
    assert_eq!(host.slept(), waits);
}

#[test]
fn a_failed_forecast_does_not_fail_the_delivery() {
    for no_forecast in [
        ScriptedResponse::status(500),
        ScriptedResponse::in_doubt("timeout"),
        ScriptedResponse::bytes(200, "{}"),
        problem(429, "RATE_LIMITED"),
    ] {
        let host = connected();
        host.next("POST /v1/forecasts", no_forecast)
            .next("POST /v1/campaigns", campaign("ON_AIR"));
        let Ok(Outcome::Live(receipt)) = distribute(&host) else {
            panic!("live")
        };
        assert_eq!(receipt.estimated_reach, Some(11_000), "the campaign's own");
    }
}

#[test]
fn a_slow_or_unreachable_creative_is_polled_again() {
    let host = connected();
    host.next("POST /v1/creatives", creative("PROCESSING"))
        .next("GET /v1/creatives/cr_3", problem(404, "NOT_FOUND"))
        .next("GET /v1/creatives/cr_3", ScriptedResponse::status(502))
        .next(
            "GET /v1/creatives/cr_3",
            problem(429, "RATE_LIMITED").header("Retry-After", "60"),
        )
        .next("GET /v1/creatives/cr_3", creative("READY"))
        .next("POST /v1/campaigns", campaign("ON_AIR"));

    assert_eq!(distribute(&host), Ok(Outcome::Live(on_air())));
    assert_eq!(host.slept(), [SECOND, SECOND * 2, SECOND * 5, SECOND * 60]);
}

#[test]
fn a_creative_that_never_becomes_ready_is_unavailable() {
    let host = connected();
    host.next("POST /v1/creatives", creative("PROCESSING"))
        .always("GET /v1/creatives/cr_3", creative("PROCESSING"));

    assert!(matches!(distribute(&host), Err(Failure::Unavailable(_))));
    let waiting_notes: Duration = host.slept().iter().sum();
    assert_eq!(waiting_notes, SECOND * 1_868);
}

#[test]
fn a_preview_lists_the_options_and_escapes_them() {
    let host = connected();
    let mut content = content();
    content.title = "<script>alert(1)</script>".into();
    let options = json!({ "radius": "500m", "timeBand": "night", "budget": 70_000 });
    let html = host.render::<UridongneTv>(&content, &options.to_string());
    for part in [
        "우리동네TV",
        "반경 500m",
        "밤 시간대",
        "70,000원",
        "&lt;script&gt;",
    ] {
        assert!(html.contains(part), "{part}");
    }
    assert!(!html.contains("<script"));
}

#[test]
fn a_spot_of_30_seconds_is_too_long_here() {
    let host = connected();
    let mut content = content();
    content.media[1].duration_ms = Some(30_000);
    let findings = host.check::<UridongneTv>(&content, r#"{ "budget": 300000 }"#);
    let at: Vec<_> = findings.iter().map(|finding| finding.at.as_str()).collect();
    assert_eq!(at, ["/media/1/durationMs"]);
}

#[test]
fn nothing_is_sent_before_the_budget_is_chosen_and_the_shop_is_in_korea() {
    let host = connected();
    host.setting("latitude", "48.1");
    let Err(Failure::Rejected(findings)) = host.distribute::<UridongneTv>(testing::job(content()))
    else {
        panic!("rejected")
    };
    let at: Vec<_> = findings.iter().map(|finding| finding.at.as_str()).collect();
    assert_eq!(at, ["/options/budget", "/settings/latitude"]);
    assert!(host.sent().is_empty());
}
