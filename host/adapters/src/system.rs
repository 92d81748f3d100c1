//! Time and chance from the operating system, for the ports that take them as arguments.

use std::time::Duration;

use baepo_domain::Timestamp;
use baepo_domain::ports::chance::Chance;
use baepo_domain::ports::clock::Clock;
use futures::future::{BoxFuture, FutureExt as _};
use rand::Rng as _;
use rand::rand_core::UnwrapErr;
use rand::rngs::SysRng;

/// The machine's own clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the `Clock` that everything else takes"
    )]
    fn now(&self) -> Timestamp {
        let now = Timestamp::now();
        // Cutting off what is below a millisecond cannot leave the range that it was in.
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        tokio::time::sleep(duration).boxed()
    }
}

/// A [`Chance`] that nobody can foresee, seeded by the operating system.
///
/// # Panics
/// When the operating system has no randomness, which no supported system does after boot.
#[must_use]
pub fn os_chance() -> Chance {
    let mut seed = [0; 32];
    UnwrapErr(SysRng).fill_bytes(&mut seed);
    Chance::seeded(seed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_in_whole_milliseconds() {
        assert_eq!(SystemClock.now().subsec_nanosecond() % 1_000_000, 0);
    }

    #[test]
    fn two_random_sources_draw_differently() {
        let draw = || {
            let mut bytes = [0; 16];
            os_chance().fill(&mut bytes);
            bytes
        };
        assert_ne!(draw(), draw());
    }
}
