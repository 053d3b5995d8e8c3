//! stub

mod dual_field;
pub mod models;
mod runge_kutta;
mod tableau;
mod vector_field;

pub use dual_field::{DualField, GenericField};
pub use num_dual;
pub use runge_kutta::ExplicitRungeKutta;
pub use tableau::Tableau;
pub use vector_field::VectorField;
