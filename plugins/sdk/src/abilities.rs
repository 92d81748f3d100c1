//! The traits that a channel implements: one that it must, three that it may.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::bindings::imports::baepo::channel::types::{
    Content, Failure, Finding, Outcome, Receipt,
};

/// What every channel can do.
pub trait Channel {
    /// What an owner chooses per event, as `[options]` of `channel.toml` declares it;
    /// [`NoOptions`] where there is nothing to choose.
    type Options: DeserializeOwned;

    /// Problems that show without asking the provider. Must not send anything.
    ///
    /// Settings may be missing here: the host also checks content for owners who have not
    /// connected the channel yet.
    fn check(content: &Content, options: &Self::Options) -> Vec<Finding>;

    /// Brings the content to the public. May take days: write it straight down.
    ///
    /// [`check`](Channel::check) has already found no error: that is done before, for every
    /// channel alike.
    ///
    /// # Errors
    /// A [`Failure`], sorted by who reacts. Whatever may have become public must never be
    /// `RateLimited` or `Unavailable`: the host repeats those.
    fn distribute(job: Job<Self::Options>) -> Result<Outcome, Failure>;
}

/// Optional: what the post will look like.
pub trait Preview: Channel {
    /// A self-contained HTML fragment without scripts; escape what the owner wrote with
    /// [`html::escape`](crate::html::escape).
    fn render(content: &Content, options: &Self::Options) -> String;
}

/// Optional: finds out whether an attempt of unknown outcome went out.
pub trait Probe: Channel {
    /// `None` only if it is certainly not out: the host then sends it again.
    ///
    /// # Errors
    /// [`Failure::Unknown`] if it is not known.
    fn probe(idempotency_key: &str, event_id: &str) -> Result<Option<Receipt>, Failure>;
}

/// Optional: takes a post down again.
pub trait Withdraw: Channel {
    /// Must succeed for a post that is already gone.
    ///
    /// # Errors
    /// A [`Failure`], sorted by who reacts.
    fn withdraw(idempotency_key: &str, receipt: &Receipt) -> Result<(), Failure>;
}

/// One delivery to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job<Options> {
    /// The same for every attempt that must not act twice.
    pub idempotency_key: String,
    pub event_id: String,
    pub content: Content,
    pub options: Options,
}

/// For channels where the owner has nothing to choose per event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoOptions {}
