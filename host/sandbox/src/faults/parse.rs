//! `POST /_control/faults`: from JSON to a fault, or to a sentence about what is wrong.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::compress::Encoding;
use super::fault::{CannedResponse, Fault, Work};
use super::path_pattern::PathPattern;
use crate::lag::ReadLag;
use crate::provider::Provider;

/// Twice what a sensible client reads, and no burden on the machine: it is streamed.
const HUGE_BODY_BYTES: u64 = 64 * 1024 * 1024;

const SLOW_BODY_PAUSE_MS: u64 = 100;

/// Longer than a channel that looks once, shorter than anybody's patience.
const READ_LAG_MS: u64 = 3_000;

/// The address that hands out a cloud machine's credentials: no client may follow this.
const METADATA_URL: &str = "http://169.254.169.254/latest/meta-data/";

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct FaultRequest {
    provider: Provider,
    /// Every method if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    /// Every path if absent.
    #[serde(default)]
    path: String,
    fault: Kind,
    #[serde(default, skip_serializing_if = "Value::is_null")]
    value: Value,
    /// 0 and `null` stand for "until deleted".
    #[serde(default = "once")]
    times: Option<u64>,
}

#[expect(clippy::unnecessary_wraps, reason = "serde wants the field's own type")]
fn once() -> Option<u64> {
    Some(1)
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Status,
    Delay,
    ResetBefore,
    ResetAfter,
    SlowBody,
    HugeBody,
    Redirect,
    Hang,
    Lag,
    LateList,
    Contradict,
    Compressed,
    EchoSecret,
}

/// The long form of a status fault's value.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct StatusValue {
    status: u16,
    /// A string is sent as it is, anything else as JSON.
    body: Option<Value>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// Do the work first: the error of a provider that has in truth succeeded.
    #[serde(default)]
    after: bool,
}

impl FaultRequest {
    pub(super) fn provider(&self) -> Provider {
        self.provider
    }

    /// `None` means until deleted.
    pub(super) fn times(&self) -> Option<u64> {
        self.times.filter(|times| *times > 0)
    }

    pub(super) fn parse(&self) -> Result<(Option<Method>, PathPattern, Fault), String> {
        let method = self.method.as_deref().map(parse_method).transpose()?;
        Ok((method, PathPattern(self.path.clone()), self.parse_fault()?))
    }

    /// An error that the provider is known to answer though it acted, unless the value has another.
    fn parse_contradiction(&self) -> Result<Fault, String> {
        let mut value = self.value.clone();
        let ms = match &mut value {
            Value::Object(fields) => fields.remove("ms").unwrap_or_default(),
            other => other.take(),
        };
        let has_status = value.get("status").is_some();
        let mut answer = if has_status {
            value
        } else if self.provider == Provider::Instagram {
            json!({ "status": 400, "body": { "error": {
                "message": "Application request limit reached", "type": "OAuthException", "code": 4,
                "error_subcode": 2_207_051, "is_transient": false, "fbtrace_id": "Asandbox",
            }}})
        } else {
            json!({ "status": 500 })
        };
        answer["after"] = true.into();
        Ok(Fault::Contradict(parse_answer(&answer)?, all_reads(&ms)?))
    }

    fn parse_fault(&self) -> Result<Fault, String> {
        let value = &self.value;
        Ok(match self.fault {
            Kind::Status => Fault::Status(parse_answer(value)?),
            Kind::Delay => {
                Fault::Delay(Duration::from_millis(parse_integer(value, "milliseconds")?))
            }
            Kind::ResetBefore => parse_null(value, Fault::ResetBefore)?,
            Kind::ResetAfter => parse_null(value, Fault::ResetAfter)?,
            Kind::SlowBody => Fault::SlowBody(Duration::from_millis(parse_integer_or(
                value,
                SLOW_BODY_PAUSE_MS,
                "milliseconds between two bytes",
            )?)),
            Kind::HugeBody => Fault::HugeBody(parse_integer_or(value, HUGE_BODY_BYTES, "bytes")?),
            Kind::Redirect => Fault::Redirect(parse_location(value)?),
            Kind::Hang => parse_null(value, Fault::Hang)?,
            Kind::Lag => Fault::Lag(all_reads(value)?),
            Kind::LateList => Fault::Lag(ReadLag {
                reads_ms: 0,
                ..all_reads(value)?
            }),
            Kind::Contradict => self.parse_contradiction()?,
            Kind::Compressed => Fault::Compressed(parse_encoding(value)?),
            Kind::EchoSecret => Fault::EchoSecret(match value {
                Value::Null => None,
                status => {
                    let status = parse_integer(status, "an HTTP status")?;
                    Some(parse_status(u16::try_from(status).unwrap_or(u16::MAX))?)
                }
            }),
        })
    }
}

fn all_reads(ms: &Value) -> Result<ReadLag, String> {
    let ms = parse_integer_or(ms, READ_LAG_MS, "milliseconds until it is shown")?;
    let ms = u32::try_from(ms).map_err(|_| format!("`value`: {ms} ms are over 49 days"))?;
    Ok(ReadLag {
        reads_ms: ms,
        lists_ms: ms,
    })
}

fn parse_method(name: &str) -> Result<Method, String> {
    Method::from_bytes(name.to_ascii_uppercase().as_bytes())
        .map_err(|_| format!("`method`: {name:?} is not an HTTP method"))
}

fn parse_null(value: &Value, fault: Fault) -> Result<Fault, String> {
    match value {
        Value::Null => Ok(fault),
        other => Err(format!("`value`: this fault takes none, got {other}")),
    }
}

fn parse_integer(value: &Value, unit: &str) -> Result<u64, String> {
    value
        .as_u64()
        .ok_or_else(|| format!("`value`: expected a whole number ({unit}), got {value}"))
}

fn parse_integer_or(value: &Value, default: u64, unit: &str) -> Result<u64, String> {
    if value.is_null() {
        Ok(default)
    } else {
        parse_integer(value, unit)
    }
}

fn parse_encoding(value: &Value) -> Result<Encoding, String> {
    let name = match value {
        Value::Null => "gzip",
        Value::String(name) => name,
        _ => "",
    };
    Encoding::from_name(name)
        .ok_or_else(|| format!("`value`: expected {}, got {value}", Encoding::NAMES))
}

fn parse_location(value: &Value) -> Result<HeaderValue, String> {
    let location = match value {
        Value::Null => METADATA_URL,
        Value::String(location) => location,
        other => {
            return Err(format!(
                "`value`: expected the Location as a string, got {other}"
            ));
        }
    };
    HeaderValue::from_str(location)
        .map_err(|_| format!("`value`: {location:?} cannot stand in a header"))
}

fn parse_answer(value: &Value) -> Result<CannedResponse, String> {
    let value = match value {
        Value::Number(_) => StatusValue {
            status: u16::try_from(parse_integer(value, "an HTTP status")?).unwrap_or(u16::MAX),
            body: None,
            headers: BTreeMap::new(),
            after: false,
        },
        Value::Object(_) => {
            StatusValue::deserialize(value).map_err(|error| format!("`value`: {error}"))?
        }
        other => {
            return Err(format!(
                "`value`: expected a status, or {{\"status\", \"body\", \"headers\", \"after\"}}, \
                 got {other}"
            ));
        }
    };
    let mut headers = HeaderMap::new();
    let body = parse_body(value.body, value.status, &mut headers);
    for (name, text) in &value.headers {
        let refused = || format!("`value.headers`: {name:?}: {text:?} is not a header");
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| refused())?;
        headers.insert(name, HeaderValue::from_str(text).map_err(|_| refused())?);
    }
    let work = if value.after {
        Work::Done
    } else {
        Work::Skipped
    };
    Ok(CannedResponse {
        status: parse_status(value.status)?,
        headers,
        body,
        work,
    })
}

/// An informational status is no answer: the client would go on waiting.
fn parse_status(status: u16) -> Result<StatusCode, String> {
    (200..=599)
        .contains(&status)
        .then(|| StatusCode::from_u16(status).ok())
        .flatten()
        .ok_or_else(|| format!("`value`: {status} is not a status from 200 to 599"))
}

/// Without a body of the test's own it is a gateway's page: what stands before a real provider
/// knows nothing of its error format.
fn parse_body(body: Option<Value>, status: u16, headers: &mut HeaderMap) -> Bytes {
    let (content_type, body) = match body {
        None => (
            "text/html",
            format!("<html><body><h1>{status}</h1></body></html>\n"),
        ),
        Some(Value::String(text)) => ("text/plain; charset=utf-8", text),
        Some(json) => ("application/json", json.to_string()),
    };
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    Bytes::from(body)
}
