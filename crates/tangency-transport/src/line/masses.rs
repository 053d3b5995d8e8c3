//! Masses on the line as whole numbers, so that quantiles meet exactly.

use crate::error::{Side, TransportError};
use crate::farkas::FarkasVector;
use crate::sum::sum;

/// The mass of a whole distribution in units: what is lost of a weight is less than 2e-34 of the whole, and the relative
/// error of the others that of one division.
pub(crate) const UNITS: i128 = 1 << 112;

/// The masses of the atoms or pieces of a distribution.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Weights {
    /// So many equal ones; each has [`UNITS`] over their number, rounded so that the sum is exact.
    Equal(usize),
    /// In units; their sum is [`UNITS`].
    Units(Vec<i128>),
}

impl Weights {
    /// Weights over their total in units.
    ///
    /// Where the weights are whole multiples of a power of two whose total is below 2⁶³ of it, whole numbers for one, the
    /// cumulated weights are rounded down from their exact values, so that equal quantiles of two distributions are equal
    /// whatever the totals are. Otherwise each weight is divided, and the largest takes what rounding leaves, which is less
    /// than 2⁻⁵² of the whole.
    pub(crate) fn of(weights: &[f64], total: f64) -> Self {
        if let Some((wholes, total)) = wholes(weights) {
            let (quotient, rest) = (UNITS / total, UNITS % total);
            let (mut sum, mut last) = (0_i128, 0_i128);
            let units = wholes.into_iter().map(|w| {
                sum += i128::from(w);
                let next = sum * quotient + sum * rest / total;
                let unit = next - last;
                last = next;
                unit
            });
            return Self::Units(units.collect());
        }
        let mut units: Vec<i128> =
            weights.iter().map(|w| (w / total * UNITS as f64).round() as i128).collect();
        let residue = UNITS - units.iter().sum::<i128>();
        if let Some(largest) = units.iter_mut().max() {
            *largest += residue;
        }
        Self::Units(units)
    }

    /// The masses one after another.
    pub(crate) fn iter(&self) -> UnitsIter<'_> {
        match self {
            Self::Equal(n) => {
                let n = *n as i128;
                UnitsIter::Equal { share: UNITS / n, rest: UNITS % n, count: n, carry: 0 }
            }
            Self::Units(units) => UnitsIter::Units(units.iter()),
        }
    }
}

/// The weights as multiples of a power of two, and their sum, if that is below 2⁶³.
fn wholes(weights: &[f64]) -> Option<(Vec<i64>, i128)> {
    // The exponent of the last bit that is not zero.
    let last = |w: f64| {
        let bits = w.to_bits();
        let exponent = ((bits >> 52) as i32).max(1) - 1075;
        let mantissa = if w < f64::MIN_POSITIVE { bits } else { (bits & ((1 << 52) - 1)) | (1 << 52) };
        exponent + mantissa.trailing_zeros() as i32
    };
    let least = weights.iter().filter(|w| **w > 0.0).map(|w| last(*w)).min()?;
    let largest = weights.iter().copied().fold(0.0, f64::max);
    // Beyond the range of a power that is a normal number, or of the sum.
    if !(-1000..=900).contains(&least) || largest * 2.0_f64.powi(-least) >= 2.0_f64.powi(63) {
        return None;
    }
    let scale = 2.0_f64.powi(-least);
    let wholes: Vec<i64> = weights.iter().map(|w| (w * scale) as i64).collect();
    let total: i128 = wholes.iter().map(|w| i128::from(*w)).sum();
    (total < 1 << 63).then_some((wholes, total))
}

/// Iterates over masses in units; without end for equal ones.
pub(crate) enum UnitsIter<'a> {
    Equal { share: i128, rest: i128, count: i128, carry: i128 },
    Units(std::slice::Iter<'a, i128>),
}

impl Iterator for UnitsIter<'_> {
    type Item = i128;

    #[inline]
    fn next(&mut self) -> Option<i128> {
        match self {
            Self::Equal { share, rest, count, carry } => {
                *carry += *rest;
                if *carry >= *count {
                    *carry -= *count;
                    Some(*share + 1)
                } else {
                    Some(*share)
                }
            }
            Self::Units(units) => units.next().copied(),
        }
    }
}

/// Units as a share of the whole. Two conversions of 64 bits take a quarter of the time of one of 128.
#[inline]
pub(crate) fn share(units: i128) -> f64 {
    const LOW: u32 = 60;
    let (high, low) = ((units >> LOW) as i64, (units & ((1 << LOW) - 1)) as i64);
    // 2⁻⁵² and 2⁻¹¹².
    high as f64 * f64::EPSILON + low as f64 * (f64::EPSILON / (1_u64 << LOW) as f64)
}

/// The sum of weights that are finite, not negative and not all zero.
pub(crate) fn total(weights: &[f64], side: Side) -> Result<f64, TransportError> {
    if let Some(index) = weights.iter().position(|w| !(w.is_finite() && *w >= 0.0)) {
        return Err(TransportError::Weight { side, index, value: weights[index] });
    }
    let sum = sum(weights);
    if sum > 0.0 && sum.is_finite() { Ok(sum) } else { Err(TransportError::NoMass { side, sum }) }
}

/// The relative difference of two total masses that is taken for rounding.
pub(crate) const MASS_TOLERANCE: f64 = 1e-9;

/// `Err` if the totals of so many points differ beyond rounding.
pub(crate) fn check_totals(
    (source_mass, sources): (f64, usize),
    (target_mass, targets): (f64, usize),
) -> Result<(), TransportError> {
    if (source_mass - target_mass).abs() <= MASS_TOLERANCE * source_mass.max(target_mass) {
        return Ok(());
    }
    let farkas = Box::new(FarkasVector::of_masses(sources, targets, source_mass > target_mass));
    Err(TransportError::MassMismatch { source_mass, target_mass, tolerance: MASS_TOLERANCE, farkas })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_shares_of_whole_weights_meet_exactly() {
        let cumulated = |weights: &Weights| -> Vec<i128> {
            weights
                .iter()
                .take(6)
                .scan(0, |sum, u| {
                    *sum += u;
                    Some(*sum)
                })
                .collect()
        };
        let equal = cumulated(&Weights::Equal(6));
        assert_eq!(equal[5], UNITS);
        for scale in [1.0, 0.1, 3e-7, 1e200, 7e-200] {
            let weights = Weights::of(&[scale; 6], 6.0 * scale);
            assert_eq!(cumulated(&weights), equal, "{scale}");
            let Weights::Units(units) = Weights::of(&[scale, 2.0 * scale, 3.0 * scale], 6.0 * scale) else {
                panic!("units")
            };
            assert!((scale - 1.0).abs() > 0.0 || (units[0], units[0] + units[1]) == (equal[0], equal[2]));
        }
    }

    #[test]
    fn units_sum_to_the_whole_and_shares_come_back() {
        for n in [1, 2, 3, 7, 1000, 999_983] {
            let equal: Vec<i128> = Weights::Equal(n).iter().take(n).collect();
            assert_eq!(equal.iter().sum::<i128>(), UNITS);
            assert!(equal.iter().all(|u| (share(*u) * n as f64 - 1.0).abs() < 3e-16));
        }
        let weights = [0.1, 0.2, 1e-30, 0.7, 0.0];
        let Weights::Units(units) = Weights::of(&weights, 1.0) else { panic!("units") };
        assert_eq!(units.iter().sum::<i128>(), UNITS);
        for (w, u) in weights.iter().zip(&units) {
            assert!((share(*u) - w).abs() <= 2e-16 * w + 1.0 / UNITS as f64, "{w} {}", share(*u));
        }
    }
}
