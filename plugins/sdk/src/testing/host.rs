//! The scripted host: a thread has one, and every function of the contract goes to it.

use core::cell::RefCell;
use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use super::ScriptedResponse;
pub use crate::bindings::channel::exports::baepo::channel::channel::Job as RawJob;
use crate::http::{Method, Request};
use crate::run::Level;
use crate::{Channel, Content, Failure, Finding, Outcome, Preview, Receipt, export};

thread_local! {
    static CURRENT: RefCell<Option<Rc<RefCell<State>>>> = const { RefCell::new(None) };
}

#[derive(Default)]
struct State {
    script: VecDeque<Expectation>,
    defaults: Vec<Expectation>,
    settings: BTreeMap<String, String>,
    signatures: BTreeMap<String, Vec<u8>>,
    now_ms: u64,
    requests: Vec<Request>,
    logs: Vec<(Level, String)>,
    slept: Vec<Duration>,
    accepted: Vec<(Receipt, String)>,
    waiting_notes: Vec<String>,
    foreign_posts: BTreeSet<String>,
    /// How often there is still one without an id.
    unidentified: usize,
    remarks: Vec<String>,
}

#[derive(Clone)]
struct Expectation {
    pattern: String,
    answer: ScriptedResponse,
}

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
    /// What the channel says.
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

impl State {
    fn answer(&mut self, request: &Request) -> ScriptedResponse {
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

    fn advance(&mut self, duration: Duration) {
        self.now_ms += u64::try_from(duration.as_millis()).expect("a wait within the ages");
    }
}

fn name(request: &Request) -> String {
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

fn is_match(pattern: &str, request: &Request) -> bool {
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

/// The host's functions, as the crate calls them where there is no WebAssembly around it.
pub(crate) mod imports {
    use super::{CURRENT, Duration, Level, Receipt, Request, State};
    use crate::bindings::imports::baepo::channel::account::Digest;
    use crate::bindings::imports::baepo::channel::http::{Response, SendError};

    fn with<T>(call: impl FnOnce(&mut State) -> T) -> T {
        CURRENT.with_borrow(|current| {
            let state = current
                .as_ref()
                .expect("no host: start the test with `Host::new()`");
            call(&mut state.borrow_mut())
        })
    }

    pub fn send(request: &Request) -> Result<Response, SendError> {
        with(|state| {
            let answer = state.answer(request);
            state.advance(answer.latency);
            answer.result
        })
    }

    pub fn send_all(requests: &[Request]) -> Vec<Result<Response, SendError>> {
        with(|state| {
            let answers: Vec<_> = requests
                .iter()
                .map(|request| state.answer(request))
                .collect();
            let longest = answers.iter().map(|answer| answer.latency).max();
            state.advance(longest.unwrap_or_default());
            answers.into_iter().map(|answer| answer.result).collect()
        })
    }

    pub fn setting(name: &str) -> Option<String> {
        with(|state| state.settings.get(name).cloned())
    }

    pub fn sign(secret: &str, _: Digest, _: &[u8]) -> Option<Vec<u8>> {
        with(|state| state.signatures.get(secret).cloned())
    }

    pub fn attributable(external_ids: &[String], _: u64) -> Vec<String> {
        with(|state| {
            if state.unidentified > 0 {
                state.unidentified -= 1;
                return Vec::new();
            }
            let own = external_ids
                .iter()
                .filter(|id| !state.foreign_posts.contains(*id));
            own.cloned().collect()
        })
    }

    pub fn log(level: Level, message: &str) {
        with(|state| state.logs.push((level, message.into())));
    }

    pub fn now() -> u64 {
        with(|state| state.now_ms)
    }

    pub fn sleep(ms: u64) {
        with(|state| {
            state.slept.push(Duration::from_millis(ms));
            state.advance(Duration::from_millis(ms));
        });
    }

    pub fn waiting(note: &str) {
        with(|state| state.waiting_notes.push(note.into()));
    }

    pub fn remark(text: &str) {
        with(|state| state.remarks.push(text.into()));
    }

    pub fn accepted(receipt: &Receipt, note: &str) {
        with(|state| state.accepted.push((receipt.clone(), note.into())));
    }
}

#[cfg(test)]
mod tests;
