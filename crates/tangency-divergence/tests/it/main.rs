//! Tests of the divergences.
mod core_generators;
mod core_vectors;
mod dist_cases;
mod dist_golden;
mod dist_laws;
mod dist_properties;
mod dist_sampling;
mod neighbours;
