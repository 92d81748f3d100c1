//! Lists that are read part by part.

/// A part of a list, keyset-paged.
#[derive(Debug, Clone, Copy)]
pub struct Page<K> {
    /// The last key of the page before.
    pub after: Option<K>,
    pub limit: u32,
}
