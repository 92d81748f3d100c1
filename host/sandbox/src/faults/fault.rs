//! A fault as it is carried out.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, StatusCode};
use bytes::Bytes;

use super::compress::Encoding;
use crate::lag::ReadLag;

/// What goes wrong, and whether the provider's work is done all the same.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// Answers this instead.
    Status(CannedResponse),
    /// Waits, then works and answers as usual, even if the client has gone meanwhile.
    Delay(Duration),
    /// Closes the connection without an answer; no work.
    ResetBefore,
    /// Works, then closes the connection without an answer.
    ResetAfter,
    /// Works, then answers a byte at a time with this pause before each.
    SlowBody(Duration),
    /// Works, then answers with blanks appended up to this many bytes.
    HugeBody(u64),
    /// Sends the client elsewhere, with its method and body; no work.
    Redirect(HeaderValue),
    /// Takes the request and never answers; no work.
    Hang,
    /// Works and answers as usual, but shows later what it did.
    Lag(ReadLag),
    /// Works, answers with an error, and shows later what it did.
    Contradict(CannedResponse, ReadLag),
    /// Works, then answers in an encoding that was not requested.
    Compressed(Encoding),
    /// Repeats the credentials of the request, in many spellings: beside its own answer, or as this
    /// status without work.
    EchoSecret(Option<StatusCode>),
}

impl Fault {
    /// By how much reads lag behind the request that meets it.
    pub(crate) fn read_lag(&self) -> ReadLag {
        match self {
            Self::Lag(lag) | Self::Contradict(_, lag) => *lag,
            _ => ReadLag::default(),
        }
    }
}

/// The answer of [`Fault::Status`].
#[derive(Debug, Clone)]
pub(crate) struct CannedResponse {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) work: Work,
}

/// Whether the provider does what it was asked before it answers with an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    Skipped,
    Done,
}
