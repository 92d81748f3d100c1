//! Which providers have a stand-in, and where it lives.

use serde::{Deserialize, Serialize};

/// Named in JSON as in paths: `instagram`, `nhn-cloud` (or by its channel, `kakao-channel`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Provider {
    Instagram,
    #[serde(alias = "kakao-channel")]
    NhnCloud,
}

impl Provider {
    pub(crate) const ALL: [Self; 2] = [Self::Instagram, Self::NhnCloud];

    /// The stand-in's place on the sandbox's address.
    pub(crate) const fn prefix(self) -> &'static str {
        match self {
            Self::Instagram => "/instagram",
            Self::NhnCloud => "/nhn-cloud",
        }
    }

    /// Where the real provider answers.
    pub(crate) const fn origins(self) -> &'static [&'static str] {
        match self {
            // Facebook Login and Instagram Login: one API under two names.
            Self::Instagram => &["https://graph.facebook.com", "https://graph.instagram.com"],
            Self::NhnCloud => &["https://kakaotalk-bizmessage.api.nhncloudservice.com"],
        }
    }

    /// Splits a request's path into the provider and the path as the provider knows it.
    pub(crate) fn route(path: &str) -> Option<(Self, &str)> {
        Self::ALL.into_iter().find_map(|provider| {
            let own = path.strip_prefix(provider.prefix())?;
            own.starts_with('/').then_some((provider, own))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_belongs_to_the_provider_named_first() {
        assert_eq!(
            Provider::route("/instagram/v26.0/1/media"),
            Some((Provider::Instagram, "/v26.0/1/media"))
        );
        assert_eq!(Provider::route("/instagrams/v26.0"), None);
        assert_eq!(Provider::route("/_control/posts"), None);
    }
}
