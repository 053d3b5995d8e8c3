//! The program, run as a user runs it.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod program;
mod refusals;
mod results;
