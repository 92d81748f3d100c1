//! Where components come from and who vouches for them, asked before anything of them is read.

use std::sync::Arc;

use crate::model::id::ChannelId;
use crate::model::signature::{KeyName, Signature, SignaturePolicy, SignatureRefused};
use crate::ports::{ComponentSource, SignatureVerifier};

/// The registries and keys that the operator trusts.
pub struct Origins {
    pub source: Arc<dyn ComponentSource>,
    pub verifier: Arc<dyn SignatureVerifier>,
    pub policy: SignaturePolicy,
}

impl Origins {
    /// A key that vouches for these bytes, which are a component or the manifest of its image;
    /// `channel` is `None` while only the component itself would say which it is.
    ///
    /// # Errors
    /// When the policy does not let it in.
    pub fn admit(
        &self,
        channel: Option<&ChannelId>,
        bytes: &[u8],
        signatures: &[Signature],
    ) -> Result<Option<KeyName>, SignatureRefused> {
        let signers = self.verifier.signers(bytes, signatures);
        self.policy.admit(channel, &signers)
    }
}
