//! Whose post it is that a provider shows, when the answer with its id was lost.
//!
//! Why nothing has to be locked: a delivery that asks is at work and has no external id until it has
//! ended. So of two that ask about one post each is an obstacle to the other, whatever host they are
//! on, and one that ended before has the post's id, or is an obstacle for having none.

use std::collections::BTreeSet;

/// Posts of other deliveries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OtherPosts {
    /// By external id.
    pub identified: BTreeSet<String>,
    /// Whether there may be one without.
    pub unidentified: bool,
}

impl FromIterator<Option<String>> for OtherPosts {
    /// The external id of each, where it is known.
    fn from_iter<I: IntoIterator<Item = Option<String>>>(posts: I) -> Self {
        let mut others = Self::default();
        for post in posts {
            match post {
                Some(id) => drop(others.identified.insert(id)),
                None => others.unidentified = true,
            }
        }
        others
    }
}

/// Those of the posts that can be of the delivery that asks, in the order given: not those of other
/// deliveries of its account, and none at all while one of these may have a post that nobody has
/// identified, since any of them may be that one.
#[must_use]
pub fn attributable(external_ids: &[String], others: &OtherPosts) -> Vec<String> {
    if others.unidentified {
        return Vec::new();
    }
    // Not every store keeps U+0000, so such an id would not be known again.
    let is_free = |id: &&String| !others.identified.contains(*id) && !id.contains('\0');
    external_ids.iter().filter(is_free).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_post_of_another_delivery_is_not_attributable_and_none_is_while_one_is_unidentified() {
        let posts = ["3".to_owned(), "2".to_owned(), "1".to_owned()];
        let nobody = OtherPosts::default();
        assert_eq!(attributable(&posts, &nobody), posts);
        let identified: OtherPosts = [Some("2".to_owned())].into_iter().collect();
        assert_eq!(attributable(&posts, &identified), ["3", "1"]);
        let unidentified: OtherPosts = [Some("2".to_owned()), None].into_iter().collect();
        assert_eq!(attributable(&posts, &unidentified), [""; 0]);
    }
}
