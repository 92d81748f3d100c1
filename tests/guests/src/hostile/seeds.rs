//! Small ones of every kind, for a fuzzer to begin with.

use super::calls::calls;
use super::upload::Upload;
use super::{channel, counts, damaged, manifests, nesting};

/// Components of at most some kilobytes.
#[must_use]
pub fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = vec![channel::quiet()];
    for call in calls() {
        seeds.push(call.component());
    }
    seeds.extend(nesting::small().map(channel::declared));
    seeds.extend(counts::small().map(channel::declared));
    seeds.extend(manifests::small());
    seeds.extend(damaged::uploads().iter().map(Upload::component));
    seeds
}
