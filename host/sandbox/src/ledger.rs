//! What the public sees, and what the stand-ins were asked.
//!
//! Never a credential: a request is kept as method and path, without its query and headers.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};

use jiff::Timestamp;
use serde::Serialize;

use crate::bounded_store::BoundedStore;
use crate::lock::locked;
use crate::provider::Provider;

const MAX_REQUESTS: usize = 1_000;

/// One thing that is out: a post on Instagram or a blog, an accepted send request at NHN Cloud, a
/// campaign on air.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Post {
    pub(crate) provider: Provider,
    /// What the provider calls it.
    pub(crate) external_id: String,
    /// What the client called it: the container or draft that was published, the grouping key, the
    /// `clientReference`.
    pub(crate) reference: String,
    pub(crate) text: String,
    /// A scheduled post is out from this moment on.
    pub(crate) at: Timestamp,
    /// Whose post it is, short enough for a heading.
    pub(crate) account: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) media: Vec<Media>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) buttons: Vec<Button>,
    /// How many people it went to, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) recipients: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum MediaKind {
    Image,
    Video,
    Audio,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Media {
    pub(crate) kind: MediaKind,
    pub(crate) url: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) alt_text: String,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Button {
    pub(crate) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) link: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RecordedRequest {
    pub(crate) provider: Provider,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) at: Timestamp,
}

#[derive(Debug)]
pub(crate) struct Ledger {
    // A shelf each: a busy provider does not push a quiet one's posts out.
    posts: [Mutex<BoundedStore<Arc<Post>>>; Provider::ALL.len()],
    requests: Mutex<VecDeque<RecordedRequest>>,
}

impl Ledger {
    pub(crate) fn new() -> Self {
        Self {
            posts: Provider::ALL.map(|_| Mutex::new(BoundedStore::starting_at(0))),
            requests: Mutex::new(VecDeque::with_capacity(MAX_REQUESTS)),
        }
    }

    fn bounded_store(&self, provider: Provider) -> MutexGuard<'_, BoundedStore<Arc<Post>>> {
        locked(&self.posts[provider as usize])
    }

    pub(crate) fn publish(&self, post: Post) {
        self.bounded_store(post.provider).push(Arc::new(post));
    }

    pub(crate) fn withdraw(&self, provider: Provider, external_id: &str) {
        self.bounded_store(provider)
            .remove_where(|post| post.external_id == external_id);
    }

    /// What is out at `now`, oldest first, at most `limit` of the newest. `on_air` is what is out for
    /// a while only, which those know who put it there.
    pub(crate) fn posts(
        &self,
        provider: Option<Provider>,
        now: Timestamp,
        limit: usize,
        on_air: Vec<Arc<Post>>,
    ) -> Vec<Arc<Post>> {
        let mut out = on_air;
        for provider in selected(provider) {
            let bounded_store = self.bounded_store(provider);
            let visible = bounded_store
                .newest_first()
                .filter(|(_, post)| post.at <= now);
            out.extend(visible.take(limit).map(|(_, post)| Arc::clone(post)));
        }
        out.sort_by_key(|post| post.at);
        out.split_off(out.len().saturating_sub(limit))
    }

    pub(crate) fn clear_posts(&self) {
        for provider in Provider::ALL {
            self.bounded_store(provider).clear();
        }
    }

    pub(crate) fn record(&self, request: RecordedRequest) {
        let mut requests = locked(&self.requests);
        if requests.len() == MAX_REQUESTS {
            requests.pop_front();
        }
        requests.push_back(request);
    }

    /// The last 1,000, oldest first.
    pub(crate) fn requests(&self, provider: Option<Provider>) -> Vec<RecordedRequest> {
        let requests = locked(&self.requests);
        let asked =
            |seen: &&RecordedRequest| provider.is_none_or(|selected| selected == seen.provider);
        requests.iter().filter(asked).cloned().collect()
    }

    pub(crate) fn clear_requests(&self) {
        locked(&self.requests).clear();
    }
}

fn selected(provider: Option<Provider>) -> impl Iterator<Item = Provider> {
    let every = Provider::ALL.into_iter();
    every.filter(move |candidate| provider.is_none_or(|selected| selected == *candidate))
}
