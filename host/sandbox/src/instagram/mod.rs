//! Instagram's content publishing: `graph.facebook.com` and `graph.instagram.com`.
//!
//! | | |
//! | --- | --- |
//! | `POST /{v}/{user}/media` | makes a container |
//! | `GET /{v}/{container}?fields=status_code,status` | its state |
//! | `POST /{v}/{user}/media_publish` | publishes it, once |
//! | `GET /{v}/{user}/media` | what the user has posted, newest first |
//! | `GET /{v}/{media}?fields=permalink` | one post |
//! | `DELETE /{v}/{media}` | takes it down |
//! | `GET /{v}/{user}/content_publishing_limit` | the quota and what is used of it |
//! | `GET /refresh_access_token`, `GET /{v}/refresh_access_token` | a new token |
//!
//! Every numeric user exists. Media is not fetched. Containers with a video answer `IN_PROGRESS`
//! for `videoReads` reads of their status (none, see `/_control/settings`), others are finished at once.

mod call;
mod container;
mod error;
mod published;
pub(crate) mod routes;
mod view;

use std::sync::{Arc, Mutex, MutexGuard};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::Value;

use self::{call::Call, container::Container, error::GraphError, published::PublishedMedia};
use crate::{
    bounded_store::BoundedStore,
    clock::Clock,
    lag::ReadLag,
    ledger::Ledger,
    lock::locked,
    provider::{CREDENTIAL_PREFIX, Provider},
    settings::SettingsChange,
};

/// Ids of Meta have 17 digits. Four of them say what it is, and the milliseconds since 1970 make
/// ids of a later run of the sandbox different from those of an earlier one.
const CONTAINER_IDS: u64 = 1788 * 10_u64.pow(13);
const MEDIA_IDS: u64 = 1792 * 10_u64.pow(13);

const QUOTA_WINDOW: SignedDuration = SignedDuration::from_hours(24);

#[derive(Debug)]
pub(crate) struct Instagram {
    clock: Arc<Clock>,
    ledger: Arc<Ledger>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    settings: Settings,
    containers: BoundedStore<Container>,
    published: BoundedStore<PublishedMedia>,
    refreshed_tokens: u64,
}

/// What `GET /_control/settings` shows.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Settings {
    /// How often a container with a video answers `IN_PROGRESS` before it is finished.
    video_reads: u32,
    /// Posts that a user may publish in 24 hours. Meta's pages say 25, 50 and 100.
    publishing_quota: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            video_reads: 0,
            publishing_quota: 100,
        }
    }
}

impl Instagram {
    pub(crate) fn new(clock: Arc<Clock>, ledger: Arc<Ledger>) -> Self {
        let start_ms = u64::try_from(clock.now().as_millisecond()).unwrap_or_default();
        let state = State {
            settings: Settings::default(),
            containers: BoundedStore::starting_at(CONTAINER_IDS + start_ms),
            published: BoundedStore::starting_at(MEDIA_IDS + start_ms),
            refreshed_tokens: 0,
        };
        Self {
            clock,
            ledger,
            state: Mutex::new(state),
        }
    }

    pub(crate) fn settings(&self) -> Settings {
        self.state().settings
    }

    pub(crate) fn change_settings(&self, change: &SettingsChange) {
        let settings = &mut self.state().settings;
        settings.video_reads = change.video_reads.unwrap_or(settings.video_reads);
        settings.publishing_quota = change.publishing_quota.unwrap_or(settings.publishing_quota);
    }

    /// Everything as at the start, except that ids go on.
    pub(crate) fn reset(&self) {
        let mut state = self.state();
        state.settings = Settings::default();
        state.containers.clear();
        state.published.clear();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        locked(&self.state)
    }

    fn create_container(&self, user: u64, call: &Call) -> Result<u64, GraphError> {
        let now = self.clock.now();
        let mut state = self.state();
        let find = |id: &str| state.containers.get(id.parse().ok()?);
        let container = Container::new(user, call, now, state.settings.video_reads, find)?;
        Ok(state.containers.push(container))
    }

    fn publish(&self, user: u64, creation_id: &str, lag: ReadLag) -> Result<u64, GraphError> {
        let now = self.clock.now();
        let visibility = lag.from(now);
        let mut state = self.state();
        let within_quota = state.quota_used(user, now) < state.settings.publishing_quota as usize;
        let container = creation_id
            .parse()
            .ok()
            .and_then(|id| state.containers.get_mut(id))
            .filter(|container| container.user == user)
            .ok_or_else(|| GraphError::container_gone(creation_id))?;
        if !within_quota {
            return Err(GraphError::quota_used_up());
        }
        container.publish(creation_id, now, visibility)?;
        let published = PublishedMedia {
            user,
            kind: container.kind,
            caption: container.caption.clone(),
            media: container.media.clone(),
            at: now,
            visibility,
        };
        let id = state.published.push(published.clone());
        // Under the state's lock: a reset comes before both or after both.
        self.ledger.publish(published.into_post(id, creation_id));
        Ok(id)
    }

    fn delete(&self, id: u64) -> bool {
        let deleted = self.state().published.remove(id).is_some();
        if deleted {
            self.ledger.withdraw(Provider::Instagram, &id.to_string());
        }
        deleted
    }

    /// The container or post of this id with all its fields, and the name of its type.
    fn node(&self, id: u64) -> Option<(&'static str, Value)> {
        let now = self.clock.now();
        let mut state = self.state();
        if let Some(media) = state.published.get(id) {
            let is_shown = media.visibility.is_readable(now);
            return is_shown.then(|| ("Media", view::media(id, media)));
        }
        let status = state.containers.get_mut(id)?.read_status(now)?;
        Some(("ContainerStatus", view::container(id, status)))
    }

    /// Newest first, those older than `after` if that is given.
    fn posts_of(&self, user: u64, after: Option<u64>, limit: usize) -> Vec<(u64, Value)> {
        let now = self.clock.now();
        let state = self.state();
        let own = state
            .published
            .newest_first()
            .filter(|(_, media)| media.user == user && media.visibility.is_listed(now));
        let page = own
            .filter(|(id, _)| after.is_none_or(|after| *id < after))
            .take(limit);
        page.map(|(id, media)| (id, view::media(id, media)))
            .collect()
    }

    /// Posts of the last 24 hours, and how many there may be.
    fn quota(&self, user: u64) -> (usize, u32) {
        let state = self.state();
        (
            state.quota_used(user, self.clock.now()),
            state.settings.publishing_quota,
        )
    }

    fn refresh_token(&self) -> String {
        let mut state = self.state();
        state.refreshed_tokens += 1;
        format!("{}refreshed-{}", CREDENTIAL_PREFIX, state.refreshed_tokens)
    }
}

impl State {
    fn quota_used(&self, user: u64, now: Timestamp) -> usize {
        self.published
            .newest_first()
            .take_while(|(_, media)| now.duration_since(media.at) < QUOTA_WINDOW)
            .filter(|(_, media)| media.user == user)
            .count()
    }
}
