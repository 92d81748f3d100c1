//! What the scripted host gives back for a request.

use core::time::Duration;

use serde::Serialize;

use crate::bindings::imports::baepo::channel::http::{self as wire, SendError};

/// An answer of the provider, or of the host in its place.
#[derive(Clone, Debug)]
pub struct ScriptedResponse {
    pub(super) result: Result<wire::Response, SendError>,
    pub(super) latency: Duration,
}

impl ScriptedResponse {
    #[must_use]
    pub fn json(status: u16, body: &impl Serialize) -> Self {
        let body = serde_json::to_vec(body).expect("a test's JSON is JSON");
        Self::bytes(status, body).header("content-type", "application/json")
    }

    #[must_use]
    pub fn bytes(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self::of(Ok(wire::Response {
            status,
            headers: Vec::new(),
            body: body.into(),
        }))
    }

    /// No body.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::bytes(status, Vec::new())
    }

    /// The request may have arrived.
    #[must_use]
    pub fn in_doubt(reason: &str) -> Self {
        Self::of(Err(SendError::InDoubt(reason.into())))
    }

    /// The request never arrived.
    #[must_use]
    pub fn not_sent(reason: &str) -> Self {
        Self::of(Err(SendError::NotSent(reason.into())))
    }

    /// The grants do not cover the request.
    #[must_use]
    pub fn denied(reason: &str) -> Self {
        Self::of(Err(SendError::Denied(reason.into())))
    }

    #[must_use]
    pub fn too_large(bytes: u64) -> Self {
        Self::of(Err(SendError::TooLarge(bytes)))
    }

    fn of(result: Result<wire::Response, SendError>) -> Self {
        Self {
            result,
            latency: Duration::ZERO,
        }
    }

    /// # Panics
    /// If it is no answer of the provider.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let response = self.result.as_mut().expect("only an answer has headers");
        response.headers.push((name.into(), value.into()));
        self
    }

    /// How far the clock advances while the request is under way.
    #[must_use]
    pub fn with_latency(mut self, duration: Duration) -> Self {
        self.latency = duration;
        self
    }
}
