//! `http`: the way out, through the egress check.

use std::time::Duration;

use futures::future::join_all;

use super::{CallState, HostAnswer, HostCall, Purpose};
use crate::bindings::http as wit;
use crate::egress::{
    Credential, EgressLimits, Incoming, Method, Outgoing, Permit, Repeat, SendError,
};

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
        let requests = requests
            .into_iter()
            .map(|request| self.outgoing(request))
            .collect();
        match self.perform(HostCall::Http(requests)).await? {
            HostAnswer::Http(answers) => Ok(answers.into_iter().map(answer).collect()),
            other => other.is_not("http.send"),
        }
    }
}

impl CallState {
    /// Sends all at once; answers in the order of the requests.
    pub(super) async fn send(
        &mut self,
        requests: Vec<Outgoing>,
    ) -> Vec<Result<Incoming, SendError>> {
        if matches!(self.begun.purpose, Purpose::Look) {
            let denied = || Err(SendError::Denied("check must not send".to_owned()));
            return requests.iter().map(|_| denied()).collect();
        }
        let sent_before = self.unsafe_sent;
        let acts_twice: Vec<bool> = requests
            .iter()
            .map(|request| request.repeat == Repeat::Unsafe)
            .collect();
        // From before the request leaves: whatever ends this call now, it may be out.
        self.unsafe_sent |= acts_twice.contains(&true);

        let egress = &self.begun.outside.egress;
        let permit = self.permit();
        let answers = join_all(
            requests
                .into_iter()
                .map(|request| egress.send(permit, request)),
        )
        .await;

        let left = |(unsafe_one, answer): (&bool, &_)| *unsafe_one && may_be_out(answer);
        self.unsafe_sent = sent_before || acts_twice.iter().zip(&answers).any(left);
        answers
    }

    fn permit(&self) -> Permit<'_> {
        let manifest = &self.begun.release.manifest;
        Permit {
            channel: &manifest.id,
            grants: &manifest.grants,
            secrets: &self.begun.account.secrets,
            limits: EgressLimits {
                request_bytes: self.begun.limits.request_bytes,
                response_bytes: self.begun.limits.response_bytes,
                request_time: self.begun.outside.longest_request_time,
                requests_per_second: self.begun.limits.requests_per_second,
            },
        }
    }

    fn outgoing(&self, request: wit::Request) -> Outgoing {
        let asked = request
            .timeout_ms
            .map(|millis| Duration::from_millis(millis.into()));
        Outgoing {
            method: method(request.method),
            url: request.url,
            headers: request.headers,
            body: request.body,
            credentials: request.credentials.into_iter().map(credential).collect(),
            repeat: repeat(request.repeat),
            timeout: Some(asked.unwrap_or(self.begun.outside.request_time)),
        }
    }
}

fn may_be_out(answer: &Result<Incoming, SendError>) -> bool {
    match answer {
        Err(SendError::Denied(_) | SendError::NotSent(_)) => false,
        Ok(_) | Err(SendError::InDoubt(_) | SendError::TooLarge(_)) => true,
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

fn answer(answer: Result<Incoming, SendError>) -> Result<wit::Response, wit::SendError> {
    match answer {
        Ok(Incoming {
            status,
            headers,
            body,
        }) => Ok(wit::Response {
            status,
            headers,
            body,
        }),
        Err(SendError::Denied(rule)) => Err(wit::SendError::Denied(rule)),
        Err(SendError::NotSent(why)) => Err(wit::SendError::NotSent(why)),
        Err(SendError::InDoubt(why)) => Err(wit::SendError::InDoubt(why)),
        Err(SendError::TooLarge(bytes)) => Err(wit::SendError::TooLarge(bytes)),
    }
}
