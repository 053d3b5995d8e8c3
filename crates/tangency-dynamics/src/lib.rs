//! stub

mod adam;
mod closed_loop;
mod crossing;
mod dual_field;
mod epsilon;
mod gradient_descent;
mod infer;
mod least_squares;
mod levenberg_marquardt;
mod minimise;
pub mod models;
mod momentum;
mod nesterov;
mod optimiser;
mod oracle;
mod polyak;
mod rms_prop;
mod runge_kutta;
mod sign_descent;
mod tableau;
mod trust_region;
mod vector_field;

pub use adam::{Adam, AdamOptions};
pub use closed_loop::ClosedLoop;
pub use crossing::{Level, upward_crossings};
pub use dual_field::{DualField, GenericField};
pub use epsilon::EpsilonPlacement;
pub use gradient_descent::GradientDescent;
pub use infer::{
    Coordinate, Estimate, Freedom, Inference, InferenceError, InferenceOptions, ModelError, Multistart,
    MultistartProgress, Observations, ResidualScale, Start, TrajectoryFit, Unknown, infer,
};
pub use least_squares::{FitProgress, FitStatus, LeastSquares, LeastSquaresError, LeastSquaresFit};
pub use levenberg_marquardt::LevenbergMarquardt;
pub use minimise::{MinimiseOptions, MinimiseProgress, MinimiseStatus, Minimiser, Minimum, minimise};
pub use momentum::{Momentum, MomentumOptions};
pub use nesterov::{Nesterov, NesterovForm, NesterovOptions};
pub use num_dual;
pub use optimiser::{LookAhead, Optimiser, OptimiserError};
pub use oracle::{Oracle, TwiceDifferentiable, WithHessian};
pub use polyak::{PolyakFlow, PolyakOptions};
pub use rms_prop::{RmsProp, RmsPropOptions, RmsScaling};
pub use runge_kutta::ExplicitRungeKutta;
pub use sign_descent::SignDescent;
pub use tableau::Tableau;
pub use vector_field::VectorField;
