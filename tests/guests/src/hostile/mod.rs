//! A generator of hostile components, for the host's machine: each from parameters (depth, width,
//! counts), one per cause and its neighbours.
//!
//! [`uploads`] are attacks on whoever reads, compiles or starts a component: `nesting`, `counts`,
//! `code`, `manifests`, `damaged`. [`calls`] are channels that are in order until they are called.
//! None of it decides what the host should do beyond the names that its answer may have.

mod calls;
mod channel;
mod code;
mod counts;
mod damaged;
mod manifests;
mod nesting;
mod raw;
mod seeds;
mod upload;
mod wat_text;

pub use calls::{Asked, CallAttack, calls};
pub use channel::{ID, quiet, quiet_as};
pub use raw::with_custom_section;
pub use seeds::seeds;
pub use upload::{Expected, Upload};

/// All attacks on those who read, compile and start.
#[must_use]
pub fn uploads() -> Vec<Upload> {
    let mut all = nesting::uploads();
    all.extend(counts::uploads());
    all.extend(code::uploads());
    all.extend(manifests::uploads());
    all.extend(damaged::uploads());
    all
}
