//! Tests of the divergences.

mod core_generators;
mod core_vectors;
