//! What happens: each use case takes the ports that it uses.

pub mod accounts;
pub mod check;
pub mod conflict_backoff;
pub mod credential_refresh;
pub mod deliver;
pub mod delivery_actions;
pub mod event_edit;
pub mod failpoint;
pub mod in_progress;
pub mod origins;
pub mod publish;
pub mod releases;
pub mod schedule;
pub mod transitions;
