//! Faults on purpose: which request meets which one.
//!
//! `parse` turns what a test asks for into a [`Fault`]; `inject` carries it out.

mod compress;
mod echo;
mod fault;
mod inject;
mod parse;
mod path_pattern;

use std::sync::Mutex;

use axum::http::Method;
use serde::Serialize;

pub(crate) use self::{
    echo::Credentials,
    inject::{ConnectionDropped, perform},
    parse::FaultRequest,
};
use self::{fault::Fault, path_pattern::PathPattern};
use crate::{lock::locked, provider::Provider};

/// Far more than a test needs; a loop that forgets to delete its faults is refused.
const MAX_RULES: usize = 1_000;

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
    /// The error names what is wrong with the request, and what would be right.
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
