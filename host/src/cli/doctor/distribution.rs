//! The distribution service, as an event service calls it.

use std::path::Path;
use std::time::{Duration, Instant};

use baepo_adapters::{Check, SystemClock};
use baepo_domain::Timestamp;
use baepo_domain::ports::clock::Clock as _;
use reqwest::header::{CONTENT_TYPE, DATE};
use reqwest::{Client, Response, StatusCode, Url};

use crate::api::{Role as TokenRole, Tokens};
use crate::config::{Config, Role};
use crate::data::DataFolder;

/// Of each request.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);
/// The difference that two clocks set by NTP may have, given a header in whole seconds.
const SKEW_S: i64 = 2;

/// Whether it answers, accepts this host's token, and has the same time. Nothing is distributed: the
/// token is checked first, and then the empty order is refused.
pub async fn check(config: &Config) -> Vec<Check> {
    let (Role::Event, Some(url)) = (config.server.role, &config.distribution.url) else {
        return Vec::new();
    };
    let http = match client() {
        Ok(http) => http,
        Err(error) => {
            let advice = "look at this machine's certificates";
            return vec![Check::bad("distribution", with_sources(error), advice)];
        }
    };
    let (reached, date) = reach(&http, url).await;
    let mut checks = vec![reached];
    // The token cannot be checked at a service that does not answer.
    if let Some(date) = date {
        checks.extend(date.skew());
        checks.push(check_token(&http, url, config).await);
    }
    checks
}

fn client() -> reqwest::Result<Client> {
    crate::tls::install_provider();
    Client::builder()
        .timeout(REQUEST_TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .build()
}

/// The service's time, and this host's when it was received.
struct ServiceClock {
    remote: Option<Timestamp>,
    local: Timestamp,
}

async fn reach(http: &Client, url: &Url) -> (Check, Option<ServiceClock>) {
    const SUBJECT: &str = "distribution: service";
    let begin = Instant::now();
    let response = match http.get(join_path(url, &["readyz"])).send().await {
        Ok(response) => response,
        Err(error) => {
            let found = format!("{url}: {}", with_sources(error.without_url()));
            let advice = "start it with --role distribution, or correct distribution.url";
            return (Check::bad(SUBJECT, found, advice), None);
        }
    };
    let answered = ServiceClock {
        remote: date(&response),
        local: SystemClock.now(),
    };
    let took = begin.elapsed().as_millis();
    let check = match response.status() {
        status if status.is_success() => {
            Check::good(SUBJECT, format!("{url} is ready, after {took} ms"))
        }
        StatusCode::SERVICE_UNAVAILABLE => {
            let advice = "wait until it has started, and look at its log";
            Check::bad(SUBJECT, format!("{url} takes no requests now"), advice)
        }
        status => {
            let advice = "correct distribution.url: the server there is not Baepo";
            Check::bad(SUBJECT, format!("{url} answers {status}"), advice)
        }
    };
    (check, Some(answered))
}

fn date(response: &Response) -> Option<Timestamp> {
    let date = response.headers().get(DATE)?.to_str().ok()?;
    let date = jiff::fmt::rfc2822::parse(date).ok()?;
    Some(date.timestamp())
}

impl ServiceClock {
    fn skew(&self) -> Option<Check> {
        const SUBJECT: &str = "distribution: clock";
        let ahead = self.remote?.as_second() - self.local.as_second();
        let found = match ahead {
            0.. => format!("it is {ahead} s ahead of this machine"),
            _ => format!("it is {} s behind this machine", -ahead),
        };
        if ahead.abs() <= SKEW_S {
            return Some(Check::good(SUBJECT, found));
        }
        let advice = "let both machines take the time from the same source (NTP): tokens and \
                      leases depend on it";
        Some(Check::warning(SUBJECT, found, advice))
    }
}

async fn check_token(http: &Client, url: &Url, config: &Config) -> Check {
    const SUBJECT: &str = "distribution: token";
    let (token, token_name) = match token(config) {
        Ok(token) => token,
        Err(check) => return check,
    };
    let request = http
        .post(join_path(url, &["api", "distribution", "distribute"]))
        .bearer_auth(token)
        .header(CONTENT_TYPE, "application/json")
        .body("{}");
    let status = match request.send().await {
        Ok(response) => response.status(),
        Err(error) => {
            let advice = "look at the service's log";
            return Check::bad(SUBJECT, with_sources(error.without_url()), advice);
        }
    };
    match status {
        StatusCode::UNAUTHORIZED => {
            let advice = "let both have the same server.token_key, or give a token that the \
                          service takes in distribution.token_file";
            Check::bad(SUBJECT, format!("{token_name} is not accepted"), advice)
        }
        StatusCode::FORBIDDEN => {
            let advice = "give a token of the role service, such as `baepo token --role service \
                          --user event-service` makes";
            Check::bad(SUBJECT, format!("{token_name} has another role"), advice)
        }
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => {
            let advice = "correct distribution.url: start it with --role distribution or all";
            Check::bad(SUBJECT, "there is no distribution service", advice)
        }
        status if status.is_client_error() => {
            Check::good(SUBJECT, format!("{token_name} is accepted"))
        }
        status => {
            let advice = "look at the service's log";
            Check::bad(SUBJECT, format!("it answers {status}"), advice)
        }
    }
}

/// The token that the host would send, and its name in messages.
fn token(config: &Config) -> Result<(String, String), Check> {
    const SUBJECT: &str = "distribution: token";
    if let Some(file) = &config.distribution.token_file {
        let (shown, unreadable) = (file.display(), "give a file that this user may read");
        return match std::fs::read_to_string(file) {
            Ok(text) => Ok((text.trim().to_owned(), format!("the token in {shown}"))),
            Err(error) => Err(Check::bad(SUBJECT, format!("{shown}: {error}"), unreadable)),
        };
    }
    let key = config
        .server
        .token_key_file(&DataFolder::at(&config.server.data));
    issue(&key).map_err(|why| {
        let advice = "copy the token key of the distribution service here: see `token key`";
        Check::warning(SUBJECT, why, advice)
    })
}

fn issue(key: &Path) -> Result<(String, String), String> {
    let shown = key.display();
    if !key.exists() {
        return Err(format!("no token can be signed without {shown}"));
    }
    let tokens = Tokens::load(key).map_err(with_sources)?;
    let issued = tokens.issue(
        "doctor",
        TokenRole::Service,
        REQUEST_TIMEOUT * 2,
        SystemClock.now(),
    );
    let token = issued.map_err(with_sources)?;
    Ok((token, format!("a token signed with {shown}")))
}

fn join_path(url: &Url, segments: &[&str]) -> Url {
    let mut url = url.clone();
    // Every HTTP URL has a path.
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url
}

/// The error with all its sources.
fn with_sources(error: impl std::error::Error + Send + Sync + 'static) -> String {
    format!("{:#}", anyhow::Error::from(error))
}
