//! All integration tests of the crate, in one binary.

#![allow(clippy::float_cmp, reason = "many results are compared bit for bit")]
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod adaptive;
mod crossing;
mod examples;
mod fields;
mod functions;
mod hare_lynx;
mod inference_input;
mod least_squares;
mod optimiser_contract;
mod optimiser_derivatives;
mod optimiser_dynamics;
mod optimiser_minimise;
mod optimiser_properties;
mod optimiser_traces;
mod reference;
mod runge_kutta;
mod species_competition;
mod vector_field;
