//! What a channel was granted: scheme, host, port, method, path, and the secrets that may go along.

use baepo_domain::model::id::ChannelId;
use baepo_domain::model::manifest::Grant;
use reqwest::Method;
use url::Url;

use super::credentials::Credential;
use super::refusal::{Refusal, Rule, for_display};

/// The grants that cover one request.
#[derive(Debug)]
pub(super) struct MatchingGrants<'a>(Vec<&'a Grant>);

/// Finds the grants for a request, or refuses it with a list of what is granted.
pub(super) fn find<'a>(
    grants: &'a [Grant],
    channel: &ChannelId,
    method: &Method,
    url: &Url,
) -> Result<MatchingGrants<'a>, Refusal> {
    let there: Vec<&Grant> = grants
        .iter()
        .filter(|grant| grant.covers_origin(url))
        .collect();
    let covers = |grant: &&Grant| {
        grant
            .requests
            .iter()
            .any(|pattern| pattern.matches(method.as_str(), url.path()))
    };
    let granted: Vec<&Grant> = there.iter().copied().filter(covers).collect();
    if !granted.is_empty() {
        return Ok(MatchingGrants(granted));
    }
    let instead = if there.is_empty() {
        origins(grants)
    } else {
        requests(&there)
    };
    Err(Rule::Grants.refuses(format!(
        "{} {} is not granted to channel {channel}; granted are: {instead}",
        method.as_str(),
        for_display(url),
    )))
}

impl MatchingGrants<'_> {
    /// Whether all secrets of a credential may go where these grants lead.
    pub(super) fn allows(&self, credential: &Credential<'_>) -> bool {
        credential
            .secrets()
            .all(|secret| self.allows_secret(secret))
    }

    /// Refuses a credential with a secret that may not go where these grants lead.
    pub(super) fn check(&self, credential: &Credential<'_>) -> Result<(), Refusal> {
        match credential
            .secrets()
            .find(|secret| !self.allows_secret(secret))
        {
            None => Ok(()),
            Some(secret) => Err(Rule::Credentials.refuses(format!(
                "secret {secret:?} is not granted for {}",
                self.0[0].origin.origin().ascii_serialization(),
            ))),
        }
    }

    fn allows_secret(&self, secret: &str) -> bool {
        self.0
            .iter()
            .any(|grant| grant.secrets.iter().any(|granted| granted == secret))
    }
}

fn origins(grants: &[Grant]) -> String {
    let origins = grants
        .iter()
        .map(|grant| grant.origin.origin().ascii_serialization());
    listed(origins.collect())
}

fn requests(grants: &[&Grant]) -> String {
    let patterns = grants.iter().flat_map(|grant| &grant.requests);
    listed(patterns.map(ToString::to_string).collect())
}

fn listed(mut items: Vec<String>) -> String {
    items.dedup();
    if items.is_empty() {
        "none".to_owned()
    } else {
        items.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grants() -> Vec<Grant> {
        let grant = |origin: &str, requests: &[&str]| Grant {
            origin: origin.parse().expect("an origin"),
            requests: requests
                .iter()
                .map(|text| text.parse().expect("a pattern"))
                .collect(),
            secrets: vec!["accessToken".to_owned()],
        };
        vec![
            grant("https://a.example", &["GET /v1/{id}", "POST /v1/posts"]),
            grant("https://b.example:8443", &["GET /**"]),
        ]
    }

    fn refusal_of(method: &Method, url: &str) -> String {
        let channel = "instagram".parse().expect("a channel");
        find(&grants(), &channel, method, &url.parse().expect("a url"))
            .expect_err(url)
            .to_string()
    }

    #[test]
    fn another_origin_is_denied_with_the_granted_origins() {
        for url in [
            "https://c.example/v1/7",
            "http://a.example/v1/7",
            "https://a.example:444/v1/7",
            "https://a.example./v1/7",
            "https://a.example.evil.example/v1/7",
            "https://b.example/v1/7",
        ] {
            let refusal = refusal_of(&Method::GET, url);
            assert!(
                refusal.starts_with("rule \"grants\": GET http"),
                "{refusal}"
            );
            let granted = "granted are: https://a.example, https://b.example:8443";
            assert!(refusal.ends_with(granted), "{refusal}");
        }
    }

    #[test]
    fn another_method_or_path_is_denied_with_the_granted_requests() {
        assert_eq!(
            refusal_of(
                &Method::DELETE,
                "https://a.example/v1/7?access_token=canary"
            ),
            "rule \"grants\": DELETE https://a.example/v1/7 is not granted to channel instagram; \
             granted are: GET /v1/{id}, POST /v1/posts"
        );
        for path in [
            "/",
            "/v1",
            "/v1/",
            "/v1/7/",
            "/v2/7",
            "/v1/../v2/7",
            "/v1/7%2f8",
            "//v1/7",
        ] {
            refusal_of(&Method::GET, &format!("https://a.example{path}"));
        }
    }

    #[test]
    fn a_secret_is_limited_to_its_grant() {
        let (grants, url) = (grants(), "https://a.example/v1/7".parse().expect("a url"));
        let channel = "instagram".parse().expect("a channel");
        let granted = find(&grants, &channel, &Method::GET, &url).expect("it is granted");
        assert!(granted.allows(&Credential::Bearer("accessToken")));
        let basic = Credential::Basic("accessToken", "appSecret");
        let refusal = granted
            .check(&basic)
            .expect_err("one of them is not granted");
        assert_eq!(
            refusal.to_string(),
            "rule \"credentials\": secret \"appSecret\" is not granted for https://a.example"
        );
    }
}
