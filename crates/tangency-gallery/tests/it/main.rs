//! The program, run as a user runs it.

mod program;
mod refusals;
mod results;
