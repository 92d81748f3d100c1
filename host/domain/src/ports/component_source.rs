//! Components in registries.

use async_trait::async_trait;

use crate::model::id::Digest;
use crate::model::oci_reference::{OciReference, Transport};
use crate::model::signature::Signature;

/// Where components are pulled from.
#[async_trait]
pub trait ComponentSource: Send + Sync {
    /// What the reference names now, with its signatures and without the component itself: that is
    /// only fetched once its signatures are known to be good.
    ///
    /// # Errors
    /// See [`PullError`].
    async fn resolve(
        &self,
        reference: &OciReference,
        transport: Transport,
    ) -> Result<Image, PullError>;

    /// The component, which has the digest and the size that the image says.
    ///
    /// # Errors
    /// See [`PullError`].
    async fn fetch(&self, image: &Image) -> Result<Vec<u8>, PullError>;
}

/// An image that holds one component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// By its digest.
    pub reference: OciReference,
    pub transport: Transport,
    /// The bytes that were signed, and that name the component's digest.
    pub manifest: Vec<u8>,
    pub component: Digest,
    pub bytes: u64,
    pub signatures: Vec<Signature>,
}

/// Why nothing was pulled.
#[derive(Debug, thiserror::Error)]
pub enum PullError {
    /// The operator names another reference, or corrects an option.
    #[error("{0}")]
    Refused(String),
    /// It is there, and no component that is let in.
    #[error("{0}")]
    Rejected(String),
    /// The registry does not answer as it should; later it may.
    #[error("{0}")]
    Unavailable(String),
}
