//! What an operator decides about workers: the section `[runtime.worker]` of the configuration.

use baepo_domain::model::options;
use serde::{Deserialize, Serialize};

/// What a worker may use. Whatever a component needs beyond that is the reason why it is rejected.
///
/// The defaults have room for a JavaScript component of 12 MB, which needs 19 s of processor time and 660 MB of address
/// space (measured with componentize-js 0.23).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WorkerLimits {
    /// Workers that run at the same time; further components wait. Together they need no more memory than
    /// `concurrency` × `memory_bytes`. Default 4.
    #[serde(deserialize_with = "options::count::<1, 64, _, _>")]
    pub concurrency: u32,
    /// Address space of one worker, the program itself included, in bytes. Default 1 GiB.
    #[serde(deserialize_with = "options::bytes::<134_217_728, 68_719_476_736, _, _>")]
    pub memory_bytes: u64,
    /// Processor time of one worker, over all its threads, in ms; counted in whole seconds. Default 120,000.
    #[serde(deserialize_with = "options::ms::<1_000, 3_600_000, _, _>")]
    pub processor_time_ms: u64,
    /// From the start of a worker to its answer, in ms. Default 180,000.
    #[serde(deserialize_with = "options::ms::<1_000, 3_600_000, _, _>")]
    pub time_ms: u64,
    /// The largest machine code that is taken, in bytes; a JavaScript component has 43 MB. Default 256 MiB.
    #[serde(deserialize_with = "options::bytes::<1_024, 4_294_967_295, _, _>")]
    pub artefact_bytes: u64,
}

impl Default for WorkerLimits {
    fn default() -> Self {
        Self {
            concurrency: 4,
            memory_bytes: 1 << 30,
            processor_time_ms: 120_000,
            time_ms: 180_000,
            artefact_bytes: 256 << 20,
        }
    }
}
