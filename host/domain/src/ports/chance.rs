//! Randomness as an argument: seeded, so that a run can be repeated.

use std::sync::{Mutex, PoisonError};

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

/// A seeded source of chance, shared by everything that draws.
#[derive(Debug)]
pub struct Chance(Mutex<StdRng>);

impl Chance {
    /// The same seed draws the same numbers.
    #[must_use]
    pub fn seeded(seed: [u8; 32]) -> Self {
        Self(Mutex::new(StdRng::from_seed(seed)))
    }

    /// Fills `bytes` with uniform random bytes.
    pub fn fill(&self, bytes: &mut [u8]) {
        self.draw(|rng| rng.fill(bytes));
    }

    /// Uniform in `0.0..1.0`.
    #[must_use]
    pub fn unit(&self) -> f64 {
        self.draw(rand::RngExt::random::<f64>)
    }

    fn draw<T>(&self, draw: impl FnOnce(&mut StdRng) -> T) -> T {
        // A panic while drawing leaves a generator that is still good to draw from.
        draw(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
