//! The wasmtime engine: its settings, its pool, and the thread that ticks.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use wasmtime::{
    Config, Enabled, Engine, EngineWeak, InstanceAllocationStrategy, PoolingAllocationConfig,
};

use crate::config::RuntimeConfig;

/// A component may be made of modules with a memory each; channels in practice have one.
pub(crate) const MEMORIES_PER_COMPONENT: u32 = 2;
/// A Rust guest has two, a JavaScript guest a few more.
pub(crate) const TABLES_PER_COMPONENT: u32 = 8;
/// Ends a recursion. Less than the default size of an async stack, in which it lies.
pub(crate) const STACK_BYTES: usize = 512 << 10;

/// What is in use of the pool right now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PoolUse {
    /// Components that are instantiated.
    pub instances: u64,
    pub memories: usize,
    pub tables: usize,
    pub stacks: usize,
}

/// Why the runtime cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The operator changes the config.
    #[error("{0}")]
    Config(String),
    /// The machine did not give what the config asks for.
    #[error("the sandbox cannot start: {0}")]
    Machine(String),
}

/// The engine that everything runs on.
pub(crate) fn engine(runtime: &RuntimeConfig) -> Result<Engine, StartError> {
    let mut config = engine_config(runtime);
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(runtime)));
    Engine::new(&config).map_err(|error| {
        let instances = runtime.pool_instances;
        StartError::Machine(format!(
            "{error:#}; it asked for room for {instances} instances: lower pool_instances"
        ))
    })
}

/// The engine of a worker, which compiles what the other one runs: the same but for the pool, whose address space
/// is more than a worker may use.
pub(crate) fn compiling_engine(runtime: &RuntimeConfig) -> Result<Engine, StartError> {
    Engine::new(&engine_config(runtime)).map_err(|error| StartError::Machine(format!("{error:#}")))
}

fn engine_config(runtime: &RuntimeConfig) -> Config {
    let mut config = Config::new();
    // Fuel is the budget: the same on every machine and in a replay. The epoch is for fairness
    // and for time.
    config.consume_fuel(true).epoch_interruption(true);
    // The same journal must give the same requests. Threads are not even compiled in.
    config.cranelift_nan_canonicalization(true);
    config.concurrency_support(false);
    config.max_wasm_stack(STACK_BYTES);
    // Components are stripped: a backtrace would be a list of "unknown".
    config.wasm_backtrace_max_frames(None);
    // A slot is as large as a memory may become, so that the pool fits where address space is
    // scarce. The bounds checks that 4 GiB slots would save cost channels next to nothing.
    config.memory_reservation(runtime.maximum_limits.memory_bytes);
    config
        .memory_guard_size(64 << 10)
        .guard_before_linear_memory(false);
    config
}

/// Everything that an attempt can need is there for every permit of the semaphores, so that the
/// pool never runs dry.
fn pool(runtime: &RuntimeConfig) -> PoolingAllocationConfig {
    let instances = runtime.pool_instances;
    let maximum = &runtime.maximum_limits;
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(instances)
        .total_stacks(instances)
        .total_core_instances(instances.saturating_mul(maximum.instances))
        .total_memories(instances.saturating_mul(MEMORIES_PER_COMPONENT))
        .total_tables(instances.saturating_mul(TABLES_PER_COMPONENT));
    pool.max_core_instances_per_component(maximum.instances)
        .max_memories_per_component(MEMORIES_PER_COMPONENT)
        .max_memories_per_module(MEMORIES_PER_COMPONENT)
        .max_tables_per_component(TABLES_PER_COMPONENT)
        .max_tables_per_module(TABLES_PER_COMPONENT);
    // JavaScript and Python guests do not fit into the defaults of 1 MiB.
    pool.max_component_instance_size(10 << 20)
        .max_core_instance_size(10 << 20);
    pool.max_memory_size(saturating_usize(maximum.memory_bytes))
        .table_elements(saturating_usize(maximum.table_elements));
    // What a slot keeps is zeroed by hand; what is above goes back to the system, which is slower.
    pool.linear_memory_keep_resident(256 << 10)
        .table_keep_resident(64 << 10);
    // It would halve the cost of a call, but leaves pages that were swapped out as they were, for
    // a later instance to read.
    pool.pagemap_scan(Enabled::No);
    pool
}

fn saturating_usize(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// What is in use of the engine's pool right now.
pub(crate) fn pool_in_use(engine: &Engine) -> PoolUse {
    engine
        .pooling_allocator_metrics()
        .map_or_else(PoolUse::default, |pool| PoolUse {
            instances: pool.component_instances(),
            memories: pool.memories(),
            tables: pool.tables(),
            stacks: pool.stacks(),
        })
}

/// Moves the engine's epoch on, from a thread of its own: a task would not get its turn while
/// components keep every worker busy. Stops when it is dropped.
pub(crate) struct Ticker {
    _stop: mpsc::Sender<()>,
}

impl Ticker {
    /// Ticks every `period`.
    pub fn start(engine: &Engine, period: Duration) -> Result<Self, StartError> {
        let engine = engine.weak();
        let (stop, stopped) = mpsc::channel();
        std::thread::Builder::new()
            .name("baepo-epoch".to_owned())
            .spawn(move || tick(&engine, &stopped, period))
            .map_err(|error| StartError::Machine(format!("no thread for the epoch: {error}")))?;
        Ok(Self { _stop: stop })
    }
}

fn tick(engine: &EngineWeak, stopped: &mpsc::Receiver<()>, period: Duration) {
    while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(period) {
        let Some(engine) = engine.upgrade() else {
            return;
        };
        engine.increment_epoch();
    }
}
