//! Inputs of the benches.
