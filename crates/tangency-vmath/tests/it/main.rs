//! The tests of the crate, in one binary.
#![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]
#![allow(
    clippy::inline_always,
    reason = "an instruction set reaches only what is inlined into the dispatched function"
)]

mod accuracy;
mod dispatching;
mod double_double;
mod functions;
mod golden;
mod properties;
mod reductions;
mod slices;
mod special;
