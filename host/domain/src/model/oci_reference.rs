//! `oci://registry/repository:tag` and `oci://registry/repository@sha256:…`: a component in a registry.

use std::fmt;
use std::str::FromStr;

use url::{Host, Url};

use crate::model::id::Digest;

/// A component in an OCI registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OciReference {
    /// Host and, unless it is 443, port.
    registry: String,
    repository: String,
    version: OciVersion,
}

/// Which one of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OciVersion {
    /// Whatever the tag points to now.
    Tag(String),
    /// The manifest with this SHA-256.
    Digest(Digest),
}

/// How a registry is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    Tls,
    /// HTTP without TLS, which never leaves this machine.
    PlainOnLoopback,
}

/// Why a text is no reference.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidReference {
    #[error("it does not begin with oci://")]
    Scheme,
    #[error("the registry is a host with or without a port, such as registry.example:5000")]
    Registry,
    #[error(
        "the repository is of lower-case letters, digits, '.', '_', '-' and '/', at most 255 of them"
    )]
    Repository,
    #[error("it names neither a tag nor a digest: append :TAG or @sha256:DIGEST")]
    NoVersion,
    #[error("the tag is 1 to 128 of the characters a-z, A-Z, 0-9, '.', '_' and '-'")]
    Tag,
    #[error("the digest is sha256: and 64 hexadecimal digits")]
    Digest,
}

impl OciReference {
    /// What every reference begins with.
    pub const SCHEME: &'static str = "oci://";

    #[must_use]
    pub fn registry(&self) -> &str {
        &self.registry
    }

    #[must_use]
    pub fn repository(&self) -> &str {
        &self.repository
    }

    #[must_use]
    pub fn version(&self) -> &OciVersion {
        &self.version
    }

    /// The same repository's manifest of that digest.
    #[must_use]
    pub fn at(&self, digest: Digest) -> Self {
        Self {
            version: OciVersion::Digest(digest),
            ..self.clone()
        }
    }

    /// As it is, with the digest of the manifest that it leads to.
    #[must_use]
    pub fn pinned(&self, digest: Digest) -> String {
        match self.version {
            OciVersion::Tag(_) => format!("{self}@sha256:{digest}"),
            OciVersion::Digest(_) => self.to_string(),
        }
    }

    /// Whether the registry is on this machine.
    #[must_use]
    pub fn is_on_loopback(&self) -> bool {
        let url = Url::parse(&format!("http://{}/", self.registry));
        url.is_ok_and(|url| is_loopback(&url))
    }
}

/// Whether that address is one of this machine alone, by its text: no name is looked up.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

impl FromStr for OciReference {
    type Err = InvalidReference;

    fn from_str(text: &str) -> Result<Self, InvalidReference> {
        let rest = text
            .strip_prefix(Self::SCHEME)
            .ok_or(InvalidReference::Scheme)?;
        let (registry, path) = rest.split_once('/').ok_or(InvalidReference::Registry)?;
        if !is_registry(registry) {
            return Err(InvalidReference::Registry);
        }
        // A digest holds against a tag beside it.
        let (path, digest) = match path.split_once('@') {
            Some((path, digest)) => (path, Some(digest)),
            None => (path, None),
        };
        let (repository, tag) = match path.split_once(':') {
            Some((repository, tag)) => (repository, Some(tag)),
            None => (path, None),
        };
        if !is_repository(repository) {
            return Err(InvalidReference::Repository);
        }
        if tag.is_some_and(|tag| !is_tag(tag)) {
            return Err(InvalidReference::Tag);
        }
        let version = match (digest, tag) {
            (Some(digest), _) => {
                let digits = digest
                    .strip_prefix("sha256:")
                    .ok_or(InvalidReference::Digest)?;
                OciVersion::Digest(digits.parse().map_err(|_| InvalidReference::Digest)?)
            }
            (None, Some(tag)) => OciVersion::Tag(tag.to_owned()),
            (None, None) => return Err(InvalidReference::NoVersion),
        };
        Ok(Self {
            registry: registry.to_owned(),
            repository: repository.to_owned(),
            version,
        })
    }
}

impl fmt::Display for OciReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            registry,
            repository,
            version,
        } = self;
        write!(f, "{}{registry}/{repository}", Self::SCHEME)?;
        match version {
            OciVersion::Tag(tag) => write!(f, ":{tag}"),
            OciVersion::Digest(digest) => write!(f, "@sha256:{digest}"),
        }
    }
}

/// A host and a port, as a URL has them: nothing else may come into an address.
fn is_registry(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
    let url = Url::parse(&format!("https://{text}/"));
    !text.is_empty() && text.bytes().all(plain) && url.is_ok_and(|url| url.host().is_some())
}

fn is_repository(text: &str) -> bool {
    let plain =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte);
    let is_part = |part: &str| {
        let ends = [part.bytes().next(), part.bytes().last()];
        let alphanumeric = |byte: &u8| byte.is_ascii_alphanumeric();
        part.bytes().all(plain)
            && ends
                .iter()
                .all(|end| end.as_ref().is_some_and(alphanumeric))
    };
    text.len() <= 255 && text.split('/').all(is_part)
}

fn is_tag(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let begins = text
        .bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    begins && text.len() <= 128 && text.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "3fa9c1d2e4b53fa9c1d2e4b53fa9c1d2e4b53fa9c1d2e4b53fa9c1d2e4b53fa9";

    #[test]
    fn a_reference_is_read_and_written_back() {
        for text in [
            "oci://registry.example/kakao:1.2.0".to_owned(),
            "oci://localhost:5000/baepo/channels/kakao-channel:latest".to_owned(),
            format!("oci://[::1]:5000/kakao@sha256:{DIGEST}"),
        ] {
            let reference: OciReference = text.parse().unwrap();
            assert_eq!(reference.to_string(), text);
        }
        let both = format!("oci://registry.example/kakao:1.2.0@sha256:{DIGEST}");
        let pinned: OciReference = both.parse().unwrap();
        assert_eq!(
            pinned.to_string(),
            format!("oci://registry.example/kakao@sha256:{DIGEST}")
        );
    }

    #[test]
    fn a_text_that_is_no_reference_is_refused_with_the_part() {
        use InvalidReference as I;
        for (text, expected) in [
            ("registry.example/kakao:1", I::Scheme),
            ("oci://registry.example", I::Registry),
            ("oci:///kakao:1", I::Registry),
            ("oci://user@registry.example/kakao:1", I::Registry),
            ("oci://registry.example:99999/kakao:1", I::Registry),
            ("oci://registry.example/Kakao:1", I::Repository),
            ("oci://registry.example/a/../b:1", I::Repository),
            ("oci://registry.example/a//b:1", I::Repository),
            ("oci://registry.example/kakao?x=1:1", I::Repository),
            ("oci://registry.example/kakao", I::NoVersion),
            ("oci://registry.example/kakao:-1", I::Tag),
            ("oci://registry.example/kakao@sha512:00", I::Digest),
            ("oci://registry.example/kakao@sha256:00", I::Digest),
        ] {
            assert_eq!(text.parse::<OciReference>(), Err(expected), "{text}");
        }
    }

    #[test]
    fn only_this_machine_is_loopback() {
        let on_loopback = |registry: &str| {
            let reference: OciReference = format!("oci://{registry}/kakao:1").parse().unwrap();
            reference.is_on_loopback()
        };
        for registry in [
            "localhost",
            "localhost:5000",
            "127.0.0.1:5000",
            "127.8.9.1",
            "[::1]:5000",
        ] {
            assert!(on_loopback(registry), "{registry}");
        }
        for registry in [
            "registry.example",
            "localhost.example",
            "10.0.0.1",
            "0.0.0.0",
            "[::2]",
        ] {
            assert!(!on_loopback(registry), "{registry}");
        }
    }
}
