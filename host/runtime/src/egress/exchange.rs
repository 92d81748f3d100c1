//! One exchange from the first rule to the last byte: request, redirects, answer.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::{Response, StatusCode, header};
use secrecy::SecretString;
use tokio::time::Instant;

use super::grants::{self, MatchingGrants};
use super::parsed_request::{ParsedRequest, check_url};
use super::redaction::Redaction;
use super::refusal::{Refusal, Rule, brief, for_display};
use super::rewrite::Route;
use super::{
    EgressPolicy, IncomingResponse, Inner, Method, OutgoingRequest, Repeat, SendError, addresses,
    credentials, transport,
};
use crate::limits::grouped;

/// Redirects that one safe request follows.
const MAX_REDIRECTS: usize = 3;

impl Inner {
    /// Sends a request within its time.
    pub(super) async fn exchange(
        &self,
        policy: EgressPolicy<'_>,
        request: OutgoingRequest,
    ) -> Result<IncomingResponse, SendError> {
        let limit = policy.limits.request_time;
        let time = request
            .timeout
            .map_or(limit, |requested| requested.min(limit));
        let repeat = request.repeat;
        let parsed_request = ParsedRequest::read(request, &policy)?;
        let granted = authorize(&policy, &parsed_request)?;
        for credential in &parsed_request.credentials {
            granted.check(credential)?;
        }
        self.request_context(policy, repeat, time)
            .with_tokens(parsed_request)
            .await
    }

    /// From now on, for `time`.
    pub(super) fn request_context<'a>(
        &'a self,
        policy: EgressPolicy<'a>,
        repeat: Repeat,
        time: Duration,
    ) -> RequestContext<'a> {
        RequestContext {
            inner: self,
            policy,
            repeat,
            time,
            deadline: Instant::now() + time,
        }
    }
}

/// The rules for an address, the most telling one first.
fn authorize<'a>(
    policy: &EgressPolicy<'a>,
    parsed_request: &ParsedRequest,
) -> Result<MatchingGrants<'a>, Refusal> {
    addresses::check_literal(&parsed_request.url)?;
    grants::find(
        policy.grants,
        policy.channel,
        parsed_request.method,
        &parsed_request.url,
    )
}

fn in_ms(time: Duration) -> String {
    format!(
        "{} ms",
        grouped(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
    )
}

/// What stays the same over all redirects.
pub(super) struct RequestContext<'a> {
    pub(super) inner: &'a Inner,
    pub(super) policy: EgressPolicy<'a>,
    repeat: Repeat,
    time: Duration,
    deadline: Instant,
}

impl RequestContext<'_> {
    /// The same with other secrets to attach.
    pub(super) fn with_secrets<'a>(
        &'a self,
        secrets: &'a BTreeMap<String, SecretString>,
    ) -> RequestContext<'a> {
        let policy = EgressPolicy {
            secrets,
            ..self.policy
        };
        RequestContext { policy, ..*self }
    }

    /// All of the exchange that a component asked for.
    pub(super) async fn send(
        &self,
        parsed_request: ParsedRequest,
    ) -> Result<IncomingResponse, SendError> {
        self.within_deadline(&parsed_request.host(), self.run(parsed_request))
            .await
    }

    /// A request of the host's own, to an address that the manifest declares: every rule holds but
    /// the grants, and no redirect is followed.
    pub(super) async fn send_host_request(
        &self,
        mut parsed_request: ParsedRequest,
    ) -> Result<IncomingResponse, SendError> {
        parsed_request.url = check_url(parsed_request.url)?;
        addresses::check_literal(&parsed_request.url)?;
        let route = self.inner.rewrites.route(&parsed_request.url);
        let response = self.open(&parsed_request, &route).await?;
        let limit = self.policy.limits.response_bytes;
        transport::read(response, &parsed_request.host(), limit).await
    }

    /// What is not done by the deadline is in doubt; `host` is who did not answer.
    pub(super) async fn within_deadline<T, E: From<SendError>>(
        &self,
        host: &str,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        tokio::time::timeout_at(self.deadline, work)
            .await
            .unwrap_or_else(|_| {
                let why = format!(
                    "limit \"request time\": no answer from {host} within {}",
                    in_ms(self.time),
                );
                Err(SendError::InDoubt(why).into())
            })
    }

    async fn run(&self, mut parsed_request: ParsedRequest) -> Result<IncomingResponse, SendError> {
        let mut followed = 0;
        loop {
            let route = self.inner.rewrites.route(&parsed_request.url);
            let response =
                self.open(&parsed_request, &route)
                    .await
                    .map_err(|error| match error {
                        SendError::NotSent(text) if followed > 0 => SendError::InDoubt(text),
                        error => error,
                    })?;
            let Some(location) = location(&response) else {
                let limit = self.policy.limits.response_bytes;
                return transport::read(response, &parsed_request.host(), limit).await;
            };
            let redirect = Redirect {
                status: response.status(),
                location,
                followed,
                route,
            };
            parsed_request = self.redirected(parsed_request, &redirect)?;
            followed += 1;
        }
    }

    async fn open(
        &self,
        parsed_request: &ParsedRequest,
        route: &Route,
    ) -> Result<Response, SendError> {
        let host = parsed_request.host();
        let mut request = parsed_request.to_request(route.url());
        credentials::attach(
            &mut request,
            &parsed_request.credentials,
            self.policy.secrets,
        )?;
        self.wait_for_turn(parsed_request, &host).await?;
        (self.policy.send_guard)().map_err(|why| SendError::Denied(why.to_owned()))?;
        self.inner.transport.open(route, request, &host).await
    }

    async fn wait_for_turn(
        &self,
        parsed_request: &ParsedRequest,
        host: &str,
    ) -> Result<(), SendError> {
        let (channel, rate) = (self.policy.channel, self.policy.limits.requests_per_second);
        if self
            .inner
            .rate_limiter
            .turn(channel, &parsed_request.url, rate, self.deadline)
            .await
        {
            return Ok(());
        }
        Err(SendError::NotSent(format!(
            "limit \"requests per second\": {} to {host}, channel {channel}, and no turn within {}",
            grouped(rate.into()),
            in_ms(self.time),
        )))
    }

    /// The request that a redirect asks for, if it may be sent.
    fn redirected(
        &self,
        parsed_request: ParsedRequest,
        redirect: &Redirect,
    ) -> Result<ParsedRequest, SendError> {
        let host = parsed_request.host();
        self.next(parsed_request, redirect).map_err(|refusal| {
            let redaction = Redaction::of(self.policy.secrets);
            let target = redaction.text(redirect.for_display());
            match self.repeat {
                Repeat::Safe | Repeat::Idempotent => {
                    SendError::Denied(format!("redirect to {target}: {refusal}"))
                }
                Repeat::Unsafe => SendError::InDoubt(format!(
                    "{host} answered with a redirect to {target}, not followed: {refusal}"
                )),
            }
        })
    }

    fn next(
        &self,
        parsed_request: ParsedRequest,
        redirect: &Redirect,
    ) -> Result<ParsedRequest, Refusal> {
        let target = redirect.target()?;
        let target = check_url(self.inner.rewrites.resolve_redirect(
            &parsed_request.url,
            &redirect.route,
            target,
        ))?;
        let method = redirect.method(parsed_request.method);
        let mut next = parsed_request.redirected_to(method, target);
        let granted = authorize(&self.policy, &next)?;
        if self.repeat != Repeat::Safe {
            return Err(Rule::Redirects.refuses("only safe requests follow one"));
        }
        if redirect.followed == MAX_REDIRECTS {
            return Err(Rule::Redirects.refuses(format!("more than {MAX_REDIRECTS} in a row")));
        }
        // What may not go there stays behind.
        next.credentials
            .retain(|credential| granted.allows(credential));
        Ok(next)
    }
}

/// An answer that names another address.
struct Redirect {
    status: StatusCode,
    location: String,
    /// How many redirects came before.
    followed: usize,
    route: Route,
}

/// Where an answer sends the request, if that is what it does.
fn location(response: &Response) -> Option<String> {
    let redirects = matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308);
    let location = response
        .headers()
        .get(header::LOCATION)
        .filter(|_| redirects)?;
    Some(String::from_utf8_lossy(location.as_bytes()).into_owned())
}

impl Redirect {
    fn target(&self) -> Result<url::Url, Refusal> {
        let target = self.route.url().join(&self.location);
        target.map_err(|error| Rule::Url.refuses(format!("it is not an address: {error}")))
    }

    /// RFC 9110, 15.4: what was posted is not posted again, except by 307 and 308.
    fn method(&self, method: Method) -> Method {
        match (self.status.as_u16(), method) {
            (303, Method::Head) => Method::Head,
            (303, _) | (301 | 302, Method::Post) => Method::Get,
            _ => method,
        }
    }

    /// The target as an error shows it.
    fn for_display(&self) -> String {
        match self.target() {
            Ok(target) => for_display(&target),
            Err(_) => brief(self.location.split(['?', '#']).next().unwrap_or_default()),
        }
    }
}
