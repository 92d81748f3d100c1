//! What an app's user reads when something they gave cannot be taken: in their language, with its
//! place, what is wrong and an example of what is right. And what is understood though it is written
//! in another way.

use it::{ApiResponse, Host, Owner, autumn_event};
use reqwest::Method;
use serde_json::{Value, json};

/// Parsers' and regular expressions' own words.
const PARSER_TERMS: [&str; 9] = [
    "expected",
    "invalid",
    "unknown",
    "failed",
    "^",
    "[0-9]",
    "pattern",
    "deserialize",
    "line ",
];

struct Case {
    method: Method,
    path: &'static str,
    body: Value,
    /// Where it is wrong; empty: the request as a whole.
    at: &'static str,
    korean: &'static str,
    english: &'static str,
}

fn case(
    method: Method,
    path: &'static str,
    body: Value,
    at: &'static str,
    korean: &'static str,
    english: &'static str,
) -> Case {
    Case {
        method,
        path,
        body,
        at,
        korean,
        english,
    }
}

async fn send_case(owner: &Owner, case: &Case) -> ApiResponse {
    let request = owner.request(case.method.clone(), case.path);
    let request = if case.body.is_null() {
        request
    } else {
        request.json(&case.body)
    };
    owner.send(request).await
}

fn account(change: impl FnOnce(&mut Value)) -> Value {
    let mut account = json!({
        "settings": {
            "appKey": "sandbox-app-key", "senderKey": "a1b2c3d4e5f6a7b8c9d0a1b2c3d4e5f6a7b8c9d0",
            "recipients": ["010-1234-5678"], "advertising": false,
        },
        "secrets": {"secretKey": "sandbox-kakao-secret"},
    });
    change(&mut account);
    account
}

const KAKAO: &str = "/api/accounts/kakao-channel";

#[tokio::test(flavor = "multi_thread")]
async fn validation_errors_are_localized_with_place_and_example() {
    let host = Host::start().await;
    let owner = host.owner("shop-1");
    let event = owner.create(&autumn_event(&["instagram"])).await;
    let schedule: &'static str = format!("/api/events/{event}/schedule").leak();
    let cases = [
        case(
            Method::POST,
            "/api/events",
            json!({"content": {"title": " ", "body": "x"}}),
            "/content/title",
            "제목이 비어 있습니다. 제목을 써 주세요.",
            "The title is empty. Write one.",
        ),
        case(
            Method::POST,
            "/api/events",
            json!({"content": {"title": "봄", "body": "x", "link": "온담 빵집"}}),
            "/content/link",
            "웹 주소가 아닙니다. 예: https://www.example.co.kr",
            "This is not a web address. Example: https://www.example.co.kr",
        ),
        case(
            Method::POST,
            "/api/events",
            json!({"content": {"title": 5, "body": "x"}}),
            "/content/title",
            "글자로 적어 주세요. 예: \"가을맞이 전 메뉴 20% 할인\"",
            "Must be a string. Example: \"가을맞이 전 메뉴 20% 할인\"",
        ),
        case(
            Method::PUT,
            schedule,
            json!({"publishAt": "내일 여섯 시"}),
            "/publishAt",
            "날짜와 시각을 시간대까지 적어 주세요. 예: 2026-12-24T18:00:00+09:00",
            "Must be a date and time with a time zone. Example: 2026-12-24T18:00:00+09:00",
        ),
        case(
            Method::PUT,
            schedule,
            json!({"publishAt": "2001-01-01T00:00:00Z"}),
            "/publishAt",
            "지금부터 1년 안의 시각이어야 합니다. 예: 2026-12-24T18:00:00+09:00",
            "The time must be within one year from now. Example: 2026-12-24T18:00:00+09:00",
        ),
        case(
            Method::PUT,
            KAKAO,
            account(|account| account["settings"]["recipients"] = json!(["010-1234"])),
            "/settings/recipients/0",
            "받는 사람: 전화번호 형식이 아닙니다. 예: 010-1234-5678",
            "Recipients: This is not a phone number. Example: 010-1234-5678",
        ),
        case(
            Method::PUT,
            KAKAO,
            account(|account| account["settings"]["recipients"] = json!(["02)332-1234"])),
            "/settings/recipients/0",
            "받는 사람: 형식이 맞지 않습니다. 예: 010-1234-5678",
            "Recipients: It does not have the right form. Example: 010-1234-5678",
        ),
        case(
            Method::PUT,
            KAKAO,
            account(|account| account["secrets"] = json!({})),
            "/secrets/secretKey",
            "꼭 입력해 주세요. NHN Cloud 콘솔에 있는 KakaoTalk Bizmessage의 비밀 키입니다.",
            "This field is required. Secret key of KakaoTalk Bizmessage in the console of NHN Cloud.",
        ),
        case(
            Method::GET,
            "/api/events?limit=many",
            Value::Null,
            "",
            "limit: ",
            "limit: ",
        ),
        case(
            Method::GET,
            "/api/events/not-an-id",
            Value::Null,
            "",
            "주소에 있는 ID가 맞지 않습니다.",
            "the id in the address is not one.",
        ),
    ];
    for case in cases {
        for (language, wanted) in [("ko", case.korean), ("en", case.english)] {
            let answer = send_case(&owner.reading(language), &case).await;
            let problem = &answer.body;
            assert!(answer.status.is_client_error(), "{problem:#}");
            assert_eq!(answer.headers["content-language"], language);
            let title = problem["title"].as_str().unwrap();
            let is_korean = title.contains("니다");
            assert_eq!(is_korean, language == "ko", "{title}");
            let text = if case.at.is_empty() {
                problem["detail"].as_str().unwrap()
            } else {
                let errors = problem["errors"].as_array().unwrap();
                let at = errors.iter().find(|error| error["at"] == case.at);
                let at = at.unwrap_or_else(|| panic!("nothing at {} in {problem:#}", case.at));
                at["message"].as_str().unwrap()
            };
            assert!(text.contains(wanted), "{text}");
            let whole = problem.to_string();
            for word in PARSER_TERMS {
                // The stable `type` is not for people.
                let whole = whole.replace("invalid-request", "");
                assert!(!whole.contains(word), "{word:?} in {whole}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn phone_numbers_and_urls_are_normalized() {
    let host = Host::start().await;
    let owner = host.connected_owner("shop-1").await;
    let given = account(|account| {
        account["settings"]["recipients"] = json!([
            "010 1234 5678",
            "01023456789",
            "+82 10 3456 7890",
            "０１０-4567-8901",
            "010.5678.9012"
        ]);
        account["settings"]["channelUrl"] = json!("pf.kakao.com/_sandbox");
    });
    let kept = owner.put(KAKAO, &given).await.expect(200)["settings"].clone();
    assert_eq!(
        kept["recipients"],
        json!([
            "010-1234-5678",
            "010-2345-6789",
            "010-3456-7890",
            "010-4567-8901",
            "010-5678-9012"
        ])
    );
    assert_eq!(kept["channelUrl"], "https://pf.kakao.com/_sandbox");

    let mut draft = autumn_event(&["ringo-biz"]);
    draft["channelSettings"]["ringo-biz"]["phoneNumber"] = json!("02)332-1234");
    draft["content"]["link"] = json!("www.ondam-bakery.co.kr");
    let event = owner.create(&draft).await;
    let shown = owner.get(&format!("/api/events/{event}")).await.expect(200);
    assert_eq!(shown["content"]["link"], "https://www.ondam-bakery.co.kr/");
    let checked = owner
        .post(&format!("/api/events/{event}/check"), &json!({}))
        .await
        .expect(200);
    let findings = checked["items"][0]["findings"].as_array().unwrap();
    let errors: Vec<&Value> = findings
        .iter()
        .filter(|finding| finding["severity"] == "error")
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_channel_option_is_named_by_its_title_with_an_example() {
    let host = Host::start().await;
    let owner = host.connected_owner("shop-1").await;
    let mut draft = autumn_event(&["genie-tv"]);
    draft["channelSettings"]["genie-tv"]["areas"] = json!(["망원1동"]);
    let event = owner.create(&draft).await;
    let korean = owner.reading("ko");

    let checked = korean
        .post(&format!("/api/events/{event}/check"), &json!({}))
        .await
        .expect(200);
    let finding = &checked["items"][0]["findings"][0];
    assert_eq!(finding["at"], "/channelSettings/genie-tv/areas/0");
    assert_eq!(
        finding["message"],
        "지역: 형식이 맞지 않습니다. 예: 1144068000"
    );

    let failed = korean.publish(&event).await;
    let message = failed.result("genie-tv")["message"].to_string();
    assert!(
        message.contains("이 채널에서 고른 것을 바꿔 주세요. 지역: 형식이 맞지 않습니다."),
        "{message}"
    );
    assert!(!message.contains('/'), "no pointer: {message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn channel_adjustments_are_reported_and_korean_urls_stay_readable() {
    let host = Host::start().await;
    let owner = host.connected_owner("shop-1").await;
    let mut draft = autumn_event(&["instagram"]);
    draft["content"]["hashtags"] = json!(["가을", "1+1", "🍞"]);
    draft["content"]["link"] = json!("온담.kr/봄");
    draft["content"]["body"] = json!("문의: shop@ondam.kr ".repeat(21));
    let event = owner.create(&draft).await;
    let path = format!("/api/events/{event}/check");
    let checked = owner.post(&path, &json!({})).await.expect(200);
    let findings = checked["items"][0]["findings"].as_array().unwrap();
    let places: Vec<&str> = findings
        .iter()
        .map(|finding| finding["at"].as_str().unwrap())
        .collect();
    assert_eq!(
        places,
        [
            "/content/hashtags/1",
            "/content/hashtags/2",
            "/content/link"
        ],
        "{findings:#?}"
    );
    let text = findings[0]["message"].as_str().unwrap();
    assert!(text.contains("'1+1' is posted as #11."), "{text}");

    let answer = owner.publish(&event).await;

    assert_eq!(answer.result("instagram")["status"], "LIVE");
    let posts = host.sandbox().posts("instagram").await;
    let caption = posts[0]["text"].as_str().unwrap();
    assert!(caption.contains("https://온담.kr/봄"), "{caption}");
    assert!(caption.ends_with("#가을 #11"), "{caption}");
}
