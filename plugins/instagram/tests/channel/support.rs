//! What the scenarios begin with, and what the provider answers.

use baepo_sdk::testing::{Host, ScriptedResponse, content, image, job};
use baepo_sdk::{Content, Failure, Media, Outcome};
use channel_instagram::Instagram;
use serde_json::json;

pub const JPEG: &str = "https://media.example/croissant.jpg";
pub const USER: &str = "17841400000000001";

/// An owner who has connected, with quota left; posts have a permalink.
pub fn connected() -> Host {
    let host = Host::new();
    host.setting("igUserId", USER)
        .setting("apiHost", "graph.facebook.com")
        .setting("apiVersion", "v26.0")
        .always("GET /v26.0/*/content_publishing_limit", quota(3))
        .always("GET /v26.0/post?fields=permalink", permalink());
    host
}

pub fn quota(usage: u64) -> ScriptedResponse {
    let config = json!({ "quota_total": 50, "quota_duration": 86_400 });
    ScriptedResponse::json(
        200,
        &json!({ "data": [{ "quota_usage": usage, "config": config }] }),
    )
}

pub fn permalink() -> ScriptedResponse {
    ScriptedResponse::json(
        200,
        &json!({ "permalink": "https://www.instagram.com/p/abc/", "id": "post" }),
    )
}

pub fn id(id: &str) -> ScriptedResponse {
    ScriptedResponse::json(200, &json!({ "id": id }))
}

pub fn status(code: &str) -> ScriptedResponse {
    ScriptedResponse::json(
        200,
        &json!({ "status_code": code, "status": code, "id": "box" }),
    )
}

pub fn error(code: i64, subcode: Option<i64>) -> ScriptedResponse {
    let error = json!({ "message": "as Meta says", "code": code, "error_subcode": subcode });
    ScriptedResponse::json(400, &json!({ "error": error }))
}

pub fn with_media(media: Vec<Media>) -> Content {
    Content { media, ..content() }
}

pub fn publish(host: &Host, media: Vec<Media>) -> Result<Outcome, Failure> {
    host.distribute::<Instagram>(job(with_media(media)))
}

pub fn one_image(host: &Host) -> Result<Outcome, Failure> {
    publish(host, vec![image(JPEG)])
}

pub fn live() -> Result<Outcome, Failure> {
    Ok(Outcome::live(
        Some("post"),
        Some("https://www.instagram.com/p/abc/"),
    ))
}

pub const PUBLISH: &str = "POST /v26.0/*/media_publish";
pub const CONTAINER: &str = "GET /v26.0/box?fields=status_code%2Cstatus";
pub const POSTS: &str = "GET /v26.0/*/media";

/// Everything up to the publish has gone well: the container `box` is ready.
pub fn about_to_publish() -> Host {
    let host = prepared();
    host.next(CONTAINER, status("FINISHED"));
    host
}

/// The container `box` has just been made.
pub fn prepared() -> Host {
    let quota = json!({ "data": [{ "quota_usage": 0, "config": { "quota_total": 50 } }] });
    let host = Host::new();
    host.setting("igUserId", "17841400000000001")
        .setting("apiHost", "graph.facebook.com")
        .setting("apiVersion", "v26.0")
        .always("GET /v26.0/post?fields=permalink", permalink())
        .next(
            "GET /v26.0/*/content_publishing_limit",
            ScriptedResponse::json(200, &quota),
        )
        .next("POST /v26.0/*/media", id("box"));
    host
}

/// What Meta says is about to pass.
pub fn transient(code: i64) -> ScriptedResponse {
    let error = json!({ "message": "as Meta says", "code": code, "is_transient": true });
    ScriptedResponse::json(400, &json!({ "error": error }))
}

pub fn slept_s(host: &Host) -> u64 {
    let slept = host.slept();
    slept.iter().map(core::time::Duration::as_secs).sum()
}

/// The list of the owner's posts, the newest being ours.
pub fn posts() -> ScriptedResponse {
    ScriptedResponse::json(200, &listed_posts())
}

pub fn listed_posts() -> serde_json::Value {
    let caption = "봄맞이 크루아상 1+1\n\n3월 한 달, 오전에 오시면 하나 더 드립니다.\n\n\
                   https://bakery.example/spring\n\n#동네빵집 #크루아상";
    json!({ "data": [
        { "id": "post", "caption": caption, "timestamp": "2026-03-02T03:00:05+0000" },
        { "id": "old", "caption": caption, "timestamp": "2026-02-02T03:00:05+0000" },
    ]})
}

pub fn run(host: &Host) -> Result<Outcome, Failure> {
    host.distribute::<Instagram>(job(Content {
        media: vec![image("https://media.example/croissant.jpg")],
        ..content()
    }))
}

pub fn published_times(host: &Host) -> usize {
    host.sent()
        .iter()
        .filter(|line| line.ends_with("/media_publish"))
        .count()
}

/// All that may stand where Meta's answer should be, though Meta may have published.
pub fn doubtful_answers() -> Vec<ScriptedResponse> {
    vec![
        ScriptedResponse::in_doubt("connection reset"),
        ScriptedResponse::in_doubt("limit \"request time\": 30 s"),
        ScriptedResponse::in_doubt("redirect to https://elsewhere.example refused"),
        ScriptedResponse::too_large(9_000_000),
        ScriptedResponse::status(500),
        ScriptedResponse::bytes(503, "<html>busy</html>"),
        ScriptedResponse::bytes(200, "<html>ok</html>"),
        ScriptedResponse::json(200, &json!({})),
        ScriptedResponse::status(302),
        ScriptedResponse::status(408),
    ]
}
