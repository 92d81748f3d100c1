//! What is public.

use jiff::Timestamp;

use super::container::Kind;
use crate::lag::Visibility;
use crate::ledger::{Media, Post};
use crate::provider::Provider;

/// A post as its owner reads it.
#[derive(Debug, Clone)]
pub(super) struct PublishedMedia {
    pub(super) user: u64,
    pub(super) kind: Kind,
    pub(super) caption: String,
    pub(super) media: Vec<Media>,
    pub(super) at: Timestamp,
    pub(super) visibility: Visibility,
}

impl PublishedMedia {
    pub(super) fn into_post(self, id: u64, creation_id: &str) -> Post {
        Post {
            provider: Provider::Instagram,
            external_id: id.to_string(),
            reference: creation_id.to_owned(),
            text: self.caption,
            at: self.at,
            account: self.user.to_string(),
            media: self.media,
            buttons: Vec::new(),
            recipients: None,
        }
    }
}
