//! The editor of a Naver blog, as its owner uses it.
//!
//! Naver has no API for writing. This stands for the editor that a person has open in a browser, so
//! no channel calls it and no origin leads to it: what a channel prepared is put in by the owner, or
//! by a test in the owner's place, and the address of the published post goes back by hand.
//!
//! | | |
//! | --- | --- |
//! | `POST /{blogId}/drafts` | `{"title", "html", "tags", "images": [{"url", "altText"}]}` → `{"draftId", "editUrl"}` |
//! | `POST /{blogId}/drafts/{draftId}/publish` | publishes it, once: a repeat answers the same address |
//!
//! `editUrl` is the draft's place on the sandbox's page. The last 200 drafts are kept.

mod draft;
pub(crate) mod routes;

use std::sync::{Arc, Mutex, MutexGuard};

use jiff::Timestamp;
use serde_json::Value;

use self::draft::{Draft, Refusal};
use crate::{
    bounded_store::BoundedStore,
    clock::Clock,
    ledger::{Ledger, Post},
    lock::locked,
    provider::Provider,
};

/// A draft may be large, and a person does not look at more.
const MAX_DRAFTS: usize = 200;

/// Naver's numbers have twelve digits and grow; the seconds since 1970 make those of a later run
/// different from those of an earlier one.
const LOG_NUMBERS: u64 = 220_000_000_000;

#[derive(Debug)]
pub(crate) struct NaverBlog {
    clock: Arc<Clock>,
    ledger: Arc<Ledger>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    drafts: BoundedStore<Draft>,
    next_log_number: u64,
}

impl NaverBlog {
    pub(crate) fn new(clock: Arc<Clock>, ledger: Arc<Ledger>) -> Self {
        let start = clock.now();
        let start_s = u64::try_from(start.as_second()).unwrap_or_default();
        let start_ms = u64::try_from(start.as_millisecond()).unwrap_or_default();
        let state = State {
            drafts: BoundedStore::starting_at(start_ms),
            next_log_number: LOG_NUMBERS + start_s,
        };
        Self {
            clock,
            ledger,
            state: Mutex::new(state),
        }
    }

    /// Everything as at the start, except that ids go on.
    pub(crate) fn reset(&self) {
        self.state().drafts.clear();
    }

    /// Without the html, oldest first, at most `limit` of the newest.
    pub(crate) fn drafts(&self, limit: usize) -> Vec<Value> {
        let state = self.state();
        let newest = state.drafts.newest_first().take(limit);
        let mut drafts: Vec<_> = newest.map(|(id, draft)| draft.listing(id)).collect();
        drafts.reverse();
        drafts
    }

    pub(crate) fn html(&self, id: u64) -> Option<String> {
        let state = self.state();
        state.drafts.get(id).map(|draft| draft.html.clone())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        locked(&self.state)
    }

    fn keep(&self, draft: Draft) -> u64 {
        let mut state = self.state();
        while state.drafts.len() >= MAX_DRAFTS {
            state.drafts.remove_oldest();
        }
        state.drafts.push(draft)
    }

    /// The post's address.
    fn publish(&self, blog_id: &str, id: u64) -> Result<String, Refusal> {
        let mut state = self.state();
        let log_number = state.next_log_number;
        let draft = state.drafts.get_mut(id);
        let draft = draft
            .filter(|draft| draft.blog_id == blog_id)
            .ok_or(Refusal::UnknownDraft)?;
        if let Some(url) = &draft.url {
            return Ok(url.clone());
        }
        let url = format!("https://blog.naver.com/{blog_id}/{log_number}");
        draft.url = Some(url.clone());
        // Under the state's lock: a reset comes before both or after both.
        self.ledger
            .publish(to_post(draft, id, log_number, self.clock.now()));
        state.next_log_number += 1;
        Ok(url)
    }
}

fn to_post(draft: &Draft, id: u64, log_number: u64, at: Timestamp) -> Post {
    Post {
        provider: Provider::NaverBlog,
        external_id: log_number.to_string(),
        reference: id.to_string(),
        text: draft.title.clone(),
        at,
        account: draft.blog_id.clone(),
        media: draft.images.clone(),
        buttons: Vec::new(),
        recipients: None,
    }
}
