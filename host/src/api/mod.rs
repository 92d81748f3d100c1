//! The HTTP API: a file per resource, each with its bodies, handlers and routes; this file only
//! puts the routes together.
//!
//! A handler parses the request, calls one use case and writes its result; it decides nothing.
//! What all of them use lies beside them: `auth` and `extract` (request parts), `error` (problem
//! responses), `error_mapping` (use case errors as problems), `layers` (around every request).

mod accounts;
mod action_kind;
mod admin;
mod audit;
mod auth;
mod background;
mod channel_choice;
mod channels;
mod check;
mod concurrency_limit;
mod delivery_actions;
mod distribution;
mod error;
mod error_mapping;
mod events;
mod extract;
mod findings;
mod health;
mod language;
mod layers;
mod openapi;
mod page;
mod parse_errors;
mod publish;
mod schedule;
mod service;
mod state;
#[cfg(test)]
pub(crate) mod testing;

use std::sync::Arc;

use axum::Extension;
use axum::extract::DefaultBodyLimit;
use utoipa_axum::router::OpenApiRouter;
use utoipa_swagger_ui::SwaggerUi;

use self::extract::{BodyLimit, BodyTimeout};

pub use self::admin::{AttemptRecord, SIGNATURE_HEADER};
pub use self::auth::{InvalidToken, IssueError, JwksError, Role, Tokens};
pub(crate) use self::concurrency_limit::too_many_connections;
pub use self::concurrency_limit::{ConcurrencyLimiter, ConcurrencyLimits, LimitedResource};
pub use self::health::Readiness;
pub use self::service::ServiceState;
pub use self::state::{ApiLimits, ApiState, Streams};

/// What a process serves over HTTP: the public API for owners and operators, the API for event
/// services, or both.
pub struct Surface {
    pub public: Option<ApiState>,
    pub service: Option<ServiceState>,
    pub ready: Arc<Readiness>,
}

/// The routes of a process, with the OpenAPI document and the layers around every request.
pub fn router(surface: Surface, limits: ApiLimits) -> axum::Router {
    let mut routes = openapi::document().merge(health::routes().with_state(surface.ready));
    if let Some(state) = surface.public {
        let public = OpenApiRouter::new()
            .merge(events::routes())
            .merge(publish::routes())
            .merge(check::routes())
            .merge(schedule::routes())
            .merge(distribution::routes())
            .merge(delivery_actions::routes())
            .merge(audit::routes())
            .merge(channels::routes())
            .merge(accounts::routes())
            .merge(admin::routes(limits));
        routes = routes.merge(public.with_state(state));
    }
    if let Some(state) = surface.service {
        routes = routes.merge(service::routes().with_state(state));
    }
    let (routes, description) = routes.split_for_parts();
    let description = openapi::complete(description);
    let routes = routes
        .merge(SwaggerUi::new("/docs").url("/openapi.json", description))
        .fallback(layers::unknown_path)
        .method_not_allowed_fallback(layers::wrong_method)
        .layer(DefaultBodyLimit::max(limits.body_bytes))
        .layer(Extension(BodyLimit(limits.body_bytes)))
        .layer(Extension(BodyTimeout(limits.body_timeout)));
    layers::with_layers(routes)
}

#[cfg(test)]
mod tests;
