//! From an upload to a release that can run.
//!
//! In this order: `componentize` turns a module into a component and reads its manifest (authors'
//! tools use it too); `structure` bounds what is in its bytes; `contract` compares its imports and exports with the
//! contract; `declaration` verifies what its manifest declares (`schema`: the schemas of its settings and options,
//! and how their violations are worded); `inspect` is all of these, and none of them compiles it. A `worker` process
//! does that with the bytes of a component, compiles it and starts it once; the host keeps what it answers
//! (`artefacts`, `cache`), verifies what its manifest declares itself, links the machine code and finds its exports
//! (`loaded`). Nothing here runs a component in the host.

pub(crate) mod artefacts;
mod cache;
pub(crate) mod componentize;
mod contract;
mod declaration;
pub(crate) mod inspect;
pub(crate) mod loaded;
pub(crate) mod schema;
mod structure;
pub(crate) mod worker;
