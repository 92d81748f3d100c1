//! What Baepo is about, without any IO: events, distributions, deliveries and attempts, their
//! states and transitions, the ports to the outside, and the use cases that drive them.
//!
//! This crate must not know a runtime, a database, a web framework or a Wasm engine. Time and
//! chance come in as arguments ([`clock::Clock`], [`chance::Chance`]).

pub mod account;
pub mod attempt;
pub mod attribution;
pub mod audit;
pub mod breaker;
pub mod chance;
pub mod check;
pub mod clock;
pub mod connect;
pub mod content;
pub mod contract;
pub mod delivery;
pub mod distribute;
pub mod distribution;
pub mod draft;
pub mod edit;
pub mod event;
pub mod fault;
pub mod findings;
pub mod id;
pub mod idempotency;
pub mod in_progress;
pub mod instant;
pub mod journal;
pub mod life;
pub mod manifest;
pub mod node_identity;
pub mod transitions;
pub mod normal_form;
pub mod offer;
pub mod options;
pub mod outbox;
pub mod phone;
pub mod ports;
pub mod publish;
pub mod recover;
pub mod release;
pub mod renew;
pub mod retry;
pub mod schedule;
pub mod swap;
pub mod text;
pub mod web_address;

pub use jiff::Timestamp;
