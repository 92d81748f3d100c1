//! How the runtime holds a component in, shown on small components written by hand.
//!
//! Tests with real channels, made with the SDK, are in `tests/it`.

mod imports;
mod limits;
mod loading;
mod support;
mod swap;
