//! Quantiles, moments, tails and atoms of named laws on the line.

mod closed;
mod integers;
mod moments;
mod quantile;
mod special;
#[cfg(test)]
mod tails;

use crate::error::{Side, TransportError};
use tangency_law::Space;

pub use tangency_law::{Law, LawError};

pub(crate) use closed::{affine, closed_form};
pub(crate) use integers::atoms;
pub(crate) use moments::{PowerTail, lower_power_tail, upper_power_tail};
pub(crate) use quantile::quantile;
pub(crate) use special::{Level, normal_quantile};

/// Checks the parameters of a law, and that it is one on the line.
pub(crate) fn check(law: &Law, side: Side) -> Result<(), TransportError> {
    law.validate().map_err(|error| TransportError::Law { side, error })?;
    match law.space() {
        Space::Line | Space::Atoms => Ok(()),
        _ => Err(TransportError::NotOnLine { side, family: law.family(), dimension: law.dimension() }),
    }
}
