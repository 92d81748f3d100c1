//! When KT says no, says nothing, or is asked by somebody who does not know.

mod support;

use baepo_sdk::testing::ScriptedResponse;
use baepo_sdk::{Failure, Outcome, Probe, Receipt, Withdraw};
use channel_uridongne_tv::UridongneTv;
use serde_json::{Value, json};
use support::*;

/// Before a refusal counts, an earlier attempt's campaign is looked for.
const NOTHING: &[Value] = &[];

#[test]
fn a_rejected_video_has_a_finding_with_its_media_index() {
    let host = connected();
    let answer = json!({ "id": "cr_3", "status": "REJECTED", "reason": "세로 영상입니다." });
    host.next("POST /v1/creatives", creative("PROCESSING"))
        .next(
            "GET /v1/creatives/cr_3",
            ScriptedResponse::json(200, &answer),
        )
        .next(FIND, listed(NOTHING));

    let (at, text) = rejected_at(distribute(&host));
    assert_eq!(at, "/media/1");
    assert!(text.contains("세로 영상입니다."), "{text}");
}

#[test]
fn each_rejection_of_a_campaign_has_a_finding() {
    for (status, code, at) in [
        (422, "CREATIVE_REJECTED", "/media/1"),
        (422, "PERIOD_INVALID", "/period"),
        (422, "REGION_NOT_SERVED", "/settings/latitude"),
        (422, "BUDGET_TOO_LOW", "/options/budget"),
        (409, "INVENTORY_SOLD_OUT", "/options/timeBand"),
    ] {
        let host = connected();
        host.next("POST /v1/campaigns", problem(status, code))
            .next(FIND, listed(NOTHING));
        assert_eq!(rejected_at(distribute(&host)).0, at, "{code}");
    }
}

#[test]
fn a_rejected_forecast_prevents_the_campaign() {
    for (status, code, at) in [
        (422, "REGION_NOT_SERVED", "/settings/latitude"),
        (422, "PERIOD_INVALID", "/period"),
        (409, "INVENTORY_SOLD_OUT", "/options/timeBand"),
        (422, "BUDGET_TOO_LOW", "/options/budget"),
    ] {
        let host = connected();
        host.next("POST /v1/forecasts", problem(status, code))
            .next(FIND, listed(NOTHING));
        assert_eq!(rejected_at(distribute(&host)).0, at, "{code}");
        assert_eq!(host.bodies("POST /v1/campaigns"), NOTHING, "{code}");
    }
}

#[test]
fn inventory_sold_out_by_an_earlier_attempt_of_the_same_delivery_is_no_rejection() {
    let host = connected();
    host.next("POST /v1/forecasts", problem(409, "INVENTORY_SOLD_OUT"))
        .next(FIND, listed(&[campaign_json("ON_AIR")]));
    let Ok(Outcome::Live(receipt)) = distribute(&host) else {
        panic!("live")
    };
    assert_eq!(receipt.external_id.as_deref(), Some("cp_7"));
}

#[test]
fn a_rejection_is_final_only_after_a_lookup() {
    let host = connected();
    host.next("POST /v1/forecasts", problem(409, "INVENTORY_SOLD_OUT"))
        .next(FIND, ScriptedResponse::status(503));
    assert!(matches!(distribute(&host), Err(Failure::Unavailable(_))));
}

#[test]
fn a_lost_answer_is_requested_again_with_the_same_key() {
    let host = connected();
    host.next(
        "POST /v1/campaigns",
        ScriptedResponse::in_doubt("connection reset"),
    )
    .next(FIND, listed(NOTHING));
    assert!(matches!(distribute(&host), Err(Failure::Unavailable(_))));
    host.next("POST /v1/campaigns", campaign("ON_AIR"));
    assert_eq!(distribute(&host), Ok(Outcome::Live(on_air())));

    let campaigns = host.requests().into_iter();
    let [first, second] = campaigns
        .filter(|request| request.url.ends_with("/v1/campaigns") && request.body.is_some())
        .collect::<Vec<_>>()
        .try_into()
        .expect("two");
    assert_eq!((first.headers, first.body), (second.headers, second.body));
}

#[test]
fn a_lost_answer_is_looked_up_so_that_no_placement_is_orphaned() {
    let host = connected();
    host.next(
        "POST /v1/campaigns",
        ScriptedResponse::in_doubt("connection reset"),
    )
    .next(FIND, listed(&[campaign_json("ON_AIR")]));
    assert_eq!(distribute(&host), Ok(Outcome::Live(on_air())));

    host.next(
        "POST /v1/campaigns",
        ScriptedResponse::in_doubt("connection reset"),
    )
    .next(FIND, ScriptedResponse::status(503));
    assert!(matches!(distribute(&host), Err(Failure::Unknown(_))));
}

#[test]
fn a_duplicate_reference_continues_with_the_existing_placement() {
    let host = connected();
    host.next(
        "POST /v1/campaigns",
        problem(409, "DUPLICATE_CLIENT_REFERENCE"),
    )
    .next(FIND, listed(&[campaign_json("UNDER_REVIEW")]))
    .next(LOOK, campaign("ON_AIR"));
    assert_eq!(distribute(&host), Ok(Outcome::Live(on_air())));
}

#[test]
fn a_duplicate_reference_that_is_not_listed_yet_is_unavailable() {
    let host = connected();
    let other = json!({ "id": "cp_1", "clientReference": "another", "status": "ON_AIR" });
    host.next(
        "POST /v1/campaigns",
        problem(409, "DUPLICATE_CLIENT_REFERENCE"),
    )
    .next(FIND, listed(&[other]));
    assert!(matches!(distribute(&host), Err(Failure::Unavailable(_))));
}

#[test]
fn a_reused_key_continues_with_its_placement_or_fails() {
    let host = connected();
    host.next("POST /v1/campaigns", problem(422, "IDEMPOTENCY_KEY_REUSED"))
        .next(FIND, listed(&[campaign_json("ENDED")]));
    assert!(matches!(distribute(&host), Ok(Outcome::Live(_))));

    host.next("POST /v1/campaigns", problem(422, "IDEMPOTENCY_KEY_REUSED"))
        .next(FIND, listed(NOTHING));
    assert!(matches!(distribute(&host), Err(Failure::Failed(_))));
}

#[test]
fn a_campaign_before_its_creative_is_sent_again() {
    let host = connected();
    host.next("POST /v1/campaigns", problem(409, "CREATIVE_PROCESSING"))
        .next("POST /v1/campaigns", campaign("ON_AIR"));
    assert_eq!(distribute(&host), Ok(Outcome::Live(on_air())));

    host.always("POST /v1/campaigns", problem(409, "CREATIVE_PROCESSING"));
    assert!(matches!(distribute(&host), Err(Failure::Unavailable(_))));
}

#[test]
fn an_error_before_the_placement_is_left_to_the_host_to_repeat() {
    for request in ["POST /v1/creatives", "POST /v1/campaigns"] {
        let host = connected();
        host.next(
            request,
            problem(429, "RATE_LIMITED").header("Retry-After", "9"),
        );
        assert_eq!(distribute(&host), Err(Failure::RateLimited(Some(9_000))));
        host.next(request, ScriptedResponse::status(500))
            .always(FIND, listed(NOTHING));
        assert!(matches!(distribute(&host), Err(Failure::Unavailable(_))));
        host.next(request, problem(401, "UNAUTHORIZED"));
        assert!(matches!(distribute(&host), Err(Failure::Unauthorized(_))));
    }
}

#[test]
fn a_review_rejection_reports_kts_reason() {
    let host = connected();
    let mut rejected = campaign_json("REJECTED");
    rejected["reason"] = json!({ "code": "REVIEW_REJECTED", "message": "과장된 표현이 있습니다." });
    host.next("POST /v1/campaigns", campaign("UNDER_REVIEW"))
        .next(LOOK, ScriptedResponse::json(200, &rejected));
    let (at, text) = rejected_at(distribute(&host));
    assert_eq!(at, "/media/1");
    assert_eq!(text.matches("과장된 표현이 있습니다.").count(), 2, "{text}");
}

#[test]
fn a_review_rejection_of_the_region_has_a_finding_there() {
    let host = connected();
    let mut rejected = campaign_json("REJECTED");
    rejected["reason"] =
        json!({ "code": "REGION_NOT_SERVED", "message": "서비스 지역이 아닙니다." });
    host.next("POST /v1/campaigns", ScriptedResponse::json(202, &rejected));
    assert_eq!(rejected_at(distribute(&host)).0, "/settings/latitude");
}

#[test]
fn a_campaign_that_was_cancelled_at_kt_has_failed() {
    let host = connected();
    host.next("POST /v1/campaigns", campaign("SCHEDULED"))
        .next(LOOK, campaign("CANCELLED"));
    let Err(Failure::Failed(text)) = distribute(&host) else {
        panic!("failed")
    };
    assert!(text.contains("우리동네TV에서 취소되었습니다."), "{text}");
}

#[test]
fn an_owner_without_access_is_notified_and_polling_resumes_after_reconnecting() {
    for locked in [
        problem(401, "UNAUTHORIZED"),
        ScriptedResponse::denied("no secret"),
    ] {
        let host = connected();
        host.next("POST /v1/campaigns", campaign("UNDER_REVIEW"))
            .next(LOOK, locked)
            .next(LOOK, campaign("UNDER_REVIEW"))
            .next(LOOK, campaign("ON_AIR"));
        assert_eq!(distribute(&host), Ok(Outcome::Live(on_air())));
        let reports = host.accepted();
        assert_eq!(reports.len(), 3, "{reports:#?}");
        assert!(
            reports[1].1.contains("reconnect the channel"),
            "{reports:#?}"
        );
        assert_eq!(reports[0], reports[2]);
    }
}

#[test]
fn a_campaign_that_vanished_is_unknown() {
    let host = connected();
    host.next("POST /v1/campaigns", campaign("APPROVED"))
        .always(LOOK, problem(404, "NOT_FOUND"));
    assert!(matches!(distribute(&host), Err(Failure::Unknown(_))));
}

#[test]
fn a_campaign_that_is_not_shown_yet_is_looked_at_again() {
    let host = connected();
    host.next("POST /v1/campaigns", campaign("UNDER_REVIEW"))
        .next(LOOK, problem(404, "NOT_FOUND"))
        .next(LOOK, campaign("ON_AIR"));
    assert_eq!(distribute(&host), Ok(Outcome::Live(on_air())));
}

#[test]
fn polling_ends_after_its_time_limit() {
    let host = connected();
    host.next("POST /v1/campaigns", campaign("UNDER_REVIEW"))
        .always(LOOK, campaign("UNDER_REVIEW"));
    assert!(matches!(distribute(&host), Err(Failure::Unknown(_))));

    assert_eq!(host.now(), START_MS + (7 + 45) * DAY_MS);
    // Each look is three calls into the host.
    assert!(host.requests().len() * 3 < 50_000);
}

#[test]
fn an_approval_after_the_period_was_never_published() {
    let host = connected();
    let end_ms = START_MS + 7 * DAY_MS;
    host.at(end_ms - 1_000)
        .next("POST /v1/campaigns", campaign("UNDER_REVIEW"))
        .next(LOOK, campaign("UNDER_REVIEW"))
        .next(LOOK, campaign("ENDED"));
    let Err(Failure::Failed(message)) = distribute(&host) else {
        panic!("nobody has seen it")
    };
    assert!(message.contains("it was never out"), "{message}");
    // Approved between two looks, it may have been on air until the end.
    let host = connected();
    host.at(end_ms - 1_000)
        .next("POST /v1/campaigns", campaign("UNDER_REVIEW"))
        .next(LOOK, campaign("ENDED"));
    assert!(matches!(distribute(&host), Ok(Outcome::Live(_))));
}

#[test]
fn an_invalid_start_is_not_slept_for() {
    let host = connected();
    let mut scheduled = campaign_json("SCHEDULED");
    scheduled["period"]["startsAt"] = json!("9999-01-01T00:00:00Z");
    host.next(
        "POST /v1/campaigns",
        ScriptedResponse::json(202, &scheduled),
    )
    .always(LOOK, ScriptedResponse::json(200, &scheduled));
    assert!(matches!(distribute(&host), Err(Failure::Unknown(_))));
    assert_eq!(host.now(), START_MS + (7 + 45) * DAY_MS);
}

fn probed(answer: ScriptedResponse) -> Result<Option<Receipt>, Failure> {
    let host = connected();
    host.next(FIND, answer);
    let probed = UridongneTv::probe(KEY, "0195f0a1-0000-7000-8000-000000000001");
    assert_eq!(host.sent(), [FIND]);
    probed
}

#[test]
fn a_probe_finds_a_published_placement_and_ignores_a_pending_one() {
    for out in ["ON_AIR", "ENDED"] {
        let receipt = Receipt {
            estimated_reach: Some(11_000),
            ..on_air()
        };
        assert_eq!(probed(listed(&[campaign_json(out)])), Ok(Some(receipt)));
    }
    for on_its_way in [
        "UNDER_REVIEW",
        "APPROVED",
        "SCHEDULED",
        "REJECTED",
        "CANCELLED",
    ] {
        assert_eq!(probed(listed(&[campaign_json(on_its_way)])), Ok(None));
    }
    assert_eq!(probed(listed(NOTHING)), Ok(None));
}

#[test]
fn an_inconclusive_probe_is_unknown() {
    for silent in [
        ScriptedResponse::status(500),
        ScriptedResponse::in_doubt("timeout"),
        problem(401, "UNAUTHORIZED"),
        problem(429, "RATE_LIMITED"),
        ScriptedResponse::bytes(200, "[]"),
    ] {
        assert!(matches!(probed(silent), Err(Failure::Unknown(_))));
    }
}

#[test]
fn cancelling_a_campaign_is_idempotent() {
    let host = connected();
    let cancel = "POST /v1/campaigns/cp_7/cancel";
    for gone in [
        campaign("CANCELLED"),
        campaign("CANCELLED"),
        problem(404, "NOT_FOUND"),
        problem(409, "CAMPAIGN_ENDED"),
    ] {
        host.next(cancel, gone);
        assert_eq!(UridongneTv::withdraw(KEY, &on_air()), Ok(()));
    }
    host.next(cancel, ScriptedResponse::status(500));
    let failure = UridongneTv::withdraw(KEY, &on_air());
    assert!(matches!(failure, Err(Failure::Unavailable(_))));
}

#[test]
fn a_withdrawal_without_a_receipt_looks_up_the_reference() {
    let host = connected();
    host.next(FIND, listed(&[campaign_json("UNDER_REVIEW")]))
        .next("POST /v1/campaigns/cp_7/cancel", campaign("CANCELLED"));
    assert_eq!(UridongneTv::withdraw(KEY, &Receipt::EMPTY), Ok(()));

    host.next(FIND, listed(NOTHING));
    assert_eq!(UridongneTv::withdraw(KEY, &Receipt::EMPTY), Ok(()));
}
