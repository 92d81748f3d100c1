//! Something that fails again and again is said once.

use std::sync::atomic::{AtomicBool, Ordering};

/// Whether it failed the last time.
#[derive(Debug, Default)]
pub struct FailureLatch(AtomicBool);

impl FailureLatch {
    /// To be called when it failed: whether it had not before.
    pub fn record_failure(&self) -> bool {
        !self.0.swap(true, Ordering::Relaxed)
    }

    /// To be called when it worked: whether it had failed before.
    pub fn record_success(&self) -> bool {
        self.0.swap(false, Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::FailureLatch;

    #[test]
    fn a_failure_is_reported_once_until_a_success() {
        let failure_latch = FailureLatch::default();
        assert_eq!(
            [
                failure_latch.record_failure(),
                failure_latch.record_failure()
            ],
            [true, false]
        );
        assert_eq!(
            [
                failure_latch.record_success(),
                failure_latch.record_success()
            ],
            [true, false]
        );
        assert!(failure_latch.record_failure());
    }
}
