//! One exchange from the first rule to the last byte: request, redirects, answer.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::{Response, StatusCode, header};
use secrecy::SecretString;
use tokio::time::Instant;

use super::draft::{Draft, check_url};
use super::grants::{self, Granted};
use super::redaction::Redaction;
use super::refusal::{Refusal, Rule, brief, shown};
use super::rewrite::Route;
use super::{
    Incoming, Inner, Method, Outgoing, Permit, Repeat, SendError, addresses, credentials, transport,
};
use crate::limits::grouped;

/// Redirects that one safe request follows.
const REDIRECTS: usize = 3;

impl Inner {
    /// Sends a request within its time.
    pub(super) async fn exchange(
        &self,
        permit: Permit<'_>,
        request: Outgoing,
    ) -> Result<Incoming, SendError> {
        let limit = permit.limits.request_time;
        let time = request.timeout.map_or(limit, |asked| asked.min(limit));
        let repeat = request.repeat;
        let draft = Draft::read(request, &permit)?;
        let granted = admit(&permit, &draft)?;
        for credential in &draft.credentials {
            granted.check(credential)?;
        }
        self.course(permit, repeat, time).with_tokens(draft).await
    }

    /// From now on, for `time`.
    pub(super) fn course<'a>(
        &'a self,
        permit: Permit<'a>,
        repeat: Repeat,
        time: Duration,
    ) -> Course<'a> {
        Course {
            inner: self,
            permit,
            repeat,
            time,
            deadline: Instant::now() + time,
        }
    }
}

/// The rules for an address, the most telling one first.
fn admit<'a>(permit: &Permit<'a>, draft: &Draft) -> Result<Granted<'a>, Refusal> {
    addresses::check_literal(&draft.url)?;
    grants::find(permit.grants, permit.channel, draft.method, &draft.url)
}

fn in_ms(time: Duration) -> String {
    format!(
        "{} ms",
        grouped(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
    )
}

/// What stays the same over all redirects.
pub(super) struct Course<'a> {
    pub(super) inner: &'a Inner,
    pub(super) permit: Permit<'a>,
    repeat: Repeat,
    time: Duration,
    deadline: Instant,
}

impl Course<'_> {
    /// The same with other secrets to attach.
    pub(super) fn with_secrets<'a>(
        &'a self,
        secrets: &'a BTreeMap<String, SecretString>,
    ) -> Course<'a> {
        let permit = Permit {
            secrets,
            ..self.permit
        };
        Course { permit, ..*self }
    }

    /// All of the exchange that a component asked for.
    pub(super) async fn send(&self, draft: Draft) -> Result<Incoming, SendError> {
        self.in_time(&draft.host(), self.run(draft)).await
    }

    /// A request of the host's own, to an address that the manifest declares: every rule holds but
    /// the grants, and no redirect is followed.
    pub(super) async fn ask(&self, mut draft: Draft) -> Result<Incoming, SendError> {
        draft.url = check_url(draft.url)?;
        addresses::check_literal(&draft.url)?;
        let route = self.inner.rewrites.route(&draft.url);
        let response = self.open(&draft, &route).await?;
        let limit = self.permit.limits.response_bytes;
        transport::read(response, &draft.host(), limit).await
    }

    /// What is not done by the deadline is in doubt; `host` is who did not answer.
    pub(super) async fn in_time<T, E: From<SendError>>(
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

    async fn run(&self, mut draft: Draft) -> Result<Incoming, SendError> {
        let mut followed = 0;
        loop {
            let route = self.inner.rewrites.route(&draft.url);
            let response = self
                .open(&draft, &route)
                .await
                .map_err(|error| match error {
                    SendError::NotSent(text) if followed > 0 => SendError::InDoubt(text),
                    error => error,
                })?;
            let Some(location) = location(&response) else {
                let limit = self.permit.limits.response_bytes;
                return transport::read(response, &draft.host(), limit).await;
            };
            let redirect = Redirect {
                status: response.status(),
                location,
                followed,
                route,
            };
            draft = self.redirected(draft, &redirect)?;
            followed += 1;
        }
    }

    async fn open(&self, draft: &Draft, route: &Route) -> Result<Response, SendError> {
        let host = draft.host();
        let mut request = draft.to_request(route.url());
        credentials::attach(&mut request, &draft.credentials, self.permit.secrets)?;
        self.wait_for_turn(draft, &host).await?;
        (self.permit.may_leave)().map_err(|why| SendError::Denied(why.to_owned()))?;
        self.inner.transport.open(route, request, &host).await
    }

    async fn wait_for_turn(&self, draft: &Draft, host: &str) -> Result<(), SendError> {
        let (channel, rate) = (self.permit.channel, self.permit.limits.requests_per_second);
        if self
            .inner
            .pace
            .turn(channel, &draft.url, rate, self.deadline)
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
    fn redirected(&self, draft: Draft, redirect: &Redirect) -> Result<Draft, SendError> {
        let host = draft.host();
        self.next(draft, redirect).map_err(|refusal| {
            let redaction = Redaction::of(self.permit.secrets);
            let target = redaction.text(redirect.shown());
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

    fn next(&self, draft: Draft, redirect: &Redirect) -> Result<Draft, Refusal> {
        let target = redirect.target()?;
        let target = check_url(
            self.inner
                .rewrites
                .meant(&draft.url, &redirect.route, target),
        )?;
        let method = redirect.method(draft.method);
        let mut next = draft.moved(method, target);
        let granted = admit(&self.permit, &next)?;
        if self.repeat != Repeat::Safe {
            return Err(Rule::Redirects.refuses("only safe requests follow one"));
        }
        if redirect.followed == REDIRECTS {
            return Err(Rule::Redirects.refuses(format!("more than {REDIRECTS} in a row")));
        }
        // What may not go there stays behind.
        next.credentials
            .retain(|credential| granted.carries(credential));
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
    fn shown(&self) -> String {
        match self.target() {
            Ok(target) => shown(&target),
            Err(_) => brief(self.location.split(['?', '#']).next().unwrap_or_default()),
        }
    }
}
