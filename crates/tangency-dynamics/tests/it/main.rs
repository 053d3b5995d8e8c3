//! Tests of the integrators and of parameter inference.

mod crossing;
mod fields;
mod hare_lynx;
mod inference_input;
mod least_squares;
mod reference;
mod runge_kutta;
mod species_competition;
mod vector_field;
