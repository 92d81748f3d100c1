//! An operator's stand-ins: local servers that answer for an origin.
//!
//! Grants are checked on the original address; components never see the other one.

use url::Url;

use super::error::EgressError;
use super::options::is_plain;

/// An origin and the base address of the stand-in that answers for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewrite {
    /// Such as `https://graph.facebook.com`; its path is not looked at.
    pub origin: Url,
    /// Such as `http://127.0.0.1:7080/instagram`; path and query of the request are appended.
    pub to: Url,
}

/// The operator's rewrites, checked.
#[derive(Debug)]
pub(super) struct Rewrites(Vec<Rewrite>);

/// Where a request really goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Route {
    /// To the address itself, and only if that is public.
    Internet(Url),
    /// To a stand-in that the operator named.
    StandIn(Url),
}

impl Route {
    /// The address on the wire.
    pub(super) fn url(&self) -> &Url {
        match self {
            Self::Internet(url) | Self::StandIn(url) => url,
        }
    }
}

impl Rewrites {
    /// # Errors
    /// [`EgressError::Rewrite`] when one side is not a plain http(s) address, or when two
    /// stand-ins answer for one origin.
    pub(super) fn new(rewrites: Vec<Rewrite>) -> Result<Self, EgressError> {
        for (index, rewrite) in rewrites.iter().enumerate() {
            for url in [&rewrite.origin, &rewrite.to] {
                if !is_plain(url) {
                    return Err(EgressError::Rewrite(format!(
                        "{url} is not a plain web address"
                    )));
                }
            }
            let twice = |other: &Rewrite| other.origin.origin() == rewrite.origin.origin();
            if rewrites[..index].iter().any(twice) {
                let origin = rewrite.origin.origin().ascii_serialization();
                return Err(EgressError::Rewrite(format!("{origin} is there twice")));
            }
        }
        Ok(Self(rewrites))
    }

    /// Where a request to `url` goes.
    pub(super) fn route(&self, url: &Url) -> Route {
        let Some(rewrite) = self
            .0
            .iter()
            .find(|rewrite| rewrite.origin.origin() == url.origin())
        else {
            return Route::Internet(url.clone());
        };
        let mut to = rewrite.to.clone();
        to.set_path(&format!("{}{}", base(&rewrite.to), url.path()));
        to.set_query(url.query());
        Route::StandIn(to)
    }

    /// The URL that a redirect to `target` is for: a stand-in that redirects to itself means the origin
    /// that it stands for. `requested` is the original URL of the redirected request, `route` where it
    /// was sent; redirects that come from the internet are never mapped.
    pub(super) fn resolve_redirect(&self, requested: &Url, route: &Route, target: Url) -> Url {
        let Route::StandIn(_) = route else {
            return target;
        };
        let below = |rewrite: &&Rewrite| {
            rewrite.to.origin() == target.origin()
                && target
                    .path()
                    .strip_prefix(base(&rewrite.to))
                    .is_some_and(|rest| rest.starts_with('/'))
        };
        let same = |rewrite: &&Rewrite| rewrite.origin.origin() == requested.origin();
        // Several origins may share a stand-in: the one that was asked stays.
        let found = self
            .0
            .iter()
            .filter(below)
            .find(same)
            .or_else(|| self.0.iter().find(below));
        match found {
            Some(rewrite) => original(rewrite, &target),
            None => target,
        }
    }
}

fn original(rewrite: &Rewrite, target: &Url) -> Url {
    let mut url = rewrite.origin.clone();
    url.set_path(&target.path()[base(&rewrite.to).len()..]);
    url.set_query(target.query());
    url
}

/// The path of a stand-in without the slash at its end.
fn base(to: &Url) -> &str {
    to.path().trim_end_matches('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        text.parse().expect("a url")
    }

    fn rewrites() -> Rewrites {
        let to = |origin, to| Rewrite {
            origin: url(origin),
            to: url(to),
        };
        Rewrites::new(vec![
            to(
                "https://graph.facebook.com",
                "http://127.0.0.1:7080/instagram",
            ),
            to(
                "https://graph.instagram.com",
                "http://127.0.0.1:7080/instagram/",
            ),
            to("https://api.example:8443", "http://127.0.0.1:7080"),
        ])
        .expect("valid rewrites")
    }

    #[test]
    fn an_origin_is_answered_by_its_stand_in() {
        for (requested, sent) in [
            (
                "https://graph.facebook.com/v1/a%20b?x=1&y",
                "http://127.0.0.1:7080/instagram/v1/a%20b?x=1&y",
            ),
            (
                "https://graph.instagram.com/",
                "http://127.0.0.1:7080/instagram/",
            ),
            ("https://api.example:8443/v1", "http://127.0.0.1:7080/v1"),
        ] {
            assert_eq!(rewrites().route(&url(requested)), Route::StandIn(url(sent)));
        }
        for other in [
            "https://api.example/v1",
            "http://graph.facebook.com/",
            "https://facebook.com/",
        ] {
            assert_eq!(rewrites().route(&url(other)), Route::Internet(url(other)));
        }
    }

    #[test]
    fn a_redirect_of_a_stand_in_to_itself_resolves_to_its_origin() {
        let (requested, rewrites) = (url("https://graph.instagram.com/v1"), rewrites());
        let route = rewrites.route(&requested);
        let resolve_redirect = |target| {
            rewrites
                .resolve_redirect(&requested, &route, url(target))
                .to_string()
        };
        assert_eq!(
            resolve_redirect("http://127.0.0.1:7080/instagram/v2?x=1"),
            "https://graph.instagram.com/v2?x=1"
        );
        assert_eq!(
            resolve_redirect("http://127.0.0.1:7081/instagram/v2"),
            "http://127.0.0.1:7081/instagram/v2"
        );
        assert_eq!(
            resolve_redirect("https://graph.facebook.com/v2"),
            "https://graph.facebook.com/v2"
        );
    }

    #[test]
    fn redirects_from_the_internet_ignore_stand_ins() {
        let target = url("http://127.0.0.1:7080/instagram/v2");
        let requested = url("https://elsewhere.example/");
        let route = Route::Internet(requested.clone());
        assert_eq!(
            rewrites().resolve_redirect(&requested, &route, target.clone()),
            target
        );
    }

    #[test]
    fn rewrites_are_between_plain_web_addresses() {
        for (origin, to) in [
            ("ftp://a.example", "http://127.0.0.1/"),
            ("https://a.example", "http://127.0.0.1/?x"),
            ("https://a.example", "http://user@127.0.0.1/"),
        ] {
            let rewrite = Rewrite {
                origin: url(origin),
                to: url(to),
            };
            assert!(
                Rewrites::new(vec![rewrite.clone()]).is_err(),
                "{origin} → {to}"
            );
        }
        let rewrite = Rewrite {
            origin: url("https://a.example"),
            to: url("http://127.0.0.1/"),
        };
        assert!(Rewrites::new(vec![rewrite.clone(), rewrite]).is_err());
    }
}
