//! The HTTP API: a file per resource, each with its bodies and handlers.
//!
//! A handler reads the request, asks one use case and writes the answer; it decides nothing.

mod accounts;
mod action_kind;
mod admin;
mod audit;
mod auth;
mod background;
mod channels;
mod check;
mod concurrency_limit;
mod delivery_actions;
mod distribution;
mod error;
mod error_mapping;
mod events;
mod extract;
mod health;
mod language;
mod layers;
mod openapi;
mod page;
mod parse_errors;
mod publish;
mod schedule;
mod service;
#[cfg(test)]
pub(crate) mod testing;

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::{DefaultBodyLimit, FromRef};
use baepo_domain::ports::clock::Clock;
use baepo_domain::ports::{Cache, Channels, Store};
use baepo_domain::usecases::accounts::Accounts;
use baepo_domain::usecases::check::Checker;
use baepo_domain::usecases::delivery_actions::DeliveryActions;
use baepo_domain::usecases::event_edit::Editor;
use baepo_domain::usecases::publish::Publisher;
use baepo_domain::usecases::releases::Releases;
use baepo_domain::usecases::schedule::Scheduler;
use tokio_util::task::TaskTracker;
use utoipa_axum::router::OpenApiRouter;
use utoipa_swagger_ui::SwaggerUi;

use self::extract::{BodyLimit, BodyTimeout};

pub use self::admin::AttemptRecord;
pub use self::auth::{InvalidToken, IssueError, JwksError, Role, SecretFileError, Tokens};
pub(crate) use self::concurrency_limit::too_many_connections;
pub use self::concurrency_limit::{ConcurrencyLimiter, ConcurrencyLimits, LimitedResource};
pub use self::distribution::Streams;
pub use self::health::Readiness;
pub use self::service::ServiceState;

/// What the handlers take from.
#[derive(Clone, FromRef)]
pub struct ApiState {
    pub store: Arc<dyn Store>,
    pub publisher: Arc<Publisher>,
    pub releases: Arc<Releases>,
    pub accounts: Arc<Accounts>,
    pub checker: Arc<Checker>,
    pub editor: Arc<Editor>,
    pub delivery_actions: Arc<DeliveryActions>,
    pub scheduler: Arc<Scheduler>,
    pub streams: Streams,
    /// Room for calls that run channels.
    pub running: Arc<ConcurrencyLimiter>,
    pub cache: Arc<dyn Cache>,
    pub channels: Arc<dyn Channels>,
    pub clock: Arc<dyn Clock>,
    pub tokens: Arc<Tokens>,
    /// What must run to its end though its caller has gone; a stop waits for it.
    pub tasks: TaskTracker,
}

/// The largest bodies, in bytes, and how long they may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApiLimits {
    /// Of every request but an upload.
    pub body_bytes: usize,
    /// Of a component that is uploaded.
    pub release_bytes: usize,
    /// For a body to come.
    pub body_timeout: Duration,
}

impl Default for ApiLimits {
    fn default() -> Self {
        Self {
            body_bytes: 1 << 20,
            release_bytes: 32 << 20,
            body_timeout: Duration::from_secs(60),
        }
    }
}

/// What a process answers over HTTP: what owners and operators ask of it, what event services ask
/// of it, or both.
pub struct Surface {
    pub public: Option<ApiState>,
    pub service: Option<ServiceState>,
    pub ready: Arc<Readiness>,
}

/// Everything that the host answers over HTTP.
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
