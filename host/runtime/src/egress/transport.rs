//! Connections: which hosts may be connected to, and what a failure means for the request.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use baepo_domain::model::journal::{self, Body};
use reqwest::header::{ACCEPT_ENCODING, HeaderMap, HeaderName, HeaderValue, SET_COOKIE};
use reqwest::{Client, Request, Response, redirect, retry};

use super::error::{EgressError, SendError};
use super::names::{AddressRule, CheckedNames, Resolver};
use super::refusal::{Refusal, Rule};
use super::rewrite::Route;
use crate::content_coding::{self, ContentDecodeError};

/// From the name to the end of the TLS handshake. Well below the usual request time, so that a
/// provider that cannot be reached is known not to have been.
const CONNECT_TIME: Duration = Duration::from_secs(5);
/// Idle connections kept per origin.
const IDLE_CONNECTIONS: usize = 32;
/// How long they are kept.
const IDLE_TIME: Duration = Duration::from_secs(60);
/// What the header of an HTTP/2 answer may take at most, in bytes: as much as HTTP/1.1 gets.
const HEADER_BYTES: u32 = 400 * 1024;
/// What a field of an answer takes on the wire beside its name and value: `: ` and a line break.
const FIELD_BYTES: usize = 4;

/// The connections to the outside, in two pools that never mix.
pub(super) struct Transport {
    /// To public addresses only.
    internet: Client,
    /// To where the operator said.
    stand_ins: Client,
    trust: Trust,
}

/// Which certificates are trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Trust {
    /// Those that this machine's certificate authorities signed.
    System,
    /// None, for this reason: a host without certificate authorities still starts.
    Unavailable(String),
}

impl Transport {
    /// # Errors
    /// [`EgressError::Client`] when there is no TLS on this machine at all.
    pub(super) fn new(
        resolver: Arc<dyn Resolver>,
        forbids: AddressRule,
    ) -> Result<Self, EgressError> {
        // An error: a provider is installed already, this one or another. Both are fine.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let names = CheckedNames {
            resolver: Arc::clone(&resolver),
            forbids,
        };
        let (internet, trust) = client(names)?;
        if let Trust::Unavailable(reason) = &trust {
            tracing::warn!(
                reason,
                "no certificate authorities: nothing can be sent by https"
            );
        }
        let (stand_ins, _) = client(CheckedNames {
            resolver,
            forbids: |_| None,
        })?;
        Ok(Self {
            internet,
            stand_ins,
            trust,
        })
    }

    /// Sends a request and waits for the header of the answer; `host` is for errors.
    ///
    /// # Errors
    /// [`SendError::NotSent`] when there was no connection, [`SendError::Denied`] when the name
    /// leads to a private address, [`SendError::InDoubt`] for everything after that.
    pub(super) async fn open(
        &self,
        route: &Route,
        request: Request,
        host: &str,
    ) -> Result<Response, SendError> {
        if let (Trust::Unavailable(why), "https") = (&self.trust, request.url().scheme()) {
            return Err(SendError::NotSent(format!(
                "could not connect to {host}: https needs certificate authorities ({why}); \
                 install the package \"ca-certificates\" and start the host again"
            )));
        }
        let client = match route {
            Route::Internet(_) => &self.internet,
            Route::StandIn(_) => &self.stand_ins,
        };
        client
            .execute(request)
            .await
            .map_err(|error| failure(&error, host))
    }
}

/// Reads a whole answer of at most `limit` bytes.
///
/// # Errors
/// [`SendError::TooLarge`], or [`SendError::InDoubt`] when the answer broke off.
pub(super) async fn read(
    mut response: Response,
    host: &str,
    limit: u64,
) -> Result<journal::Response, SendError> {
    let status = response.status().as_u16();
    let mut headers = fields(response.headers());
    let header_bytes = header_bytes(response.headers());
    let mut used = header_bytes;
    if used.saturating_add(response.content_length().unwrap_or(0)) > limit {
        return Err(SendError::TooLarge(limit));
    }
    let mut body = Vec::new();
    let broke_off = |error: reqwest::Error| {
        SendError::InDoubt(format!("the answer of {host} broke off: {}", cause(&error)))
    };
    while let Some(chunk) = response.chunk().await.map_err(broke_off)? {
        used = used.saturating_add(chunk.len() as u64);
        if used > limit {
            return Err(SendError::TooLarge(limit));
        }
        body.extend_from_slice(&chunk);
    }
    let room = limit.saturating_sub(header_bytes);
    let body = plain(&mut headers, body, room, host).map_err(|refused| match refused {
        DecodeError::TooLong => SendError::TooLarge(limit),
        DecodeError::Malformed(why) => SendError::InDoubt(why),
    })?;
    Ok(journal::Response {
        status,
        headers,
        body: Body(body),
    })
}

/// Why a body cannot be decoded: the response is not returned then.
enum DecodeError {
    TooLong,
    /// The request was sent all the same, and may have acted.
    Malformed(String),
}

/// The decoded body, of at most `most` bytes, without a byte order mark; the fields that describe its
/// encoding are removed.
fn plain(
    headers: &mut Vec<(String, String)>,
    body: Vec<u8>,
    most: u64,
    host: &str,
) -> Result<Vec<u8>, DecodeError> {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let of = |wanted: &'static str| {
        let fields = headers.iter().filter(move |(name, _)| name == wanted);
        fields.map(|(_, value)| value.as_str())
    };
    // The answer to a HEAD, and one without content, has nothing that is encoded.
    if body.is_empty() {
        return Ok(body);
    }
    let codings = content_coding::codings(of("content-encoding"));
    let codings =
        codings.map_err(|why| DecodeError::Malformed(format!("the answer of {host} is {why}")))?;
    let is_text = of("content-type").any(|kind| {
        let kind = kind.to_ascii_lowercase();
        kind.contains("json") || kind.contains("text") || kind.contains("utf-16")
    });
    let mut plain = body;
    let mut is_changed = false;
    for coding in codings {
        is_changed = true;
        plain = coding.decoded(&plain, most).map_err(|why| match why {
            ContentDecodeError::TooLong => DecodeError::TooLong,
            ContentDecodeError::Broken(why) => DecodeError::Malformed(format!(
                "the answer of {host} is not in the encoding {:?} that it names: {why}",
                coding.name()
            )),
        })?;
    }
    if let Some(text) = content_coding::without_bom(&plain, is_text) {
        is_changed = true;
        plain = text;
    }
    if plain.len() > most {
        return Err(DecodeError::TooLong);
    }
    headers.retain(|(name, _)| {
        name != "content-encoding" && !(is_changed && name == "content-length")
    });
    Ok(plain)
}

/// With the system's certificate authorities, or none where it has none.
fn client(names: CheckedNames) -> Result<(Client, Trust), EgressError> {
    let names = Arc::new(names);
    match builder(Arc::clone(&names)).build() {
        Ok(client) => Ok((client, Trust::System)),
        Err(error) => {
            let client = builder(names)
                .tls_certs_only([])
                .build()
                .map_err(|error| EgressError::Client(cause(&error)))?;
            Ok((client, Trust::Unavailable(cause(&error))))
        }
    }
}

/// Without what would go around the rules: proxies out of the environment, redirects, repeats,
/// referrers.
fn builder(names: Arc<CheckedNames>) -> reqwest::ClientBuilder {
    Client::builder()
        .dns_resolver(names)
        .no_proxy()
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        // Some send encodings all the same: `read` undoes them.
        .default_headers(HeaderMap::from_iter([(
            ACCEPT_ENCODING,
            HeaderValue::from_static("identity"),
        )]))
        .user_agent(concat!("baepo/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_TIME)
        .pool_max_idle_per_host(IDLE_CONNECTIONS)
        .pool_idle_timeout(IDLE_TIME)
        .http2_max_header_list_size(HEADER_BYTES)
}

/// What a failure means for the request. The text has only the innermost cause, which contains
/// neither an address nor a header field.
fn failure(error: &reqwest::Error, host: &str) -> SendError {
    if let Some(refusal) = causes(error).find_map(|cause| cause.downcast_ref::<Refusal>()) {
        return refusal.clone().into();
    }
    let cause = cause(error);
    if error.is_builder() {
        Rule::Url
            .refuses(format!("the address cannot be sent to {host}: {cause}"))
            .into()
    } else if error.is_connect() {
        SendError::NotSent(format!("could not connect to {host}: {cause}"))
    } else {
        SendError::InDoubt(format!("no answer from {host}: {cause}"))
    }
}

fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(error.source(), |cause| (**cause).source())
}

fn cause(error: &reqwest::Error) -> String {
    causes(error)
        .last()
        .map_or_else(|| "the request failed".to_owned(), ToString::to_string)
}

/// Names are in lower case already; cookies stay outside.
fn fields(headers: &HeaderMap) -> Vec<(String, String)> {
    let kept = headers.iter().filter(|(name, _)| *name != SET_COOKIE);
    kept.map(|(name, value)| {
        (
            name.as_str().to_owned(),
            String::from_utf8_lossy(value.as_bytes()).into_owned(),
        )
    })
    .collect()
}

fn header_bytes(headers: &HeaderMap) -> u64 {
    let field = |(name, value): (&HeaderName, &HeaderValue)| {
        name.as_str().len() + value.len() + FIELD_BYTES
    };
    headers.iter().map(field).sum::<usize>() as u64
}

#[cfg(test)]
mod tests {
    use super::super::names::SystemResolver;
    use super::*;

    #[tokio::test]
    async fn https_without_certificate_authorities_fails_with_a_clear_error() {
        let names = CheckedNames {
            resolver: Arc::new(SystemResolver),
            forbids: |_| None,
        };
        let without_authorities = builder(Arc::new(names)).tls_certs_only([]).build();
        let transport = Transport {
            internet: without_authorities.expect("a client that believes nobody"),
            trust: Trust::Unavailable("none were found".to_owned()),
            ..Transport::new(Arc::new(SystemResolver), |_| None).expect("a transport")
        };
        let url: url::Url = "https://a.example/".parse().expect("a url");
        let request = Request::new(reqwest::Method::GET, url.clone());
        let error = transport
            .open(&Route::Internet(url), request, "a.example")
            .await;
        assert_eq!(
            error.expect_err("nobody is believed").to_string(),
            "could not connect to a.example: https needs certificate authorities (none were \
             found); install the package \"ca-certificates\" and start the host again"
        );
    }
}
