//! `http`: the way out, through the journal and then the egress check.

use std::time::Duration;

use baepo_domain::model::journal::sent::{any_unsafe, idempotent_in_doubt, unsafe_may_be_out};
use baepo_domain::model::journal::{self, Body, RequestOutcome, Step};
use baepo_domain::model::offer_end;
use baepo_domain::usecases::failpoint;
use futures::future::join_all;

use super::{CallState, HostAnswer, HostCall, Purpose, StopReason};
use crate::bindings::http as wit;
use crate::convert::{journaled, journaled_answer};
use crate::egress::{Credential, EgressPolicy, Method, OutgoingRequest, Repeat, SendGuard};

impl wit::Host for CallState {
    async fn send(
        &mut self,
        request: wit::Request,
    ) -> wasmtime::Result<Result<wit::Response, wit::SendError>> {
        let mut answers = self.send_all(vec![request]).await?;
        Ok(answers.pop().expect("one answer for one request"))
    }

    async fn send_all(
        &mut self,
        requests: Vec<wit::Request>,
    ) -> wasmtime::Result<Vec<Result<wit::Response, wit::SendError>>> {
        let requests = requests.into_iter().map(outgoing).collect();
        match self.perform(HostCall::Http(requests)).await? {
            HostAnswer::Http(answers) => Ok(answers.into_iter().map(answer).collect()),
            other => other.is_not("http.send"),
        }
    }
}

impl CallState {
    /// Sends all at once, or answers as the journal says; in the order of the requests.
    pub(super) async fn exchange(
        &mut self,
        requests: Vec<OutgoingRequest>,
    ) -> Result<Vec<RequestOutcome>, StopReason> {
        if self.context.purpose == Purpose::Inspect {
            let denied = || RequestOutcome::Denied("check must not send".to_owned());
            return Ok(requests.iter().map(|_| denied()).collect());
        }
        let requested: Vec<_> = requests.iter().map(journaled).collect();
        let sent = Step::Sent(requested.clone());
        let send_attempt = match self.context.cursor.replay(&sent)? {
            None => {
                self.write(sent).await?;
                SendAttempt::First
            }
            Some(_) => match self.context.cursor.answers(&sent, requested.len())? {
                Some(answers) => {
                    self.track_answers(&requested, &answers);
                    return Ok(answers);
                }
                None => SendAttempt::Resumed,
            },
        };
        let answers = self.send(&requested, requests, send_attempt).await;
        self.track_answers(&requested, &answers);
        failpoint::point("journal.answered");
        self.write(Step::Answered(answers.clone())).await?;
        Ok(answers)
    }

    async fn send(
        &mut self,
        requested: &[journal::Request],
        requests: Vec<OutgoingRequest>,
        send_attempt: SendAttempt,
    ) -> Vec<RequestOutcome> {
        let sent_before = self.unsafe_sent;
        // From before the request leaves: whatever ends this call now, it may be out.
        self.unsafe_sent |= any_unsafe(requested);
        let requests = requests.into_iter();
        let answers = join_all(requests.map(|request| self.send_one(request, send_attempt))).await;
        self.unsafe_sent = sent_before || unsafe_may_be_out(requested, &answers);
        answers
    }

    /// What the end of the attempt depends on, whether it was answered now or before.
    fn track_answers(&mut self, requested: &[journal::Request], answers: &[RequestOutcome]) {
        self.in_doubt |= idempotent_in_doubt(requested, answers);
        for (request, answer) in requested.iter().zip(answers) {
            let is_noted = self.refused_at_end == Some(journal::Repeat::Idempotent);
            if answer.offer_has_ended() && !is_noted {
                self.refused_at_end = Some(request.repeat);
            }
        }
    }

    async fn send_one(
        &self,
        mut request: OutgoingRequest,
        send_attempt: SendAttempt,
    ) -> RequestOutcome {
        if self.context.purpose == Purpose::Probe && request.repeat != Repeat::Safe {
            return RequestOutcome::Denied("probe sends safe requests only".to_owned());
        }
        if send_attempt == SendAttempt::Resumed && request.repeat == Repeat::Unsafe {
            let why = "the host stopped while this request was under way";
            return RequestOutcome::InDoubt(why.to_owned());
        }
        let is_safe = request.repeat == Repeat::Safe;
        // Asked again when its turn has come: it may have waited for that until after the end.
        let send_guard = || match self.context.offer {
            Some(end) if !is_safe && end.is_over_at(self.context.services.clock.now()) => {
                Err(offer_end::HAS_ENDED)
            }
            Some(_) | None => Ok(()),
        };
        if let Err(why) = send_guard() {
            return RequestOutcome::Denied(why.to_owned());
        }
        // Here and not before: what the operator sets stays out of the journal.
        request
            .timeout
            .get_or_insert(self.context.services.request_time);
        let policy = self.policy(&send_guard);
        journaled_answer(self.context.services.egress.send(policy, request).await)
    }

    fn policy<'a>(&'a self, send_guard: &'a SendGuard<'a>) -> EgressPolicy<'a> {
        let manifest = &self.context.release.manifest;
        EgressPolicy {
            channel: &manifest.id,
            grants: &manifest.grants,
            tokens: &manifest.tokens,
            secrets: &self.context.account.secrets,
            send_guard,
            limits: self
                .context
                .limits
                .egress(self.context.services.longest_request_time),
        }
    }
}

/// Whether requests leave for the first time, or may have left before.
#[derive(Clone, Copy, PartialEq, Eq)]
enum SendAttempt {
    First,
    Resumed,
}

fn outgoing(request: wit::Request) -> OutgoingRequest {
    OutgoingRequest {
        method: method(request.method),
        url: request.url,
        headers: request.headers,
        body: request.body,
        credentials: request.credentials.into_iter().map(credential).collect(),
        repeat: repeat(request.repeat),
        timeout: request
            .timeout_ms
            .map(|millis| Duration::from_millis(millis.into())),
    }
}

fn method(method: wit::Method) -> Method {
    match method {
        wit::Method::Get => Method::Get,
        wit::Method::Head => Method::Head,
        wit::Method::Post => Method::Post,
        wit::Method::Put => Method::Put,
        wit::Method::Patch => Method::Patch,
        wit::Method::Delete => Method::Delete,
    }
}

fn repeat(repeat: wit::Repeat) -> Repeat {
    match repeat {
        wit::Repeat::Safe => Repeat::Safe,
        wit::Repeat::Idempotent => Repeat::Idempotent,
        wit::Repeat::Unsafe => Repeat::Unsafe,
    }
}

fn credential(credential: wit::Credential) -> Credential {
    match credential {
        wit::Credential::Bearer(secret) => Credential::Bearer(secret),
        wit::Credential::Header((name, secret)) => Credential::Header(name, secret),
        wit::Credential::Query((name, secret)) => Credential::Query(name, secret),
        wit::Credential::Basic((user, password)) => Credential::Basic(user, password),
    }
}

fn answer(answer: RequestOutcome) -> Result<wit::Response, wit::SendError> {
    match answer {
        RequestOutcome::Response {
            status,
            headers,
            body: Body(body),
        } => Ok(wit::Response {
            status,
            headers,
            body,
        }),
        RequestOutcome::Denied(rule) => Err(wit::SendError::Denied(rule)),
        RequestOutcome::NotSent(why) => Err(wit::SendError::NotSent(why)),
        RequestOutcome::InDoubt(why) => Err(wit::SendError::InDoubt(why)),
        RequestOutcome::TooLarge(bytes) => Err(wit::SendError::TooLarge(bytes)),
    }
}
