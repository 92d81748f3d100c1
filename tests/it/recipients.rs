//! Kakao's results are paired with who was asked: all are reached, missed or unknown.

use it::{Host, Owner, autumn_event};
use reqwest::Method;
use serde_json::{Value, json};

/// An owner with these recipients.
async fn owner_of(host: &Host, id: &str, recipients: &[&str]) -> Owner {
    let owner = host.connected_owner(id).await;
    let settings = json!({"settings": {"recipients": recipients}});
    let patch = owner.request(Method::PATCH, "/api/accounts/kakao-channel");
    let _ = owner.send(patch.json(&settings)).await.expect(200);
    owner
}

async fn published(owner: &Owner) -> Value {
    let answer = owner.publish_new(&autumn_event(&["kakao-channel"])).await;
    answer.result("kakao-channel")
}

/// NHN Cloud takes the message, and answers with these rows of (number, code).
async fn answers(host: &Host, rows: &[(&str, i64)]) {
    let rows: Vec<Value> = rows
        .iter()
        .map(|(number, code)| {
            json!({"recipientNo": number, "resultCode": code, "resultMessage": ""})
        })
        .collect();
    let header = json!({"resultCode": 0, "resultMessage": "SUCCESS", "isSuccessful": true});
    let message = json!({"requestId": "1", "senderGroupingKey": "", "sendResults": rows});
    let body = json!({"header": header, "message": message});
    let taken = json!({"status": 200, "after": true, "body": body});
    host.sandbox()
        .faults("kakao-channel", "freestyle-messages", "status", taken, 1)
        .await;
}

const FIVE: [&str; 5] = [
    "010-1234-0001",
    "010-1234-0002",
    "010-1234-0003",
    "010-1234-0004",
    "010-1234-0005",
];

#[tokio::test(flavor = "multi_thread")]
async fn duplicate_recipient_rows_count_once_and_missing_ones_are_looked_up() {
    let host = Host::start().await;
    let owner = owner_of(&host, "shop-1", &FIVE).await;
    let digits = FIVE.map(|number| number.replace('-', ""));
    let mut rows: Vec<(&str, i64)> = digits.iter().map(|number| (number.as_str(), 0)).collect();
    rows.push(rows[0]);
    answers(&host, &rows).await;
    let twice = published(&owner).await;
    assert_eq!(twice["status"], "LIVE", "{twice:#}");
    assert_eq!(twice["estimatedReach"], 5, "{twice:#}");
    assert_eq!(twice["message"], Value::Null);

    answers(&host, &rows[..4]).await;
    let missing = published(&owner).await;
    assert_eq!(missing["status"], "LIVE", "{missing:#}");
    assert_eq!(missing["estimatedReach"], 5, "the look-up has the fifth");
    assert_eq!(host.sandbox().posts("kakao-channel").await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_delivery_lists_missed_recipients_in_the_reader_language() {
    let host = Host::start().await;
    let recipients = [FIVE[0], FIVE[1], FIVE[2], "010-9999-3018", "010-9999-3019"];
    let owner = owner_of(&host, "shop-1", &recipients).await;

    let answer = owner.publish_new(&autumn_event(&["kakao-channel"])).await;

    let live = answer.result("kakao-channel");
    assert_eq!(live["status"], "LIVE", "{live:#}");
    assert_eq!(live["estimatedReach"], 3, "{live:#}");
    let distribution = answer.body["distributionId"].as_str().unwrap();
    for (language, counts, why) in [
        (
            "ko",
            "5명 가운데 3명에게 보냈고, 2명에게는",
            "보낼 수 없습니다. 채널 친구인지, 번호가 맞는지 확인해 주세요. (2명)",
        ),
        (
            "en",
            "Of 5 recipients 3 were reached, 2 were not, and of 0",
            "Check whether they are",
        ),
    ] {
        let reader = owner.reading(language);
        let delivery = reader.delivery(distribution, "kakao-channel").await;
        let message = delivery["message"].as_str().unwrap();
        assert!(message.contains(counts), "{message}");
        assert!(message.contains(why), "{message}");
        assert!(!message.contains("3018"), "no code: {message}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_receipt_leaves_the_delivery_unknown_with_all_counts() {
    let host = Host::start().await;
    let recipients = [
        FIVE[0],
        "010-9999-3005",
        "010-9999-0997",
        "010-9999-3018",
        FIVE[1],
    ];
    let owner = owner_of(&host, "shop-1", &recipients).await;

    let unknown = published(&owner.reading("en")).await;

    assert_eq!(unknown["status"], "UNKNOWN", "{unknown:#}");
    let message = unknown["message"].as_str().unwrap();
    let counts = "Of 5 recipients 2 were reached, 1 were not, and of 2 it is not known.";
    assert!(message.contains(counts), "{message}");
    let posts = host.sandbox().posts("kakao-channel").await;
    assert_eq!(posts.len(), 1, "never again");
}
