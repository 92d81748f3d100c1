//! From Meta's bytes to what the channel makes of them: every row of the table.

use baepo_sdk::http::Repeat;
use baepo_sdk::testing::{Host, ScriptedResponse};
use serde_json::json;

use super::*;
use crate::errors::PublishError;

fn error(code: i64, subcode: Option<i64>) -> ScriptedResponse {
    let error = json!({ "error": {
        "message": "as Meta says", "type": "OAuthException", "code": code,
        "error_subcode": subcode, "is_transient": false, "fbtrace_id": "AbC",
    }});
    ScriptedResponse::json(400, &error)
}

fn api_error(answer: ScriptedResponse) -> ApiError {
    read::<Id>(answer.into_result(Repeat::Unsafe)).expect_err("no success")
}

/// In Korean and in English.
type Texts = (&'static str, &'static str);

/// The result of an error where nothing has been published.
enum Expected {
    Unavailable(Texts),
    RateLimited,
    Unauthorized(Texts),
    Failed(Texts),
    /// With the place of the finding.
    Rejected(&'static str, Texts),
}

use Expected::{Failed, RateLimited, Rejected, Unauthorized, Unavailable};

const TROUBLE: Texts = (
    "인스타그램에 잠시 문제가 있습니다.",
    "Instagram is in trouble at the moment.",
);
const UNPREPARED: Texts = (
    "인스타그램이 게시물을 준비하지 못했습니다.",
    "Instagram could not prepare the post.",
);
const NOT_READY: Texts = (
    "인스타그램이 게시물을 아직 준비하고 있습니다.",
    "Instagram is still preparing the post.",
);
const UNREADABLE: Texts = (
    "인스타그램이 방금 만든 게시물을 아직 보여 주지 않습니다.",
    "Instagram does not show yet what it has just been given.",
);
const UNFETCHED: Texts = (
    "인스타그램이 이 주소에서 파일을 가져가지 못했습니다. 누구나 열 수 있는 주소인지 확인해 주세요.",
    "Instagram could not fetch the file from this address. Check that anybody can open it.",
);
const RESTRICTED: Texts = (
    "인스타그램이 이 계정을 제한하고 있습니다. 앱에서 계정 상태를 확인해 주세요.",
    "Instagram restricts this account. Check the account's status in the app.",
);
const DISCONNECTED: Texts = (
    "인스타그램 연결이 끊겼거나 게시 권한이 없습니다. 다시 연결해 주세요.",
    "The connection to Instagram has ended, or it may not publish. Connect again.",
);
const POLICY: Texts = (
    "인스타그램이 정책에 따라 막았습니다. 앱에서 계정 상태를 확인해 주세요.",
    "Instagram blocked it by its policy. Check the account's status in the app.",
);
const NOT_TAKEN: Texts = (
    "인스타그램이 받지 않았습니다. 내용을 바꿔 다시 시도하고, 그래도 같으면 운영자에게 알려 주세요.",
    "Instagram did not take it. Change the content and retry; if it stays so, please tell the operator.",
);
const TOO_LARGE: Texts = (
    "사진 파일이 너무 큽니다. 8MB보다 작게 저장해 주세요.",
    "The picture's file is too large. Save it with less than 8 MB.",
);
const NO_JPEG: Texts = (
    "인스타그램이 받지 않는 사진 형식입니다. JPEG로 저장해 주세요.",
    "Instagram does not take pictures of this format. Save it as JPEG.",
);
const RATIO: Texts = (
    "사진의 가로세로 비율은 4:5에서 1.91:1 사이여야 합니다.",
    "A picture's aspect ratio must be between 4:5 and 1.91:1.",
);
const TOO_LONG: Texts = (
    "글이 너무 깁니다. 2,200자까지 쓸 수 있습니다.",
    "The text is too long. It may have 2,200 characters.",
);
const NO_MP4: Texts = (
    "인스타그램이 받지 않는 영상 형식입니다. MP4(H.264)로 저장해 주세요.",
    "Instagram does not take videos of this format. Save it as MP4 (H.264).",
);
const COVER: Texts = (
    "영상의 표지로 고른 순간이 영상 길이를 벗어납니다.",
    "The moment chosen as the video's cover is beyond its end.",
);
const KIND: Texts = (
    "인스타그램이 모르는 종류의 게시물입니다.",
    "Instagram does not know this kind of post.",
);
const CAROUSEL: Texts = (
    "여러 장 게시물에는 사진이나 영상이 2개에서 10개까지 필요합니다.",
    "A carousel needs 2 to 10 pictures or videos.",
);
const PRODUCT: Texts = (
    "상품 태그가 맞지 않습니다. 태그를 확인해 주세요.",
    "A product tag is not right. Check the tags.",
);
const MENTIONS: Texts = (
    "@로 시작하는 언급은 20개까지 쓸 수 있습니다.",
    "A post may have 20 mentions that begin with @.",
);
const TWICE: Texts = (
    "바로 앞에 올린 글과 똑같습니다. 내용을 바꿔 주세요.",
    "This is the same as the post before it. Change the text.",
);

const TABLE: &[(i64, Option<i64>, Expected)] = &[
    (-2, Some(2_207_003), Unavailable(TROUBLE)),
    (-1, Some(2_207_001), Unavailable(TROUBLE)),
    (-1, Some(2_207_032), Unavailable(TROUBLE)),
    (1, None, Unavailable(TROUBLE)),
    (2, None, Unavailable(TROUBLE)),
    (-2, Some(2_207_020), Unavailable(UNPREPARED)),
    (-1, Some(2_207_053), Unavailable(UNPREPARED)),
    (24, Some(2_207_008), Unavailable(UNPREPARED)),
    (9_007, Some(2_207_027), Unavailable(NOT_READY)),
    (9_007, None, Unavailable(NOT_READY)),
    (9_004, Some(2_207_052), Rejected("/media/0/url", UNFETCHED)),
    (9_004, None, Rejected("/media/0/url", UNFETCHED)),
    (4, Some(2_207_051), Failed(RESTRICTED)),
    (9, Some(2_207_042), RateLimited),
    (4, None, RateLimited),
    (17, None, RateLimited),
    (32, None, RateLimited),
    (341, None, RateLimited),
    (613, None, RateLimited),
    (80_001, None, RateLimited),
    (80_002, None, RateLimited),
    (
        36_000,
        Some(2_207_004),
        Rejected("/media/0/bytes", TOO_LARGE),
    ),
    (
        36_001,
        Some(2_207_005),
        Rejected("/media/0/mimeType", NO_JPEG),
    ),
    (36_003, Some(2_207_009), Rejected("/media/0/width", RATIO)),
    (36_004, Some(2_207_010), Rejected("/body", TOO_LONG)),
    (352, Some(2_207_026), Rejected("/media/0/mimeType", NO_MP4)),
    (36_000, None, Rejected("/media/0/bytes", TOO_LARGE)),
    (36_001, None, Rejected("/media/0/mimeType", NO_JPEG)),
    (36_003, None, Rejected("/media/0/width", RATIO)),
    (36_004, None, Rejected("/body", TOO_LONG)),
    (352, None, Rejected("/media/0/mimeType", NO_MP4)),
    (1, Some(2_207_057), Rejected("/media/0", COVER)),
    (100, Some(2_207_023), Rejected("/media/0", KIND)),
    (-1, Some(2_207_028), Rejected("/media/0", CAROUSEL)),
    (-1, Some(2_207_035), Rejected("/media/0", PRODUCT)),
    (-1, Some(2_207_036), Rejected("/media/0", PRODUCT)),
    (-1, Some(2_207_037), Rejected("/media/0", PRODUCT)),
    (-1, Some(2_207_040), Rejected("/body", MENTIONS)),
    (506, None, Rejected("/body", TWICE)),
    (190, None, Unauthorized(DISCONNECTED)),
    (190, Some(463), Unauthorized(DISCONNECTED)),
    (10, None, Unauthorized(DISCONNECTED)),
    (200, None, Unauthorized(DISCONNECTED)),
    (250, None, Unauthorized(DISCONNECTED)),
    (299, None, Unauthorized(DISCONNECTED)),
    (25, Some(2_207_050), Unauthorized(DISCONNECTED)),
    (368, None, Failed(POLICY)),
    (100, Some(33), Unavailable(UNREADABLE)),
    (100, None, Failed(NOT_TAKEN)),
    (777, Some(1), Failed(NOT_TAKEN)),
];

#[test]
fn every_code_of_meta_has_its_failure_and_the_owner_reads_it_in_both_languages() {
    for (code, subcode, expectation) in TABLE {
        let metas = subcode.map_or(format!("code {code}"), |sub| format!("code {code}/{sub}"));
        let expected_text = |(korean, english): &Texts| {
            format!(
                "[ko] {korean}\n[en] {english}\n\
                 [op] Instagram: as Meta says ({metas})"
            )
        };
        let expected = match expectation {
            Unavailable(words) => Failure::Unavailable(expected_text(words)),
            RateLimited => Failure::RateLimited(None),
            Unauthorized(words) => Failure::Unauthorized(expected_text(words)),
            Failed(words) => Failure::Failed(expected_text(words)),
            Rejected(json_pointer, words) => Failure::rejected(*json_pointer, expected_text(words)),
        };
        let found = api_error(error(*code, *subcode)).into_failure("/media/0");
        assert_eq!(found, expected, "{metas}");
    }
}

#[test]
fn an_unusable_container_is_created_again() {
    for (code, subcode) in [(-2, 2_207_020), (-1, 2_207_053), (24, 2_207_008)] {
        let setback = api_error(error(code, Some(subcode))).into_publish_error("/media/0");
        assert!(
            matches!(setback, PublishError::NewContainer(_)),
            "{setback:?}"
        );
    }
}

#[test]
fn a_restricted_account_may_have_published() {
    assert!(!api_error(error(4, Some(2_207_051))).is_certain());
}

#[test]
fn a_status_without_a_graph_error_is_reported_as_it_is() {
    assert_eq!(
        api_error(ScriptedResponse::status(401)).into_failure(""),
        Failure::Unauthorized(
            Text::new(DISCONNECTED.0, DISCONNECTED.1)
                .detail("Instagram: status 401")
                .into()
        )
    );
    assert_eq!(
        api_error(ScriptedResponse::status(403)).reaction,
        Reaction::Unauthorized
    );
    assert_eq!(
        api_error(ScriptedResponse::status(404)).reaction,
        Reaction::Other
    );
}

#[test]
fn the_usage_header_sets_the_wait_in_minutes() {
    let usage = r#"{"178414":[{"type":"pages","estimated_time_to_regain_access":3},
                              {"type":"instagram","estimated_time_to_regain_access":19}]}"#;
    let limited = error(80_002, None).header("X-Business-Use-Case-Usage", usage);
    assert_eq!(
        api_error(limited).into_failure(""),
        Failure::RateLimited(Some(19 * 60_000))
    );

    let odd = r#"{"178414":[{"estimated_time_to_regain_access":1e12}, {"estimated_time_to_regain_access":"soon"}]}"#;
    let limited = error(4, None).header("X-Business-Use-Case-Usage", odd);
    assert_eq!(
        api_error(limited).into_failure(""),
        Failure::RateLimited(Some(60_000_000_000_000_000)),
        "as it was said: the host caps it"
    );

    let at_ease = r#"{"178414":[{"type":"instagram","call_count":3}]}"#;
    let limited = error(4, None).header("x-business-use-case-usage", at_ease);
    assert_eq!(
        api_error(limited).into_failure(""),
        Failure::RateLimited(None)
    );

    let gateway = ScriptedResponse::status(429).header("Retry-After", "30");
    assert_eq!(
        api_error(gateway).into_failure(""),
        Failure::RateLimited(Some(30_000))
    );
}

#[test]
fn an_unknown_transient_error_is_not_final() {
    let transient = json!({ "error": { "message": "m", "code": 777, "is_transient": true } });
    assert_eq!(
        api_error(ScriptedResponse::json(400, &transient)).reaction,
        Reaction::Unavailable
    );
    let server = json!({ "error": { "message": "m", "code": 777 } });
    assert_eq!(
        api_error(ScriptedResponse::json(500, &server)).reaction,
        Reaction::Unavailable
    );
}

#[test]
fn a_transient_error_is_neither_certain_nor_a_reason_to_connect_again() {
    let transient = json!({ "error": { "message": "m", "code": 190, "is_transient": true } });
    let api_error = api_error(ScriptedResponse::json(400, &transient));
    assert!(!api_error.is_certain());
    assert!(matches!(
        api_error.into_failure(""),
        Failure::Unavailable(_)
    ));
}

#[test]
fn a_code_that_may_accompany_a_published_post_is_not_certain() {
    for (code, subcode) in [
        (4, None),
        (4, Some(2_207_051)),
        (1, None),
        (2, None),
        (-1, Some(2_207_001)),
    ] {
        assert!(!api_error(error(code, subcode)).is_certain(), "{code}");
    }
    for (code, subcode) in [
        (190, None),
        (9, Some(2_207_042)),
        (352, Some(2_207_026)),
        (-1, Some(2_207_028)),
        (1, Some(2_207_057)),
    ] {
        assert!(api_error(error(code, subcode)).is_certain(), "{code}");
    }
}

#[test]
fn an_unreadable_answer_is_in_doubt() {
    for answer in [
        ScriptedResponse::in_doubt("limit \"request time\": 30 s"),
        ScriptedResponse::too_large(9_000_000),
        ScriptedResponse::status(200),
        ScriptedResponse::bytes(200, "<html>"),
        ScriptedResponse::json(200, &json!({ "success": true })),
        ScriptedResponse::status(302),
        ScriptedResponse::status(408),
        ScriptedResponse::status(500),
        ScriptedResponse::bytes(503, "<html>upstream</html>"),
    ] {
        let name = format!("{answer:?}");
        assert_eq!(api_error(answer).reaction, Reaction::Doubt, "{name}");
    }
}

#[test]
fn host_errors_are_shown_to_operators_only() {
    let hanging = api_error(ScriptedResponse::in_doubt(
        "limit \"request time\": 10 s of 10 s",
    ));
    assert_eq!(
        hanging.into_failure(""),
        Failure::Unavailable(
            Text::new(
                "인스타그램에서 쓸 수 있는 응답을 받지 못했습니다.",
                "Instagram gave no usable answer.",
            )
            .detail("no answer: limit \"request time\": 10 s of 10 s")
            .into()
        )
    );
    assert_eq!(
        api_error(ScriptedResponse::denied("no grant")).reaction,
        Reaction::Denied
    );
    assert_eq!(
        api_error(ScriptedResponse::not_sent("no route")).reaction,
        Reaction::NotSent
    );
}

#[test]
fn the_code_of_a_failed_container_is_parsed_from_its_status() {
    let status = |text: &str| Status {
        code: StatusCode::Error,
        status: text.into(),
    };
    let failed = status("Error: Media upload has failed with error code 2207026");
    assert_eq!(
        failed.api_error().into_failure("/media/0"),
        Failure::rejected(
            "/media/0/mimeType",
            Text::new(NO_MP4.0, NO_MP4.1)
                .detail("Instagram: Error: Media upload has failed with error code 2207026")
        )
    );
    let unfetched = status("Error: 2207052, media could not be fetched");
    assert_eq!(unfetched.api_error().reaction, Reaction::CannotFetch);
    assert_eq!(
        status("Error: something").api_error().reaction,
        Reaction::NewContainer
    );
}

#[test]
fn a_used_up_quota_is_rate_limited() {
    let _host = Host::new();
    let usage = |used: u64, total: u64| {
        let config = json!({ "quota_total": total, "quota_duration": 86_400 });
        ScriptedResponse::json(
            200,
            &json!({ "data": [{ "quota_usage": used, "config": config }] }),
        )
    };
    assert_eq!(quota(usage(49, 50).into_result(Repeat::Safe)), Ok(()));
    assert_eq!(
        quota(usage(50, 50).into_result(Repeat::Safe)),
        Err(Failure::RateLimited(Some(3_600_000)))
    );
    let bare = ScriptedResponse::json(200, &json!({ "data": [{ "quota_usage": 70 }] }));
    assert_eq!(quota(bare.into_result(Repeat::Safe)), Ok(()));
}
