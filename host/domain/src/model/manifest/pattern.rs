//! Which requests a grant covers.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A method and a path, such as `POST /{version}/{user}/media`.
///
/// `{name}` stands for exactly one segment that is not empty; `/**` at the end for anything below.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RequestPattern {
    method: String,
    segments: Vec<Segment>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Literal(String),
    Any(String),
    Below,
}

impl RequestPattern {
    /// Whether a request with this method and URL path is meant. Nothing is decoded: a path with
    /// an encoded slash or dot segment matches only where one segment is meant.
    #[must_use]
    pub fn matches(&self, method: &str, path: &str) -> bool {
        if self.method != method {
            return false;
        }
        let Some(path) = path.strip_prefix('/') else {
            return false;
        };
        let mut given = path.split('/');
        for segment in &self.segments {
            if *segment == Segment::Below {
                return given.next().is_some_and(|first| !first.is_empty());
            }
            let Some(given) = given.next() else {
                return false;
            };
            let matched = match segment {
                Segment::Literal(literal) => literal == given,
                Segment::Any(_) => !given.is_empty() && !given.to_ascii_lowercase().contains("%2f"),
                Segment::Below => unreachable!("handled above"),
            };
            if !matched {
                return false;
            }
        }
        given.next().is_none()
    }

    /// Whether every request that `other` means is meant by this one, too.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        if self.method != other.method {
            return false;
        }
        let mut others = other.segments.iter();
        for segment in &self.segments {
            let other = others.next();
            let is_covered = match segment {
                Segment::Below => return is_below(other),
                Segment::Any(_) => match other {
                    Some(Segment::Any(_)) => true,
                    Some(Segment::Literal(literal)) => {
                        !literal.is_empty() && !literal.to_ascii_lowercase().contains("%2f")
                    }
                    Some(Segment::Below) | None => false,
                },
                Segment::Literal(_) => other == Some(segment),
            };
            if !is_covered {
                return false;
            }
        }
        others.next().is_none()
    }
}

/// Whether what begins with this segment is something below: its first segment is never empty.
fn is_below(first: Option<&Segment>) -> bool {
    match first {
        Some(Segment::Literal(literal)) => !literal.is_empty(),
        Some(Segment::Any(_) | Segment::Below) => true,
        None => false,
    }
}

impl FromStr for RequestPattern {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];
        let (method, path) = text
            .split_once(' ')
            .filter(|(method, path)| METHODS.contains(method) && path.starts_with('/'))
            .ok_or_else(|| {
                format!("{text:?} is not a method and a path, such as \"GET /v1/{{id}}\"")
            })?;
        let mut segments = Vec::new();
        for part in path[1..].split('/') {
            if segments.last() == Some(&Segment::Below) {
                return Err(format!("{text:?}: \"**\" must be the last segment"));
            }
            segments.push(
                match part
                    .strip_prefix('{')
                    .and_then(|part| part.strip_suffix('}'))
                {
                    Some(name) => Segment::Any(name.to_owned()),
                    None if part == "**" => Segment::Below,
                    None if part.contains(['{', '}', '*']) => {
                        return Err(format!("{text:?}: {part:?} must be a whole segment"));
                    }
                    None => Segment::Literal(part.to_owned()),
                },
            );
        }
        Ok(Self {
            method: method.to_owned(),
            segments,
        })
    }
}

impl TryFrom<String> for RequestPattern {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl std::fmt::Display for RequestPattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ", self.method)?;
        self.segments.iter().try_for_each(|segment| match segment {
            Segment::Literal(literal) => write!(f, "/{literal}"),
            Segment::Any(name) => write!(f, "/{{{name}}}"),
            Segment::Below => f.write_str("/**"),
        })
    }
}

impl From<RequestPattern> for String {
    fn from(pattern: RequestPattern) -> String {
        pattern.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> RequestPattern {
        text.parse().expect("a valid pattern")
    }

    #[test]
    fn a_placeholder_is_one_segment_and_not_empty() {
        let media = pattern("POST /{version}/{user}/media");
        assert!(media.matches("POST", "/v26.0/178/media"));
        assert!(!media.matches("GET", "/v26.0/178/media"));
        assert!(!media.matches("POST", "/v26.0//media"));
        assert!(!media.matches("POST", "/v26.0/178/media/more"));
        assert!(!media.matches("POST", "/v26.0/178%2Fother/media"));
        assert!(!media.matches("POST", "/v26.0/178"));
    }

    #[test]
    fn two_stars_are_anything_below() {
        let below = pattern("GET /v1/**");
        assert!(below.matches("GET", "/v1/a/b"));
        assert!(!below.matches("GET", "/v1"));
        assert!(!below.matches("GET", "/v1/"));
        assert!("GET /**/v1".parse::<RequestPattern>().is_err());
    }

    #[test]
    fn a_pattern_round_trips() {
        for text in ["GET /", "POST /{a}/b", "DELETE /v1/**"] {
            assert_eq!(pattern(text).to_string(), text);
        }
    }
}
