//! What an attack may cost.

/// What an attack may cost.
#[derive(Debug, clap::Args)]
pub struct Bounds {
    /// By how much the host may grow for an upload, in MiB: a component is read before it is refused.
    #[arg(long, default_value_t = 256)]
    pub host_mib: u64,
    /// By how much the host may grow for calls, in MiB: `runtime.memory_bytes`, and what 64 calls hand
    /// over (docs/operations.md).
    #[arg(long, default_value_t = 2_560)]
    pub calls_mib: u64,
    /// What its children may take together, in MiB: `runtime.worker.memory_bytes`, one worker at a time.
    #[arg(long, default_value_t = 1_024)]
    pub children_mib: u64,
    /// A host that takes more, with its children, is killed: this machine has no more, in MiB.
    #[arg(long, default_value_t = 8_192)]
    pub machine_mib: u64,
    /// How long an answer may take, in seconds.
    #[arg(long, default_value_t = 200)]
    pub patience_s: u64,
}
