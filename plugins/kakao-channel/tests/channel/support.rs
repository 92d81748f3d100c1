//! What the scenarios begin with, and what the provider answers.

use baepo_sdk::testing::{Host, ScriptedResponse, content, job};
use baepo_sdk::{Failure, Outcome, Receipt};
use channel_kakao_channel::KakaoChannel;
use serde_json::{Value, json};

pub const SEND: &str = "POST /brand-message/v1.0/appkeys/app/freestyle-messages";
pub const FIND: &str = "GET /brand-message/v1.0/appkeys/app/messages";
pub const KEY: &str = "0195f0a1-5a3c-7c1e-9b8d-2f4e6a8c0b1d:1";
pub const MINUTE_MS: u64 = 60_000;

/// An owner who has connected and advertises; it is noon.
pub fn connected() -> Host {
    let host = Host::new();
    host.setting("appKey", "app")
        .setting("senderKey", "a1b2c3d4e5f6a7b8c9d0a1b2c3d4e5f6a7b8c9d0")
        .setting("recipients", r#"["010-1234-5678","010-2345-6789"]"#)
        .setting("advertising", "true")
        .setting("unsubscribeNumber", "080-1234-5678")
        .setting("apiHost", "kakaotalk-bizmessage.api.nhncloudservice.com")
        .setting("apiVersion", "v1.0");
    host
}

/// A time on 2026-03-02 in Seoul.
pub fn at(hour: u64, minute: u64) -> u64 {
    1_772_420_400_000 - 12 * 60 * MINUTE_MS + (hour * 60 + minute) * MINUTE_MS
}

pub fn answer(code: impl Into<Value>, is_successful: bool, rest: Value) -> ScriptedResponse {
    let (code, mut body): (Value, _) = (code.into(), rest);
    body["header"] =
        json!({ "resultCode": code, "resultMessage": "m", "isSuccessful": is_successful });
    ScriptedResponse::json(200, &body)
}

pub fn taken(codes: &[Value]) -> ScriptedResponse {
    let results: Vec<_> = codes
        .iter()
        .zip(1..)
        .map(|(code, place)| json!({ "recipientSeq": place, "resultCode": code }))
        .collect();
    let message = json!({ "requestId": "r-1", "senderGroupingKey": KEY, "sendResults": results });
    answer(json!(0), true, json!({ "message": message }))
}

pub fn taken_by_all() -> ScriptedResponse {
    taken(&[json!(0), json!(0)])
}

pub fn refused(code: i64) -> ScriptedResponse {
    answer(json!(code), false, json!({}))
}

pub fn rows(codes: &[&str]) -> ScriptedResponse {
    let rows: Vec<_> = codes
        .iter()
        .zip(1..)
        .map(|(code, place)| json!({ "requestId": "r-1", "recipientSeq": place, "resultCode": code }))
        .collect();
    answer(
        json!(0),
        true,
        json!({ "messageSearchResultResponse": { "messages": rows } }),
    )
}

pub fn live(reach: u64) -> Result<Outcome, Failure> {
    Ok(Outcome::Live(receipt(reach)))
}

pub fn receipt(reach: u64) -> Receipt {
    Receipt {
        external_id: Some("r-1".into()),
        url: None,
        estimated_reach: Some(reach),
    }
}

pub fn run(host: &Host) -> Result<Outcome, Failure> {
    host.distribute::<KakaoChannel>(job(content()))
}

pub fn sends(host: &Host) -> usize {
    host.bodies(SEND).len()
}
