//! HTTP → outcome: what Meta's answers mean. Pure, but for a line in the log.

use core::num::NonZeroU64;

use baepo_sdk::http::{RequestError, Response, SendError};
use baepo_sdk::{Failure, Text, run, text};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::errors::{self, ApiError, NO_SUCH_OBJECT, Reaction, reaction};

/// The window of the quota slides, so a place may become free at any time.
const QUOTA_WAIT_MS: u64 = 60 * 60 * 1_000;

/// What `send` gives.
pub type SendResult = Result<Response, RequestError>;

#[derive(Debug, PartialEq, Eq, Deserialize)]
pub struct Id {
    pub id: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum StatusCode {
    InProgress,
    Finished,
    Error,
    Expired,
    Published,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
pub struct Status {
    #[serde(rename = "status_code")]
    pub code: StatusCode,
    /// Says in words what went wrong, with the subcode among them.
    #[serde(default)]
    status: String,
}

impl Status {
    /// What a container in `ERROR` is to be answered with.
    pub fn api_error(&self) -> ApiError {
        let subcode = subcode_in(&self.status);
        let reaction = subcode.map_or(Reaction::NewContainer, |subcode| {
            reaction(-1, Some(subcode))
        });
        ApiError::new(reaction, &meta_detail(&self.status))
    }
}

/// The first `2207…` of seven digits.
fn subcode_in(text: &str) -> Option<i64> {
    let mut numbers = text.split(|c: char| !c.is_ascii_digit());
    numbers
        .find(|number| number.len() == 7 && number.starts_with("2207"))?
        .parse()
        .ok()
}

/// A success of the shape that was expected, or what to do instead.
pub fn read<T: DeserializeOwned>(answer: SendResult) -> Result<T, ApiError> {
    let response = answer.map_err(|no_response| request_error(&no_response))?;
    if response.is_success() {
        return response
            .json()
            .map_err(|json_error| ApiError::new(Reaction::Doubt, &json_error.text()));
    }
    Err(error_from_response(&response))
}

fn request_error(request_error: &RequestError) -> ApiError {
    let reaction = match request_error.error {
        SendError::Denied(_) => Reaction::Denied,
        SendError::NotSent(_) => Reaction::NotSent,
        SendError::InDoubt(_) | SendError::TooLarge(_) => Reaction::Doubt,
    };
    ApiError::new(reaction, &request_error.text())
}

#[derive(Deserialize)]
struct Envelope {
    error: GraphError,
}

#[derive(Deserialize)]
struct GraphError {
    #[serde(default)]
    message: String,
    code: i64,
    error_subcode: Option<i64>,
    #[serde(default)]
    is_transient: bool,
}

fn error_from_response(response: &Response) -> ApiError {
    let status = response.status;
    let api_error = match response.json::<Envelope>() {
        Ok(Envelope { error }) => {
            let reaction = error.reaction(status);
            ApiError {
                is_transient: error.is_transient || errors::is_transient(error.code, reaction),
                ..ApiError::new(reaction, &error.describe())
            }
        }
        Err(_) => ApiError::new(by_status(status), &status_detail(status)),
    };
    ApiError {
        wait_ms: wait_ms(response).and_then(NonZeroU64::new),
        is_transient: api_error.is_transient || status >= 500,
        ..api_error
    }
}

impl GraphError {
    /// What Meta itself calls transient is no reason to connect again, or to give up.
    fn reaction(&self, status: u16) -> Reaction {
        match reaction(self.code, self.error_subcode) {
            Reaction::Other | Reaction::Unauthorized | Reaction::Policy
                if self.is_transient || status >= 500 =>
            {
                Reaction::Unavailable
            }
            known => known,
        }
    }

    fn describe(&self) -> Text {
        let subcode = self
            .error_subcode
            .map(|subcode| format!("/{subcode}"))
            .unwrap_or_default();
        meta_detail(&format!("{} (code {}{subcode})", self.message, self.code))
    }
}

fn meta_detail(words: &str) -> Text {
    Text::new("", "").detail(&format!("Instagram: {words}"))
}

fn status_detail(status: u16) -> Text {
    Text::new("", "").detail(&format!("Instagram: status {status}"))
}

/// For answers that are not Meta's own words: a gateway's page, an empty body.
fn by_status(status: u16) -> Reaction {
    match status {
        401 | 403 => Reaction::Unauthorized,
        429 => Reaction::RateLimited,
        400..500 if status != 408 => Reaction::Other,
        _ => Reaction::Doubt,
    }
}

#[derive(Deserialize)]
struct Usage {
    #[serde(default)]
    estimated_time_to_regain_access: Value,
}

impl Usage {
    /// Nothing that is not a number of minutes, so that one odd entry does not hide the others.
    fn wait_ms(&self) -> Option<u64> {
        let minutes = &self.estimated_time_to_regain_access;
        let minutes = minutes
            .as_f64()
            .or_else(|| minutes.as_str()?.trim().parse().ok())?;
        // What is more than there are numbers for becomes the last one; the host caps it.
        (minutes.is_finite() && minutes > 0.0).then_some((minutes * 60_000.0) as u64)
    }
}

/// Meta says how many minutes, for each kind of use; the longest one counts.
fn wait_ms(response: &Response) -> Option<u64> {
    type Usages = std::collections::BTreeMap<String, Vec<Usage>>;
    let usages = response
        .header("x-business-use-case-usage")
        .unwrap_or_default();
    let usages: Usages = serde_json::from_str(usages).unwrap_or_default();
    let longest_wait_ms = usages.values().flatten().filter_map(Usage::wait_ms).max();
    longest_wait_ms.or_else(|| response.retry_after_ms())
}

#[derive(Deserialize)]
struct Quota {
    #[serde(default)]
    data: Vec<QuotaData>,
}

#[derive(Deserialize)]
struct QuotaData {
    quota_usage: u64,
    config: Option<QuotaConfig>,
}

#[derive(Deserialize)]
struct QuotaConfig {
    quota_total: u64,
}

impl QuotaData {
    /// Without a total there is nothing to compare with: Meta's pages disagree on it.
    fn is_used_up(&self) -> bool {
        self.config
            .as_ref()
            .is_some_and(|config| self.quota_usage >= config.quota_total)
    }
}

/// # Errors
/// If the quota is used up, or Meta does not let the account in at all.
pub fn quota(answer: SendResult) -> Result<(), Failure> {
    let quota: Quota = read(answer).map_err(|api_error| api_error.into_failure(""))?;
    if quota.data.iter().any(QuotaData::is_used_up) {
        run::warn("the publishing quota of the account is used up");
        return Err(Failure::RateLimited(Some(QUOTA_WAIT_MS)));
    }
    Ok(())
}

/// The post's address, if Meta has it. It never fails: the post is out.
pub fn permalink(answer: SendResult) -> Option<String> {
    #[derive(Deserialize)]
    struct Permalink {
        permalink: String,
    }
    match read::<Permalink>(answer) {
        Ok(Permalink { permalink }) => Some(permalink),
        Err(api_error) => {
            run::warn(format!("no permalink: {}", api_error.message.log_line()));
            None
        }
    }
}

/// # Errors
/// If it is still there. What is gone already is a success.
pub fn deleted(answer: SendResult) -> Result<(), Failure> {
    #[derive(Deserialize)]
    struct Success {
        success: bool,
    }
    if answer.as_ref().is_ok_and(is_no_such_object) {
        return Ok(());
    }
    match read::<Success>(answer) {
        Ok(Success { success: true }) => Ok(()),
        Ok(Success { success: false }) => Err(Failure::Failed(text(
            "인스타그램이 게시물을 지우지 않았습니다. 앱에서 직접 지워 주세요.",
            "Instagram did not delete the post. Please delete it in the app.",
        ))),
        Err(api_error) => Err(api_error.into_failure("")),
    }
}

fn is_no_such_object(response: &Response) -> bool {
    let error = response.json::<Envelope>().map(|envelope| envelope.error);
    error.is_ok_and(|error| (error.code, error.error_subcode) == NO_SUCH_OBJECT)
}

#[cfg(test)]
#[path = "response_tests.rs"]
mod tests;
