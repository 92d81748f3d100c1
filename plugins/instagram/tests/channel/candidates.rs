//! Which of the posts that are listed can be the delivery's own.

use baepo_sdk::Outcome;
use baepo_sdk::testing::{Host, ScriptedResponse};
use serde_json::json;

use crate::support::{
    CONTAINER, POSTS, PUBLISH, about_to_publish, listed_posts, live, posts, run, slept_s, status,
};

#[test]
fn an_ambiguous_published_post_is_live_without_an_id() {
    for list in [
        ScriptedResponse::status(500),
        ScriptedResponse::in_doubt("reset"),
        ScriptedResponse::json(200, &json!({ "data": [] })),
    ] {
        let host = about_to_publish();
        host.next(PUBLISH, ScriptedResponse::in_doubt("reset"))
            .next(CONTAINER, status("PUBLISHED"))
            .always(POSTS, list);
        assert_eq!(run(&host), Ok(Outcome::live(None, None)));
    }
}

/// Two posts of the same caption that were made since our container was, and one from before.
fn twins() -> ScriptedResponse {
    let mut list = listed_posts();
    let mut twin = list["data"][0].clone();
    twin["id"] = json!("twin");
    list["data"].as_array_mut().expect("a list").insert(0, twin);
    ScriptedResponse::json(200, &list)
}

fn out_in_doubt() -> Host {
    let host = about_to_publish();
    host.next(PUBLISH, ScriptedResponse::in_doubt("reset"))
        .next(CONTAINER, status("PUBLISHED"));
    host
}

#[test]
fn a_post_of_another_delivery_is_not_a_candidate() {
    let host = out_in_doubt();
    host.foreign_posts(&["twin"]).next(POSTS, twins());
    assert_eq!(run(&host), live());

    let host = out_in_doubt();
    host.foreign_posts(&["post"]).always(POSTS, posts());
    assert_eq!(run(&host), Ok(Outcome::live(None, None)));
}

#[test]
fn two_candidate_posts_yield_no_id() {
    let host = out_in_doubt();
    host.always(POSTS, twins());
    assert_eq!(run(&host), Ok(Outcome::live(None, None)));
    assert!(
        host.slept().len() > 2,
        "another delivery may get its own id meanwhile"
    );
}

#[test]
fn an_unidentified_other_delivery_yields_no_id() {
    let host = out_in_doubt();
    host.unidentified_deliveries(2).always(POSTS, posts());
    assert_eq!(run(&host), live());
    assert_eq!(slept_s(&host), 2 + 5);

    let host = out_in_doubt();
    host.unidentified_deliveries(usize::MAX)
        .always(POSTS, posts());
    assert_eq!(run(&host), Ok(Outcome::live(None, None)));
}

#[test]
fn a_lagging_list_is_read_again() {
    let host = out_in_doubt();
    host.next(POSTS, ScriptedResponse::json(200, &json!({ "data": [] })))
        .next(POSTS, posts());
    assert_eq!(run(&host), live());
}
