//! From an upload to a release that can run.
//!
//! In this order: `componentize` turns a module into a component and reads its manifest (authors'
//! tools use it too); `loaded` verifies a component against what the host offers, without compiling
//! it (`schema`: the schemas of its settings and options, and how their violations are worded);
//! `compile` makes machine code of it, or takes it from the `cache`; `loaded` links it and finds its
//! exports. Nothing here runs a component.

mod cache;
pub(crate) mod compile;
pub(crate) mod componentize;
pub(crate) mod loaded;
pub(crate) mod schema;
