//! Integration tests of the crate, in one binary.

mod bad_input;
mod closed_forms;
mod crf;
mod golden;
mod gradients;
mod projection;
mod runs;
mod support;
