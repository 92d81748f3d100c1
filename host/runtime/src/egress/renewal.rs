//! A secret is exchanged for a newer one, where the manifest says how.

use std::time::Duration;

use baepo_domain::model::journal::Response;
use baepo_domain::model::manifest::RefreshSpec;
use baepo_domain::model::text::Localized;
use baepo_domain::ports::{RenewError, RenewedSecret};
use baepo_domain::usecases::accounts::is_plausible_lifetime;
use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::Value;

use super::credentials::Credential;
use super::exchange::RequestContext;
use super::refusal::brief;
use super::request::ParsedRequest;
use super::tokens::Issued;
use crate::redact::Redactor;

/// Where providers put the reason of an error, the most specific place first.
const MESSAGES: [&str; 6] = [
    "/error/message",
    "/error_description",
    "/error",
    "/detail",
    "/message",
    "/title",
];

/// Asks for a new value of the account's `secret`, as [`super::Egress::renew`] says.
pub(super) async fn renew(
    context: RequestContext<'_>,
    secret: &str,
    spec: &RefreshSpec,
) -> Result<RenewedSecret, RenewError> {
    let secrets = context.policy.secrets;
    if !secrets.contains_key(secret) {
        let message = Localized::new(
            "계정을 연결하는 데 필요한 값이 없습니다.",
            "A value that the account needs is missing.",
        );
        let detail = format!("the account has no secret {secret}");
        return Err(RenewError::Refused(message.with_detail(detail)));
    }
    let request = refresh_request(secret, spec);
    let host = request.host();
    let redactor = Redactor::new(secrets.values());
    let response = context
        .within_deadline(&host, context.send_host_request(request))
        .await;
    let response =
        response.map_err(|error| RenewError::Unavailable(error.redacted(&redactor).to_string()))?;
    read(&response, &host, &redactor)
}

fn refresh_request<'a>(secret: &'a str, spec: &'a RefreshSpec) -> ParsedRequest<'a> {
    let mut url = spec.url.clone();
    if !spec.query.is_empty() {
        url.query_pairs_mut().extend_pairs(&spec.query);
    }
    let credential = Credential::Query(&spec.secret_query, secret);
    ParsedRequest::of_host(Method::GET, url, HeaderMap::new(), None, credential)
}

fn read(answer: &Response, host: &str, redactor: &Redactor) -> Result<RenewedSecret, RenewError> {
    match answer.status {
        200..=299 => renewed(&answer.body.0).map_err(|why| {
            // The secret in use is unchanged.
            RenewError::Unavailable(format!("the answer of {host} {why}"))
        }),
        400 | 401 | 403 if is_final(&answer.body.0) => {
            Err(RenewError::Refused(refused(answer, host, redactor)))
        }
        status => Err(RenewError::Unavailable(format!("{host} answered {status}"))),
    }
}

/// A lifetime is accepted within bounds alone, and only where it is a number.
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

/// Whether a refusal is about the secret, and final. Any other leaves the secret in use valid: Meta
/// uses the same statuses for too many requests and for a token that is too young, and marks
/// temporary errors with `is_transient`.
fn is_final(body: &[u8]) -> bool {
    let answer: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    let error = &answer["error"];
    (error["code"] == 190 && error["is_transient"] != true) || *error == "invalid_grant"
}

fn refused(answer: &Response, host: &str, redactor: &Redactor) -> Localized {
    let text = Localized::new(
        "제공사가 연결을 이어 주지 않았습니다.",
        "The provider did not renew the connection.",
    );
    let status = answer.status;
    let message = message(&answer.body.0, redactor)
        .map_or_else(String::new, |message| format!(": {message}"));
    text.with_detail(format!("{host} answered {status}{message}"))
}

/// The provider's own words, in one line.
fn message(body: &[u8], redactor: &Redactor) -> Option<String> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    let message = |place| answer.pointer(place).and_then(Value::as_str);
    let message = MESSAGES.into_iter().find_map(message)?.to_owned();
    let message = redactor.answer_text(message);
    let words: Vec<&str> = message.split_whitespace().collect();
    Some(brief(&words.join(" "))).filter(|message| !message.is_empty())
}
