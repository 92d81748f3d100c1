//! From KT's bytes to who reacts and what they read: every code of the contract.

use baepo_sdk::http::Repeat;
use baepo_sdk::testing::ScriptedResponse as Scripted;
use serde_json::{Value, json};

use super::*;
use crate::tv::sample::PROVIDER;

fn problem(status: u16, code: &str, members: &Value) -> Scripted {
    let mut body = json!({
        "type": format!("urn:kt:problem:{}", code.to_lowercase().replace('_', "-")),
        "title": "as KT titles it", "status": status, "detail": "as KT says", "code": code,
    });
    if let (Some(body), Some(members)) = (body.as_object_mut(), members.as_object()) {
        body.extend(members.clone());
    }
    Scripted::json(status, &body).header("Retry-After", "7")
}

fn failure(given: Scripted) -> Failure {
    read::<Value>(given.into_result(Repeat::Idempotent))
        .expect_err("a refusal")
        .into_failure(&PROVIDER, "/media/2")
}

fn of(status: u16, code: &str, members: &Value) -> Failure {
    failure(problem(status, code, members))
}

fn plain(status: u16, code: &str) -> Failure {
    of(status, code, &json!({}))
}

/// Said in both languages, with the service's name filled in; KT's own words are for operators.
fn assert_texts(text: &str, korean: &str, english: &str, words: &str) {
    let expected = format!("[ko] {korean}\n[en] {english}\n[op] {words}");
    assert_eq!(text, expected);
}

fn rejected(failure: Failure) -> (String, String) {
    match failure {
        Failure::Rejected(findings) => {
            let [finding] = findings.try_into().expect("one finding");
            (finding.at, finding.message)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_rejected_token_is_unauthorized() {
    let Failure::Unauthorized(text) = plain(401, "UNAUTHORIZED") else {
        panic!("unauthorized")
    };
    assert_texts(
        &text,
        "동네티비에 로그인하지 못했습니다. 클라이언트 ID와 비밀 키를 확인하고 채널을 다시 연결해 주세요.",
        "Town TV does not let you in. Check client id and secret, and connect the channel again.",
        "as KT says",
    );
}

#[test]
fn rejected_credentials_are_unauthorized() {
    let given = Scripted::json(401, &json!({ "error": "invalid_client" }));
    let Failure::Unauthorized(text) = failure(given) else {
        panic!("unauthorized")
    };
    assert!(text.ends_with(" invalid_client"), "{text}");
}

#[test]
fn a_line_that_is_not_owned_is_unauthorized() {
    let Failure::Unauthorized(text) = plain(403, "LINE_NOT_OWNED") else {
        panic!("unauthorized")
    };
    assert!(text.contains("이 전화번호는 연결한 KT 계정의 것이 아닙니다."));
    assert!(text.contains("[en] This number does not belong to the connected KT account."));
}

#[test]
fn content_that_kt_rejects_has_a_finding_with_its_pointer() {
    let (at, text) = rejected(of(
        422,
        "CREATIVE_REJECTED",
        &json!({ "reason": "세로 영상" }),
    ));
    assert_eq!(at, "/media/2");
    assert_texts(
        &text,
        "동네티비가 이 소재를 받지 않았습니다. 고쳐서 다시 배포해 주세요. 세로 영상",
        "Town TV does not take this material. Change it and publish again. 세로 영상",
        "CREATIVE_REJECTED",
    );
    let (at, text) = rejected(plain(422, "PERIOD_INVALID"));
    assert_eq!(at, "/period");
    assert_texts(
        &text,
        "동네티비가 이 기간을 받지 않았습니다. 기간을 바꿔 주세요.",
        "Town TV does not take this period. Change it.",
        "as KT says",
    );
    let (at, text) = rejected(plain(422, "REGION_NOT_SERVED"));
    assert_eq!(at, "/options/areas");
    assert_texts(
        &text,
        "동네티비가 방송하지 않는 지역입니다. 다른 지역을 골라 주세요.",
        "Town TV does not serve this area. Choose another one.",
        "as KT says",
    );
    let (at, text) = rejected(plain(409, "INVENTORY_SOLD_OUT"));
    assert_eq!(at, "/options/timeBands");
    assert_texts(
        &text,
        "고른 기간과 시간대의 자리가 모두 팔렸습니다. 시간대나 기간, 지역을 바꿔 주세요.",
        "All spots of this period and time are sold out. Choose another time, period or area.",
        "as KT says",
    );
}

#[test]
fn a_low_budget_finding_states_the_minimum() {
    let (at, text) = rejected(of(
        422,
        "BUDGET_TOO_LOW",
        &json!({ "minBudget": 1_200_000 }),
    ));
    assert_eq!(at, "/options/budget");
    assert_texts(
        &text,
        "예산이 너무 적습니다. 1,200,000원 이상이어야 합니다.",
        "The budget is too low. It must be at least 1,200,000 won.",
        "as KT says",
    );
    let (_, text) = rejected(plain(422, "BUDGET_TOO_LOW"));
    assert_texts(
        &text,
        "예산이 너무 적습니다.",
        "The budget is too low.",
        "as KT says",
    );
}

#[test]
fn the_host_waits_as_long_as_kt_asks() {
    assert_eq!(
        plain(429, "RATE_LIMITED"),
        Failure::RateLimited(Some(7_000))
    );
    assert_eq!(failure(Scripted::status(429)), Failure::RateLimited(None));
}

#[test]
fn server_errors_and_missing_answers_are_unavailable() {
    let broken = Scripted::bytes(202, "<html>");
    for given in [
        Scripted::status(500),
        Scripted::bytes(502, "<html>gateway</html>"),
        Scripted::status(302),
        Scripted::status(408),
        broken,
        Scripted::in_doubt("connection reset"),
        Scripted::not_sent("no route"),
        Scripted::too_large(9_000_000),
        problem(409, "CREATIVE_PROCESSING", &json!({})),
        problem(409, "TONE_PROCESSING", &json!({})),
    ] {
        let failure = failure(given.clone());
        let Failure::Unavailable(text) = &failure else {
            panic!("{given:?}: {failure:?}")
        };
        assert!(
            text.starts_with("[ko] 동네티비의 응답을 받지 못했습니다."),
            "{text}"
        );
        assert!(
            text.contains("\n[en] Town TV gave no usable answer."),
            "{text}"
        );
    }
}

#[test]
fn a_definite_rejection_fails_with_kts_message() {
    for (status, code) in [
        (404, "NOT_FOUND"),
        (409, "CAMPAIGN_ENDED"),
        (418, "NEW_CODE"),
    ] {
        let Failure::Failed(text) = plain(status, code) else {
            panic!("{code}")
        };
        assert_texts(
            &text,
            "동네티비가 요청을 받지 않았습니다. 다시 시도해도 같으면 운영자에게 알려 주세요.",
            "Town TV refused the request. If it happens again, please tell the operator.",
            "as KT says",
        );
    }
    let Failure::Failed(text) = of(400, "INVALID_REQUEST", &json!({ "field": "period.endsAt" }))
    else {
        panic!("failed")
    };
    assert!(text.ends_with("period.endsAt: as KT says"), "{text}");
    let Failure::Failed(text) = plain(422, "IDEMPOTENCY_KEY_REUSED") else {
        panic!("failed")
    };
    assert_texts(
        &text,
        "앞서 보낸 것과 내용이 달라 동네티비가 받지 않았습니다. 다시 배포해 주세요.",
        "Town TV has an earlier request with other content. Publish again.",
        "as KT says",
    );
}

#[test]
fn a_request_that_the_host_denies_fails() {
    let Failure::Failed(text) = failure(Scripted::denied("no grant")) else {
        panic!("failed")
    };
    assert!(
        text.contains("요청을 보낼 수 없습니다.") && text.contains("no grant"),
        "{text}"
    );
}

#[test]
fn an_answer_without_a_code_is_classified_by_its_status() {
    assert!(matches!(
        failure(Scripted::status(401)),
        Failure::Unauthorized(_)
    ));
    assert!(matches!(
        failure(Scripted::status(403)),
        Failure::Unauthorized(_)
    ));
    assert!(matches!(failure(Scripted::status(404)), Failure::Failed(_)));
    assert!(matches!(
        failure(Scripted::bytes(400, "[]")),
        Failure::Failed(_)
    ));
}

#[test]
fn a_taken_reference_is_known_by_its_code() {
    let given = problem(
        409,
        "DUPLICATE_CLIENT_REFERENCE",
        &json!({ "existingId": "cp_1" }),
    );
    let api_error = read::<Value>(given.into_result(Repeat::Idempotent)).expect_err("a refusal");
    assert_eq!(api_error.reason, Reason::DuplicateReference);
}

#[test]
fn kts_message_is_truncated_to_one_short_line() {
    let words = format!("line\n[en] Paid. {}", "가".repeat(300));
    let api_error = ApiError::new(Reason::Other, &words);
    assert_eq!(api_error.words.chars().count(), MAX_DETAIL_CHARACTERS);
    assert!(!api_error.words.contains('\n'));
}

#[test]
fn money_is_grouped_in_thousands() {
    let grouped: Vec<_> = [0, 999, 1_000, 50_000, 1_200_000].map(grouped).into();
    assert_eq!(grouped, ["0", "999", "1,000", "50,000", "1,200,000"]);
}
