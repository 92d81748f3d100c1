//! Something that fails again and again is said once.

use std::sync::atomic::{AtomicBool, Ordering};

/// Whether it failed the last time.
#[derive(Debug, Default)]
pub struct Trouble(AtomicBool);

impl Trouble {
    /// To be called when it failed: whether it had not before.
    pub fn is_new(&self) -> bool {
        !self.0.swap(true, Ordering::Relaxed)
    }

    /// To be called when it worked: whether it had failed before.
    pub fn is_over(&self) -> bool {
        self.0.swap(false, Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::Trouble;

    #[test]
    fn trouble_is_new_once_until_it_is_over() {
        let trouble = Trouble::default();
        assert_eq!([trouble.is_new(), trouble.is_new()], [true, false]);
        assert_eq!([trouble.is_over(), trouble.is_over()], [true, false]);
        assert!(trouble.is_new());
    }
}
