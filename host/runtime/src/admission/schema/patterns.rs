//! Patterns of schemas: matched without backtracking, and small enough to say what a match costs.

use std::collections::HashMap;

use baepo_domain::model::number::grouped;
use jsonschema::{PatternOptions, Regex};
use serde_json::json;

/// The largest pattern, compiled.
pub(super) const MAX_BYTES: usize = 256 << 10;
/// All patterns of a schema together.
const MAX_TOTAL_BYTES: usize = 1 << 20;
/// Of what a match remembers; beyond it goes step by step.
const CACHE_BYTES: usize = 256 << 10;
/// The sizes that are told apart.
const SIZES: [usize; 6] = [1 << 10, 4 << 10, 16 << 10, 64 << 10, 128 << 10, MAX_BYTES];
/// How many bytes of a compiled pattern cost a nanosecond for each byte of a text, at worst.
const BYTES_PER_NANOSECOND: usize = 16;

pub(super) fn options(bytes: usize) -> PatternOptions<Regex> {
    PatternOptions::regex()
        .size_limit(bytes)
        .dfa_size_limit(CACHE_BYTES)
}

/// The patterns of one schema, each by what it costs.
#[derive(Default)]
pub(super) struct Patterns {
    bytes: HashMap<String, usize>,
}

impl Patterns {
    /// In nanoseconds, for each byte of a text.
    ///
    /// # Errors
    /// It is no pattern, or too large.
    pub fn cost_per_byte(&mut self, pattern: &str) -> Result<u64, String> {
        let bytes = match self.bytes.get(pattern) {
            Some(bytes) => *bytes,
            None => self.measure(pattern)?,
        };
        Ok((bytes / BYTES_PER_NANOSECOND) as u64)
    }

    fn measure(&mut self, pattern: &str) -> Result<usize, String> {
        let schema = json!({"pattern": pattern});
        let compiled = |bytes| {
            jsonschema::options()
                .with_pattern_options(options(bytes))
                .build(&schema)
        };
        let Some(bytes) = SIZES.into_iter().find(|bytes| compiled(*bytes).is_ok()) else {
            return Err(format!(
                "limit \"pattern bytes\": {pattern:?} is no pattern without look-around and references, or \
                 has more than {} bytes compiled: repeat less, or use maxLength",
                grouped(MAX_BYTES as u64)
            ));
        };
        let total = bytes + self.bytes.values().sum::<usize>();
        if total > MAX_TOTAL_BYTES {
            return Err(format!(
                "limit \"pattern bytes\": all patterns have {} of {} bytes compiled: use fewer or \
                 smaller ones",
                grouped(total as u64),
                grouped(MAX_TOTAL_BYTES as u64)
            ));
        }
        self.bytes.insert(pattern.to_owned(), bytes);
        Ok(bytes)
    }
}
