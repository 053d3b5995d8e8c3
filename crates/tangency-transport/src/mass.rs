//! Weights as whole numbers, so that flows are exact.

use crate::error::{Side, TransportError};
use crate::sum::sum;

/// The total mass of either side in units of the simplex: flows have a resolution of 1e-18 of the whole.
pub(crate) const UNITS: i64 = 1 << 60;

/// Two vectors of weights whose totals agree.
#[derive(Debug, Clone)]
pub(crate) struct Masses {
    /// The source weights in units; their sum is [`UNITS`].
    pub(crate) sources: Vec<i64>,
    /// The target weights in units; their sum is [`UNITS`].
    pub(crate) targets: Vec<i64>,
    /// The mass of all units together: that of the source.
    pub(crate) total: f64,
}

impl Masses {
    /// Checks the weights and converts them.
    pub(crate) fn new(a: &[f64], b: &[f64], tolerance: f64) -> Result<Self, TransportError> {
        let (source_mass, target_mass) = (total(a, Side::Source)?, total(b, Side::Target)?);
        if (source_mass - target_mass).abs() > tolerance * source_mass.max(target_mass) {
            return Err(TransportError::MassMismatch { source_mass, target_mass, tolerance });
        }
        Ok(Self { sources: units(a, source_mass), targets: units(b, target_mass), total: source_mass })
    }
}

/// The sum of the weights of one side, checked.
pub(crate) fn total(weights: &[f64], side: Side) -> Result<f64, TransportError> {
    if weights.is_empty() {
        return Err(TransportError::Empty { side });
    }
    if let Some(index) = weights.iter().position(|w| !(w.is_finite() && *w >= 0.0)) {
        return Err(TransportError::Weight { side, index, value: weights[index] });
    }
    let sum = sum(weights);
    if sum > 0.0 && sum.is_finite() { Ok(sum) } else { Err(TransportError::NoMass { side, sum }) }
}

/// Weights over their total in units, rounded; the largest takes what rounding leaves, so that the sum is exact.
///
/// The quotient has 53 bits, the units 60: the product with a power of two is exact, and the largest weight, which is at least
/// 1/n of the whole, can bear a residue of n units.
pub(crate) fn units(weights: &[f64], total: f64) -> Vec<i64> {
    let mut units: Vec<i64> = weights.iter().map(|w| (w / total * UNITS as f64).round() as i64).collect();
    let residue = UNITS - units.iter().sum::<i64>();
    if let Some(largest) = units.iter_mut().max() {
        *largest += residue;
    }
    units
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_exact_in_sum_and_within_rounding_of_the_weights() {
        let weights: Vec<f64> = (1..1000).map(|i| 1.0 / f64::from(i)).collect();
        let masses = Masses::new(&weights, &weights, 0.0).expect("equal");
        assert_eq!(masses.sources.iter().sum::<i64>(), UNITS);
        for (w, u) in weights.iter().zip(&masses.sources) {
            let back = *u as f64 / UNITS as f64 * masses.total;
            // A unit, and four roundings.
            let rounding = 4.0 * f64::EPSILON * w + masses.total / UNITS as f64;
            assert!((back - w).abs() <= rounding, "{w} {back}");
        }
    }

    #[test]
    fn a_sum_that_overflows_is_no_mass() {
        let found = Masses::new(&[f64::MAX, f64::MAX], &[1.0], 0.1).expect_err("no sum");
        assert!(matches!(found, TransportError::NoMass { side: Side::Source, .. }));
    }
}
