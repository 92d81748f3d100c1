use super::*;
use crate::{http, run};

#[test]
fn a_pattern_fits_by_method_path_and_query() {
    let request = http::get("https://a.example/v1/posts/7?fields=id");
    for pattern in [
        "GET /v1/posts/7",
        "GET /v1/posts/*",
        "GET /*/posts/7?fields=id",
        "GET https://a.example/v1/posts/7",
    ] {
        assert!(is_match(pattern, &request), "{pattern}");
    }
    for pattern in [
        "POST /v1/posts/7",
        "GET /v1/posts",
        "GET /v1/posts/7?fields=url",
        "GET https://b.example/v1/posts/7",
    ] {
        assert!(!is_match(pattern, &request), "{pattern}");
    }
}

#[test]
fn the_clock_advances_only_while_the_channel_waits() {
    let host = Host::new();
    host.at(1_000).next(
        "GET /slow",
        ScriptedResponse::status(200).with_latency(Duration::from_millis(70)),
    );
    assert_eq!((run::now(), run::now()), (1_000, 1_000));
    run::sleep(Duration::from_secs(2));
    let _ = http::get("https://a.example/slow").send();
    assert_eq!(run::now(), 3_070);
}

#[test]
#[should_panic(expected = "unscripted request `DELETE /v1/posts/7`; the script waits for GET /x")]
fn an_unscripted_request_is_named_in_the_panic() {
    let host = Host::new();
    host.next("GET /x", ScriptedResponse::status(200));
    let _ = http::delete("https://a.example/v1/posts/7", http::Repeat::Unsafe).send();
}

#[test]
#[should_panic(expected = "the channel never sent `GET /x`")]
fn an_unfinished_script_fails_the_test() {
    Host::new().next("GET /x", ScriptedResponse::status(200));
}
