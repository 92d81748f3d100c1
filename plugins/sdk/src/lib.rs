//! Write a Baepo channel: content in, a post out, in a straight line.
//!
//! A channel adapts what a shop owner approved to one provider. Its author implements
//! [`Channel`], and [`Preview`], [`Probe`] or [`Withdraw`] if the provider allows it, and names
//! them in [`channel!`]. The host runs each call in a fresh instance, answers every call into it
//! from a journal, and so makes the code durable: no retries of the whole, no storage, no
//! recovery in a channel. What a channel must do is to **look before it repeats** a request that
//! acts twice ([`Repeat::Unsafe`](http::Repeat)), because the same answer, [`in-doubt`], stands for
//! a dropped connection and for a host that was killed.
//!
//! ```
//! use baepo_sdk::{Channel, Content, Failure, Finding, Job, NoOptions, Outcome, http, text};
//!
//! struct Noticeboard;
//!
//! impl Channel for Noticeboard {
//!     type Options = NoOptions;
//!
//!     fn check(content: &Content, _: &NoOptions) -> Vec<Finding> {
//!         match content.title.chars().count() {
//!             0..=40 => Vec::new(),
//!             _ => vec![Finding::error("/title", text(
//!                 "제목은 40자까지 쓸 수 있습니다.",
//!                 "A title has at most 40 characters.",
//!             ))],
//!         }
//!     }
//!
//!     fn distribute(job: Job<NoOptions>) -> Result<Outcome, Failure> {
//!         let answer = http::post("https://board.example/v1/notices", http::Repeat::Idempotent)
//!             .header("Idempotency-Key", &job.idempotency_key)
//!             .bearer("apiKey")
//!             .json(&serde_json::json!({ "text": job.content.title }))
//!             .send()?;
//!         let notice: serde_json::Value = answer.json()?;
//!         Ok(Outcome::live(notice["id"].as_str(), notice["url"].as_str()))
//!     }
//! }
//!
//! baepo_sdk::channel!(Noticeboard);
//!
//! // The same code runs natively against scripted answers.
//! use baepo_sdk::testing::{Host, ScriptedResponse, content, job};
//! let host = Host::new();
//! host.next("POST /v1/notices", ScriptedResponse::json(201, &serde_json::json!({ "id": "7" })));
//! assert_eq!(host.distribute::<Noticeboard>(job(content())), Ok(Outcome::live(Some("7"), None)));
//! ```
//!
//! # Units and ranges
//! Times are Unix milliseconds (`u64`), waits are [`Duration`](core::time::Duration)s in whole
//! milliseconds, sizes are bytes. A JSON pointer in a [`Finding`] is relative to the content
//! (`/media/0/width`), or begins with `/options` or `/settings`.
//!
//! # Languages
//! Whatever an owner reads, findings, failures, notes and instructions, is said in Korean and in
//! English with [`text`], or [`Text`] where it is put together; the host gives every reader theirs.
//!
//! # Errors
//! A [`Failure`] is sorted by **who reacts**: the owner changes the content (`Rejected`) or
//! connects again (`Unauthorized`), the host repeats (`RateLimited`, `Unavailable`), nobody by
//! themselves (`Unknown`), nobody at all (`Failed`). A request without an answer is an
//! [`http::RequestError`]; `?` turns it into the failure that never posts twice.
//!
//! [`in-doubt`]: http::SendError::InDoubt

mod abilities;
#[doc(hidden)]
pub mod bindings;
mod content;
#[doc(hidden)]
pub mod export;
mod failure;
mod imports;
mod panic;
mod retry_after;
mod text;

pub mod account;
pub mod hashtags;
pub mod html;
pub mod http;
pub mod link;
pub mod run;
pub mod seoul;
#[cfg(not(target_arch = "wasm32"))]
pub mod testing;

pub use abilities::{Channel, Job, NoOptions, Preview, Probe, Withdraw};
pub use bindings::imports::baepo::channel::types::{
    Action, Content, Failure, Finding, Media, MediaKind, Outcome, Period, PreparedAsset, Receipt,
    Severity,
};
pub use hashtags::Hashtags;
pub use text::{Text, text};
