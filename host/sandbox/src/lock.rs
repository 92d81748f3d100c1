//! The one way in which the sandbox takes a lock.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Every critical section here is short and leaves the value whole at each step, so a panic
/// inside one is no reason to refuse all requests after it.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
