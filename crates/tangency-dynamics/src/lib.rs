//! Differential equations as recurrences: integrators, optimisers, and the inference of an equation's parameters.
//!
//! $$ \dot x = f(t, x; p) \quad \longrightarrow \quad x_{n+1} = x_n + h f(t_n, x_n; p) $$
//!
//! Euler's step follows the tangent of a flow, and one step after another is a recurrence. Three things follow, and this
//! crate holds them. Solving an equation is the forward pass of a recurrent network, and its parameters are found by the
//! backward pass. An optimiser is a step of an equation whose right-hand side is minus a gradient: gradient descent is
//! Euler's method, momentum is a leapfrog with friction. And what is asked of any recurrence can be asked of both: is a step
//! stable, how fast do nearby runs part, is the derivative right. All steps here are instances of
//! [`Differentiable`](tangency_recurrence::Differentiable), so the drivers of [`tangency_recurrence`] answer.
//!
//! # An equation's parameters from observations
//!
//! | you have | use |
//! |---|---|
//! | an equation, with its Jacobian products | [`VectorField`] |
//! | an equation, written once | [`GenericField`], differentiated by [`DualField`] |
//! | steps of equal size | [`ExplicitRungeKutta::euler`], [`midpoint`](ExplicitRungeKutta::midpoint), [`rk4`](ExplicitRungeKutta::rk4) with `scan` |
//! | a tolerance | [`ExplicitRungeKutta::dormand_prince`] or [`bogacki_shampine`](ExplicitRungeKutta::bogacki_shampine) with `scan_until` |
//! | observations at some times | [`infer`]; [`TrajectoryFit`] for many starts |
//! | another least-squares problem | [`LevenbergMarquardt`] |
//! | a periodic solution | [`upward_crossings`] |
//!
//! # Optimisers
//!
//! Each is a recurrence whose input is the gradient; [`ClosedLoop`] joins one with an [`Oracle`] that knows function and
//! gradient, and [`minimise`] runs what is closed.
//!
//! | step | as an equation | order | stable on $\frac a2 x^2$ for |
//! |---|---|---|---|
//! | [`GradientDescent`] | Euler for $\dot\theta = -\nabla L$ | 1 | $\gamma a < 2$ |
//! | [`Momentum`] | leapfrog for $\ddot\theta + \lambda\dot\theta = -\nabla L$ | 2 from half a kick, else 1 | $\alpha a < 2 (1 + \beta)$ |
//! | [`Nesterov`], look-ahead $\beta v$ | the same equation | 1 | $\alpha a < 2 (1 + \beta)/(1 + 2\beta)$ |
//! | [`Nesterov`], centred $\frac\beta2 v$ | the same equation | 1 | $\alpha a < 2$ |
//! | [`RmsProp`] | Euler with a step size from the averaged gradient | | |
//! | [`Adam`] | both together | | |
//! | [`SignDescent`] | $\dot\theta = -\mathrm{sign} \nabla L$; never stops | | |
//! | [`PolyakFlow`] | $\dot\theta = -L \nabla L / \lVert \nabla L \rVert^2$, along which $L$ falls as $e^{-t}$ | | |
//!
//! Conventions of PyTorch, Keras and optax differ in the place of $\varepsilon$, in corrections and in where the step size
//! enters; options have a constructor for each.
//!
//! # Example: the parameters of a competition, from seven rounded rows
//!
//! ```
//! use std::ops::ControlFlow;
//! use tangency_dynamics::models::SpeciesCompetition;
//! use tangency_dynamics::{Coordinate, ExplicitRungeKutta, InferenceOptions, Observations, Start, infer};
//!
//! let times = vec![10.0, 15.0, 30.0, 36.0, 40.0, 42.0];
//! let seen = vec![165.0, 283.0, 197.0, 290.0, 280.0, 276.0, 305.0, 269.0, 318.0, 266.0, 324.0, 264.0];
//! let guess = [0.12, 0.25, 1.2e-4, 1.6e-4, 0.0025, 0.0025];
//! let start = Start {
//!     time: 0.0,
//!     state: [100.0, 150.0].map(Coordinate::fixed).to_vec(),
//!     parameters: guess.map(Coordinate::positive).to_vec(),
//! };
//! let mut run = ExplicitRungeKutta::euler(SpeciesCompetition, &guess)?;
//! let observations = Observations::new(times, seen)?;
//! let found =
//!     infer(&mut run, &observations, &start, 0.1, &InferenceOptions::default(), |_| ControlFlow::Continue(()))?;
//! assert!(found.status.is_converged());
//! // The truth behind the table is 0.1 and 0.3; rounding has taken a little from every number.
//! assert!((found.estimates[0].value - 0.1).abs() < 2.0 * found.estimates[0].standard_error);
//! assert!((found.estimates[1].value - 0.3).abs() < 2.0 * found.estimates[1].standard_error);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Features
//!
//! - `serde`: options of optimisers serialise; states are slices, kept by `tangency_recurrence::Saved`.
//!
//! # References
//!
//! - E. Hairer, S. P. Nørsett, G. Wanner, *Solving Ordinary Differential Equations I*, 2nd ed., Springer 1993.
//! - B. T. Polyak, *Some methods of speeding up the convergence of iteration methods*, USSR Comput. Math. Math. Phys. 4 (1964).
//! - Su Jianlin, Scientific Spaces 5643, 5655, 6234, 6261 (2018, 2019): the four articles behind this crate.

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

/// The README's example, as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
