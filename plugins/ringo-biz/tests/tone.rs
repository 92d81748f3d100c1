//! What the channel sends, in which order, until callers hear it, and what it does with a no.

use core::time::Duration;

use baepo_sdk::testing::{self, Host, RawJob, ScriptedResponse};
use baepo_sdk::{Content, Failure, Media, MediaKind, Outcome, Period, Probe, Receipt, Withdraw};
use channel_ringo_biz::RingoBiz;
use serde_json::{Value, json};

const KEY: &str = "0195f0a1-5a3c-7c1e-9b8d-2f4e6a8c0b1d:1";
const FIND: &str = "GET /v1/assignments?clientReference=0195f0a1-5a3c-7c1e-9b8d-2f4e6a8c0b1d%3A1";
const LOOK: &str = "GET /v1/assignments/as_5";
const VERIFY: &str = "POST /v1/lines/023321234/verification";
const START_MS: u64 = 1_772_420_400_000 + 3 * 86_400_000;

/// An owner who has connected, with a line that is theirs. No tone takes long.
fn connected() -> Host {
    let host = Host::new();
    let verified = json!({ "number": "023321234", "owned": true });
    host.setting("apiHost", "partner.ringo-biz.example")
        .setting("firstLookSeconds", "120")
        .always(VERIFY, ScriptedResponse::json(200, &verified))
        .always("POST /v1/tones", tone("READY"));
    host
}

fn tone(status: &str) -> ScriptedResponse {
    ScriptedResponse::json(202, &json!({ "id": "tn_2", "status": status }))
}

fn assignment_json(status: &str) -> Value {
    json!({
        "id": "as_5", "clientReference": KEY, "phoneNumber": "023321234", "toneId": "tn_2",
        "status": status,
        "period": { "startsAt": "2026-03-05T03:00:00Z", "endsAt": "2026-03-12T03:00:00Z" },
    })
}

fn assignment(status: &str) -> ScriptedResponse {
    ScriptedResponse::json(200, &assignment_json(status))
}

fn listed(assignments: &[Value]) -> ScriptedResponse {
    ScriptedResponse::json(200, &json!({ "items": assignments }))
}

fn problem(status: u16, code: &str) -> ScriptedResponse {
    ScriptedResponse::json(status, &json!({ "detail": "as KT says", "code": code }))
}

fn content() -> Content {
    Content {
        period: Some(Period {
            starts_at: START_MS,
            ends_at: START_MS + 7 * 86_400_000,
        }),
        ..testing::content()
    }
}

fn recorded() -> Content {
    let audio = Media {
        kind: MediaKind::Audio,
        mime_type: "audio/mpeg".into(),
        duration_ms: Some(12_000),
        ..testing::image("https://m.example/hello.mp3")
    };
    Content {
        media: vec![testing::image("https://m.example/1.jpg"), audio],
        ..content()
    }
}

fn deliver(host: &Host, content: Content, options: &Value) -> Result<Outcome, Failure> {
    host.distribute::<RingoBiz>(RawJob {
        options: options.to_string(),
        ..testing::job(content)
    })
}

fn read_out(host: &Host) -> Result<Outcome, Failure> {
    deliver(host, content(), &json!({ "phoneNumber": "02-332-1234" }))
}

fn live() -> Result<Outcome, Failure> {
    Ok(Outcome::live(Some("as_5"), None))
}

fn rejected_at(outcome: Result<Outcome, Failure>) -> String {
    match outcome {
        Err(Failure::Rejected(findings)) => findings[0].at.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn callers_hear_the_title_and_the_body() {
    let host = connected();
    host.next(
        VERIFY,
        ScriptedResponse::json(200, &json!({ "owned": true })),
    )
    .next("POST /v1/tones", tone("PROCESSING"))
    .next("GET /v1/tones/tn_2", tone("READY"))
    .next("POST /v1/assignments", assignment("UNDER_REVIEW"))
    .next(LOOK, assignment("SCHEDULED"))
    .next(LOOK, assignment("ACTIVE"));

    assert_eq!(read_out(&host), live());

    assert_eq!(
        host.sent(),
        [
            VERIFY,
            "POST /v1/tones",
            "GET /v1/tones/tn_2",
            "POST /v1/assignments",
            LOOK,
            LOOK,
        ]
    );
    assert_eq!(
        host.bodies("POST /v1/tones"),
        [json!({
            "ttsScript": "봄맞이 크루아상 1+1\n3월 한 달, 오전에 오시면 하나 더 드립니다.",
            "voice": "female-calm",
        })]
    );
    assert_eq!(
        host.bodies("POST /v1/assignments"),
        [json!({
            "clientReference": KEY, "phoneNumber": "023321234", "toneId": "tn_2",
            "period": {
                "startsAt": "2026-03-05T12:00:00+09:00", "endsAt": "2026-03-12T12:00:00+09:00",
            },
            "restorePrevious": true,
        })]
    );
    let keys: Vec<_> = host
        .requests()
        .into_iter()
        .flat_map(|request| request.headers)
        .filter(|(name, _)| name == "Idempotency-Key")
        .map(|(_, key)| key)
        .collect();
    assert_eq!(keys, [format!("{KEY}-tone"), format!("{KEY}-placement")]);
    let reports = host.accepted();
    assert!(reports[0].1.contains("링고비즈가 심사하고 있습니다."));
    assert!(
        reports[1].1.contains("연결음 시작: 3월 5일 12:00"),
        "{}",
        reports[1].1
    );
}

#[test]
fn a_verification_has_no_body() {
    let host = connected();
    host.next("POST /v1/assignments", assignment("ACTIVE"));
    assert_eq!(read_out(&host), live());
    assert_eq!(host.requests()[0].body, None);
}

#[test]
fn a_script_comes_before_the_content_and_a_recording_before_both() {
    let options = json!({
        "phoneNumber": "02-332-1234", "script": " 어서 오세요. ", "voice": "male-calm",
    });
    let host = connected();
    host.always("POST /v1/assignments", assignment("ACTIVE"));
    assert_eq!(deliver(&host, content(), &options), live());
    assert_eq!(deliver(&host, recorded(), &options), live());
    assert_eq!(
        host.bodies("POST /v1/tones"),
        [
            json!({ "ttsScript": "어서 오세요.", "voice": "male-calm" }),
            json!({ "audioUrl": "https://m.example/hello.mp3" }),
        ]
    );
}

#[test]
fn a_long_review_is_polled_until_it_ends() {
    let host = connected();
    host.next("POST /v1/assignments", assignment("UNDER_REVIEW"))
        .next(LOOK, assignment("UNDER_REVIEW"))
        .next(LOOK, ScriptedResponse::status(503))
        .next(LOOK, assignment("APPROVED"))
        .next(LOOK, assignment("ACTIVE"));
    assert_eq!(read_out(&host), live());
    assert_eq!(host.slept(), [120, 240, 480, 960].map(Duration::from_secs));
}

#[test]
fn a_line_of_another_account_is_unauthorized() {
    let host = connected();
    host.next(VERIFY, problem(403, "LINE_NOT_OWNED"));
    let Err(Failure::Unauthorized(text)) = read_out(&host) else {
        panic!("unauthorized")
    };
    assert!(text.contains("[ko] 이 전화번호는") && text.contains("connect the channel again"));
    assert_eq!(host.sent(), [VERIFY]);
}

#[test]
fn a_rejected_tone_has_a_finding_at_its_source() {
    let refused = json!({ "id": "tn_2", "status": "REJECTED", "reason": "잡음이 많습니다." });
    let script = json!({ "phoneNumber": "02-332-1234", "script": "어서 오세요." });
    let number = json!({ "phoneNumber": "02-332-1234" });
    for (content, options, at) in [
        (recorded(), &number, "/media/1"),
        (content(), &script, "/options/script"),
        (content(), &number, "/body"),
    ] {
        let host = connected();
        host.next("POST /v1/tones", ScriptedResponse::json(202, &refused))
            .next(FIND, listed(&[]));
        assert_eq!(rejected_at(deliver(&host, content, options)), at);
    }
}

#[test]
fn an_assignment_before_its_tone_is_ready_is_sent_again() {
    let host = connected();
    host.next("POST /v1/assignments", problem(409, "TONE_PROCESSING"))
        .next("POST /v1/assignments", problem(409, "TONE_PROCESSING"))
        .next("POST /v1/assignments", assignment("ACTIVE"));
    assert_eq!(read_out(&host), live());
    assert_eq!(host.slept(), [2, 5].map(Duration::from_secs));
    let bodies = host.bodies("POST /v1/assignments");
    assert!(bodies.iter().all(|body| body == &bodies[0]));
}

#[test]
fn each_rejection_of_an_assignment_has_its_failure() {
    let host = connected();
    host.next("POST /v1/assignments", problem(422, "PERIOD_INVALID"))
        .next(FIND, listed(&[]));
    assert_eq!(rejected_at(read_out(&host)), "/period");
    host.next("POST /v1/assignments", problem(422, "CREATIVE_REJECTED"))
        .next(FIND, listed(&[]));
    assert_eq!(rejected_at(read_out(&host)), "/body");
    host.next("POST /v1/assignments", problem(400, "INVALID_REQUEST"))
        .next(FIND, listed(&[]));
    assert!(matches!(read_out(&host), Err(Failure::Failed(_))));
    host.next("POST /v1/assignments", ScriptedResponse::status(500))
        .next(FIND, listed(&[]));
    assert!(matches!(read_out(&host), Err(Failure::Unavailable(_))));
    host.next(
        "POST /v1/assignments",
        problem(429, "RATE_LIMITED").header("Retry-After", "3"),
    );
    assert_eq!(read_out(&host), Err(Failure::RateLimited(Some(3_000))));
    host.next("POST /v1/assignments", problem(401, "UNAUTHORIZED"));
    assert!(matches!(read_out(&host), Err(Failure::Unauthorized(_))));
}

#[test]
fn a_lost_answer_is_requested_again_and_finds_the_same_assignment() {
    let host = connected();
    host.next(
        "POST /v1/assignments",
        ScriptedResponse::in_doubt("connection reset"),
    )
    .next(FIND, listed(&[]));
    assert!(matches!(read_out(&host), Err(Failure::Unavailable(_))));
    host.next(
        "POST /v1/assignments",
        problem(409, "DUPLICATE_CLIENT_REFERENCE"),
    )
    .next(FIND, listed(&[assignment_json("ACTIVE")]));
    assert_eq!(read_out(&host), live());
}

#[test]
fn a_rejection_or_cancellation_by_kt_ends_the_delivery() {
    let mut rejected = assignment_json("REJECTED");
    rejected["reason"] = json!({ "code": "REVIEW_REJECTED", "message": "욕설이 있습니다." });
    let host = connected();
    host.next("POST /v1/assignments", assignment("UNDER_REVIEW"))
        .next(LOOK, ScriptedResponse::json(200, &rejected));
    assert_eq!(rejected_at(read_out(&host)), "/body");
    host.next("POST /v1/assignments", assignment("CANCELLED"));
    assert!(matches!(read_out(&host), Err(Failure::Failed(_))));
}

#[test]
fn a_probe_finds_an_active_or_ended_assignment() {
    for (status, heard) in [("ACTIVE", true), ("ENDED", true), ("SCHEDULED", false)] {
        let host = connected();
        host.next(FIND, listed(&[assignment_json(status)]));
        let found = RingoBiz::probe(KEY, "event").expect("an answer");
        assert_eq!(found.is_some(), heard, "{status}");
    }
    let host = connected();
    host.next(FIND, ScriptedResponse::status(500));
    assert!(matches!(
        RingoBiz::probe(KEY, "event"),
        Err(Failure::Unknown(_))
    ));
}

#[test]
fn restoring_the_former_tone_is_idempotent() {
    let host = connected();
    let receipt = Receipt {
        external_id: Some("as_5".into()),
        ..Receipt::EMPTY
    };
    host.next("DELETE /v1/assignments/as_5", ScriptedResponse::status(204))
        .next("DELETE /v1/assignments/as_5", ScriptedResponse::status(204))
        .next("DELETE /v1/assignments/as_5", problem(404, "NOT_FOUND"));
    for _ in 0..3 {
        assert_eq!(RingoBiz::withdraw(KEY, &receipt), Ok(()));
    }
    host.next(FIND, listed(&[assignment_json("SCHEDULED")]))
        .next("DELETE /v1/assignments/as_5", ScriptedResponse::status(204));
    assert_eq!(RingoBiz::withdraw(KEY, &Receipt::EMPTY), Ok(()));
}
