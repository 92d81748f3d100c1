//! How the runtime holds a component in, shown on small components written by hand.
//!
//! Tests with real channels, made with the SDK, are in `tests/it`.

mod activation;
mod call_fixture;
mod imports;
mod isolation;
mod journal;
mod limits;
mod loading;
mod offer;
mod probe;
mod renew;
mod replay;
mod support;
mod withdraw;
mod worker;
