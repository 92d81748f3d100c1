//! HTTP → meaning: what KT's answers say, and who reacts to a no. Pure.
//!
//! A no is an RFC 9457 problem with a `code`. What carries no code, such as a gateway's page, is
//! sorted by its status.

use core::time::Duration;

use baepo_sdk::Failure;
use baepo_sdk::http::{RequestError, Response, SendError};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::provider::Provider;

/// How much of KT's own words is shown.
const MAX_DETAIL_CHARACTERS: usize = 200;

/// What `send` gives.
pub type SendResult = Result<Response, RequestError>;

/// An answer that is not the one that was hoped for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    pub reason: Reason,
    /// KT's or the host's own words, on one line: for operators.
    pub words: String,
    /// What somebody at KT wrote for the owner, on one line.
    pub review: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// No answer, none that can be read, or KT is in trouble.
    Unavailable,
    /// The host does not let the request out.
    Denied,
    RateLimited(Option<u64>),
    Unauthorized,
    LineNotOwned,
    NotFound,
    AssetRejected,
    /// The asset is not ready for a placement.
    AssetProcessing,
    PeriodInvalid,
    RegionNotServed,
    BudgetTooLow {
        minimum: Option<u64>,
    },
    SoldOut,
    /// Too late to end it: it has ended.
    Ended,
    /// There is a placement of this reference.
    DuplicateReference,
    /// The key was used with another body.
    KeyReused,
    /// A no that the contract does not know, or that blames the request itself.
    Other,
}

/// A success of the shape that was expected.
///
/// # Errors
/// Everything else.
pub fn read<T: DeserializeOwned>(answer: SendResult) -> Result<T, ApiError> {
    let response = succeeded(answer)?;
    response
        .json()
        .map_err(|json_error| ApiError::new(Reason::Unavailable, &json_error.to_string()))
}

/// Any success.
///
/// # Errors
/// Everything else.
pub fn succeeded(answer: SendResult) -> Result<Response, ApiError> {
    match answer {
        Ok(response) if response.is_success() => Ok(response),
        Ok(response) => Err(error_from_response(&response)),
        Err(request_error) => Err(ApiError::from(&request_error)),
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Problem {
    code: String,
    /// Who gives tokens out says `error` instead.
    #[serde(alias = "error")]
    title: String,
    detail: String,
    field: Option<String>,
    reason: Option<ReviewReason>,
    min_budget: Option<u64>,
}

/// A reason as a sentence, or as a code with a sentence.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum ReviewReason {
    Sentence(String),
    Coded {
        #[serde(default)]
        code: String,
        #[serde(default)]
        message: String,
    },
}

impl ReviewReason {
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Sentence(_) => "",
            Self::Coded { code, .. } => code,
        }
    }

    #[must_use]
    pub fn words(&self) -> &str {
        match self {
            Self::Sentence(words) | Self::Coded { message: words, .. } => words,
        }
    }
}

fn error_from_response(response: &Response) -> ApiError {
    let problem: Problem = response.json().unwrap_or_default();
    let reason = by_code(&problem, response).unwrap_or_else(|| by_status(response));
    match &problem.reason {
        // The reviewer says why.
        Some(review) if !review.words().is_empty() => {
            ApiError::new(reason, &problem.code).with_review(review.words())
        }
        _ => ApiError::new(reason, &problem.words(response)),
    }
}

fn by_code(problem: &Problem, response: &Response) -> Option<Reason> {
    Some(match problem.code.as_str() {
        "RATE_LIMITED" => Reason::RateLimited(response.retry_after_ms()),
        "UNAUTHORIZED" => Reason::Unauthorized,
        "LINE_NOT_OWNED" => Reason::LineNotOwned,
        "CREATIVE_PROCESSING" | "TONE_PROCESSING" => Reason::AssetProcessing,
        "INVENTORY_SOLD_OUT" => Reason::SoldOut,
        "CAMPAIGN_ENDED" => Reason::Ended,
        "DUPLICATE_CLIENT_REFERENCE" => Reason::DuplicateReference,
        "IDEMPOTENCY_KEY_REUSED" => Reason::KeyReused,
        "NOT_FOUND" => Reason::NotFound,
        "BUDGET_TOO_LOW" => Reason::BudgetTooLow {
            minimum: problem.min_budget,
        },
        code => content_reason(code)?,
    })
}

/// The codes that a review gives as well.
#[must_use]
pub fn content_reason(code: &str) -> Option<Reason> {
    Some(match code {
        "CREATIVE_REJECTED" => Reason::AssetRejected,
        "PERIOD_INVALID" => Reason::PeriodInvalid,
        "REGION_NOT_SERVED" => Reason::RegionNotServed,
        "BUDGET_TOO_LOW" => Reason::BudgetTooLow { minimum: None },
        "INVENTORY_SOLD_OUT" => Reason::SoldOut,
        _ => return None,
    })
}

fn by_status(response: &Response) -> Reason {
    match response.status {
        401 | 403 => Reason::Unauthorized,
        404 | 410 => Reason::NotFound,
        429 => Reason::RateLimited(response.retry_after_ms()),
        400..500 if response.status != 408 => Reason::Other,
        _ => Reason::Unavailable,
    }
}

impl Problem {
    fn words(&self, response: &Response) -> String {
        let sentence = [&self.detail, &self.title]
            .into_iter()
            .find(|words| !words.is_empty());
        match (sentence, &self.field) {
            (Some(words), Some(field)) => format!("{field}: {words}"),
            (Some(words), None) => words.clone(),
            (None, _) => format!("HTTP {}", response.status),
        }
    }
}

impl From<&RequestError> for ApiError {
    fn from(request_error: &RequestError) -> Self {
        let reason = match request_error.error {
            SendError::Denied(_) => Reason::Denied,
            // All requests here are safe or idempotent: a doubt is only a delay.
            SendError::NotSent(_) | SendError::InDoubt(_) | SendError::TooLarge(_) => {
                Reason::Unavailable
            }
        };
        Self::new(reason, &request_error.to_string())
    }
}

impl ApiError {
    #[must_use]
    pub fn new(reason: Reason, words: &str) -> Self {
        Self {
            reason,
            words: truncate(words),
            review: String::new(),
        }
    }

    /// With what somebody at KT wrote for the owner.
    #[must_use]
    pub fn with_review(self, review: &str) -> Self {
        let review = truncate(review);
        Self { review, ..self }
    }

    /// Whether the same request may succeed a while later.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(
            self.reason,
            Reason::Unavailable | Reason::RateLimited(_) | Reason::AssetProcessing
        )
    }

    /// Whether what was made a moment ago is not shown: KT's reads may lag behind.
    #[must_use]
    pub fn may_be_lag(&self) -> bool {
        matches!(self.reason, Reason::NotFound)
    }

    /// How long KT wants to be left alone.
    #[must_use]
    pub fn wait(&self) -> Duration {
        match self.reason {
            Reason::RateLimited(wait_ms) => Duration::from_millis(wait_ms.unwrap_or(0)),
            _ => Duration::ZERO,
        }
    }

    /// Who reacts, and the words that they read. `material` is the JSON pointer to what the asset
    /// is made of.
    #[must_use]
    pub fn into_failure(self, provider: &Provider, material: &str) -> Failure {
        let message_text = |korean: &str, english: &str| -> String {
            let text = provider.text(korean, english);
            text.with_quote(&self.review).detail(&self.words).into()
        };
        match self.reason {
            Reason::Unavailable | Reason::AssetProcessing => Failure::Unavailable(message_text(
                "{}의 응답을 받지 못했습니다.",
                "{} gave no usable answer.",
            )),
            Reason::RateLimited(wait_ms) => Failure::RateLimited(wait_ms),
            Reason::Unauthorized => Failure::Unauthorized(message_text(
                "{}에 로그인하지 못했습니다. 클라이언트 ID와 비밀 키를 확인하고 채널을 다시 연결해 주세요.",
                "{} does not let you in. Check client id and secret, and connect the channel again.",
            )),
            Reason::LineNotOwned => Failure::Unauthorized(message_text(
                "이 전화번호는 연결한 KT 계정의 것이 아닙니다. 번호를 확인하거나, 그 번호를 쓰는 KT 계정으로 채널을 다시 연결해 주세요.",
                "This number does not belong to the connected KT account. Check the number, or connect the channel again with the account that has it.",
            )),
            Reason::AssetRejected => Failure::rejected(
                material,
                message_text(
                    "{}가 이 소재를 받지 않았습니다. 고쳐서 다시 배포해 주세요.",
                    "{} does not take this material. Change it and publish again.",
                ),
            ),
            Reason::PeriodInvalid => Failure::rejected(
                "/period",
                message_text(
                    "{}가 이 기간을 받지 않았습니다. 기간을 바꿔 주세요.",
                    "{} does not take this period. Change it.",
                ),
            ),
            Reason::RegionNotServed => Failure::rejected(
                provider.region,
                message_text(
                    "{}가 방송하지 않는 지역입니다. 다른 지역을 골라 주세요.",
                    "{} does not serve this area. Choose another one.",
                ),
            ),
            Reason::BudgetTooLow { minimum } => Failure::rejected(
                "/options/budget",
                match minimum.map(grouped) {
                    Some(won) => message_text(
                        &format!("예산이 너무 적습니다. {won}원 이상이어야 합니다."),
                        &format!("The budget is too low. It must be at least {won} won."),
                    ),
                    None => message_text("예산이 너무 적습니다.", "The budget is too low."),
                },
            ),
            Reason::SoldOut => Failure::rejected(
                provider.times,
                message_text(
                    "고른 기간과 시간대의 자리가 모두 팔렸습니다. 시간대나 기간, 지역을 바꿔 주세요.",
                    "All spots of this period and time are sold out. Choose another time, period or area.",
                ),
            ),
            Reason::KeyReused => Failure::Failed(message_text(
                "앞서 보낸 것과 내용이 달라 {}가 받지 않았습니다. 다시 배포해 주세요.",
                "{} has an earlier request with other content. Publish again.",
            )),
            Reason::Denied => Failure::Failed(message_text(
                "{}에 요청을 보낼 수 없습니다. 운영자에게 알려 주세요.",
                "The request to {} may not leave. Please tell the operator.",
            )),
            Reason::NotFound | Reason::Ended | Reason::DuplicateReference | Reason::Other => {
                Failure::Failed(message_text(
                    "{}가 요청을 받지 않았습니다. 다시 시도해도 같으면 운영자에게 알려 주세요.",
                    "{} refused the request. If it happens again, please tell the operator.",
                ))
            }
        }
    }
}

/// On one line, and not too long.
fn truncate(words: &str) -> String {
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    words.chars().take(MAX_DETAIL_CHARACTERS).collect()
}

/// `300000` as `300,000`.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
