//! What a test expects and what it saw: a thread has one script, and every function of the contract
//! goes to it.

use core::cell::RefCell;
use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use super::scripted_response::ScriptedResponse;
use crate::bindings::imports::baepo::channel::http::{Method, Request};
use crate::bindings::imports::baepo::channel::run::Level;
use crate::bindings::imports::baepo::channel::types::Receipt;

thread_local! {
    pub(super) static CURRENT: RefCell<Option<Rc<RefCell<State>>>> = const { RefCell::new(None) };
}

#[derive(Default)]
pub(super) struct State {
    pub(super) script: VecDeque<Expectation>,
    pub(super) defaults: Vec<Expectation>,
    pub(super) settings: BTreeMap<String, String>,
    pub(super) signatures: BTreeMap<String, Vec<u8>>,
    pub(super) now_ms: u64,
    pub(super) requests: Vec<Request>,
    pub(super) logs: Vec<(Level, String)>,
    pub(super) slept: Vec<Duration>,
    pub(super) accepted: Vec<(Receipt, String)>,
    pub(super) waiting_notes: Vec<String>,
    pub(super) foreign_posts: BTreeSet<String>,
    /// How often there is still one without an id.
    pub(super) unidentified: usize,
    pub(super) remarks: Vec<String>,
}

#[derive(Clone)]
pub(super) struct Expectation {
    pub(super) pattern: String,
    pub(super) answer: ScriptedResponse,
}

impl State {
    pub(super) fn answer(&mut self, request: &Request) -> ScriptedResponse {
        self.requests.push(request.clone());
        if self
            .script
            .front()
            .is_some_and(|expectation| is_match(&expectation.pattern, request))
        {
            return self.script.pop_front().expect("it is there").answer;
        }
        let defaults = self
            .defaults
            .iter()
            .find(|expectation| is_match(&expectation.pattern, request));
        defaults
            .map(|expectation| expectation.answer.clone())
            .unwrap_or_else(|| {
                let next = self
                    .script
                    .front()
                    .map_or("nothing", |expectation| &expectation.pattern);
                panic!(
                    "unscripted request `{}`; the script waits for {next}",
                    name(request)
                )
            })
    }

    pub(super) fn advance(&mut self, duration: Duration) {
        self.now_ms += u64::try_from(duration.as_millis()).expect("a wait within the ages");
    }
}

pub(super) fn name(request: &Request) -> String {
    let (_, path) = split_origin(&request.url);
    format!("{} {path}", method_name(request.method))
}

fn method_name(method: Method) -> &'static str {
    match method {
        Method::Get => "GET",
        Method::Head => "HEAD",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Patch => "PATCH",
        Method::Delete => "DELETE",
    }
}

/// `https://a.example/x` as `https://a.example` and `/x`; a bare path has an empty origin.
fn split_origin(url: &str) -> (&str, &str) {
    let host = url.find("://").map_or(0, |at| at + 3);
    url.split_at(url[host..].find('/').map_or(url.len(), |at| host + at))
}

pub(super) fn is_match(pattern: &str, request: &Request) -> bool {
    let (method, target) = pattern
        .split_once(' ')
        .expect("a pattern is `METHOD /path`");
    let (wanted_origin, wanted) = split_origin(target);
    let (origin, path) = split_origin(&request.url);
    method == method_name(request.method)
        && (wanted_origin.is_empty() || wanted_origin == origin)
        && path_matches(wanted, path)
}

fn path_matches(wanted: &str, path: &str) -> bool {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let (wanted, wanted_query) = match wanted.split_once('?') {
        Some((wanted, wanted_query)) => (wanted, Some(wanted_query)),
        None => (wanted, None),
    };
    let (wanted, path) = (wanted.split('/'), path.split('/'));
    wanted.clone().count() == path.clone().count()
        && wanted
            .zip(path)
            .all(|(wanted, segment)| wanted == "*" || wanted == segment)
        && wanted_query.is_none_or(|wanted| wanted == query)
}
