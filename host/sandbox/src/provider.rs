//! Which providers have a stand-in, and where it lives.

use serde::{Deserialize, Serialize};

/// What every token and secret key begins with that a stand-in accepts, so that a real one is
/// never used here by mistake.
pub(crate) const CREDENTIAL_PREFIX: &str = "sandbox-";

/// Named in JSON as in paths: `instagram`, `nhn-cloud` (or by its channel, `kakao-channel`),
/// `uridongne-tv`, `genie-tv`, `ringo-biz`, `naver-blog`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Provider {
    Instagram,
    #[serde(alias = "kakao-channel")]
    NhnCloud,
    UridongneTv,
    GenieTv,
    RingoBiz,
    NaverBlog,
}

impl Provider {
    pub(crate) const ALL: [Self; 6] = [
        Self::Instagram,
        Self::NhnCloud,
        Self::UridongneTv,
        Self::GenieTv,
        Self::RingoBiz,
        Self::NaverBlog,
    ];

    /// The stand-in's place on the sandbox's address.
    pub(crate) const fn prefix(self) -> &'static str {
        match self {
            Self::Instagram => "/instagram",
            Self::NhnCloud => "/nhn-cloud",
            Self::UridongneTv => "/uridongne-tv",
            Self::GenieTv => "/genie-tv",
            Self::RingoBiz => "/ringo-biz",
            Self::NaverBlog => "/naver-blog",
        }
    }

    pub(crate) fn name(self) -> &'static str {
        self.prefix().trim_start_matches('/')
    }

    /// Where the real provider answers.
    pub(crate) const fn origins(self) -> &'static [&'static str] {
        match self {
            // Facebook Login and Instagram Login: one API under two names.
            Self::Instagram => &["https://graph.facebook.com", "https://graph.instagram.com"],
            Self::NhnCloud => &["https://kakaotalk-bizmessage.api.nhncloudservice.com"],
            Self::UridongneTv => &["https://partner.uridongne-tv.example"],
            Self::GenieTv => &["https://partner.genie-tv.example"],
            Self::RingoBiz => &["https://partner.ringo-biz.example"],
            // An editor for people: no channel calls it.
            Self::NaverBlog => &[],
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
    fn the_first_path_segment_selects_the_provider() {
        assert_eq!(
            Provider::route("/instagram/v26.0/1/media"),
            Some((Provider::Instagram, "/v26.0/1/media"))
        );
        assert_eq!(Provider::route("/instagrams/v26.0"), None);
        assert_eq!(Provider::route("/_control/posts"), None);
    }

    #[test]
    fn provider_names_match_in_json_and_path() {
        for provider in Provider::ALL {
            let name = serde_json::to_value(provider).unwrap();
            assert_eq!(name, provider.name());
        }
    }
}
