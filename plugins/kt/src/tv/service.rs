//! What makes a television service different from another one.

use crate::provider::Provider;

/// A television service.
#[derive(Debug)]
pub struct Service {
    pub provider: Provider,
    /// How long a spot may be, in seconds; the shortest first.
    pub lengths_s: &'static [u32],
}
