//! What only the roles `all` and `event` have: the public API and its use cases.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use baepo_adapters::{HttpDistributor, ServiceToken};
use baepo_domain::ports::{Channels, Distributor};
use baepo_domain::usecases::accounts::Accounts;
use baepo_domain::usecases::check::Checker;
use baepo_domain::usecases::credential_refresh::Renewer;
use baepo_domain::usecases::delivery_actions::DeliveryActions;
use baepo_domain::usecases::event_edit::Editor;
use baepo_domain::usecases::publish::Publisher;
use baepo_domain::usecases::schedule::Scheduler;
use secrecy::SecretString;

use super::context::AppContext;
use crate::api::{
    ApiState, ConcurrencyLimiter, ConcurrencyLimits, LimitedResource, Role, Streams, Tokens,
};
use crate::config::Config;
use crate::worker::credential_refresh::CredentialRefresh;
use crate::worker::resume::Resumer;
use crate::worker::schedules::Schedules;

/// The lifetime of a token that this host signs for its own calls.
const TOKEN_LIFETIME: Duration = Duration::from_secs(300);

/// The use cases of the public API, and the workers that publish without a request.
pub(super) fn start(
    context: &AppContext,
    config: &Config,
    distributor: Arc<dyn Distributor>,
    tokens: Arc<Tokens>,
) -> ApiState {
    let channels: Arc<dyn Channels> = Arc::clone(&context.runtime) as _;
    let publisher = Arc::new(Publisher {
        unit_of_work: Arc::clone(&context.store) as _,
        events: Arc::clone(&context.store) as _,
        idempotency: Arc::clone(&context.store) as _,
        distributions: Arc::clone(&context.store) as _,
        deliveries: Arc::clone(&context.store) as _,
        outbox: Arc::clone(&context.store) as _,
        cache: Arc::clone(&context.cache) as _,
        relay: Arc::clone(&context.relay) as _,
        distributor,
        channels: Arc::clone(&channels),
        clock: Arc::clone(&context.clock),
        ids: context.ids.clone(),
        node: context.node,
        limits: config.publish.limits,
    });
    let scheduler = Arc::new(Scheduler {
        unit_of_work: Arc::clone(&context.store) as _,
        events: Arc::clone(&context.store) as _,
        channels: Arc::clone(&channels),
        clock: Arc::clone(&context.clock),
        ids: context.ids.clone(),
    });
    spawn_publishing(context, &publisher, &scheduler);
    spawn_credential_refresh(context, &channels);
    ApiState {
        events: Arc::clone(&context.store) as _,
        audit: Arc::clone(&context.store) as _,
        outbox: Arc::clone(&context.store) as _,
        distributions: Arc::clone(&context.store) as _,
        deliveries: Arc::clone(&context.store) as _,
        revisions: Arc::clone(&context.store) as _,
        attempts: Arc::clone(&context.store) as _,
        journals: Arc::clone(&context.store) as _,
        publisher,
        releases: Arc::clone(&context.releases),
        accounts: Arc::new(Accounts {
            unit_of_work: Arc::clone(&context.store) as _,
            accounts: Arc::clone(&context.store) as _,
            channels: Arc::clone(&channels),
            vault: Arc::clone(&context.accounts.vault),
            clock: Arc::clone(&context.clock),
            ids: context.ids.clone(),
        }),
        checker: Arc::new(Checker {
            events: Arc::clone(&context.store) as _,
            accounts: context.accounts.clone(),
            channels: Arc::clone(&channels),
            clock: Arc::clone(&context.clock),
        }),
        editor: Arc::new(Editor {
            unit_of_work: Arc::clone(&context.store) as _,
            events: Arc::clone(&context.store) as _,
            deliveries: Arc::clone(&context.store) as _,
            clock: Arc::clone(&context.clock),
            ids: context.ids.clone(),
        }),
        delivery_actions: Arc::new(DeliveryActions {
            transitions: Arc::clone(&context.transitions),
            unit_of_work: Arc::clone(&context.store) as _,
            distributions: Arc::clone(&context.store) as _,
            deliveries: Arc::clone(&context.store) as _,
            attempts: Arc::clone(&context.store) as _,
            journals: Arc::clone(&context.store) as _,
            accounts: context.accounts.clone(),
            channels: Arc::clone(&channels),
            in_progress: Arc::clone(&context.in_progress),
            clock: Arc::clone(&context.clock),
            ids: context.ids.clone(),
            node: context.node,
        }),
        scheduler,
        streams: Streams {
            delivery_feed: Arc::clone(&context.delivery_feed),
            concurrency_limit: limiter(LimitedResource::Listener, config.server.listeners()),
            stopping: context.stopping.clone(),
        },
        running: limiter(LimitedResource::Run, config.publish.running()),
        cache: Arc::clone(&context.cache) as _,
        channels,
        clock: Arc::clone(&context.clock),
        tokens,
        tasks: context.tasks.clone(),
    }
}

fn limiter(resource: LimitedResource, limits: ConcurrencyLimits) -> Arc<ConcurrencyLimiter> {
    Arc::new(ConcurrencyLimiter::new(resource, limits))
}

fn spawn_publishing(context: &AppContext, publisher: &Arc<Publisher>, scheduler: &Arc<Scheduler>) {
    let resumer = Resumer {
        events: Arc::clone(&context.store) as _,
        publisher: Arc::clone(publisher),
        clock: Arc::clone(&context.clock),
    };
    context.spawn(|stopping| resumer.run(stopping));
    let schedules = Arc::new(Schedules {
        events: Arc::clone(&context.store) as _,
        publisher: Arc::clone(publisher),
        scheduler: Arc::clone(scheduler),
        clock: Arc::clone(&context.clock),
        tasks: context.tasks.clone(),
    });
    context.spawn(|stopping| schedules.run(stopping));
}

fn spawn_credential_refresh(context: &AppContext, channels: &Arc<dyn Channels>) {
    let credential_refresh = CredentialRefresh {
        renewer: Renewer {
            unit_of_work: Arc::clone(&context.store) as _,
            accounts: context.accounts.clone(),
            channels: Arc::clone(channels),
            clock: Arc::clone(&context.clock),
            ids: context.ids.clone(),
        },
        clock: Arc::clone(&context.clock),
    };
    context.spawn(|stopping| credential_refresh.run(stopping));
}

/// The distribution service of this configuration.
pub(super) fn remote_distributor(
    context: &AppContext,
    config: &Config,
    tokens: &Arc<Tokens>,
) -> anyhow::Result<HttpDistributor> {
    let service = config.distribution.url.as_ref();
    let service = service.context("the role event needs distribution.url")?;
    let token: ServiceToken = match &config.distribution.token_file {
        Some(file) => {
            let file = file.clone();
            Arc::new(move || read_token(&file))
        }
        None => self_issued_token(context, tokens)?,
    };
    Ok(HttpDistributor::new(
        service,
        &config.distribution.http,
        token,
        Arc::clone(&context.clock),
    )?)
}

/// Read for every call, so that an operator can change it while the host runs.
fn read_token(file: &Path) -> Result<SecretString, String> {
    let read = std::fs::read_to_string(file);
    let text =
        read.map_err(|error| format!("its token {} is not readable: {error}", file.display()))?;
    Ok(SecretString::from(text.trim()))
}

fn self_issued_token(context: &AppContext, tokens: &Arc<Tokens>) -> anyhow::Result<ServiceToken> {
    let (clock, tokens) = (Arc::clone(&context.clock), Arc::clone(tokens));
    let issue = move || {
        tokens
            .issue("event-service", Role::Service, TOKEN_LIFETIME, clock.now())
            .map(SecretString::from)
            .map_err(|error| error.to_string())
    };
    // Now rather than at the first publish.
    if let Err(why) = issue() {
        anyhow::bail!("{why}: give a token of the role service in distribution.token_file");
    }
    Ok(Arc::new(issue))
}
