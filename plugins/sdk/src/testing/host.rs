//! The scripted host, as a test sets it up and asks it afterwards.

use core::cell::RefCell;
use core::time::Duration;
use std::rc::Rc;

use super::script::{CURRENT, Expectation, State, is_match, name};
use super::scripted_response::ScriptedResponse;
use crate::abilities::{Channel, Preview};
pub use crate::bindings::channel::exports::baepo::channel::channel::Job as RawJob;
use crate::bindings::imports::baepo::channel::types::{
    Content, Failure, Finding, Outcome, Receipt,
};
use crate::export;
use crate::http::Request;
use crate::run::Level;

/// A host for this thread, until it is dropped; then the whole script must have been played.
///
/// A pattern is a method, a path and, if wanted, a query: `GET /v1/posts/*?fields=id`. `*` is any
/// one segment; without a query every query fits; with an origin in front of the path
/// (`GET https://a.example/v1`) the origin must fit too.
pub struct Host {
    state: Rc<RefCell<State>>,
}

impl Default for Host {
    fn default() -> Self {
        Self::new()
    }
}

impl Host {
    /// At noon of 2026-03-02 in Seoul, a Monday, with no settings and an empty script.
    #[must_use]
    pub fn new() -> Self {
        let state = State {
            now_ms: 1_772_420_400_000,
            ..State::default()
        };
        let state = Rc::new(RefCell::new(state));
        CURRENT.set(Some(Rc::clone(&state)));
        Self { state }
    }

    /// Sets the clock, in Unix milliseconds.
    pub fn at(&self, now_ms: u64) -> &Self {
        self.state.borrow_mut().now_ms = now_ms;
        self
    }

    pub fn setting(&self, name: &str, value: &str) -> &Self {
        self.state
            .borrow_mut()
            .settings
            .insert(name.into(), value.into());
        self
    }

    /// What `account::sign` gives for this secret, whatever the data.
    pub fn signature(&self, secret: &str, signature: &[u8]) -> &Self {
        self.state
            .borrow_mut()
            .signatures
            .insert(secret.into(), signature.into());
        self
    }

    /// Posts that are known to be of other deliveries of the account.
    pub fn foreign_posts(&self, external_ids: &[&str]) -> &Self {
        let ids = external_ids.iter().map(ToString::to_string);
        self.state.borrow_mut().foreign_posts.extend(ids);
        self
    }

    /// Another delivery of the account has no id of its own, the next so many times that
    /// `account::attributable` is asked.
    pub fn unidentified_deliveries(&self, times: usize) -> &Self {
        self.state.borrow_mut().unidentified = times;
        self
    }

    /// Scripts the next request: once, in order.
    pub fn next(&self, pattern: &str, answer: ScriptedResponse) -> &Self {
        let expectation = Expectation {
            pattern: pattern.into(),
            answer,
        };
        self.state.borrow_mut().script.push_back(expectation);
        self
    }

    /// Answers every such request that is not the next of the script; the newest first.
    pub fn always(&self, pattern: &str, answer: ScriptedResponse) -> &Self {
        let expectation = Expectation {
            pattern: pattern.into(),
            answer,
        };
        self.state.borrow_mut().defaults.insert(0, expectation);
        self
    }

    #[must_use]
    pub fn check<C: Channel>(&self, content: &Content, options: &str) -> Vec<Finding> {
        export::check::<C>(content, options)
    }

    /// Runs a delivery as the component's export does: options read, content checked first.
    ///
    /// # Errors
    /// The channel's own failure.
    pub fn distribute<C: Channel>(&self, job: RawJob) -> Result<Outcome, Failure> {
        export::distribute::<C>(job)
    }

    #[must_use]
    pub fn render<C: Preview>(&self, content: &Content, options: &str) -> String {
        export::render::<C>(content, options)
    }

    /// Every request so far.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.state.borrow().requests.clone()
    }

    /// Every request so far as `METHOD /path?query`.
    #[must_use]
    pub fn sent(&self) -> Vec<String> {
        self.state.borrow().requests.iter().map(name).collect()
    }

    /// The JSON bodies of the requests that fit a pattern.
    #[must_use]
    pub fn bodies(&self, pattern: &str) -> Vec<serde_json::Value> {
        let state = self.state.borrow();
        let fitting = state
            .requests
            .iter()
            .filter(|request| is_match(pattern, request));
        let bodies = fitting.filter_map(|request| request.body.as_deref());
        bodies
            .map(|body| serde_json::from_slice(body).expect("a JSON body"))
            .collect()
    }

    #[must_use]
    pub fn logs(&self) -> Vec<(Level, String)> {
        self.state.borrow().logs.clone()
    }

    #[must_use]
    pub fn accepted(&self) -> Vec<(Receipt, String)> {
        self.state.borrow().accepted.clone()
    }

    #[must_use]
    pub fn waiting_notes(&self) -> Vec<String> {
        self.state.borrow().waiting_notes.clone()
    }

    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        self.state.borrow().remarks.clone()
    }

    #[must_use]
    pub fn slept(&self) -> Vec<Duration> {
        self.state.borrow().slept.clone()
    }

    #[must_use]
    pub fn now(&self) -> u64 {
        self.state.borrow().now_ms
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        CURRENT.set(None);
        let waiting = self
            .state
            .borrow()
            .script
            .front()
            .map(|expectation| expectation.pattern.clone());
        if let Some(pattern) = waiting.filter(|_| !std::thread::panicking()) {
            panic!("the channel never sent `{pattern}`, which the script waits for");
        }
    }
}

#[cfg(test)]
mod tests;
