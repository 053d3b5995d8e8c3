//! Sums over the integers with a bound on what was left out.

use crate::evaluation::{Evaluation, EvaluationMethod, EvaluationOptions};
use crate::generator::FDivergence;
use crate::integrand::{Integrand, charge};
use crate::law::Masses;
use crate::mass::Compensated;

struct Sums<'s, F: ?Sized> {
    integrand: &'s Integrand<'s, F>,
    p: &'s Masses,
    q: &'s Masses,
    value: Compensated,
    mass_p: Compensated,
    mass_q: Compensated,
    sensitivity: f64,
    terms: usize,
}

impl<F: FDivergence + ?Sized> Sums<'_, F> {
    /// Adds one integer; returns its contribution and its masses.
    fn add(&mut self, k: i64) -> [f64; 3] {
        let (ln_p, ln_q) = (self.p.ln_mass(k), self.q.ln_mass(k));
        let found = self.integrand.at(ln_p, ln_q);
        let (p, q) = (ln_p.exp(), ln_q.exp());
        self.value.add(found.value);
        self.mass_p.add(p);
        self.mass_q.add(q);
        self.sensitivity += found.sensitivity;
        self.terms += 1;
        [found.value, p, q]
    }

    /// Goes on from an integer in one direction until nothing comes in; returns a bound for what was left out of each sum.
    fn tail(&mut self, start: i64, direction: i64, end: i64, limit: usize) -> [f64; 3] {
        let mut last = [f64::INFINITY; 3];
        let mut k = start;
        while if direction > 0 { k <= end } else { k >= end } {
            let found = self.add(k);
            let totals = [self.value.total(), self.mass_p.total(), self.mass_q.total()];
            let mut beyond = [0.0; 3];
            let mut small = true;
            for index in 0..3 {
                // A geometric series of the ratio of the last two; it bounds the tail of log-concave masses.
                let ratio = found[index] / last[index];
                beyond[index] = if found[index] <= 0.0 {
                    0.0
                } else if ratio < 1.0 && last[index] < f64::INFINITY {
                    found[index] * ratio / (1.0 - ratio)
                } else {
                    f64::INFINITY
                };
                small &= beyond[index] <= 1e-18 * totals[index] || totals[index] == f64::INFINITY;
            }
            if small || self.terms >= limit {
                return beyond;
            }
            last = found;
            k = match k.checked_add(direction) {
                Some(next) => next,
                None => return beyond,
            };
        }
        [0.0; 3]
    }
}

/// The divergence of two laws on the integers by summation.
pub(crate) fn summed<F: FDivergence + ?Sized>(
    integrand: &Integrand<'_, F>,
    p: &Masses,
    q: &Masses,
    options: &EvaluationOptions,
) -> Evaluation {
    let ((first_p, last_p), (first_q, last_q)) = (p.support(), q.support());
    let (last_p, last_q) = (last_p.unwrap_or(i64::MAX), last_q.unwrap_or(i64::MAX));
    let infinite = |terms| Evaluation {
        value: f64::INFINITY,
        error_bound: 0.0,
        method: EvaluationMethod::Summation { terms },
    };
    // Outside the other's support; a mass that is too small for a number counts too.
    let beyond_q = first_p < first_q || last_p > last_q;
    let beyond_p = first_q < first_p || last_q > last_p;
    if (beyond_q && integrand.only_p == f64::INFINITY) || (beyond_p && integrand.only_q == f64::INFINITY) {
        return infinite(0);
    }
    let (first, last) = (first_p.min(first_q), last_p.max(last_q));
    let mut sums = Sums {
        integrand,
        p,
        q,
        value: Compensated::ZERO,
        mass_p: Compensated::ZERO,
        mass_q: Compensated::ZERO,
        sensitivity: 0.0,
        terms: 0,
    };
    let mut windows = [p.bulk(), q.bulk()];
    windows.sort_unstable();
    let mut missing = [0.0; 3];
    let join = windows[1].0.saturating_sub(windows[0].1) < options.max_evaluations as i64;
    let windows = if join { vec![(windows[0].0, windows[0].1.max(windows[1].1))] } else { windows.to_vec() };
    let mut leave_out = |beyond: [f64; 3]| {
        for (missing, beyond) in missing.iter_mut().zip(beyond) {
            *missing += beyond;
        }
    };
    for (index, &(from, to)) in windows.iter().enumerate() {
        // Not further than halfway to the other window.
        let limit = options.max_evaluations * (index + 1) / windows.len();
        let middle = windows[0].1 / 2 + windows[windows.len() - 1].0 / 2;
        let low = if index == 0 { first } else { middle + 1 };
        let high = if index + 1 == windows.len() { last } else { middle };
        let mut k = from.max(low);
        while k <= to.min(high) && sums.terms < limit {
            sums.add(k);
            k += 1;
        }
        if k <= to.min(high) {
            leave_out([f64::INFINITY; 3]);
        }
        if let (Some(below), true) = (from.max(low).checked_sub(1), from > low) {
            let beyond = sums.tail(below, -1, low, limit);
            leave_out(beyond);
        }
        let beyond = sums.tail(k, 1, high, limit);
        leave_out(beyond);
    }
    let value = integrand.at_one + sums.value.total();
    if value == f64::INFINITY {
        return infinite(sums.terms);
    }
    // What was left out costs at most f(0) and f'(∞) for its masses, and by the ratio of the terms itself.
    let left = |mass: f64, beyond: f64| (1.0 - mass).max(0.0).min(beyond.max(1e-16));
    let by_mass = charge(left(sums.mass_p.total(), missing[1]), integrand.only_p)
        + charge(left(sums.mass_q.total(), missing[2]), integrand.only_q);
    let rounding = 4.0 * f64::EPSILON * (sums.sensitivity + value.abs());
    let error_bound = rounding + by_mass.min(missing[0]);
    Evaluation { value, error_bound, method: EvaluationMethod::Summation { terms: sums.terms } }
}
