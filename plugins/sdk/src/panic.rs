//! Takes a panic's message and place to the host's log before the instance ends.
//!
//! Without it an author sees only `unreachable`: a component has no standard error.

/// Runs an export; a panic inside is logged as `panic at src/lib.rs:7: message`.
#[cfg(target_arch = "wasm32")]
pub(crate) fn with_panics_logged<T>(export: impl FnOnce() -> T) -> T {
    std::panic::set_hook(Box::new(|panic| {
        let message = panic.payload_as_str().unwrap_or("a value that is no text");
        let (file, line) = panic
            .location()
            .map_or(("?", 0), |place| (place.file(), place.line()));
        crate::run::error(format!("panic at {file}:{line}: {message}"));
    }));
    export()
}

/// Natively a test's own panic message is the better one.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn with_panics_logged<T>(export: impl FnOnce() -> T) -> T {
    export()
}
