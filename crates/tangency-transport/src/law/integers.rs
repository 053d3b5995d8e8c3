//! Laws on the integers as atoms.

use super::Law;
use crate::error::{Side, TransportError};
use crate::line::{Atoms, QuantileFunction};

/// The most atoms that are listed.
const LIMIT: usize = 5_000_000;
/// Masses below this part of the largest are left out; together they are less than 1e-29 of the whole.
const NEGLIGIBLE: f64 = 1e-36;

/// The masses of a law on atoms.
///
/// They come from the ratio of neighbours, outwards from the mode, and are divided by their sum at the end: no special
/// function and no overflow, and a relative error of some units in the last place times the root of the distance from the
/// mode.
pub(crate) fn atoms(law: &Law, side: Side) -> Result<QuantileFunction, TransportError> {
    let listed = |first: f64, masses: &[f64]| {
        let points: Vec<f64> = (0..masses.len()).map(|k| first + k as f64).collect();
        let mut found = QuantileFunction::of(Atoms::from(&points).weighted(masses), side)?;
        found.mass = 1.0;
        Ok(found)
    };
    let too_spread = || TransportError::TooSpread { side, family: law.family(), limit: LIMIT };
    let spread = |mode: f64, (first, last): (f64, f64), ratio: &dyn Fn(f64) -> f64| {
        let mode = mode.clamp(first, last);
        let mut below = Vec::new();
        let (mut mass, mut k) = (1.0, mode);
        while k > first && mass > NEGLIGIBLE && below.len() < LIMIT {
            k -= 1.0;
            mass /= ratio(k);
            below.push(mass);
        }
        let start = k;
        below.reverse();
        let mut masses = below;
        masses.push(1.0);
        (mass, k) = (1.0, mode);
        while k < last && mass > NEGLIGIBLE && masses.len() < LIMIT {
            mass *= ratio(k);
            k += 1.0;
            masses.push(mass);
        }
        if masses.len() >= LIMIT { Err(too_spread()) } else { listed(start, &masses) }
    };
    let endless = f64::INFINITY;
    match *law {
        Law::Dirac { point } => listed(point, &[1.0]),
        Law::Bernoulli { probability } => listed(0.0, &[1.0 - probability, probability]),
        Law::Categorical { ref probabilities } => listed(0.0, probabilities),
        Law::DiscreteUniform { min, max } => {
            if max.abs_diff(min) >= LIMIT as u64 {
                return Err(too_spread());
            }
            listed(min as f64, &vec![1.0; max.abs_diff(min) as usize + 1])
        }
        Law::Poisson { rate } => spread(rate.floor(), (0.0, endless), &|k| rate / (k + 1.0)),
        Law::Binomial { trials, probability: p } => {
            let n = trials as f64;
            match p {
                p if p <= 0.0 => listed(0.0, &[1.0]),
                p if p >= 1.0 => listed(n, &[1.0]),
                p => spread(((n + 1.0) * p).floor(), (0.0, n), &|k| (n - k) / (k + 1.0) * (p / (1.0 - p))),
            }
        }
        Law::Geometric { probability: p } => {
            spread(1.0, (1.0, if p < 1.0 { endless } else { 1.0 }), &|_| 1.0 - p)
        }
        Law::NegativeBinomial { successes: r, probability: p } => {
            let last = if p < 1.0 { endless } else { 0.0 };
            let mode = ((r - 1.0) * (1.0 - p) / p).floor();
            spread(mode, (0.0, last), &|k| (k + r) / (k + 1.0) * (1.0 - p))
        }
        Law::Hypergeometric { population, successes, draws } => {
            let (all, good, taken) = (population as f64, successes as f64, draws as f64);
            let (first, last) = ((taken + good - all).max(0.0), taken.min(good));
            let mode = ((taken + 1.0) * (good + 1.0) / (all + 2.0)).floor();
            spread(mode, (first, last), &|k| {
                (good - k) / (k + 1.0) * ((taken - k) / (all - good - taken + k + 1.0))
            })
        }
        // A law with a density.
        _ => listed(0.0, &[]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::moments::{mean, variance};
    use statrs::distribution as d;
    use statrs::distribution::DiscreteCDF;

    #[test]
    fn distribution_functions_are_those_of_statrs() {
        fn check(law: &Law, cdf: impl Fn(u64) -> f64) {
            let atoms = atoms(law, Side::Source).unwrap();
            let mut sum = 0.0;
            atoms.each(|mass, k, _| {
                sum += mass;
                let expected = cdf(k as u64);
                assert!((sum - expected).abs() < 1e-10, "{law:?} {k}: {sum} {expected}");
            });
            assert!((atoms.mean() / mean(law) - 1.0).abs() < 1e-13, "{law:?}");
            if variance(law).is_finite() && variance(law) > 0.0 {
                assert!((atoms.standard_deviation().powi(2) / variance(law) - 1.0).abs() < 1e-11, "{law:?}");
            }
        }
        macro_rules! compare {
            ($($law:expr),*) => { $( let law = $law.unwrap(); check(&Law::from(law.clone()), |k| law.cdf(k)); )* };
        }
        compare!(
            d::Poisson::new(3.5),
            d::Poisson::new(5000.0),
            d::Binomial::new(0.3, 40),
            d::Binomial::new(1.0, 4),
            d::Geometric::new(0.02),
            d::NegativeBinomial::new(2.5, 0.1),
            d::Hypergeometric::new(50, 20, 10),
            d::Bernoulli::new(0.2)
        );
    }

    #[test]
    fn a_law_over_too_many_integers_is_refused() {
        let wide = Law::Geometric { probability: 1e-9 };
        assert!(matches!(
            atoms(&wide, Side::Target),
            Err(TransportError::TooSpread { side: Side::Target, .. })
        ));
        let wide = Law::DiscreteUniform { min: i64::MIN, max: i64::MAX };
        assert!(atoms(&wide, Side::Source).is_err());
    }
}
