//! Tests of the divergences.

mod core_generators;
