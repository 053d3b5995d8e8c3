//! stub

mod adam;
mod closed_loop;
mod epsilon;
mod gradient_descent;
mod minimise;
mod momentum;
mod nesterov;
mod optimiser;
mod oracle;
mod polyak;
mod rms_prop;
mod sign_descent;

pub use adam::{Adam, AdamOptions};
pub use closed_loop::ClosedLoop;
pub use epsilon::EpsilonPlacement;
pub use gradient_descent::GradientDescent;
pub use minimise::{MinimiseOptions, MinimiseProgress, MinimiseStatus, Minimiser, Minimum, minimise};
pub use momentum::{Momentum, MomentumOptions};
pub use nesterov::{Nesterov, NesterovForm, NesterovOptions};
pub use optimiser::{LookAhead, Optimiser, OptimiserError};
pub use oracle::{Oracle, TwiceDifferentiable, WithHessian};
pub use polyak::{PolyakFlow, PolyakOptions};
pub use rms_prop::{RmsProp, RmsPropOptions, RmsScaling};
pub use sign_descent::SignDescent;
