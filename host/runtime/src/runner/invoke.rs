//! One call into a component: a fresh store, a fresh instance, one export, the end.

use std::time::Duration;

use baepo_domain::model::attempt::{GuestFailure, Limit, Usage};
use futures::FutureExt as _;
use wasmtime::component::Instance;
use wasmtime::{PoolConcurrencyLimitError, Store, Trap, UpdateDeadline};

use crate::admission::loaded::{Exports, LoadedComponent};
use crate::bindings::{channel, types};
use crate::convert::clipped;
use crate::engine::STACK_BYTES;
use crate::imports::{CallState, HostFailure, StopReason};
use crate::limits::Exceeded;
use crate::result_limits::Returned;

/// An export and what it is called with.
pub(crate) trait Export: Send {
    type Output: Returned + Send;

    fn call(
        self,
        store: &mut Store<CallState>,
        instance: &Instance,
        exports: &Exports,
    ) -> impl Future<Output = wasmtime::Result<Self::Output>> + Send;
}

pub(crate) struct Distribute(pub channel::Job);

pub(crate) struct Check {
    pub content: types::Content,
    pub options: String,
}

/// `None` when the component does not export `preview`.
pub(crate) struct Preview {
    pub content: types::Content,
    pub options: String,
}

/// `None` when the component does not export `probe`.
pub(crate) struct Probe {
    pub idempotency_key: String,
    pub event_id: String,
}

/// `None` when the component does not export `withdraw`.
pub(crate) struct Withdraw {
    pub idempotency_key: String,
    pub receipt: types::Receipt,
}

/// Only verifies that it starts and that every export has the type it must have.
pub(crate) struct InstantiationCheck;

/// How a call ended.
pub(crate) struct CallOutcome<T> {
    pub result: Result<T, Interruption>,
    pub usage: Usage,
    pub state: CallState,
}

/// Why a call ended before the component returned.
#[derive(Debug)]
pub(crate) enum Interruption {
    /// The host, though nothing is wrong with the component.
    Stopped(StopReason),
    GuestFailed(GuestFailure),
}

impl From<Interruption> for GuestFailure {
    /// For calls that the host never interrupts.
    fn from(interruption: Interruption) -> Self {
        match interruption {
            Interruption::Stopped(stop) => Self::Host(stop.to_string()),
            Interruption::GuestFailed(guest_failure) => guest_failure,
        }
    }
}

/// Calls an export on a fresh instance, within the limits of `state`.
pub(crate) async fn call<E: Export>(
    loaded: &LoadedComponent,
    state: CallState,
    export: E,
) -> CallOutcome<E::Output> {
    let out_of_time = state.active_time.over();
    let mut store = store(loaded, state);
    let work = async {
        let instance = loaded.linked.instantiate_async(&mut store).await?;
        let returned = export.call(&mut store, &instance, &loaded.exports).await?;
        returned.check(store.data().result_limits())?;
        Ok(returned)
    };
    // Neither fuel nor the epoch stops a host call that waits; dropping it does.
    let result = tokio::select! {
        biased;
        result = work => result,
        () = out_of_time => Err(Trap::Interrupt.into()),
    };
    let fuel_left = store.get_fuel().unwrap_or(0);
    let state = store.into_data();
    CallOutcome {
        result: result.map_err(|error| interruption(&error, &state)),
        usage: usage(&state, fuel_left),
        state,
    }
}

fn store(loaded: &LoadedComponent, state: CallState) -> Store<CallState> {
    let limits = *state.limits();
    let mut store = Store::new(loaded.linked.engine(), state);
    store.limiter_async(|state| state);
    store.set_fuel(limits.fuel).expect("the engine counts fuel");
    // Texts in a component's memory may lie on top of each other: what is read of it is counted, for
    // each call into the host and for the result. The contract has no resources; a few handles are
    // for what languages bring along.
    let call_bytes = store.data().result_limits().call_bytes(&limits);
    store.set_hostcall_fuel(usize::try_from(call_bytes).unwrap_or(usize::MAX));
    store.set_max_component_handles(1_000);
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(|store| {
        if store.data().active_time.is_over() {
            return Ok(UpdateDeadline::Interrupt);
        }
        let turn = store.data().share.next_turn();
        Ok(UpdateDeadline::YieldCustom(1, turn.boxed()))
    });
    store
}

fn usage(state: &CallState, fuel_left: u64) -> Usage {
    Usage {
        fuel: state.limits().fuel.saturating_sub(fuel_left),
        memory_bytes: state.space.memory_bytes(),
        host_calls: state.host_calls(),
        active_time_ms: millis(state.active_time.used()),
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn interruption(error: &wasmtime::Error, state: &CallState) -> Interruption {
    match error.downcast_ref::<StopReason>() {
        Some(stop) => Interruption::Stopped(stop.clone()),
        None => Interruption::GuestFailed(guest_failure(error, state)),
    }
}

/// What ended the call: a limit, the host, or the component itself.
fn guest_failure(error: &wasmtime::Error, state: &CallState) -> GuestFailure {
    let channel = state.release().manifest.id.clone();
    let release = state.release().digest.short();
    if let Some(exceeded) = exceeded(error, state) {
        return GuestFailure::Limit(exceeded.into_limit_hit(channel, release));
    }
    if error.is::<HostFailure>() || error.is::<PoolConcurrencyLimitError>() {
        return GuestFailure::Host(format!("{error:#}"));
    }
    let why = match (state.last_error_log(), error.downcast_ref::<Trap>()) {
        (Some(words), _) => words.to_owned(),
        (None, Some(trap)) => trap.to_string(),
        (None, None) => state.redacting_converter().text(format!("{error:#}")),
    };
    GuestFailure::Trap(clipped(why), channel, release)
}

fn exceeded(error: &wasmtime::Error, state: &CallState) -> Option<Exceeded> {
    if let Some(exceeded) = error.downcast_ref::<Exceeded>() {
        return Some(*exceeded);
    }
    let limits = state.limits();
    let all_of = |limit, allowed| {
        Some(Exceeded {
            limit,
            used: allowed,
            allowed,
        })
    };
    match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => all_of(Limit::Fuel, limits.fuel),
        Some(Trap::StackOverflow) => all_of(Limit::Stack, STACK_BYTES as u64),
        Some(Trap::Interrupt) => Some(Exceeded {
            limit: Limit::ActiveTime,
            used: millis(state.active_time.used()),
            allowed: limits.active_time_ms,
        }),
        Some(_) => None,
        None => exceeded_in_words(&format!("{error:#}"), state),
    }
}

/// Wasmtime gives these limits no type of their own.
fn exceeded_in_words(error: &str, state: &CallState) -> Option<Exceeded> {
    let (limit, allowed) = if error.contains("resource limit exceeded: instance count") {
        (Limit::Instances, state.limits().instances.into())
    } else if error.contains("fuel allocated for hostcalls has been exhausted") {
        let call_bytes = state.result_limits().call_bytes(state.limits());
        (Limit::CallBytes, call_bytes)
    } else {
        return None;
    };
    Some(Exceeded {
        limit,
        used: allowed + 1,
        allowed,
    })
}

impl Export for Distribute {
    type Output = Result<types::Outcome, types::Failure>;

    async fn call(
        self,
        store: &mut Store<CallState>,
        instance: &Instance,
        exports: &Exports,
    ) -> wasmtime::Result<Self::Output> {
        let channel = exports.channel.load(&mut *store, instance)?;
        channel.call_distribute(store, &self.0).await
    }
}

impl Export for Check {
    type Output = Vec<types::Finding>;

    async fn call(
        self,
        store: &mut Store<CallState>,
        instance: &Instance,
        exports: &Exports,
    ) -> wasmtime::Result<Self::Output> {
        let channel = exports.channel.load(&mut *store, instance)?;
        channel
            .call_check(store, &self.content, &self.options)
            .await
    }
}

impl Export for Preview {
    type Output = Option<String>;

    async fn call(
        self,
        store: &mut Store<CallState>,
        instance: &Instance,
        exports: &Exports,
    ) -> wasmtime::Result<Self::Output> {
        let Some(preview) = &exports.preview else {
            return Ok(None);
        };
        let preview = preview.load(&mut *store, instance)?;
        preview
            .call_render(store, &self.content, &self.options)
            .await
            .map(Some)
    }
}

impl Export for Probe {
    type Output = Option<Result<Option<types::Receipt>, types::Failure>>;

    async fn call(
        self,
        store: &mut Store<CallState>,
        instance: &Instance,
        exports: &Exports,
    ) -> wasmtime::Result<Self::Output> {
        let Some(probe) = &exports.probe else {
            return Ok(None);
        };
        let probe = probe.load(&mut *store, instance)?;
        probe
            .call_probe(store, &self.idempotency_key, &self.event_id)
            .await
            .map(Some)
    }
}

impl Export for Withdraw {
    type Output = Option<Result<(), types::Failure>>;

    async fn call(
        self,
        store: &mut Store<CallState>,
        instance: &Instance,
        exports: &Exports,
    ) -> wasmtime::Result<Self::Output> {
        let Some(withdraw) = &exports.withdraw else {
            return Ok(None);
        };
        let withdraw = withdraw.load(&mut *store, instance)?;
        withdraw
            .call_withdraw(store, &self.idempotency_key, &self.receipt)
            .await
            .map(Some)
    }
}

impl Export for InstantiationCheck {
    type Output = ();

    async fn call(
        self,
        store: &mut Store<CallState>,
        instance: &Instance,
        exports: &Exports,
    ) -> wasmtime::Result<Self::Output> {
        exports.channel.load(&mut *store, instance)?;
        if let Some(preview) = &exports.preview {
            preview.load(&mut *store, instance)?;
        }
        if let Some(probe) = &exports.probe {
            probe.load(&mut *store, instance)?;
        }
        if let Some(withdraw) = &exports.withdraw {
            withdraw.load(&mut *store, instance)?;
        }
        Ok(())
    }
}
