//! The key under which NHN Cloud recognises a message: as idempotency key and as grouping key.

/// Well below the 100 characters of a grouping key, with room for the night's number.
const MAX_CHARACTERS: usize = 64;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key(String);

impl Key {
    /// The job's key as it is where it may stand in a header and in a query; else a digest of it.
    pub fn new(idempotency_key: &str) -> Self {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.:".contains(c);
        let fits = (1..=MAX_CHARACTERS).contains(&idempotency_key.len());
        if fits && idempotency_key.chars().all(is_plain) {
            Self(idempotency_key.into())
        } else {
            Self(format!(
                "baepo-{:032x}",
                fnv1a_128(idempotency_key.as_bytes())
            ))
        }
    }

    /// A message that came at night is sent again in the morning as another one, so that a
    /// lookup never takes last night's refusal for this morning's result.
    pub fn for_night(&self, night: usize) -> Self {
        if night == 0 {
            self.clone()
        } else {
            Self(format!("{}-{night}", self.0))
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// FNV-1a with 128 bits: keys come from the host, so nobody hunts for collisions.
fn fnv1a_128(bytes: &[u8]) -> u128 {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    bytes.iter().fold(OFFSET, |hash, byte| {
        (hash ^ u128::from(*byte)).wrapping_mul(PRIME)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ordinary_key_stays_as_it_is_and_a_long_or_odd_one_becomes_a_digest() {
        let ordinary = "0195f0a1-5a3c-7c1e-9b8d-2f4e6a8c0b1d:1";
        assert_eq!(Key::new(ordinary).as_str(), ordinary);
        for odd in ["k".repeat(65), "열쇠".into(), "a b".into(), String::new()] {
            let key = Key::new(&odd);
            assert_eq!(key.as_str().len(), 38, "{odd}");
            assert_eq!(key, Key::new(&odd));
        }
        assert_ne!(Key::new("a b"), Key::new("a c"));
    }

    #[test]
    fn the_digest_is_fnv_1a() {
        assert_eq!(fnv1a_128(b""), 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d);
        assert_eq!(fnv1a_128(b"a"), 0xd228_cb69_6f1a_8caf_7891_2b70_4e4a_8964);
    }

    #[test]
    fn each_night_has_a_key_of_its_own() {
        let key = Key::new("k");
        assert_eq!(key.for_night(0).as_str(), "k");
        assert_eq!(key.for_night(2).as_str(), "k-2");
    }
}
