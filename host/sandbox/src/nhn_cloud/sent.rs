//! What lookups find.

use jiff::Timestamp;

use super::message::Message;
use crate::lag::Visibility;

/// A send request that was accepted.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) app_key: String,
    pub(super) at: Timestamp,
    pub(super) message: Message,
    pub(super) visibility: Visibility,
}
