//! Foreign names in a refusal: a few, and of each the beginning.

/// The most names of one message.
pub(super) const NAMES: usize = 8;

/// The most characters of a foreign name.
const NAME_CHARACTERS: usize = 100;

pub(super) fn shortened(name: &str) -> &str {
    match name.char_indices().nth(NAME_CHARACTERS) {
        Some((end, _)) => &name[..end],
        None => name,
    }
}
