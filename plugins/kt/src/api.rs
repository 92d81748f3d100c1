//! The requests, as far as they look the same at all three services.

use core::time::Duration;

use baepo_sdk::http::{self, Repeat, Request};
use baepo_sdk::{Failure, account};
use serde::Serialize;

/// KT's answers to these are short and come at once.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);
/// The host fetches it, keeps it and renews it.
const TOKEN: &str = "accessToken";

#[derive(Debug)]
pub struct Api {
    host: String,
}

impl Api {
    /// # Errors
    /// If the setting `apiHost` is missing.
    pub fn from_settings() -> Result<Self, Failure> {
        let host = account::required("apiHost")?;
        Ok(Self { host })
    }

    /// `path` begins below `/v1/`.
    #[must_use]
    pub fn get(&self, path: &str) -> Request {
        with_defaults(http::get(self.url(path)))
    }

    /// Creates something once, however often it arrives with this key.
    #[must_use]
    pub fn create(&self, path: &str, key: &str, body: &impl Serialize) -> Request {
        with_defaults(http::post(self.url(path), Repeat::Idempotent))
            .header("Idempotency-Key", key)
            .json(body)
    }

    /// A question that is asked with `POST` and changes nothing.
    #[must_use]
    pub fn post_safe(&self, path: &str) -> Request {
        with_defaults(http::post(self.url(path), Repeat::Safe))
    }

    /// Ends something; ending it again is the same.
    #[must_use]
    pub fn cancel(&self, path: &str, how: CancelMethod) -> Request {
        with_defaults(match how {
            CancelMethod::Cancel => {
                http::post(self.url(&format!("{path}/cancel")), Repeat::Idempotent)
            }
            CancelMethod::Delete => http::delete(self.url(path), Repeat::Idempotent),
        })
    }

    fn url(&self, path: &str) -> String {
        format!("https://{}/v1/{path}", self.host)
    }
}

/// How a service ends what it placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancelMethod {
    /// `POST …/cancel`
    Cancel,
    /// `DELETE …`
    Delete,
}

fn with_defaults(request: Request) -> Request {
    request.bearer(TOKEN).timeout(REQUEST_TIMEOUT)
}
