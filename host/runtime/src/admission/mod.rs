//! From an upload to a release that can run.
//!
//! In this order: `componentize` turns a module into a component and reads its manifest (authors'
//! tools use it too); `structure` bounds what is in its bytes; `contract` compares its imports and exports with the
//! contract; `declaration` verifies what its manifest declares (`schema`: the schemas of its settings and options,
//! and how their violations are worded); `inspect` is all of these, and none of them compiles it;
//! `compile` makes machine code of it, or takes it from the `cache`; `loaded` links it and finds its
//! exports. Nothing here runs a component.

mod cache;
pub(crate) mod compile;
pub(crate) mod componentize;
mod contract;
mod declaration;
pub(crate) mod inspect;
pub(crate) mod loaded;
pub(crate) mod schema;
mod structure;
