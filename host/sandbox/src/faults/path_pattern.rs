//! Which paths a fault is for.

/// `*` stands for any characters, and the whole path must match; a pattern without one matches
/// every path that contains it.
#[derive(Debug, Clone)]
pub(crate) struct PathPattern(pub(super) String);

impl PathPattern {
    pub(super) fn matches(&self, path: &str) -> bool {
        let Some((prefix, rest)) = self.0.split_once('*') else {
            return path.contains(&self.0);
        };
        let Some(mut left) = path.strip_prefix(prefix) else {
            return false;
        };
        let (middle, suffix) = rest.rsplit_once('*').unwrap_or(("", rest));
        for part in middle.split('*') {
            let Some(at) = left.find(part) else {
                return false;
            };
            left = &left[at + part.len()..];
        }
        left.ends_with(suffix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_matches(pattern: &str, path: &str) {
        assert!(
            PathPattern(pattern.into()).matches(path),
            "{pattern} should match {path}"
        );
    }

    #[track_caller]
    fn assert_differs(pattern: &str, path: &str) {
        assert!(
            !PathPattern(pattern.into()).matches(path),
            "{pattern} should not match {path}"
        );
    }

    #[test]
    fn a_pattern_without_a_wildcard_matches_any_substring() {
        assert_matches("media_publish", "/v26.0/178/media_publish");
        assert_matches("", "/anything");
        assert_differs("media_publish", "/v26.0/178/media");
    }

    #[test]
    fn a_pattern_with_wildcards_matches_the_whole_path() {
        assert_matches("*/media", "/v26.0/178/media");
        assert_matches("/v*/178/*", "/v26.0/178/media");
        assert_matches("*178*media*", "/v26.0/178/media_publish");
        assert_matches("*", "/");
        assert_differs("*/media", "/v26.0/178/media_publish");
        assert_differs("/v26.0/*/media", "/v26.0/media");
        assert_differs("/v*v", "/v");
    }
}
