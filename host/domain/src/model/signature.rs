//! Who vouches for a component: signatures, the operator's keys, and what is refused without.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::id::ChannelId;

/// The name that the operator gave a public key: 1 to 100 of the characters `a-z A-Z 0-9 . _ -`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyName(String);

impl KeyName {
    #[must_use]
    pub fn new(name: &str) -> Option<Self> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let is_name = (1..=100).contains(&name.len()) && name.bytes().all(allowed);
        is_name.then(|| Self(name.to_owned()))
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A signature that came with some bytes; nothing of it is proved yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signature {
    /// Of the bytes themselves, by `cosign sign-blob`.
    Detached(Vec<u8>),
    /// Of a payload that names the bytes' digest, by `cosign sign` of version 2.
    Claim {
        payload: Vec<u8>,
        signature: Vec<u8>,
    },
    /// The JSON of a Sigstore bundle, by `cosign` of version 3.
    Bundle(Vec<u8>),
}

impl Signature {
    /// The content of a detached signature or of a bundle: a bundle is JSON, a signature never
    /// begins like it.
    #[must_use]
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        match bytes.trim_ascii_start().first() {
            Some(b'{') => Self::Bundle(bytes),
            _ => Self::Detached(bytes),
        }
    }
}

/// What the verifier found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signers {
    /// Keys that signed exactly these bytes.
    pub keys: BTreeSet<KeyName>,
    /// Signatures that came along, the verified ones included.
    pub given: usize,
}

/// Whether a component without a signature is let in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unsigned {
    /// `policy = "required"`
    #[serde(rename = "required")]
    Refused,
    /// `policy = "optional"`
    #[default]
    #[serde(rename = "optional")]
    Accepted,
}

/// The operator's rules.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SignaturePolicy {
    pub unsigned: Unsigned,
    pub keys: BTreeSet<KeyName>,
    /// Channels that only these keys may sign, and that need a signature whatever `unsigned` is.
    pub channels: BTreeMap<ChannelId, BTreeSet<KeyName>>,
}

/// Why a component is refused for its signatures; the operator signs it, or adds a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureRefused {
    #[error(
        "it has no signature, and signatures.{option} needs one by {keys}: sign the image with `cosign sign \
         --key`, or the file with `cosign sign-blob --key`"
    )]
    Missing { option: String, keys: String },
    #[error(
        "none of its {given} signatures is one of exactly this component by a key of signatures.keys ({keys}): \
         sign it with one of these keys, or add the public key of who signed it"
    )]
    Unverified { given: usize, keys: String },
    #[error(
        "it is signed by {signers}, and signatures.channels lets {channel} be signed by {keys} alone: sign it \
         with one of these"
    )]
    OtherKey {
        channel: ChannelId,
        signers: String,
        keys: String,
    },
}

impl SignaturePolicy {
    /// Whether a component that was signed so is let in, before anything of it is read; `channel`
    /// is `None` while only the component itself would say which it is. Returns a key that vouches
    /// for it.
    ///
    /// # Errors
    /// Says what is missing. A signature that comes along must hold, also where none is needed.
    pub fn admit(
        &self,
        channel: Option<&ChannelId>,
        signers: &Signers,
    ) -> Result<Option<KeyName>, SignatureRefused> {
        let of_channel = channel.and_then(|channel| Some((channel, self.channels.get(channel)?)));
        if signers.given == 0 {
            return match (of_channel, self.unsigned) {
                (Some((channel, keys)), _) => Err(SignatureRefused::Missing {
                    option: format!("channels.{channel}"),
                    keys: listed(keys),
                }),
                (None, Unsigned::Refused) => Err(SignatureRefused::Missing {
                    option: "policy".to_owned(),
                    keys: listed(&self.keys),
                }),
                (None, Unsigned::Accepted) => Ok(None),
            };
        }
        // Without a key nothing can be verified: it counts as unsigned.
        if self.keys.is_empty() && self.unsigned == Unsigned::Accepted {
            return Ok(None);
        }
        if signers.keys.is_empty() {
            return Err(SignatureRefused::Unverified {
                given: signers.given,
                keys: listed(&self.keys),
            });
        }
        let Some((channel, keys)) = of_channel else {
            return Ok(signers.keys.first().cloned());
        };
        let found = signers.keys.intersection(keys).next().cloned();
        found.map(Some).ok_or_else(|| SignatureRefused::OtherKey {
            channel: channel.clone(),
            signers: listed(&signers.keys),
            keys: listed(keys),
        })
    }
}

fn listed(keys: &BTreeSet<KeyName>) -> String {
    let names: Vec<_> = keys.iter().map(|key| key.0.as_str()).collect();
    match names.as_slice() {
        [] => "a key, of which there is none".to_owned(),
        [one] => (*one).to_owned(),
        [others @ .., last] => format!("{} or {last}", others.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(names: &[&str]) -> BTreeSet<KeyName> {
        let names = names.iter().map(|name| KeyName::new(name).unwrap());
        names.collect()
    }

    fn policy(unsigned: Unsigned) -> SignaturePolicy {
        SignaturePolicy {
            unsigned,
            keys: keys(&["partner", "release"]),
            channels: [(channel("kakao-channel"), keys(&["partner"]))].into(),
        }
    }

    fn channel(id: &str) -> ChannelId {
        id.parse().unwrap()
    }

    fn signed(by: &[&str], given: usize) -> Signers {
        let keys = keys(by);
        Signers { keys, given }
    }

    fn admit(policy: &SignaturePolicy, id: &str, signers: &Signers) -> Result<String, String> {
        let key = policy.admit(Some(&channel(id)), signers);
        let key = key.map_err(|refused| refused.to_string())?;
        Ok(key.map(|key| key.to_string()).unwrap_or_default())
    }

    #[test]
    fn an_unsigned_component_is_refused_where_a_signature_is_required() {
        let none = signed(&[], 0);
        let refused = admit(&policy(Unsigned::Refused), "echo", &none).unwrap_err();
        assert!(
            refused.starts_with(
                "it has no signature, and signatures.policy needs one by partner or release"
            ),
            "{refused}"
        );
        assert!(policy(Unsigned::Refused).admit(None, &none).is_err());
        assert_eq!(
            admit(&policy(Unsigned::Accepted), "echo", &none),
            Ok(String::new())
        );
    }

    #[test]
    fn a_signature_that_does_not_hold_is_refused_also_where_none_is_required() {
        for unsigned in [Unsigned::Refused, Unsigned::Accepted] {
            let refused = admit(&policy(unsigned), "echo", &signed(&[], 2)).unwrap_err();
            assert!(refused.contains("none of its 2 signatures"), "{refused}");
        }
        let without_keys = SignaturePolicy::default();
        assert_eq!(
            admit(&without_keys, "echo", &signed(&[], 2)),
            Ok(String::new())
        );
    }

    #[test]
    fn a_channel_with_keys_of_its_own_is_signed_by_these_alone() {
        let policy = policy(Unsigned::Accepted);
        let unsigned = admit(&policy, "kakao-channel", &signed(&[], 0)).unwrap_err();
        assert!(
            unsigned.contains("signatures.channels.kakao-channel needs one by partner"),
            "{unsigned}"
        );
        let other = admit(&policy, "kakao-channel", &signed(&["release"], 1)).unwrap_err();
        assert!(other.contains("signed by release"), "{other}");
        assert_eq!(
            admit(
                &policy,
                "kakao-channel",
                &signed(&["partner", "release"], 2)
            ),
            Ok("partner".into())
        );
        assert_eq!(
            admit(&policy, "echo", &signed(&["release"], 1)),
            Ok("release".into())
        );
    }

    #[test]
    fn a_bundle_is_told_from_a_detached_signature_by_its_json() {
        let bundle = Signature::from_bytes(b" {\"mediaType\":\"x\"}".to_vec());
        assert!(matches!(bundle, Signature::Bundle(_)));
        let detached = Signature::from_bytes(vec![0x30, 0x45]);
        assert!(matches!(detached, Signature::Detached(_)));
    }
}
