//! From an upload to a release that can run.
//!
//! In this order: `componentize` turns a module into a component and reads its manifest (authors'
//! tools use it too); `loaded` verifies a component against what the host offers (`schema`: the schemas
//! of its settings and options, and how their violations are worded), links its machine code and finds
//! its exports. A `worker` process does all of that with the bytes of a component, compiles it and starts it
//! once; the host keeps what it answers (`artefacts`, `cache`), and does with the declarations and the machine
//! code what `loaded` says. Nothing here runs a component in the host.

pub(crate) mod artefacts;
mod cache;
pub(crate) mod componentize;
pub(crate) mod loaded;
pub(crate) mod schema;
pub(crate) mod worker;
