//! Who signed what.

use crate::model::signature::{Signature, Signers};

/// The operator's public keys.
pub trait SignatureVerifier: Send + Sync {
    /// The keys that signed exactly these bytes. A signature that cannot be read is one of nobody.
    fn signers(&self, bytes: &[u8], signatures: &[Signature]) -> Signers;
}
