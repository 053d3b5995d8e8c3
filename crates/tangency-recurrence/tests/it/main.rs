//! Tests of the drivers on small recurrences written here.

mod adaptive;
mod backpropagation;
mod check;
mod clip;
mod lyapunov;
mod runners;
mod saved;
