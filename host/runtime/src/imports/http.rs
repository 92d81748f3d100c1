//! `http`: the way out, through the journal and then the egress check.

use baepo_domain::model::journal::sent::{any_unsafe, idempotent_in_doubt, unsafe_may_be_out};
use baepo_domain::model::journal::{
    Body, OFFER_HAS_ENDED, Repeat, Request, RequestOutcome, Response, Step,
};
use baepo_domain::usecases::failpoint;
use futures::future::join_all;

use super::cursor::StopReason;
use super::{CallState, Progress, Purpose};
use crate::bindings::http as wit;
use crate::egress::{Credential, EgressPolicy, SendGuard};

impl wit::Host for CallState {
    async fn send(
        &mut self,
        request: wit::Request,
    ) -> wasmtime::Result<Result<wit::Response, wit::SendError>> {
        let mut responses = self.send_all(vec![request]).await?;
        Ok(responses.pop().expect("one outcome for one request"))
    }

    /// All at once; in the order of the requests.
    async fn send_all(
        &mut self,
        requests: Vec<wit::Request>,
    ) -> wasmtime::Result<Vec<Result<wit::Response, wit::SendError>>> {
        self.count("http.send", requests.len())?;
        let requests: Vec<_> = requests.into_iter().map(request).collect();
        let outcomes = self.exchange(&requests).await?;
        Ok(outcomes.into_iter().map(response).collect())
    }
}

impl CallState {
    async fn exchange(&mut self, requests: &[Request]) -> Result<Vec<RequestOutcome>, StopReason> {
        if self.context.purpose == Purpose::Inspect {
            let denied = || RequestOutcome::Denied("check must not send".to_owned());
            return Ok(requests.iter().map(|_| denied()).collect());
        }
        let sent = Step::Sent(requests.to_vec());
        let progress = self.replay_or_send(sent, requests.len()).await?;
        if let Progress::Answered(outcomes) = progress {
            self.track_outcomes(requests, &outcomes);
            return Ok(outcomes);
        }
        let outcomes = self.act(requests, &progress).await;
        self.track_outcomes(requests, &outcomes);
        failpoint::point("journal.answered");
        self.write(Step::Answered(outcomes.clone())).await?;
        Ok(outcomes)
    }

    async fn act(&mut self, requests: &[Request], progress: &Progress) -> Vec<RequestOutcome> {
        self.share.end_turn();
        let sent_before = self.unsafe_sent;
        // From before the request is sent: whatever ends this call now, it may be out.
        self.unsafe_sent |= any_unsafe(requests);
        let sending = requests
            .iter()
            .map(|request| self.send_one(request, progress));
        let outcomes = join_all(sending).await;
        self.unsafe_sent = sent_before || unsafe_may_be_out(requests, &outcomes);
        outcomes
    }

    /// What the end of the attempt depends on, whether it was answered now or before.
    fn track_outcomes(&mut self, requests: &[Request], outcomes: &[RequestOutcome]) {
        self.in_doubt |= idempotent_in_doubt(requests, outcomes);
        for (request, outcome) in requests.iter().zip(outcomes) {
            let is_noted = self.refused_at_end == Some(Repeat::Idempotent);
            if outcome.offer_has_ended() && !is_noted {
                self.refused_at_end = Some(request.repeat);
            }
        }
    }

    async fn send_one(&self, request: &Request, progress: &Progress) -> RequestOutcome {
        if self.context.purpose == Purpose::Probe && request.repeat != Repeat::Safe {
            return RequestOutcome::Denied("probe sends safe requests only".to_owned());
        }
        if matches!(progress, Progress::Resumed) && request.repeat == Repeat::Unsafe {
            let why = "the host stopped while this request was under way";
            return RequestOutcome::InDoubt(why.to_owned());
        }
        let is_safe = request.repeat == Repeat::Safe;
        // Checked again when its turn has come: it may have waited for that until after the end.
        let send_guard = || match self.context.offer {
            Some(end) if !is_safe && end.is_over_at(self.context.services.clock.now()) => {
                Err(OFFER_HAS_ENDED)
            }
            Some(_) | None => Ok(()),
        };
        if let Err(why) = send_guard() {
            return RequestOutcome::Denied(why.to_owned());
        }
        let policy = self.policy(&send_guard);
        self.context.services.egress.send(policy, request).await
    }

    /// What the operator sets is here and not in the request: it stays out of the journal.
    fn policy<'a>(&'a self, send_guard: &'a SendGuard<'a>) -> EgressPolicy<'a> {
        let (manifest, services) = (&self.context.release.manifest, &self.context.services);
        let limits = &self.context.limits;
        EgressPolicy {
            channel: &manifest.id,
            grants: &manifest.grants,
            tokens: &manifest.tokens,
            secrets: &self.context.account.secrets,
            send_guard,
            limits: limits.egress(services.request_time, services.longest_request_time),
        }
    }
}

/// A request as the journal has it, and everything behind it.
fn request(request: wit::Request) -> Request {
    let credentials = request.credentials.iter();
    Request {
        method: method(request.method).to_owned(),
        credentials: credentials
            .map(|named| credential(named).to_string())
            .collect(),
        url: request.url,
        headers: request.headers,
        body: request.body.map(Body),
        repeat: match request.repeat {
            wit::Repeat::Safe => Repeat::Safe,
            wit::Repeat::Idempotent => Repeat::Idempotent,
            wit::Repeat::Unsafe => Repeat::Unsafe,
        },
        timeout_ms: request.timeout_ms.map(u64::from),
    }
}

fn method(method: wit::Method) -> &'static str {
    match method {
        wit::Method::Get => "GET",
        wit::Method::Head => "HEAD",
        wit::Method::Post => "POST",
        wit::Method::Put => "PUT",
        wit::Method::Patch => "PATCH",
        wit::Method::Delete => "DELETE",
    }
}

fn credential(credential: &wit::Credential) -> Credential<'_> {
    match credential {
        wit::Credential::Bearer(secret) => Credential::Bearer(secret),
        wit::Credential::Header((name, secret)) => Credential::Header(name, secret),
        wit::Credential::Query((name, secret)) => Credential::Query(name, secret),
        wit::Credential::Basic((user, password)) => Credential::Basic(user, password),
    }
}

fn response(outcome: RequestOutcome) -> Result<wit::Response, wit::SendError> {
    match outcome {
        RequestOutcome::Response(Response {
            status,
            headers,
            body: Body(body),
        }) => Ok(wit::Response {
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
