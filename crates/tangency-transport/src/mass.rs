//! Weights as whole numbers, so that flows are exact.

use crate::error::{Side, TransportError};
use crate::farkas::FarkasVector;
use crate::sum::{Sum, sum};

/// The total mass of either side in units of the simplex, unless weights are equal: flows have a resolution of 1e-18 of the
/// whole.
pub(crate) const UNITS: i64 = 1 << 60;

/// Two vectors of weights whose totals agree.
#[derive(Debug, Clone)]
pub(crate) struct Masses {
    /// The source weights in units.
    pub(crate) sources: Vec<i64>,
    /// The target weights in units, with the same sum.
    pub(crate) targets: Vec<i64>,
    /// That sum: [`UNITS`], or the least common multiple of n and m if all weights of each side are equal.
    pub(crate) units: i64,
    /// The mass of all units together: that of the sources.
    pub(crate) total: f64,
}

impl Masses {
    /// Checks the weights and converts them.
    pub(crate) fn new(a: &[f64], b: &[f64], tolerance: f64) -> Result<Self, TransportError> {
        let (source_mass, target_mass) = (total(a, Side::Source)?, total(b, Side::Target)?);
        if (source_mass - target_mass).abs() > tolerance * source_mass.max(target_mass) {
            let farkas = Box::new(FarkasVector::of_masses(a.len(), b.len(), source_mass > target_mass));
            return Err(TransportError::MassMismatch { source_mass, target_mass, tolerance, farkas });
        }
        let equal = |weights: &[f64]| weights.iter().all(|w| *w == weights[0]);
        if equal(a) && equal(b) {
            return Ok(Self { total: source_mass, ..Self::equal(a.len(), b.len()) });
        }
        let (sources, targets) = (units(a), units(b));
        Ok(Self { sources, targets, units: UNITS, total: source_mass })
    }

    /// Equal weights in the smallest whole numbers; a total of 1.
    pub(crate) fn equal(n: usize, m: usize) -> Self {
        let divisor = gcd(n, m);
        let (sources, targets) = (vec![(m / divisor) as i64; n], vec![(n / divisor) as i64; m]);
        Self { sources, targets, units: n as i64 * (m / divisor) as i64, total: 1.0 }
    }
}

fn gcd(mut x: usize, mut y: usize) -> usize {
    while y > 0 {
        (x, y) = (y, x % y);
    }
    x.max(1)
}

/// The sum of weights that are finite and not negative, if it is positive.
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

/// Weights over their total in units, rounded to the nearest; the largest takes what rounding leaves, at most half a unit for
/// each weight, so that the sum is exact.
///
/// The quotient has 53 bits and the units have 60, so its error is computed too.
pub(crate) fn units(weights: &[f64]) -> Vec<i64> {
    let mut sum = Sum::default();
    sum.extend(weights.iter().copied());
    let (total, lost) = sum.parts();
    let scale = UNITS as f64;
    let unit = |w: f64| {
        let quotient = w / total;
        // w = quotient · total + remainder without rounding, and the total has a tail of its own.
        let remainder = (-quotient).mul_add(total, w) - quotient * lost;
        let whole = (quotient * scale).round();
        let rest = quotient * scale - whole + remainder / total * scale;
        whole as i64 + rest.round() as i64
    };
    let mut units: Vec<i64> = weights.iter().map(|&w| unit(w)).collect();
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
        for (k, (w, u)) in weights.iter().zip(&masses.sources).enumerate() {
            let back = *u as f64 / UNITS as f64 * masses.total;
            // Half a unit, for the largest of each weight; and three roundings: of the unit as a float, of the total, of the product.
            let units = if k == 0 { 0.5 * weights.len() as f64 } else { 0.5 };
            let rounding = 1.5 * f64::EPSILON * w + units * masses.total / UNITS as f64;
            assert!((back - w).abs() <= rounding, "{w} {back}");
        }
    }

    #[test]
    fn a_sum_that_overflows_is_no_mass() {
        let found = Masses::new(&[f64::MAX, f64::MAX], &[1.0], 0.1).expect_err("no sum");
        assert!(matches!(found, TransportError::NoMass { side: Side::Source, .. }));
    }
}
