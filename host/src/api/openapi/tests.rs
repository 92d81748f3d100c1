use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use serde_json::Value;

use crate::api::testing::TestApi;

const METHODS: [&str; 5] = ["get", "put", "post", "patch", "delete"];

async fn document(api: &TestApi) -> Value {
    let request = Request::get("/openapi.json").body(Body::empty()).unwrap();
    api.send(request).await.body
}

fn operations(document: &Value) -> Vec<(String, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, item)| {
        let name = move |method: &str| format!("{} {path}", method.to_uppercase());
        METHODS
            .iter()
            .filter_map(move |method| Some((name(method), item.get(method)?)))
    });
    operations.collect()
}

#[tokio::test]
async fn the_description_lists_every_operation_with_its_answers() {
    let api = TestApi::start().await;
    let document = document(&api).await;
    assert_eq!(document["openapi"], "3.1.0");
    let lines = operations(&document).into_iter().map(|(name, operation)| {
        let statuses = operation["responses"].as_object().unwrap().keys();
        let statuses: Vec<&str> = statuses.map(String::as_str).collect();
        format!(
            "{name}: {} [{}]",
            operation["summary"].as_str().unwrap(),
            statuses.join(" ")
        )
    });
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"));
}

#[tokio::test]
async fn every_reference_of_the_description_leads_somewhere() {
    fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(members) => {
                if let Some(Value::String(reference)) = members.get("$ref") {
                    found.push(reference);
                }
                members
                    .values()
                    .for_each(|member| references(member, found));
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }
    let api = TestApi::start().await;
    let document = document(&api).await;
    let mut found = Vec::new();
    references(&document, &mut found);
    for reference in found {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

#[tokio::test]
async fn whoever_needs_no_token_is_said_to_need_none() {
    let api = TestApi::start().await;
    let document = document(&api).await;
    for (name, operation) in operations(&document) {
        let is_open = operation.get("security").is_some();
        assert_eq!(
            is_open,
            name.ends_with("/healthz") || name.ends_with("/readyz"),
            "{name}"
        );
    }
    let scheme = &document["components"]["securitySchemes"]["token"];
    assert_eq!(
        (&scheme["type"], &scheme["scheme"]),
        (&"http".into(), &"bearer".into())
    );
}

#[tokio::test]
async fn the_docs_need_nothing_from_the_internet() {
    let api = TestApi::start().await;
    let moved = api.owner(Method::GET, "/docs", None).await;
    assert_eq!(moved.status, StatusCode::SEE_OTHER);
    assert_eq!(moved.headers["location"], "/docs/");
    for file in ["", "swagger-ui-bundle.js", "swagger-ui.css"] {
        let answer = api.owner(Method::GET, &format!("/docs/{file}"), None).await;
        assert_eq!(answer.status, StatusCode::OK, "{file}");
    }
}

#[tokio::test]
async fn every_operation_has_a_name_of_its_own() {
    let api = TestApi::start().await;
    let document = document(&api).await;
    let operations = operations(&document);
    let mut names: Vec<&str> = operations
        .iter()
        .map(|(_, operation)| operation["operationId"].as_str().unwrap())
        .collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), operations.len());
}
