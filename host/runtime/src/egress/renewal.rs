//! A secret is exchanged for a newer one, where the manifest says how.

use std::time::Duration;

use baepo_domain::connect::is_believable;
use baepo_domain::manifest::RefreshSpec;
use baepo_domain::ports::{NotRenewed, Renewed};
use baepo_domain::text::{both, with_detail};
use reqwest::header::HeaderMap;
use serde_json::Value;

use super::draft::Draft;
use super::redaction::Redaction;
use super::refusal::brief;
use super::tokens::Issued;
use super::{Credential, Egress, Incoming, Method, Permit, Repeat};

/// Where providers say what is wrong, the most telling place first.
const MESSAGES: [&str; 6] = [
    "/error/message",
    "/error_description",
    "/error",
    "/detail",
    "/message",
    "/title",
];

impl Egress {
    /// Asks for a new value of the account's `secret`.
    ///
    /// # Errors
    /// See [`NotRenewed`]; no text contains a secret, neither the old one nor a new one.
    pub async fn renew(
        &self,
        permit: Permit<'_>,
        secret: &str,
        spec: &RefreshSpec,
    ) -> Result<Renewed, NotRenewed> {
        if !permit.secrets.contains_key(secret) {
            let said = both(
                "계정을 연결하는 데 필요한 값이 없습니다.",
                "A value that the account needs is missing.",
            );
            let detail = format!("the account has no secret {secret}");
            return Err(NotRenewed::Refused(with_detail(said, detail)));
        }
        let draft = question(secret, spec);
        let host = draft.host();
        let time = permit.limits.request_time;
        let course = self.0.course(permit, Repeat::Safe, time);
        let redaction = Redaction::of(permit.secrets);
        let answer = course.in_time(&host, course.ask(draft)).await;
        let answer =
            answer.map_err(|error| NotRenewed::Unavailable(redaction.error(error).to_string()))?;
        read(&answer, &host, &redaction)
    }
}

fn question(secret: &str, spec: &RefreshSpec) -> Draft {
    let mut url = spec.url.clone();
    if !spec.query.is_empty() {
        url.query_pairs_mut().extend_pairs(&spec.query);
    }
    Draft {
        method: Method::Get,
        url,
        headers: HeaderMap::new(),
        body: None,
        credentials: vec![Credential::Query(
            spec.secret_query.clone(),
            secret.to_owned(),
        )],
    }
}

fn read(answer: &Incoming, host: &str, redaction: &Redaction) -> Result<Renewed, NotRenewed> {
    match answer.status {
        200..=299 => renewed(&answer.body).map_err(|why| {
            // The secret in use stays what it was: nothing was lost by asking.
            NotRenewed::Unavailable(format!("the answer of {host} {why}"))
        }),
        400 | 401 | 403 if is_final(&answer.body) => {
            Err(NotRenewed::Refused(refused(answer, host, redaction)))
        }
        status => Err(NotRenewed::Unavailable(format!("{host} answered {status}"))),
    }
}

/// A lifetime is believed within bounds alone, and only where it is a number.
fn renewed(body: &[u8]) -> Result<Renewed, String> {
    let issued = Issued::read(body).ok_or("has no token that can be sent")?;
    let answer: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    let good_for = match &answer["expires_in"] {
        Value::Null => None,
        told => {
            let seconds = told.as_f64().filter(|_| told.is_number());
            let told_for = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
            let believed = told_for.filter(|told| is_believable(*told));
            Some(believed.ok_or_else(|| {
                format!("says that its token is good for {told} seconds, which is not believed")
            })?)
        }
    };
    Ok(Renewed {
        secret: issued.token,
        good_for,
    })
}

/// Whether a no is about the secret, and for good. Any other says nothing about the one in use: Meta
/// says with the same statuses that there were too many requests or that a token is too young, and
/// marks with `is_transient` what may pass.
fn is_final(body: &[u8]) -> bool {
    let answer: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    let error = &answer["error"];
    (error["code"] == 190 && error["is_transient"] != true) || *error == "invalid_grant"
}

fn refused(answer: &Incoming, host: &str, redaction: &Redaction) -> String {
    let text = both(
        "제공사가 연결을 이어 주지 않았습니다.",
        "The provider did not renew the connection.",
    );
    let status = answer.status;
    let said = said(&answer.body, redaction).map_or_else(String::new, |said| format!(": {said}"));
    with_detail(text, format!("{host} answered {status}{said}"))
}

/// The provider's own words in one line, so that none of them begins another language's part.
fn said(body: &[u8], redaction: &Redaction) -> Option<String> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    let message = |place| answer.pointer(place).and_then(Value::as_str);
    let said = MESSAGES.into_iter().find_map(message)?.to_owned();
    let said = redaction.text(said);
    let words: Vec<&str> = said.split_whitespace().collect();
    Some(brief(&words.join(" "))).filter(|said| !said.is_empty())
}
