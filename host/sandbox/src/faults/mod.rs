//! Faults on purpose: which request meets which one.
//!
//! `parse` turns what a test asks for into a [`Fault`]; `inject` carries it out.

mod compress;
mod echo;
mod inject;
mod parse;

use std::sync::Mutex;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use bytes::Bytes;
use serde::Serialize;

pub(crate) use self::{
    compress::Encoding,
    echo::Credentials,
    inject::{ConnectionDropped, perform},
    parse::FaultRequest,
};
use crate::{lag::ReadLag, lock::locked, provider::Provider};

/// Far more than a test needs; a loop that forgets to delete its faults hears of it.
const MAX_RULES: usize = 1_000;

/// What goes wrong, and whether the provider's work is done all the same.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// Answers this instead.
    Status(CannedResponse),
    /// Waits, then works and answers as usual, even if the client has gone meanwhile.
    Delay(Duration),
    /// Closes the connection without an answer; no work.
    ResetBefore,
    /// Works, then closes the connection without an answer.
    ResetAfter,
    /// Works, then answers a byte at a time with this pause before each.
    SlowBody(Duration),
    /// Works, then answers with blanks appended up to this many bytes.
    HugeBody(u64),
    /// Sends the client elsewhere, with its method and body; no work.
    Redirect(HeaderValue),
    /// Takes the request and never answers; no work.
    Hang,
    /// Works and answers as usual, but shows later what it did.
    Lag(ReadLag),
    /// Works, answers with an error, and shows later what it did.
    Contradict(CannedResponse, ReadLag),
    /// Works, then answers in an encoding that nobody asked for.
    Compressed(Encoding),
    /// Repeats the credentials of the request, in many spellings: beside its own answer, or as this
    /// status without work.
    EchoSecret(Option<StatusCode>),
}

impl Fault {
    /// By how much reads lag behind the request that meets it.
    pub(crate) fn read_lag(&self) -> ReadLag {
        match self {
            Self::Lag(lag) | Self::Contradict(_, lag) => *lag,
            _ => ReadLag::default(),
        }
    }
}

/// The answer of [`Fault::Status`].
#[derive(Debug, Clone)]
pub(crate) struct CannedResponse {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) work: Work,
}

/// Whether the provider does what it was asked before it answers with an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    Skipped,
    Done,
}

/// A fault, and the requests that meet it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Rule {
    id: u64,
    #[serde(flatten)]
    request: FaultRequest,
    /// Requests that met it so far.
    hits: u64,
    #[serde(skip)]
    method: Option<Method>,
    #[serde(skip)]
    path: PathPattern,
    #[serde(skip)]
    fault: Fault,
}

impl Rule {
    fn matches(&self, provider: Provider, method: &Method, path: &str) -> bool {
        self.request.provider() == provider
            && self.method.as_ref().is_none_or(|wanted| wanted == method)
            && self.path.matches(path)
    }

    fn is_spent(&self) -> bool {
        self.request.times().is_some_and(|times| self.hits >= times)
    }
}

/// `*` stands for any characters, and the whole path must match; a pattern without one matches
/// every path that contains it.
#[derive(Debug, Clone)]
pub(crate) struct PathPattern(String);

impl PathPattern {
    fn matches(&self, path: &str) -> bool {
        let Some((prefix, rest)) = self.0.split_once('*') else {
            return path.contains(&self.0);
        };
        let Some(mut left) = path.strip_prefix(prefix) else {
            return false;
        };
        let (middle, suffix) = rest.rsplit_once('*').unwrap_or(("", rest));
        for part in middle.split('*') {
            let Some(at) = left.find(part) else {
                return false;
            };
            left = &left[at + part.len()..];
        }
        left.ends_with(suffix)
    }
}

/// The rules in the order in which they were added: the oldest that matches is met first.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    rules: Mutex<Rules>,
}

#[derive(Debug, Default)]
struct Rules {
    last_id: u64,
    active: Vec<Rule>,
}

impl Faults {
    /// Says in the error what is wrong with the request, and what would be right.
    pub(crate) fn add(&self, request: FaultRequest) -> Result<Rule, String> {
        let (method, path, fault) = request.parse()?;
        let mut rules = locked(&self.rules);
        if rules.active.len() == MAX_RULES {
            return Err(format!(
                "{MAX_RULES} faults stand already: DELETE /_control/faults"
            ));
        }
        rules.last_id += 1;
        let rule = Rule {
            id: rules.last_id,
            request,
            hits: 0,
            method,
            path,
            fault,
        };
        rules.active.push(rule.clone());
        Ok(rule)
    }

    /// The fault that this request meets, counted as met.
    pub(crate) fn take(&self, provider: Provider, method: &Method, path: &str) -> Option<Fault> {
        let mut rules = locked(&self.rules);
        let met = rules
            .active
            .iter()
            .position(|rule| rule.matches(provider, method, path))?;
        let rule = &mut rules.active[met];
        rule.hits += 1;
        let fault = rule.fault.clone();
        if rule.is_spent() {
            rules.active.remove(met);
        }
        Some(fault)
    }

    pub(crate) fn active(&self) -> Vec<Rule> {
        locked(&self.rules).active.clone()
    }

    pub(crate) fn clear(&self) {
        locked(&self.rules).active.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_matches(pattern: &str, path: &str) {
        assert!(
            PathPattern(pattern.into()).matches(path),
            "{pattern} should match {path}"
        );
    }

    #[track_caller]
    fn assert_differs(pattern: &str, path: &str) {
        assert!(
            !PathPattern(pattern.into()).matches(path),
            "{pattern} should not match {path}"
        );
    }

    #[test]
    fn a_pattern_without_a_wildcard_matches_any_substring() {
        assert_matches("media_publish", "/v26.0/178/media_publish");
        assert_matches("", "/anything");
        assert_differs("media_publish", "/v26.0/178/media");
    }

    #[test]
    fn a_pattern_with_wildcards_matches_the_whole_path() {
        assert_matches("*/media", "/v26.0/178/media");
        assert_matches("/v*/178/*", "/v26.0/178/media");
        assert_matches("*178*media*", "/v26.0/178/media_publish");
        assert_matches("*", "/");
        assert_differs("*/media", "/v26.0/178/media_publish");
        assert_differs("/v26.0/*/media", "/v26.0/media");
        assert_differs("/v*v", "/v");
    }
}
