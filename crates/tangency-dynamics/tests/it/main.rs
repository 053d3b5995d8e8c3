//! Tests of the integrators and of parameter inference.

#![allow(clippy::float_cmp, reason = "many results are compared bit for bit")]
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod crossing;
mod fields;
mod hare_lynx;
mod inference_input;
mod least_squares;
mod reference;
mod runge_kutta;
mod species_competition;
mod vector_field;
