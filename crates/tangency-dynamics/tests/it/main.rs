//! All integration tests of the crate, in one binary.

mod functions;
mod optimiser_contract;
mod optimiser_derivatives;
mod optimiser_dynamics;
mod optimiser_minimise;
mod optimiser_traces;
