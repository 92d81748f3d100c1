//! What host and worker exchange: a head of JSON with its length before it, then as many bytes as it says.
//!
//! Both ends are the same program, so the form may change with every version.

use serde::{Deserialize, Serialize};

use crate::config::RuntimeConfig;

/// The command that makes a program the worker: its only argument. In a program of tests it is the name of one.
pub(crate) const WORKER_COMMAND: &str = "admission_worker";

/// A component that a worker verified, compiled and started.
pub(crate) struct Admitted {
    /// The text of its `channel.toml`.
    pub manifest: String,
    /// Its machine code, for the host's engine.
    pub artefact: Vec<u8>,
}

/// The most bytes of a head: a configuration, or a reason with the words of an author in it.
pub(crate) const HEAD_BYTES: u32 = 256 << 10;

/// What a worker is to do.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Task {
    /// Verify, compile and start the component of so many bytes that follows.
    Admit { config: RuntimeConfig, bytes: u64 },
    /// Only confine itself, and say how well that went.
    SelfTest { config: RuntimeConfig },
}

impl Task {
    pub fn config(&self) -> &RuntimeConfig {
        let (Self::Admit { config, .. } | Self::SelfTest { config }) = self;
        config
    }
}

/// What a worker answers.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Answer {
    /// The text of its `channel.toml` and its machine code follow, in this order.
    Admitted { manifest: u64, artefact: u64 },
    /// The author changes the component.
    Rejected(String),
    /// The operator looks at the host.
    Failed(String),
    /// What the kernel has for its confinement.
    Confined { system_calls: bool },
}

/// A head with its length before it.
pub(crate) fn framed(head: &impl Serialize) -> Vec<u8> {
    let head = serde_json::to_vec(head).expect("a head can be written as JSON");
    let length = u32::try_from(head.len()).expect("a head is small");
    let mut framed = Vec::with_capacity(4 + head.len());
    framed.extend_from_slice(&length.to_le_bytes());
    framed.extend_from_slice(&head);
    framed
}
