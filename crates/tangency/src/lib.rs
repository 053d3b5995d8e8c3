//! Matrix functions, divergences, optimal transport, and dynamics as recurrences: follow the tangent, and iterate.
//!
//! $$ \frac{d}{dt} \det e^{tA} = \operatorname{tr}(A) \det e^{tA}, \quad \text{so} \quad \det e^A = e^{\operatorname{tr} A} $$
//!
//! $$ f(u) = \max_t \lbrace tu - f^\ast(t) \rbrace, \quad \text{so} \quad
//!    D_f(P \Vert Q) = \max_T \mathbb E_P T - \mathbb E_Q f^\ast(T) $$
//!
//! $$ x(t + h) \approx x(t) + h \dot x(t), \quad \text{so} \quad y_t = f(y_{t-1}, x_t, t) $$
//!
//! The derivative of the determinant at the identity is the trace. A convex function is the upper envelope of its
//! tangents, which bounds every f-divergence from below; the dual of optimal transport touches the cost in the same way.
//! Euler's step follows the tangent of a flow, and is gradient descent; one step after another is a recurrence, and that
//! is a recurrent network.
//!
//! This crate has no code of its own: it re-exports the others, each of which can be used alone.
//!
//! | module | what it solves |
//! |---|---|
//! | [`recurrence`] | one trait for a step of $y_t = f(y_{t-1}, x_t, t)$, and the drivers of every such step |
//! | [`dynamics`] | optimisers and integrators as steps; an equation's parameters from observations |
//! | [`cells`] | recurrent cells and chain models |
//! | [`matrix`] | functions of matrices with derivatives and error bounds, log-determinants, volumes |
//! | [`law`] | named distributions as values, for the next two |
//! | [`divergence`] | f-divergences: calculus, exact values, estimates from samples, two-sample tests |
//! | [`transport`] | Wasserstein distances and optimal transport, with certificates |
//! | [`gan`] | adversarial networks from divergences and distances (no functions yet) |
//! | [`compare`] | how different two samples are (no functions yet) |
//!
//! Matrices in signatures are those of [`faer`], re-exported so that a user has the same version. How the crates hang
//! together, and why they are as they are, is told in [`_documentation`].
//!
//! # Features
//!
//! - `rayon`, on by default: several threads, in every crate that has a use for them. Results do not depend on how many.
//! - `serde`: saved states and parameters.

pub use faer;

#[doc(inline)]
pub use tangency_cells as cells;
#[doc(inline)]
pub use tangency_compare as compare;
#[doc(inline)]
pub use tangency_divergence as divergence;
#[doc(inline)]
pub use tangency_dynamics as dynamics;
#[doc(inline)]
pub use tangency_gan as gan;
#[doc(inline)]
pub use tangency_law as law;
#[doc(inline)]
pub use tangency_matrix as matrix;
#[doc(inline)]
pub use tangency_recurrence as recurrence;
#[doc(inline)]
pub use tangency_transport as transport;

#[doc(inline)]
pub use tangency_cells::{Gru, Lstm};
#[doc(inline)]
pub use tangency_divergence::{FDivergence, divergence_between};
#[doc(inline)]
pub use tangency_dynamics::{ExplicitRungeKutta, VectorField, infer};
#[doc(inline)]
pub use tangency_recurrence::{Backpropagation, Differentiable, Recurrence, Tape, check, scan};
#[doc(inline)]
pub use tangency_transport::wasserstein;

pub mod _documentation {
    //! How the workspace is built, and why.

    #[doc = include_str!("../ARCHITECTURE.md")]
    pub mod architecture {}

    #[doc = include_str!("../DESIGN.md")]
    pub mod design {}
}

/// The README's quickstart, as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
