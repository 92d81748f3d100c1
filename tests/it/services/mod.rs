//! What takes PostgreSQL, Redis and Kafka whatever the other tests run on: several hosts on one
//! database, and services that go away. `cargo xtask test --quick` leaves this module out by its name.

mod failover;
mod outages;
mod replicas;
mod shared_rate_limits;
mod split_services;
mod topics;
