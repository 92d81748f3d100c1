//! What a worker gives up before it sees a byte of a component.
//!
//! Limits of the kernel on memory, processor time, files and processes; then a list of the system calls that
//! compiling needs. Without `openat`, `socket`, `execve`, `kill` and `ptrace` it reaches no file, no network and
//! no other process. A call that is not on the list answers as on a kernel that does not have it (`ENOSYS`), so
//! that the C library takes its other way where it has one.

use std::collections::BTreeMap;
use std::io;

use rustix::process::{
    Resource, Rlimit, Signal, getrlimit, nice, set_parent_process_death_signal, setrlimit,
};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule,
};

use crate::admission::worker::limits::WorkerLimits;

/// How much less than the host a worker gets of the processor where both want it.
const NICENESS: i32 = 10;

/// Ends with the host, and stays within its limits.
///
/// # Errors
/// The kernel refuses a limit: then the worker must not go on.
pub(super) fn limit(limits: &WorkerLimits) -> io::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    nice(NICENESS)?;
    for (resource, most) in [
        (Resource::As, limits.memory_bytes),
        (Resource::Core, 0),
        (Resource::Fsize, 0),
        (Resource::Memlock, 0),
        // Those that are open already stay: the socket to the host, and the standard streams.
        (Resource::Nofile, 3),
    ] {
        set(resource, most, most)?;
    }
    // The first ends it with a signal that names the limit, the second whatever it does about that.
    let seconds = limits.processor_time_ms.div_ceil(1_000);
    set(Resource::Cpu, seconds, seconds + 2)
}

/// Both limits at once, so that they cannot be raised again; never above what the process has already.
fn set(resource: Resource, soft: u64, hard: u64) -> io::Result<()> {
    let present = getrlimit(resource).maximum;
    let at_most = |limit: u64| Some(present.map_or(limit, |present| present.min(limit)));
    let limit = Rlimit {
        current: at_most(soft),
        maximum: at_most(hard),
    };
    Ok(setrlimit(resource, limit)?)
}

/// Leaves only the system calls of a compiler, for all threads and for good. False: this kernel, or this
/// processor's architecture, has no filter for them.
pub(super) fn filter_system_calls() -> bool {
    let Ok(filter) = filter() else {
        return false;
    };
    seccompiler::apply_filter_all_threads(&filter).is_ok()
}

fn filter() -> Result<BpfProgram, seccompiler::Error> {
    let own = u64::from(std::process::id());
    let only = |argument, length, comparison, value| {
        let condition = SeccompCondition::new(argument, length, comparison, value)?;
        Ok(vec![SeccompRule::new(vec![condition])?])
    };
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = ALLOWED
        .iter()
        .map(|call| (*call, Vec::new()))
        .chain(OF_THIS_ARCHITECTURE.iter().map(|call| (*call, Vec::new())))
        .collect();
    let limited: [(i64, Result<_, seccompiler::BackendError>); 4] = [
        // Threads, but no process.
        (
            libc::SYS_clone,
            only(
                0,
                SeccompCmpArgLen::Qword,
                SeccompCmpOp::MaskedEq(THREAD),
                THREAD,
            ),
        ),
        // A signal only to itself, as `abort` sends it.
        (
            libc::SYS_tgkill,
            only(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, own),
        ),
        // Only a thread's name.
        (
            libc::SYS_prctl,
            only(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, SET_NAME),
        ),
        // Its limits may be read, those of no other process.
        (
            libc::SYS_prlimit64,
            only(2, SeccompCmpArgLen::Qword, SeccompCmpOp::Eq, 0),
        ),
    ];
    for (call, rule) in limited {
        rules.insert(call, rule?);
    }
    let filter = SeccompFilter::new(
        rules,
        SeccompAction::Errno(libc::ENOSYS.unsigned_abs()),
        SeccompAction::Allow,
        std::env::consts::ARCH.try_into()?,
    )?;
    Ok(filter.try_into()?)
}

/// `CLONE_THREAD`.
const THREAD: u64 = libc::CLONE_THREAD.unsigned_abs() as u64;
/// `PR_SET_NAME`.
const SET_NAME: u64 = libc::PR_SET_NAME.unsigned_abs() as u64;

/// What memory, threads, time and the one socket need.
const ALLOWED: [i64; 38] = [
    libc::SYS_brk,
    libc::SYS_clock_getres,
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_close,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_futex,
    libc::SYS_getcpu,
    libc::SYS_getpid,
    libc::SYS_getrandom,
    libc::SYS_gettid,
    libc::SYS_gettimeofday,
    libc::SYS_madvise,
    libc::SYS_membarrier,
    libc::SYS_mmap,
    libc::SYS_mprotect,
    libc::SYS_mremap,
    libc::SYS_munmap,
    libc::SYS_nanosleep,
    libc::SYS_ppoll,
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_recvfrom,
    libc::SYS_restart_syscall,
    libc::SYS_rseq,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sched_getaffinity,
    libc::SYS_sched_yield,
    libc::SYS_sendto,
    libc::SYS_set_robust_list,
    libc::SYS_set_tid_address,
    libc::SYS_sigaltstack,
    libc::SYS_sysinfo,
    libc::SYS_write,
    libc::SYS_writev,
];

/// What newer architectures do in another way.
#[cfg(target_arch = "x86_64")]
const OF_THIS_ARCHITECTURE: [i64; 2] = [libc::SYS_arch_prctl, libc::SYS_poll];
#[cfg(not(target_arch = "x86_64"))]
const OF_THIS_ARCHITECTURE: [i64; 0] = [];
