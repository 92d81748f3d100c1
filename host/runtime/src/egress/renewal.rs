//! A secret is exchanged for a newer one, where the manifest says how.

use std::time::Duration;

use baepo_domain::model::manifest::RefreshSpec;
use baepo_domain::model::text::{bilingual, with_detail};
use baepo_domain::ports::{RenewError, RenewedSecret};
use baepo_domain::usecases::accounts::is_plausible_lifetime;
use reqwest::header::HeaderMap;
use serde_json::Value;

use super::parsed_request::ParsedRequest;
use super::redaction::Redaction;
use super::refusal::brief;
use super::tokens::Issued;
use super::{Credential, Egress, EgressPolicy, IncomingResponse, Method, Repeat};

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
    /// See [`RenewError`]; no text contains a secret, neither the old one nor a new one.
    pub async fn renew(
        &self,
        policy: EgressPolicy<'_>,
        secret: &str,
        spec: &RefreshSpec,
    ) -> Result<RenewedSecret, RenewError> {
        if !policy.secrets.contains_key(secret) {
            let message = bilingual(
                "계정을 연결하는 데 필요한 값이 없습니다.",
                "A value that the account needs is missing.",
            );
            let detail = format!("the account has no secret {secret}");
            return Err(RenewError::Refused(with_detail(message, detail)));
        }
        let parsed_request = refresh_request(secret, spec);
        let host = parsed_request.host();
        let time = policy.limits.request_time;
        let request_context = self.0.request_context(policy, Repeat::Safe, time);
        let redaction = Redaction::of(policy.secrets);
        let answer = request_context
            .within_deadline(&host, request_context.send_host_request(parsed_request))
            .await;
        let answer =
            answer.map_err(|error| RenewError::Unavailable(redaction.error(error).to_string()))?;
        read(&answer, &host, &redaction)
    }
}

fn refresh_request(secret: &str, spec: &RefreshSpec) -> ParsedRequest {
    let mut url = spec.url.clone();
    if !spec.query.is_empty() {
        url.query_pairs_mut().extend_pairs(&spec.query);
    }
    ParsedRequest {
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

fn read(
    answer: &IncomingResponse,
    host: &str,
    redaction: &Redaction,
) -> Result<RenewedSecret, RenewError> {
    match answer.status {
        200..=299 => renewed(&answer.body).map_err(|why| {
            // The secret in use stays what it was: nothing was lost by asking.
            RenewError::Unavailable(format!("the answer of {host} {why}"))
        }),
        400 | 401 | 403 if is_final(&answer.body) => {
            Err(RenewError::Refused(refused(answer, host, redaction)))
        }
        status => Err(RenewError::Unavailable(format!("{host} answered {status}"))),
    }
}

/// A lifetime is believed within bounds alone, and only where it is a number.
fn renewed(body: &[u8]) -> Result<RenewedSecret, String> {
    let issued = Issued::read(body).ok_or("has no token that can be sent")?;
    let answer: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    let good_for = match &answer["expires_in"] {
        Value::Null => None,
        expires_in => {
            let seconds = expires_in.as_f64().filter(|_| expires_in.is_number());
            let lifetime = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
            let believed = lifetime.filter(|expires_in| is_plausible_lifetime(*expires_in));
            Some(believed.ok_or_else(|| {
                format!(
                    "says that its token is good for {expires_in} seconds, which is not believed"
                )
            })?)
        }
    };
    Ok(RenewedSecret {
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

fn refused(answer: &IncomingResponse, host: &str, redaction: &Redaction) -> String {
    let text = bilingual(
        "제공사가 연결을 이어 주지 않았습니다.",
        "The provider did not renew the connection.",
    );
    let status = answer.status;
    let message =
        message(&answer.body, redaction).map_or_else(String::new, |message| format!(": {message}"));
    with_detail(text, format!("{host} answered {status}{message}"))
}

/// The provider's own words in one line, so that none of them begins another language's part.
fn message(body: &[u8], redaction: &Redaction) -> Option<String> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    let message = |place| answer.pointer(place).and_then(Value::as_str);
    let message = MESSAGES.into_iter().find_map(message)?.to_owned();
    let message = redaction.text(message);
    let words: Vec<&str> = message.split_whitespace().collect();
    Some(brief(&words.join(" "))).filter(|message| !message.is_empty())
}
