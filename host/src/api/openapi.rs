//! The OpenAPI 3.1 document, generated from the handlers.
//!
//! What holds for every operation of a kind (security, unreadable requests, the media type of
//! problems) is added here once; a handler describes only what is its own.

mod schemas;

use utoipa::OpenApi;
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Components, Content, Ref, RefOr, Response, ResponseBuilder};
use utoipa_axum::router::OpenApiRouter;

use super::error::ProblemBody;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Baepo",
        description = "Publishes a shop owner's marketing event once and delivers it to every \
            channel the owner chose. Errors are RFC 9457 problems with a stable `type`; times are \
            RFC 3339; ids are UUIDv7; lists are paged by `limit` and `after`.",
        license(name = "MIT OR Apache-2.0"),
    ),
    tags(
        (name = "events", description = "An owner puts an event together."),
        (name = "publishing", description = "One call, one answer, a line per channel."),
        (name = "channels", description = "What can be published to."),
        (name = "accounts", description = "An owner's settings and secrets per channel."),
        (name = "audit", description = "Who did what, and when."),
        (name = "admin", description = "For operators: releases, hot swap and the outbox."),
        (name = "service", description = "For other parts of the same system."),
        (name = "health", description = "For operators and their probes."),
    ),
    components(schemas(ProblemBody)),
    security(("token" = [])),
)]
struct Document;

/// The media type of problems (RFC 9457).
const PROBLEM_TYPE: &str = "application/problem+json";

/// Problems that many operations share: name, description.
const REQUEST_PROBLEMS: [(&str, &str, &str); 5] = [
    (
        "400",
        "MalformedRequest",
        "The request is malformed or the body is not JSON.",
    ),
    (
        "408",
        "RequestTimeout",
        "The body was not received in time; retry.",
    ),
    ("413", "BodyTooLarge", "The body is too large."),
    (
        "415",
        "UnsupportedMediaType",
        "The body has another type than expected, or is compressed.",
    ),
    (
        "422",
        "InvalidRequest",
        "A field is not valid; `errors` says which and why.",
    ),
];
const NOT_FOUND_PROBLEMS: [(&str, &str, &str); 1] = [(
    "404",
    "NotFound",
    "No such resource of yours, or a path parameter is not a valid ID.",
)];
const AUTH_PROBLEMS: [(&str, &str, &str); 2] = [
    ("401", "Unauthenticated", "The token is missing or invalid."),
    (
        "403",
        "Forbidden",
        "The token's role is insufficient; `neededRole` names the required one.",
    ),
];
const SERVER_PROBLEMS: [(&str, &str, &str); 2] = [
    ("500", "InternalError", "Internal error."),
    (
        "503",
        "StoreUnavailable",
        "The store is unavailable; see `Retry-After`.",
    ),
];

/// The head of the description; the routes add themselves.
pub(super) fn document() -> OpenApiRouter {
    OpenApiRouter::with_openapi(Document::openapi())
}

/// Adds what holds for every operation of a kind.
pub(super) fn complete(mut document: utoipa::openapi::OpenApi) -> utoipa::openapi::OpenApi {
    let components = document.components.get_or_insert_default();
    add_security_scheme(components);
    let shared = REQUEST_PROBLEMS
        .into_iter()
        .chain(NOT_FOUND_PROBLEMS)
        .chain(AUTH_PROBLEMS);
    for (_, name, description) in shared.chain(SERVER_PROBLEMS) {
        let response = RefOr::T(problem(description));
        components.responses.insert(name.to_owned(), response);
    }
    for item in document.paths.paths.values_mut() {
        let operations = [
            &mut item.get,
            &mut item.put,
            &mut item.post,
            &mut item.patch,
            &mut item.delete,
        ];
        for operation in operations.into_iter().flatten() {
            set_problem_type(operation);
            add_problems(operation);
            schemas::complete_operation(operation);
        }
    }
    if let Some(components) = &mut document.components {
        components.schemas.values_mut().for_each(schemas::complete);
    }
    document
}

fn add_security_scheme(components: &mut Components) {
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some(
            "`sub`, `role` (`owner`, `operator` or `service`), `iss` and `aud` (`baepo`), `exp`. \
             `baepo token` issues one.",
        ));
    components.add_security_scheme("token", SecurityScheme::Http(bearer.build()));
}

/// Handlers describe a problem by its status and body only; its media type is the same everywhere.
fn set_problem_type(operation: &mut Operation) {
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response
            && status.starts_with(['4', '5'])
        {
            let contents = std::mem::take(&mut response.content).into_values();
            let contents = contents.map(|content| (PROBLEM_TYPE.to_owned(), content));
            response.content = contents.collect();
        }
    }
}

/// A problem that the handler describes itself is left as it is.
fn add_problems(operation: &mut Operation) {
    let is_open = operation.security.is_some();
    if is_open {
        return;
    }
    let unreadable = REQUEST_PROBLEMS
        .into_iter()
        .filter(|_| operation.request_body.is_some());
    let paged = REQUEST_PROBLEMS
        .into_iter()
        .take(1)
        .filter(|_| has(operation, &ParameterIn::Query));
    let placed = NOT_FOUND_PROBLEMS
        .into_iter()
        .filter(|_| has(operation, &ParameterIn::Path));
    let shared: Vec<_> = unreadable
        .chain(paged)
        .chain(placed)
        .chain(AUTH_PROBLEMS)
        .chain(SERVER_PROBLEMS)
        .collect();
    for (status, name, _) in shared {
        let response = Ref::from_response_name(name);
        let responses = &mut operation.responses.responses;
        responses
            .entry(status.to_owned())
            .or_insert(RefOr::Ref(response));
    }
}

fn has(operation: &Operation, place: &ParameterIn) -> bool {
    let mut parameters = operation.parameters.iter().flatten();
    parameters.any(|parameter| match parameter {
        RefOr::T(parameter) => parameter.parameter_in == *place,
        RefOr::Ref(_) => false,
    })
}

fn problem(description: &str) -> Response {
    let schema = Ref::from_schema_name("Problem");
    ResponseBuilder::new()
        .description(description)
        .content(PROBLEM_TYPE, Content::new(Some(schema)))
        .build()
}

#[cfg(test)]
mod tests;
