//! Truncated Taylor series with scaling: the method of Al-Mohy and Higham.

use super::course::{Course, State};
use super::operator::{LinearOperator, Recurrence, Scratch};
use super::theta::{DOUBLE, LARGEST_DEGREE, SINGLE};
use crate::scalar::{RealScalar, Scalar};

/// Powers whose norms are estimated at most: p_max of the paper.
const LARGEST_POWER: usize = 8;
/// Estimates are worth their products only if so many can be saved.
const WORTH_ESTIMATING: f64 = 150.0;

/// Pairs (k₀, β) with $\lVert (A - \mu I)^k \rVert_1 \le \beta^k$ for $k \ge k_0$.
pub(super) type PowerBounds = Vec<(usize, f64)>;

/// Degree and number of stages for a time |t|, by the fewest products.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Plan {
    pub(super) degree: usize,
    pub(super) stages: f64,
}

impl Plan {
    pub(super) fn products(self) -> f64 {
        self.degree as f64 * self.stages
    }
}

/// Least $m \lceil \beta \lvert t \rvert / \theta_m \rceil$; the paper's (3.11).
pub(super) fn plan(bounds: &PowerBounds, time: f64, tolerance: f64) -> Plan {
    let theta = if tolerance >= 2.0_f64.powi(-24) { &SINGLE } else { &DOUBLE };
    let mut best = Plan { degree: LARGEST_DEGREE, stages: f64::INFINITY };
    for m in 1..=LARGEST_DEGREE {
        for &(first, beta) in bounds {
            let plan = Plan { degree: m, stages: (beta * time / theta[m - 1]).ceil().max(1.0) };
            if first <= m + 1 && plan.products() < best.products() {
                best = plan;
            }
        }
    }
    best
}

/// Bounds of powers: the norm where entries give it, and estimates of higher powers while they lower the cost.
pub(super) fn power_bounds<T: Scalar>(
    a: &LinearOperator<'_, T>,
    (n, mu): (usize, T),
    (time, tolerance): (f64, f64),
    scratch: &mut Scratch<T>,
    products: &mut usize,
) -> PowerBounds {
    let norm = match a.entries() {
        Some(entries) => entries.norm_1_shifted(mu),
        None => a.norm_of_power(n, mu, 1, scratch, products),
    };
    let mut bounds = vec![(1, norm)];
    let mut last = None;
    let mut idle = 0;
    let mut cost = plan(&bounds, time, tolerance).products();
    for p in 2..=LARGEST_POWER + 1 {
        // Four rounds of two columns, as the estimator mostly does.
        if !cost.is_finite() || cost < WORTH_ESTIMATING.max(24.0 * p as f64) {
            break;
        }
        let d = a.norm_of_power(n, mu, p, scratch, products).powf(1.0 / p as f64);
        if let Some(previous) = last {
            bounds.push(((p - 1) * (p - 2), d.max(previous)));
            let new = plan(&bounds, time, tolerance).products();
            // Even and odd powers may differ, so that one step without gain says little.
            idle = if new > 0.8 * cost { idle + 1 } else { 0 };
            if idle == 2 {
                break;
            }
            cost = new;
        }
        last = Some(d);
    }
    bounds
}

/// Carries the course to its end, or to the limit of products.
pub(super) fn run<T: Scalar>(
    a: &LinearOperator<'_, T>,
    mu: T,
    bounds: &PowerBounds,
    course: &mut Course<'_, T>,
    state: &mut State<T>,
    scratch: &mut Scratch<T>,
) {
    let (start, rest) = (course.position, course.end() - course.position);
    let time = rest * course.direction.modulus().to_f64();
    let Plan { degree, stages } = plan(bounds, time, course.tolerance);
    let mut stage = 0.0;
    while course.position < course.end() {
        if course.products + degree > course.max_products {
            return;
        }
        stage += 1.0;
        let end = if stage >= stages { course.end() } else { start + rest * (stage / stages) };
        // The matrix is too large for any step.
        if end <= course.position {
            return;
        }
        advance(a, mu, degree, end, course, state, scratch);
    }
}

/// One stage: from the course's position to `end`, with the times between from the same terms.
fn advance<T: Scalar>(
    a: &LinearOperator<'_, T>,
    mu: T,
    degree: usize,
    end: f64,
    course: &mut Course<'_, T>,
    state: &mut State<T>,
    scratch: &mut Scratch<T>,
) {
    let length = end - course.position;
    let inside: Vec<f64> = course.between(end).map(|t| (t - course.position) / length).collect();
    state.start_stage(inside.len());
    let z = course.step(length);
    let tolerance = T::RealPart::from_f64(course.tolerance);
    let mut powers = vec![1.0; inside.len()];
    let mut previous = state.largest.clone();
    previous.term.copy_from_slice(&state.size_of_start());
    // Largest term by columns, the start among them.
    let mut hump = previous.term.clone();
    for k in 1..=degree {
        let alpha = z.scale(T::RealPart::from_f64(1.0 / k as f64));
        let r = Recurrence { alpha, beta: -mu * alpha, gamma: T::ZERO, delta: T::ONE };
        state.step(a, &r, scratch);
        for (power, (fraction, value)) in powers.iter_mut().zip(inside.iter().zip(&mut state.inside)) {
            *power *= fraction;
            State::add(value, T::from_f64(*power), &state.x);
        }
        course.products += 1;
        course.degree = course.degree.max(k);
        let largest = &state.largest;
        let columns = || (0..largest.width()).map(|j| (previous.term[j], largest.term[j], largest.sum[j]));
        for (hump, &term) in hump.iter_mut().zip(&largest.term) {
            *hump = RealScalar::max(*hump, term);
        }
        // A sum that cancels may be small at an inner time only: they are asked last.
        let done = columns().all(|(before, term, sum)| before + term <= tolerance * sum)
            && powers.iter().zip(&state.inside).all(|(&power, value)| {
                state.sizes(value).iter().zip(columns()).all(|(&size, (before, term, _))| {
                    (before + term) * T::RealPart::from_f64(power) <= tolerance * size
                })
            });
        if done || k == degree {
            let truncation = columns().fold(T::RealPart::ZERO, |h, (_, term, sum)| ratio(term, sum, h));
            let sums = largest.sum.iter();
            let rounding =
                hump.iter().zip(sums).fold(T::RealPart::ONE, |h, (&term, &sum)| ratio(term, sum, h));
            course.error += truncation.to_f64() + rounding.to_f64() * T::RealPart::UNIT_ROUNDOFF.to_f64();
            break;
        }
        previous.term.copy_from_slice(&state.largest.term);
    }
    let factor = |fraction: f64| (mu * z.scale(T::RealPart::from_f64(fraction))).exp();
    let factors: Vec<T> = inside.iter().map(|&fraction| factor(fraction)).collect();
    state.finish_stage(factor(1.0), &factors);
    course.finish_stage(end, state);
}

/// max(h, term/sum), where a sum of zero counts nothing.
fn ratio<R: RealScalar>(term: R, sum: R, h: R) -> R {
    if sum > R::ZERO { RealScalar::max(h, term / sum) } else { h }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plans_by_hand() {
        // θ_55 = 9.867: one stage up to there; between, the fewest products.
        let norm = |beta| vec![(1, beta)];
        assert_eq!(plan(&norm(1.0), 9.86, 1e-16), Plan { degree: 55, stages: 1.0 });
        assert_eq!(plan(&norm(2.0), 2.0, 1e-16), Plan { degree: 32, stages: 1.0 });
        assert_eq!(plan(&norm(2.0), 2.0, 1e-7), Plan { degree: 22, stages: 1.0 });
        assert_eq!(plan(&norm(0.0), 1.0, 1e-16), Plan { degree: 1, stages: 1.0 });
        // A bound for k ≥ 12 serves degrees from 11.
        let nonnormal = vec![(1, 1e6), (12, 0.02)];
        assert_eq!(plan(&nonnormal, 1.0, 1e-16), Plan { degree: 11, stages: 1.0 });
        assert!(plan(&norm(f64::INFINITY), 1.0, 1e-16).products().is_infinite());
    }
}
