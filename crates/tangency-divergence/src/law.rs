//! Densities, masses and distribution functions of named laws.

mod cumulative;
mod density;
mod mass;
mod reduce;

pub use density::NamedDensity;
pub use tangency_law::{Law, LawError};

pub(crate) use cumulative::tails;
pub(crate) use mass::Masses;
pub(crate) use reduce::reduce;
pub(crate) use tangency_law::Space;
