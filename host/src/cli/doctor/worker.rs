//! The processes that compile components: do they start here, and how well does the kernel confine them?

use baepo_adapters::Check;
use baepo_runtime::{Confinement, RuntimeConfig, self_test};

const SUBJECT: &str = "worker";

pub(super) async fn check(config: &RuntimeConfig) -> Vec<Check> {
    let check = match self_test(config).await {
        Ok(Confinement { system_calls: true }) => Check::good(
            SUBJECT,
            "starts, and has only the system calls that compiling needs",
        ),
        Ok(Confinement {
            system_calls: false,
        }) => Check::warning(
            SUBJECT,
            "starts within its limits, but this kernel has no filter for system calls (seccomp)",
            "a compiler that a component has taken over could open files and connections as this user: run the host \
             where the kernel has CONFIG_SECCOMP_FILTER, or take components only from authors whom you trust",
        ),
        Err(error) => Check::bad(
            SUBJECT,
            error,
            "no component can be installed: raise runtime.worker.memory_bytes if it is low, and the number of \
             processes that this user may have",
        ),
    };
    vec![check]
}
