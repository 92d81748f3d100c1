//! The channel against a scripted Meta.

mod candidates;
mod doubt;
mod failures;
mod publishing;
mod rejections;
mod support;
mod withdrawal;
