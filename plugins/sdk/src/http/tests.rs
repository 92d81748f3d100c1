use super::*;
use crate::testing::ScriptedResponse;

#[test]
fn a_query_is_encoded_wherever_it_is_added() {
    let request = get("https://a.example/x")
        .query("q", "a b&c")
        .query("사", "1");
    assert_eq!(request.url, "https://a.example/x?q=a%20b%26c&%EC%82%AC=1");
}

#[test]
fn a_header_is_found_in_any_case() {
    let response = ScriptedResponse::status(429)
        .header("Retry-After", "3")
        .into_result(Repeat::Safe);
    assert_eq!(
        response.map(|response| response.retry_after_ms()),
        Ok(Some(3_000))
    );
}

#[test]
fn a_retry_after_may_be_a_date() {
    let host = crate::testing::Host::new();
    host.at(1_772_420_400_000);
    let response = ScriptedResponse::status(503)
        .header("Retry-After", "Mon, 02 Mar 2026 03:02:00 GMT")
        .into_result(Repeat::Safe);
    assert_eq!(
        response.map(|response| response.retry_after_ms()),
        Ok(Some(120_000))
    );
}

#[test]
fn an_error_of_the_server_after_an_unsafe_request_is_unknown() {
    let failure = |repeat| {
        ScriptedResponse::status(502)
            .into_result(repeat)
            .map(|answer| answer.success().err())
    };
    assert!(matches!(
        failure(Repeat::Unsafe),
        Ok(Some(Failure::Unknown(_)))
    ));
    assert!(matches!(
        failure(Repeat::Idempotent),
        Ok(Some(Failure::Unavailable(_)))
    ));
}
