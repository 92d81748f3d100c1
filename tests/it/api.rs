//! The API's rules: authorisation, refusals, and the form of errors.

use it::Host;
use reqwest::Method;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn requests_without_a_valid_token_are_unauthorized() {
    let host = Host::start().await;
    let owner = host.owner("shop-1");
    let problem = owner.with_token("not-a-token").get("/api/events").await;
    assert_eq!(problem.headers["www-authenticate"], "Bearer");
    assert_eq!(problem.headers["content-type"], "application/problem+json");
    let problem = problem.expect(401);
    assert_eq!(problem["type"], "urn:baepo:problem:unauthenticated");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_field_is_rejected_by_name() {
    let host = Host::start().await;
    let owner = host.owner("shop-1");
    let answer = owner.post("/api/events", &json!({"titel": "x"})).await;
    assert!(answer.status.is_client_error());
    assert!(
        answer.body["detail"].as_str().unwrap().contains("titel"),
        "{:#}",
        answer.body
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_resource_is_a_problem_document() {
    let host = Host::start().await;
    let owner = host.owner("shop-1");
    let missing = owner.get("/api/nothing").await;
    assert_eq!(missing.headers["content-type"], "application/problem+json");
    let _ = missing.expect(404);
    let _ = owner
        .get("/api/events/00000000-0000-7000-8000-000000000000")
        .await
        .expect(404);
    let _ = owner
        .send(owner.request(Method::DELETE, "/api/events"))
        .await
        .expect(405);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_paged() {
    let host = Host::start().await;
    let owner = host.owner("shop-1");
    let mut created = Vec::new();
    for _ in 0..5 {
        created.push(owner.create(&json!({})).await);
    }
    created.reverse();

    let mut listed = Vec::new();
    let mut path = "/api/events?limit=2".to_owned();
    loop {
        let page = owner.get(&path).await.expect(200);
        let items = page["items"].as_array().unwrap();
        listed.extend(
            items
                .iter()
                .map(|event| event["id"].as_str().unwrap().to_owned()),
        );
        match page["next"].as_str() {
            Some(next) => path = format!("/api/events?limit=2&after={next}"),
            None => break,
        }
    }
    assert_eq!(listed, created, "newest first, each once");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_lists_secret_names_without_values() {
    let host = Host::start().await;
    let owner = host.connected_owner("shop-1").await;
    let account = owner.get("/api/accounts/instagram").await.expect(200);
    assert_eq!(account["secrets"], json!(["accessToken"]));

    let _ = owner
        .send(owner.request(Method::DELETE, "/api/accounts/instagram"))
        .await
        .expect(204);
    let _ = owner.get("/api/accounts/instagram").await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_channel_settings_are_rejected_with_their_json_pointer() {
    let host = Host::start().await;
    let owner = host.owner("shop-1");
    let account =
        json!({"settings": {"igUserId": "no number"}, "secrets": {"accessToken": "sandbox-x"}});
    let problem = owner
        .put("/api/accounts/instagram", &account)
        .await
        .expect(422);
    assert_eq!(
        problem["errors"][0]["at"], "/settings/igUserId",
        "{problem:#}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_openapi_document_and_its_page_load_offline() {
    let host = Host::start().await;
    let owner = host.owner("shop-1");
    let description = owner.get("/openapi.json").await.expect(200);
    assert!(description["openapi"].as_str().unwrap().starts_with("3.1"));
    for path in [
        "/api/events/{id}/publish",
        "/api/accounts/{channel}",
        "/api/admin/channels",
    ] {
        assert!(
            description["paths"][path].is_object(),
            "{path} is described"
        );
    }
    let page = owner.get("/docs/").await.expect(200);
    let page = page.as_str().unwrap();
    assert!(
        page.contains("swagger") && !page.contains("https://"),
        "{page}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn liveness_and_readiness_are_reported() {
    let host = Host::start().await;
    let owner = host.owner("shop-1");
    let _ = owner.get("/healthz").await.expect(200);
    let _ = owner.get("/readyz").await.expect(200);
}
