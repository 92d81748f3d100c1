use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use serde_json::{Value, json};

use crate::api::Role;
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
async fn the_openapi_document_lists_every_operation_with_its_responses() {
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

/// Generated clients have types of these names.
#[tokio::test]
async fn schema_names_are_stable() {
    let api = TestApi::start().await;
    let document = document(&api).await;
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let names: Vec<&str> = schemas.keys().map(String::as_str).collect();
    insta::assert_snapshot!(names.join("\n"));
}

#[tokio::test]
async fn problems_have_their_own_media_type() {
    let api = TestApi::start().await;
    let document = document(&api).await;
    for (name, operation) in operations(&document) {
        for (status, response) in operation["responses"].as_object().unwrap() {
            let types = response["content"].as_object();
            let types = types
                .into_iter()
                .flatten()
                .map(|(media_type, _)| media_type);
            for media_type in types.filter(|_| status.starts_with(['4', '5'])) {
                assert_eq!(media_type, "application/problem+json", "{name} {status}");
            }
        }
    }
}

#[tokio::test]
async fn every_schema_reference_resolves() {
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
async fn public_operations_declare_no_security() {
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
async fn the_docs_load_no_external_resources() {
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
async fn operation_ids_are_unique() {
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

#[tokio::test]
async fn ranges_and_formats_are_described() {
    let api = TestApi::start().await;
    let document = document(&api).await;
    let at = |pointer: &str| document.pointer(pointer).unwrap_or(&Value::Null);
    // Two types of one name would be one schema.
    assert_eq!(at("/components/schemas/AuditAction/type"), "string");
    assert_eq!(at("/components/schemas/Action/type"), "object");
    let media = "/components/schemas/Media/properties";
    assert_eq!(at(&format!("{media}/width/maximum")), u32::MAX);
    assert_eq!(at(&format!("{media}/bytes/maximum")), u64::MAX);
    assert_eq!(at(&format!("{media}/width/format")), &Value::Null);
    let publish = "/paths/~1api~1events~1{id}~1publish/post";
    let body = at(&format!(
        "{publish}/requestBody/content/application~1json/schema"
    ));
    assert_eq!(
        body["$ref"], "#/components/schemas/PublishRequest",
        "{body}"
    );
    let channels = at("/components/schemas/PublishRequest/properties/channels");
    assert_eq!(channels["maxItems"], 50);
    for (name, operation) in operations(&document) {
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        for parameter in parameters.filter(|parameter| parameter["in"] == "path") {
            let answers = &operation["responses"];
            assert!(answers["404"].is_object(), "{name}: an id may be none");
            if parameter["name"] == "channel" {
                assert!(parameter["schema"]["pattern"].is_string(), "{name}");
            }
        }
    }
}

/// A value that a schema of the description takes, small and complete.
fn instance(document: &Value, schema: &Value) -> Value {
    if let Some(reference) = schema["$ref"].as_str() {
        let pointer = reference.trim_start_matches('#');
        return instance(document, document.pointer(pointer).unwrap());
    }
    let choices = ["oneOf", "anyOf", "allOf"].into_iter();
    let mut choices = choices.filter_map(|name| schema[name].as_array()).flatten();
    if let Some(choice) = choices.find(|choice| choice["type"] != "null") {
        return instance(document, choice);
    }
    if let Some(chosen) = schema["enum"].get(0) {
        return chosen.clone();
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().find(|kind| *kind != "null").unwrap(),
        kind => kind,
    };
    match (kind.as_str(), schema["format"].as_str()) {
        (Some("object"), _) => {
            let properties = schema["properties"].as_object().into_iter().flatten();
            properties
                .map(|(name, property)| (name.clone(), instance(document, property)))
                .collect()
        }
        (Some("array"), _) => json!([instance(document, &schema["items"])]),
        (Some("string"), Some("uuid")) => json!("01a20462-f713-788a-9a01-b98791f03a65"),
        (Some("string"), Some("date-time")) => json!("2027-05-01T00:00:00Z"),
        (Some("string"), _) => match &schema["example"] {
            Value::Null => json!("paper"),
            example => example.clone(),
        },
        (Some("integer"), _) => json!(1),
        (Some("boolean"), _) => json!(true),
        (kind, _) => panic!("no example of {kind:?}: {schema:#}"),
    }
}

/// Where objects stand in a value, as JSON pointers.
fn objects(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            found.push(at.to_owned());
            for (name, member) in members {
                objects(member, &format!("{at}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                objects(item, &format!("{at}/{index}"), found);
            }
        }
        _ => {}
    }
}

#[tokio::test]
async fn no_operation_accepts_an_array_for_an_object() {
    let api = TestApi::start().await;
    let document = document(&api).await;
    let mut tried = 0;
    for (name, operation) in operations(&document) {
        let body = &operation["requestBody"]["content"]["application/json"]["schema"];
        if body.is_null() {
            continue;
        }
        let (method, path) = name.split_once(' ').unwrap();
        let path = path
            .replace("/channels/{id}", "/channels/paper")
            .replace("{id}", "01a20462-f713-788a-9a01-b98791f03a65")
            .replace("{channel}", "paper");
        let role = match operation["tags"][0].as_str().unwrap() {
            "service" => Role::Service,
            "admin" => Role::Operator,
            _ => Role::Owner,
        };
        let token = api.token("shop-1", role);
        let whole = instance(&document, body);
        let mut places = Vec::new();
        objects(&whole, "", &mut places);
        for place in places {
            let mut wrong = whole.clone();
            let object = wrong.pointer_mut(&place).unwrap();
            let values = object.as_object().unwrap().values().cloned();
            *object = values.collect::<Vec<_>>().into();
            let method: Method = method.parse().unwrap();
            let answer = api.json(&token, method, &path, Some(wrong)).await;
            let status = answer.status;
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{name} {place:?}");
            let at = answer.body["errors"][0]["at"].as_str();
            assert_eq!(at, Some(place.as_str()), "{name}: {}", answer.body);
            tried += 1;
        }
    }
    assert!(tried > 20, "only {tried} objects were tried");
}
