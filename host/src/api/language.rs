//! The reader's language, by `Accept-Language` (RFC 9110, 12.5.4): Korean or English.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::request::Parts;
use baepo_domain::model::text::Language;

/// Korean, unless the reader would rather have English.
#[derive(Debug, Clone, Copy)]
pub(super) struct ReaderLanguage(pub Language);

impl<S: Send + Sync> FromRequestParts<S> for ReaderLanguage {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self(preferred(&parts.headers)))
    }
}

/// The one of the highest weight; of equal ones the first.
pub(super) fn preferred(headers: &HeaderMap) -> Language {
    let values = headers.get_all(ACCEPT_LANGUAGE).into_iter();
    let ranges = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    let mut best = (Language::default(), 0.0);
    for range in ranges {
        let mut parts = range.split(';');
        let tag = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
        let weight = parts
            .find_map(|part| part.trim().strip_prefix("q=")?.parse::<f32>().ok())
            .unwrap_or(1.0);
        let primary = tag.split('-').next().unwrap_or_default();
        let language = Language::ALL
            .into_iter()
            .find(|language| language.tag() == primary);
        if let Some(language) = language.filter(|_| weight > best.1) {
            best = (language, weight);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn language(header: &str) -> Language {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_LANGUAGE, header.parse().unwrap());
        preferred(&headers)
    }

    #[test]
    fn the_language_of_the_highest_weight_is_taken() {
        assert_eq!(language("en"), Language::English);
        assert_eq!(language("en-GB,ko;q=0.5"), Language::English);
        assert_eq!(language("ko;q=0.9, en;q=0.8"), Language::Korean);
        assert_eq!(language("fr, de;q=0.9, EN;q=0.1"), Language::English);
    }

    #[test]
    fn korean_is_the_default_language() {
        assert_eq!(preferred(&HeaderMap::new()), Language::Korean);
        for header in ["fr", "*", "", "en;q=0"] {
            assert_eq!(language(header), Language::Korean, "{header}");
        }
    }
}
