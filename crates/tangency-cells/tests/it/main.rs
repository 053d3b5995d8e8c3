//! Tests of the recurrent cells, in one binary.

mod bad_input;
mod closed_forms;
mod golden;
mod gradients;
mod projection;
mod runs;
mod support;
