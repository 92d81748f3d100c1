//! A host that follows a script, so that a channel's logic is tested natively.
//!
//! ```
//! use baepo_sdk::testing::{Host, ScriptedResponse};
//! use baepo_sdk::{http, run};
//!
//! let host = Host::new();
//! host.next("POST /v1/posts", ScriptedResponse::in_doubt("connection reset"));
//! host.next("GET /v1/posts?reference=7", ScriptedResponse::status(404));
//!
//! let lost = http::post("https://a.example/v1/posts", http::Repeat::Unsafe).send();
//! assert!(lost.is_err_and(|lost| lost.may_have_arrived()));
//! let found = http::get("https://a.example/v1/posts").query("reference", "7").send();
//! assert!(found.is_ok_and(|found| found.status == 404));
//! // Dropping the host checks that the whole script was played.
//! ```

mod host;
pub(crate) mod imports;
mod samples;
mod script;
mod scripted_response;

use crate::http::{self, Repeat, RequestError, Response};

pub use host::{Host, RawJob};
pub use samples::{content, image, job, video};
pub use scripted_response::ScriptedResponse;

impl ScriptedResponse {
    /// As if it answered a request of this kind: for testing a mapping without a host.
    ///
    /// # Errors
    /// The host's own answers are errors to the channel.
    pub fn into_result(self, repeat: Repeat) -> Result<Response, RequestError> {
        http::with_repeat(self.result, repeat)
    }
}
