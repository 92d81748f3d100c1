//! The worker process: foreign bytes are read, compiled and started for the first time in a child of the
//! host, within limits of its own, and never in the host.
//!
//! `client` is the host's side: a child per component, several at once, killed when its time is over, when
//! nobody waits for it any more, and with the host. The child's side is [`crate::worker`]. `protocol` is what they
//! exchange, over one socket that is the child's standard input.
//!
//! The host believes the answer: machine code that a compiler made runs outside of every sandbox. What a
//! compiler could do that was taken over by the component that it compiled is in `docs/security.md`.

mod client;
pub(crate) mod limits;
pub(crate) mod protocol;

pub(crate) use self::client::Workers;
pub use self::client::{Confinement, self_test};
pub use self::limits::WorkerLimits;
