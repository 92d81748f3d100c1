//! `http`: the way out, through the journal and then the egress check.

use std::time::Duration;

use baepo_domain::fault;
use baepo_domain::journal::{
    self, Answer, Body, Step, any_unsafe, idempotent_in_doubt, unsafe_may_be_out,
};
use baepo_domain::offer;
use futures::future::join_all;

use super::{CallState, HostAnswer, HostCall, Purpose, Stop};
use crate::bindings::http as wit;
use crate::convert::{journaled, journaled_answer};
use crate::egress::{Credential, MayLeave, Method, Outgoing, Permit, Repeat};

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
    pub(super) async fn exchange(&mut self, requests: Vec<Outgoing>) -> Result<Vec<Answer>, Stop> {
        if self.begun.purpose == Purpose::Look {
            let denied = || Answer::Denied("check must not send".to_owned());
            return Ok(requests.iter().map(|_| denied()).collect());
        }
        let asked: Vec<_> = requests.iter().map(journaled).collect();
        let sent = Step::Sent(asked.clone());
        let turn = match self.begun.tape.replay(&sent)? {
            None => {
                self.write(sent).await?;
                Turn::First
            }
            Some(_) => match self.begun.tape.answers(&sent, asked.len())? {
                Some(answers) => {
                    self.note_answers(&asked, &answers);
                    return Ok(answers);
                }
                None => Turn::Again,
            },
        };
        let answers = self.send(&asked, requests, turn).await;
        self.note_answers(&asked, &answers);
        fault::point("journal.answered");
        self.write(Step::Answered(answers.clone())).await?;
        Ok(answers)
    }

    async fn send(
        &mut self,
        asked: &[journal::Request],
        requests: Vec<Outgoing>,
        turn: Turn,
    ) -> Vec<Answer> {
        let sent_before = self.unsafe_sent;
        // From before the request leaves: whatever ends this call now, it may be out.
        self.unsafe_sent |= any_unsafe(asked);
        let requests = requests.into_iter();
        let answers = join_all(requests.map(|request| self.send_one(request, turn))).await;
        self.unsafe_sent = sent_before || unsafe_may_be_out(asked, &answers);
        answers
    }

    /// What the end of the attempt depends on, whether it was answered now or before.
    fn note_answers(&mut self, asked: &[journal::Request], answers: &[Answer]) {
        self.in_doubt |= idempotent_in_doubt(asked, answers);
        for (request, answer) in asked.iter().zip(answers) {
            let is_noted = self.refused_at_end == Some(journal::Repeat::Idempotent);
            if answer.offer_has_ended() && !is_noted {
                self.refused_at_end = Some(request.repeat);
            }
        }
    }

    async fn send_one(&self, mut request: Outgoing, turn: Turn) -> Answer {
        if self.begun.purpose == Purpose::Probe && request.repeat != Repeat::Safe {
            return Answer::Denied("probe sends safe requests only".to_owned());
        }
        if turn == Turn::Again && request.repeat == Repeat::Unsafe {
            let why = "the host stopped while this request was under way";
            return Answer::InDoubt(why.to_owned());
        }
        let is_safe = request.repeat == Repeat::Safe;
        // Asked again when its turn has come: it may have waited for that until after the end.
        let may_leave = || match self.begun.offer {
            Some(end) if !is_safe && end.is_over_at(self.begun.outside.clock.now()) => {
                Err(offer::HAS_ENDED)
            }
            Some(_) | None => Ok(()),
        };
        if let Err(why) = may_leave() {
            return Answer::Denied(why.to_owned());
        }
        // Here and not before: what the operator sets stays out of the journal.
        request
            .timeout
            .get_or_insert(self.begun.outside.request_time);
        let permit = self.permit(&may_leave);
        journaled_answer(self.begun.outside.egress.send(permit, request).await)
    }

    fn permit<'a>(&'a self, may_leave: &'a MayLeave<'a>) -> Permit<'a> {
        let manifest = &self.begun.release.manifest;
        Permit {
            channel: &manifest.id,
            grants: &manifest.grants,
            tokens: &manifest.tokens,
            secrets: &self.begun.account.secrets,
            may_leave,
            limits: self
                .begun
                .limits
                .egress(self.begun.outside.longest_request_time),
        }
    }
}

/// Whether requests leave for the first time, or may have left before.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    First,
    Again,
}

fn outgoing(request: wit::Request) -> Outgoing {
    Outgoing {
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

fn answer(answer: Answer) -> Result<wit::Response, wit::SendError> {
    match answer {
        Answer::Response {
            status,
            headers,
            body: Body(body),
        } => Ok(wit::Response {
            status,
            headers,
            body,
        }),
        Answer::Denied(rule) => Err(wit::SendError::Denied(rule)),
        Answer::NotSent(why) => Err(wit::SendError::NotSent(why)),
        Answer::InDoubt(why) => Err(wit::SendError::InDoubt(why)),
        Answer::TooLarge(bytes) => Err(wit::SendError::TooLarge(bytes)),
    }
}
