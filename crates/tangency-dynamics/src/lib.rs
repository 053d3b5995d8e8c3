//! stub

mod crossing;
mod dual_field;
mod infer;
mod least_squares;
mod levenberg_marquardt;
pub mod models;
mod runge_kutta;
mod tableau;
mod trust_region;
mod vector_field;

pub use crossing::{Level, upward_crossings};
pub use dual_field::{DualField, GenericField};
pub use infer::{
    Coordinate, Estimate, Freedom, Inference, InferenceError, InferenceOptions, ModelError, Multistart,
    MultistartProgress, Observations, ResidualScale, Start, TrajectoryFit, Unknown, infer,
};
pub use least_squares::{FitProgress, FitStatus, LeastSquares, LeastSquaresError, LeastSquaresFit};
pub use levenberg_marquardt::LevenbergMarquardt;
pub use num_dual;
pub use runge_kutta::ExplicitRungeKutta;
pub use tableau::Tableau;
pub use vector_field::VectorField;
