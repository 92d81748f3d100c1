//! From Meta's bytes to what the channel makes of them: every row of the table.

use baepo_sdk::http::Repeat;
use baepo_sdk::testing::{Answer, Host};
use serde_json::json;

use super::*;
use crate::errors::Setback;

fn error(code: i64, subcode: Option<i64>) -> Answer {
    let error = json!({ "error": {
        "message": "as Meta says", "type": "OAuthException", "code": code,
        "error_subcode": subcode, "is_transient": false, "fbtrace_id": "AbC",
    }});
    Answer::json(400, &error)
}

fn refusal(answer: Answer) -> Refusal {
    read::<Id>(answer.to(Repeat::Unsafe)).expect_err("no success")
}

/// In Korean and in English.
type Words = (&'static str, &'static str);

/// What becomes of an error where nothing has been published.
enum Becomes {
    Unavailable(Words),
    RateLimited,
    Unauthorized(Words),
    Failed(Words),
    /// With the place of the finding.
    Rejected(&'static str, Words),
}

use Becomes::{Failed, RateLimited, Rejected, Unauthorized, Unavailable};

const TROUBLE: Words = (
    "인스타그램에 잠시 문제가 있습니다.",
    "Instagram is in trouble at the moment.",
);
const UNPREPARED: Words = (
    "인스타그램이 게시물을 준비하지 못했습니다.",
    "Instagram could not prepare the post.",
);
const NOT_READY: Words = (
    "인스타그램이 게시물을 아직 준비하고 있습니다.",
    "Instagram is still preparing the post.",
);
const UNREADABLE: Words = (
    "인스타그램이 방금 만든 게시물을 아직 보여 주지 않습니다.",
    "Instagram does not show yet what it has just been given.",
);
const UNFETCHED: Words = (
    "인스타그램이 이 주소에서 파일을 가져가지 못했습니다. 누구나 열 수 있는 주소인지 확인해 주세요.",
    "Instagram could not fetch the file from this address. Check that anybody can open it.",
);
const RESTRICTED: Words = (
    "인스타그램이 이 계정을 제한하고 있습니다. 앱에서 계정 상태를 확인해 주세요.",
    "Instagram restricts this account. Check the account's status in the app.",
);
const DISCONNECTED: Words = (
    "인스타그램 연결이 끊겼거나 게시 권한이 없습니다. 다시 연결해 주세요.",
    "The connection to Instagram has ended, or it may not publish. Connect again.",
);
const POLICY: Words = (
    "인스타그램이 정책에 따라 막았습니다. 앱에서 계정 상태를 확인해 주세요.",
    "Instagram blocked it by its policy. Check the account's status in the app.",
);
const NOT_TAKEN: Words = (
    "인스타그램이 받지 않았습니다. 내용을 바꿔 다시 시도하고, 그래도 같으면 운영자에게 알려 주세요.",
    "Instagram did not take it. Change the content and retry; if it stays so, please tell the operator.",
);
const TOO_LARGE: Words = (
    "사진 파일이 너무 큽니다. 8MB보다 작게 저장해 주세요.",
    "The picture's file is too large. Save it with less than 8 MB.",
);
const NO_JPEG: Words = (
    "인스타그램이 받지 않는 사진 형식입니다. JPEG로 저장해 주세요.",
    "Instagram does not take pictures of this format. Save it as JPEG.",
);
const RATIO: Words = (
    "사진의 가로세로 비율은 4:5에서 1.91:1 사이여야 합니다.",
    "A picture's aspect ratio must be between 4:5 and 1.91:1.",
);
const TOO_LONG: Words = (
    "글이 너무 깁니다. 2,200자까지 쓸 수 있습니다.",
    "The text is too long. It may have 2,200 characters.",
);
const NO_MP4: Words = (
    "인스타그램이 받지 않는 영상 형식입니다. MP4(H.264)로 저장해 주세요.",
    "Instagram does not take videos of this format. Save it as MP4 (H.264).",
);
const COVER: Words = (
    "영상의 표지로 고른 순간이 영상 길이를 벗어납니다.",
    "The moment chosen as the video's cover is beyond its end.",
);
const KIND: Words = (
    "인스타그램이 모르는 종류의 게시물입니다.",
    "Instagram does not know this kind of post.",
);
const CAROUSEL: Words = (
    "여러 장 게시물에는 사진이나 영상이 2개에서 10개까지 필요합니다.",
    "A carousel needs 2 to 10 pictures or videos.",
);
const PRODUCT: Words = (
    "상품 태그가 맞지 않습니다. 태그를 확인해 주세요.",
    "A product tag is not right. Check the tags.",
);
const MENTIONS: Words = (
    "@로 시작하는 언급은 20개까지 쓸 수 있습니다.",
    "A post may have 20 mentions that begin with @.",
);
const TWICE: Words = (
    "바로 앞에 올린 글과 똑같습니다. 내용을 바꿔 주세요.",
    "This is the same as the post before it. Change the text.",
);

const TABLE: &[(i64, Option<i64>, Becomes)] = &[
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
    for (code, subcode, becomes) in TABLE {
        let metas = subcode.map_or(format!("code {code}"), |sub| format!("code {code}/{sub}"));
        let said = |(korean, english): &Words| {
            format!(
                "[ko] {korean}\n[en] {english}\n\
                 [op] Instagram: as Meta says ({metas})"
            )
        };
        let expected = match becomes {
            Unavailable(words) => Failure::Unavailable(said(words)),
            RateLimited => Failure::RateLimited(None),
            Unauthorized(words) => Failure::Unauthorized(said(words)),
            Failed(words) => Failure::Failed(said(words)),
            Rejected(place, words) => Failure::rejected(*place, said(words)),
        };
        let found = refusal(error(*code, *subcode)).into_failure("/media/0");
        assert_eq!(found, expected, "{metas}");
    }
}

#[test]
fn a_spoiled_container_is_made_anew() {
    for (code, subcode) in [(-2, 2_207_020), (-1, 2_207_053), (24, 2_207_008)] {
        let setback = refusal(error(code, Some(subcode))).into_setback("/media/0");
        assert!(matches!(setback, Setback::NewContainer(_)), "{setback:?}");
    }
}

#[test]
fn a_restricted_account_may_have_posted_all_the_same() {
    assert!(!refusal(error(4, Some(2_207_051))).is_certain());
}

#[test]
fn a_status_without_metas_words_is_told_as_it_is() {
    assert_eq!(
        refusal(Answer::status(401)).into_failure(""),
        Failure::Unauthorized(
            Text::new(DISCONNECTED.0, DISCONNECTED.1)
                .detail("Instagram: status 401")
                .into()
        )
    );
    assert_eq!(
        refusal(Answer::status(403)).reaction,
        Reaction::Unauthorized
    );
    assert_eq!(refusal(Answer::status(404)).reaction, Reaction::Other);
}

#[test]
fn meta_says_in_a_header_how_many_minutes_to_wait() {
    let usage = r#"{"178414":[{"type":"pages","estimated_time_to_regain_access":3},
                              {"type":"instagram","estimated_time_to_regain_access":19}]}"#;
    let limited = error(80_002, None).header("X-Business-Use-Case-Usage", usage);
    assert_eq!(
        refusal(limited).into_failure(""),
        Failure::RateLimited(Some(19 * 60_000))
    );

    let odd = r#"{"178414":[{"estimated_time_to_regain_access":1e12}, {"estimated_time_to_regain_access":"soon"}]}"#;
    let limited = error(4, None).header("X-Business-Use-Case-Usage", odd);
    assert_eq!(
        refusal(limited).into_failure(""),
        Failure::RateLimited(Some(60_000_000_000_000_000)),
        "as it was said: the host caps it"
    );

    let at_ease = r#"{"178414":[{"type":"instagram","call_count":3}]}"#;
    let limited = error(4, None).header("x-business-use-case-usage", at_ease);
    assert_eq!(
        refusal(limited).into_failure(""),
        Failure::RateLimited(None)
    );

    let gateway = Answer::status(429).header("Retry-After", "30");
    assert_eq!(
        refusal(gateway).into_failure(""),
        Failure::RateLimited(Some(30_000))
    );
}

#[test]
fn an_error_outside_the_table_is_not_final_if_meta_calls_it_transient() {
    let transient = json!({ "error": { "message": "m", "code": 777, "is_transient": true } });
    assert_eq!(
        refusal(Answer::json(400, &transient)).reaction,
        Reaction::Unavailable
    );
    let server = json!({ "error": { "message": "m", "code": 777 } });
    assert_eq!(
        refusal(Answer::json(500, &server)).reaction,
        Reaction::Unavailable
    );
}

#[test]
fn a_transient_error_is_neither_certain_nor_a_reason_to_connect_again() {
    let transient = json!({ "error": { "message": "m", "code": 190, "is_transient": true } });
    let refusal = refusal(Answer::json(400, &transient));
    assert!(!refusal.is_certain());
    assert!(matches!(refusal.into_failure(""), Failure::Unavailable(_)));
}

#[test]
fn a_code_that_has_come_with_posts_that_were_out_is_not_certain() {
    for (code, subcode) in [
        (4, None),
        (4, Some(2_207_051)),
        (1, None),
        (2, None),
        (-1, Some(2_207_001)),
    ] {
        assert!(!refusal(error(code, subcode)).is_certain(), "{code}");
    }
    for (code, subcode) in [
        (190, None),
        (9, Some(2_207_042)),
        (352, Some(2_207_026)),
        (-1, Some(2_207_028)),
        (1, Some(2_207_057)),
    ] {
        assert!(refusal(error(code, subcode)).is_certain(), "{code}");
    }
}

#[test]
fn whatever_cannot_be_read_leaves_a_doubt() {
    for answer in [
        Answer::in_doubt("limit \"request time\": 30 s"),
        Answer::too_large(9_000_000),
        Answer::status(200),
        Answer::bytes(200, "<html>"),
        Answer::json(200, &json!({ "success": true })),
        Answer::status(302),
        Answer::status(408),
        Answer::status(500),
        Answer::bytes(503, "<html>upstream</html>"),
    ] {
        let name = format!("{answer:?}");
        assert_eq!(refusal(answer).reaction, Reaction::Doubt, "{name}");
    }
}

#[test]
fn the_hosts_own_words_are_for_operators() {
    let hanging = refusal(Answer::in_doubt("limit \"request time\": 10 s of 10 s"));
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
        refusal(Answer::denied("no grant")).reaction,
        Reaction::Denied
    );
    assert_eq!(
        refusal(Answer::not_sent("no route")).reaction,
        Reaction::NotSent
    );
}

#[test]
fn a_failed_container_tells_its_code_in_words() {
    let status = |text: &str| Status {
        code: StatusCode::Error,
        status: text.into(),
    };
    let failed = status("Error: Media upload has failed with error code 2207026");
    assert_eq!(
        failed.refusal().into_failure("/media/0"),
        Failure::rejected(
            "/media/0/mimeType",
            Text::new(NO_MP4.0, NO_MP4.1)
                .detail("Instagram: Error: Media upload has failed with error code 2207026")
        )
    );
    let unfetched = status("Error: 2207052, media could not be fetched");
    assert_eq!(unfetched.refusal().reaction, Reaction::CannotFetch);
    assert_eq!(
        status("Error: something").refusal().reaction,
        Reaction::NewContainer
    );
}

#[test]
fn a_used_up_quota_waits() {
    let _host = Host::new();
    let usage = |used: u64, total: u64| {
        let config = json!({ "quota_total": total, "quota_duration": 86_400 });
        Answer::json(
            200,
            &json!({ "data": [{ "quota_usage": used, "config": config }] }),
        )
    };
    assert_eq!(quota(usage(49, 50).to(Repeat::Safe)), Ok(()));
    assert_eq!(
        quota(usage(50, 50).to(Repeat::Safe)),
        Err(Failure::RateLimited(Some(3_600_000)))
    );
    let bare = Answer::json(200, &json!({ "data": [{ "quota_usage": 70 }] }));
    assert_eq!(quota(bare.to(Repeat::Safe)), Ok(()));
}
