//! Names of things. Ids are UUIDv7: they sort by the time they were made.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

macro_rules! uuid_id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )+};
}

uuid_id! {
    /// A marketing event of one owner.
    EventId,
    /// The publishing of one event to its channels.
    DistributionId,
    /// One channel's part of a distribution.
    DeliveryId,
    /// One run of a channel's component for a delivery.
    AttemptId,
    /// One message on its way to the bus.
    MessageId,
    /// One run of a host's process: who holds a lease.
    HolderId,
    /// One entry of the audit log.
    AuditId,
}

impl HolderId {
    /// Holds what waits for anybody to go on with it.
    pub const NOBODY: Self = Self(Uuid::nil());
}

/// Why a text is not a name of this kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} must be {rule}, not {given:?}")]
pub struct InvalidName {
    what: &'static str,
    rule: &'static str,
    given: String,
}

macro_rules! text_id {
    ($($(#[$doc:meta])* $name:ident, $what:literal, $rule:literal, $valid:expr);+ $(;)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// The text itself.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidName;
            fn try_from(text: String) -> Result<Self, InvalidName> {
                text.parse()
            }
        }

        impl FromStr for $name {
            type Err = InvalidName;
            fn from_str(text: &str) -> Result<Self, InvalidName> {
                let valid: fn(&str) -> bool = $valid;
                if valid(text) {
                    Ok(Self(text.into()))
                } else {
                    let given = text.chars().take(80).collect();
                    Err(InvalidName { what: $what, rule: $rule, given })
                }
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0.as_ref().to_owned()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

text_id! {
    /// Who owns events and accounts: the `sub` of a token.
    OwnerId, "an owner's id", "1 to 128 visible ASCII characters",
        |text| (1..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
    /// The name of a channel, such as `kakao-channel`.
    ChannelId, "a channel's id", "a lower-case letter, then up to 62 of a-z, 0-9 and '-'",
        |text| text.len() <= 63
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    /// The client's key for a request that must not act twice (IETF Idempotency-Key).
    IdempotencyKey, "an idempotency key", "1 to 255 visible ASCII characters",
        |text| (1..=255).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
}

/// SHA-256 of a component: the name of a release.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The first twelve hexadecimal digits: enough for people.
    #[must_use]
    pub fn short(&self) -> String {
        hex::encode(&self.0[..6])
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({})", self.short())
    }
}

impl FromStr for Digest {
    type Err = InvalidName;
    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| InvalidName {
            what: "a digest",
            rule: "64 hexadecimal digits",
            given: text.chars().take(80).collect(),
        })?;
        Ok(Self(bytes))
    }
}

impl TryFrom<String> for Digest {
    type Error = InvalidName;
    fn try_from(text: String) -> Result<Self, InvalidName> {
        text.parse()
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> String {
        digest.to_string()
    }
}
