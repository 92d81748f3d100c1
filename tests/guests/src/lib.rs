//! Components for the tests of the host: hostile ones that a limit must contain, and a few
//! well-behaved ones that do as their options say.
//!
//! Each is an example of this package, `examples/<name>.rs`, with its `channel.toml` beside it
//! as `examples/<name>.toml`; the channel's id is the name with dashes (`echo_v2` is a second
//! release of `echo`). But for `webhook`, which is a whole channel, all behaviour is in
//! `distribute`, and `check` finds nothing.
//!
//! | guest | does | ends by |
//! | --- | --- | --- |
//! | `echo`, `echo_v2` | one request to the setting `url`, one line in the log | live |
//! | `webhook` | posts the event to an address of the owner's, and takes it down | live |
//! | `slow` | sleeps as its options say | live |
//! | `any_outcome` | nothing | the outcome in its options |
//! | `every_import` | calls every function of the host | live |
//! | `forged_requests` | the request in its options | failed, with the host's reason |
//! | `trap` | panics | trap, its message in the log |
//! | `trap_after_send` | one unsafe request, then panics | unknown |
//! | `endless_loop` | computes | fuel or active time |
//! | `deep_recursion` | recurses | stack |
//! | `memory_hog` | takes memory | memory |
//! | `oversized_result` | returns more than anybody needs | the limit of what it returns |
//! | `log_flood` | logs | log bytes |
//! | `host_call_flood` | asks the time | host calls |
//!
//! What no compiler makes is made by `hostile`, from parameters: components that are to be refused,
//! and components that are accepted and do their worst when they are called.

pub mod echo;
#[cfg(not(target_arch = "wasm32"))]
pub mod hostile;
