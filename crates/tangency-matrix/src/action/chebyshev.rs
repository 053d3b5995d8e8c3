//! Chebyshev series, for a spectrum on a line: Hermitian and skew-Hermitian matrices.
//!
//! With $A = \omega X$, X Hermitian with its spectrum in $[c - r, c + r]$ and $\omega$ = 1 or i,
//!
//! $$ e^{zA} = e^{z \omega c} \sum_k c_k(z \omega r) T_k \Big( \frac{X - c}{r} \Big), \quad
//!    e^{\zeta x} = \sum_k c_k(\zeta) T_k(x) . $$
//!
//! The coefficients are Bessel functions, $c_0 = I_0$ and $c_k = 2 I_k$, from their recurrence. About
//! $\sqrt{2 r \lvert z \rvert \ln(1/u)}$ products do for real z, about $r \lvert z \rvert$ for imaginary ones, where
//! Taylor's series needs 5.6 times $r \lvert z \rvert$.

use super::course::{Course, State};
use super::lanczos::{FEW_STEPS, Ritz, inner_product, lanczos};
use super::operator::{LinearOperator, Recurrence, Scratch};
use super::sparse::Entries;
use crate::scalar::{RealScalar, Scalar};
use faer::c64;

/// Longest series; longer times are cut.
const LARGEST_DEGREE: usize = 4096;
/// Largest loss by an interval that reaches beyond the spectrum, ln of the factor, in one stage.
const LOSS: f64 = 2.0;
/// Part of the width that an estimated end is moved outwards beyond three residuals.
const SLACK: f64 = 1e-6;
/// Widenings of an estimated interval that turns out too narrow.
const WIDENINGS: usize = 6;

/// Where the eigenvalues of X are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Interval {
    low: f64,
    high: f64,
    /// The spectrum reaches at least so far: beyond, nothing may be there, and rounding must be watched.
    inner_low: f64,
    inner_high: f64,
    /// The interval that is certain, from Gershgorin's theorem.
    certain: Option<(f64, f64)>,
    skew: bool,
}

impl Interval {
    /// From the entries alone.
    pub(super) fn certain<T: Scalar>(entries: &Entries<T>) -> Option<Self> {
        let ((low, high), (inner_low, inner_high)) = entries.intervals();
        let skew = entries.skew && !entries.hermitian;
        (low < high && low.is_finite() && high.is_finite()).then_some(Self {
            low,
            high,
            inner_low,
            inner_high,
            certain: Some((low, high)),
            skew,
        })
    }

    /// From the entries and from Lanczos steps on a random vector, as many as may save more than they cost for the
    /// step z.
    pub(super) fn estimate<T: Scalar>(
        a: &LinearOperator<'_, T>,
        n: usize,
        (z, tolerance): (T, f64),
        scratch: &mut Scratch<T>,
        products: &mut usize,
    ) -> Option<Self> {
        let certain = a.entries().and_then(Self::certain);
        let skew = a.entries().is_some_and(|e| e.skew && !e.hermitian);
        let turn = if skew { -T::from_complex(imaginary_unit::<T>()) } else { T::ONE };
        // −iA has no vectors in a real type; nor would the estimates serve there, as nothing grows or decays.
        if turn == T::ZERO {
            return certain;
        }
        let cost = |interval: Self| interval.products(z, tolerance);
        if certain.is_some_and(|certain| cost(certain) <= FEW_STEPS as f64) {
            return certain;
        }
        let around = |ritz: &Ritz| {
            let slack = SLACK * (ritz.high - ritz.low + ritz.residual_low + ritz.residual_high);
            let mut interval = Self {
                low: ritz.low - 3.0 * ritz.residual_low - slack,
                high: ritz.high + 3.0 * ritz.residual_high + slack,
                inner_low: ritz.low,
                inner_high: ritz.high,
                certain: None,
                skew,
            };
            if let Some(certain) = certain {
                interval.low = interval.low.max(certain.low);
                interval.high = interval.high.min(certain.high);
                interval.inner_low = interval.inner_low.min(certain.inner_low);
                interval.inner_high = interval.inner_high.max(certain.inner_high);
                interval.certain = certain.certain;
            }
            interval
        };
        let ritz = lanczos(a, (n, turn), scratch, products, |ritz, steps| {
            // What the next third of the steps may save: distances from the ends fall like the square of the steps, and
            // products like their root, as far as they are due to stages.
            let interval = around(ritz);
            let best = Self { low: ritz.low, high: ritz.high, ..interval }.products_at_best(z, tolerance);
            let now = cost(interval);
            (certain.is_some() || steps >= FEW_STEPS) && now - best.max(now / 1.5) <= 0.5 * steps as f64
        })?;
        let interval = around(&ritz);
        let Self { low, high, .. } = interval;
        (low < high && low.is_finite() && high.is_finite()).then_some(interval)
    }

    fn centre(self) -> f64 {
        f64::midpoint(self.low, self.high)
    }

    fn radius(self) -> f64 {
        0.5 * (self.high - self.low)
    }

    /// To the certain interval, or by one half of the radius on both sides.
    fn widen(&mut self) {
        if let Some((low, high)) = self.certain {
            (self.low, self.high) = (low, high);
        } else {
            let radius = self.radius();
            (self.low, self.high) = (self.low - 0.5 * radius, self.high + 0.5 * radius);
        }
    }

    /// ζ = zω.
    fn turned<T: Scalar>(self, z: T) -> c64 {
        narrowed(z, self.skew)
    }

    /// How far the interval may reach beyond the spectrum on the side that the step ζ makes large.
    fn beyond(self, zeta: c64) -> f64 {
        if zeta.re > 0.0 { self.high - self.inner_high } else { self.inner_low - self.low }
    }

    /// Stages for the step z by the length of the series.
    fn stages_by_length<T: Scalar>(self, z: T, tolerance: f64) -> f64 {
        self.doubled(z, tolerance, 1.0)
    }

    fn doubled<T: Scalar>(self, z: T, tolerance: f64, mut stages: f64) -> f64 {
        let zeta = self.turned(z);
        while degree(zeta * (self.radius() / stages), tolerance) > LARGEST_DEGREE && stages < 1e18 {
            stages *= 2.0;
        }
        stages
    }

    /// Stages for the step z: by the loss of digits where the interval is too wide, and by the length of the series.
    fn stages<T: Scalar>(self, z: T, tolerance: f64) -> f64 {
        let zeta = self.turned(z);
        self.doubled(z, tolerance, (zeta.re.abs() * self.beyond(zeta) / LOSS).ceil().max(1.0))
    }

    /// Products for the step z, if nothing is lost.
    pub(super) fn products_at_best<T: Scalar>(self, z: T, tolerance: f64) -> f64 {
        let stages = self.stages_by_length(z, tolerance);
        stages * degree(self.turned(z) * (self.radius() / stages), tolerance) as f64
    }

    /// Products for the step z, at worst.
    pub(super) fn products<T: Scalar>(self, z: T, tolerance: f64) -> f64 {
        let stages = self.stages(z, tolerance);
        stages * degree(self.turned(z) * (self.radius() / stages), tolerance) as f64
    }
}

/// ζ = zω in double precision.
fn narrowed<T: Scalar>(z: T, skew: bool) -> c64 {
    let z = z.to_complex();
    let (re, im) = (z.re().to_f64(), z.im().to_f64());
    if skew { c64::new(-im, re) } else { c64::new(re, im) }
}

fn imaginary_unit<T: Scalar>() -> T::Complex {
    T::RealPart::ZERO.complex(T::RealPart::ONE)
}

/// Degree from which on the series of $e^{\zeta x}$ is below `tolerance` times its largest value on the interval.
///
/// $\lvert c_k \rvert \le 2 M(\rho) \rho^{-k}$ with the maximum of the function on Bernstein's ellipse, for the best ρ.
fn degree(zeta: c64, tolerance: f64) -> usize {
    let (x, y) = (zeta.re.abs(), zeta.im.abs());
    if !(x.is_finite() && y.is_finite()) {
        return usize::MAX;
    }
    let mut least = f64::INFINITY;
    for step in 0..240 {
        let excess = (-9.2 + 0.09 * f64::from(step)).exp(); // ρ − 1 from 1e-4 to 2e5
        let rho = 1.0 + excess;
        // Semi-axes; a − 1 without cancellation.
        let less = 0.5 * excess * excess / rho;
        let b = 0.5 * (rho - 1.0 / rho);
        let growth = if y == 0.0 { x * less } else { (x * (1.0 + less)).hypot(y * b) - x };
        least = least.min((growth - tolerance.ln() + (2.0 / excess).ln()) / excess.ln_1p());
    }
    (least.ceil() as usize).max(1)
}

/// $c_0, \ldots, c_{count-1}$ of $e^{\zeta x - \lvert \operatorname{Re} \zeta \rvert}$.
///
/// Miller's algorithm: $I_{k-1} = (2k/\zeta) I_k + I_{k+1}$ from an index on where $I_k$ is negligible, backwards, which
/// is the stable way, and $e^\zeta = I_0 + 2 \sum_k I_k$, for a real part that is not negative.
/// M. Abramowitz and I. A. Stegun, *Handbook of Mathematical Functions* (1964), 9.6.26, 9.6.37 and example 1 of 9.12.
fn coefficients(zeta: c64, count: usize) -> Vec<c64> {
    let mirrored = zeta.re < 0.0;
    let z = if mirrored { -zeta } else { zeta };
    let mut c = vec![c64::new(0.0, 0.0); count];
    let sign = |k: usize| if mirrored && k % 2 == 1 { -1.0 } else { 1.0 };
    if z.re.hypot(z.im) < 1e-9 {
        // ζ² is below every unit roundoff.
        let terms = [c64::new(1.0, 0.0), z];
        for (k, (c, term)) in c.iter_mut().zip(terms).enumerate() {
            *c = term * ((-z.re).exp() * sign(k));
        }
        return c;
    }
    // 2k/ζ by Smith's division, rounded once where ζ is real or imaginary: a rounded 1/ζ would be the same error in each
    // step, and for an imaginary ζ add up to its size.
    let divided = |x: f64| {
        if z.re >= z.im.abs() {
            let ratio = z.im / z.re;
            let part = x / (z.re + z.im * ratio);
            c64::new(part, -part * ratio)
        } else {
            let ratio = z.re / z.im;
            let part = x / (z.im + z.re * ratio);
            c64::new(part * ratio, -part)
        }
    };
    let (mut above, mut here) = (c64::new(0.0, 0.0), c64::new(1e-150, 0.0));
    let mut total = c64::new(0.0, 0.0);
    for k in (1..=degree(z, 1e-30).max(count)).rev() {
        if let Some(c) = c.get_mut(k) {
            *c = here * 2.0;
        }
        total += here * 2.0;
        (above, here) = (here, divided(2.0 * k as f64) * here + above);
    }
    c[0] = here;
    let (sine, cosine) = z.im.sin_cos();
    let factor = c64::new(cosine, sine) / (total + here);
    c.iter_mut().enumerate().for_each(|(k, c)| *c *= factor * sign(k));
    c
}

/// Carries the course to its end, or to the limit of products. `false` if the interval was too narrow to the last; the
/// state is then the value at the course's position.
pub(super) fn run<T: Scalar>(
    a: &LinearOperator<'_, T>,
    interval: &mut Interval,
    course: &mut Course<'_, T>,
    state: &mut State<T>,
    scratch: &mut Scratch<T>,
) -> bool {
    let mut saved = Vec::new();
    let mut widenings = 0;
    while course.position < course.end() {
        let rest = course.end() - course.position;
        let stages = interval.stages(course.step(rest), course.tolerance);
        let mut length = rest / stages;
        let left = course.max_products.saturating_sub(course.products);
        let series =
            |length: f64| degree(interval.turned(course.step(length)) * interval.radius(), course.tolerance);
        let mut halvings = 0;
        while series(length) > left.min(LARGEST_DEGREE) {
            length *= 0.5;
            halvings += 1;
            if left < 2 || halvings > 60 {
                return true;
            }
        }
        let end = if stages < 1.5 && halvings == 0 { course.end() } else { course.position + length };
        if end <= course.position {
            return true;
        }
        saved.clone_from(&state.sum);
        let degree_of_stage = series(length);
        if advance(a, *interval, degree_of_stage, end, course, state, scratch) {
            learn(a, (interval, widenings == 0), course, state, scratch);
        } else {
            state.sum.copy_from_slice(&saved);
            interval.widen();
            widenings += 1;
            if widenings > WIDENINGS {
                return false;
            }
        }
    }
    true
}

/// Looks how far the spectrum reaches, if that may save stages of what is left: to the Rayleigh quotient of the value,
/// in which the side that grows has come forth. That is certain whatever rounding has done to the value. And it reaches not much
/// farther, where the residual of the value says that little else is left in it; if that is false, the terms will grow, the
/// interval is widened, and `trusted` ends.
fn learn<T: Scalar>(
    a: &LinearOperator<'_, T>,
    (interval, trusted): (&mut Interval, bool),
    course: &mut Course<'_, T>,
    state: &State<T>,
    scratch: &mut Scratch<T>,
) {
    let rest = course.step(course.end() - course.position);
    let zeta = interval.turned(rest);
    if interval.skew || zeta.re.abs() * interval.beyond(zeta) <= LOSS {
        return;
    }
    let v = state.first_column();
    let mut image = vec![T::ZERO; v.len()];
    a.apply_to_vector(&mut image, &v, scratch);
    course.products += 1;
    let square = inner_product(&v, &mut v.clone());
    let quotient = inner_product(&v, &mut image) / square;
    let residual = (inner_product(&image.clone(), &mut image) / square - quotient * quotient).max(0.0).sqrt();
    if !quotient.is_finite() || !residual.is_finite() {
        return;
    }
    interval.inner_low = interval.inner_low.min(quotient);
    interval.inner_high = interval.inner_high.max(quotient);
    if trusted {
        let reach = 3.0 * residual + SLACK * (interval.high - interval.low);
        if zeta.re > 0.0 {
            interval.high = interval.high.min(interval.inner_high + reach);
        } else {
            interval.low = interval.low.max(interval.inner_low - reach);
        }
    }
}

/// One stage, from the course's position to `end`; `false` if the terms grow, as they do outside the interval only.
fn advance<T: Scalar>(
    a: &LinearOperator<'_, T>,
    interval: Interval,
    degree_of_stage: usize,
    end: f64,
    course: &mut Course<'_, T>,
    state: &mut State<T>,
    scratch: &mut Scratch<T>,
) -> bool {
    let start = course.position;
    let times: Vec<f64> = course.between(end).chain([end]).map(|t| t - start).collect();
    let (centre, radius) = (interval.centre(), interval.radius());
    // One series a time; those of shorter times end earlier.
    let series: Vec<Vec<T>> = times
        .iter()
        .map(|&length| {
            let zeta = interval.turned(course.step(length)) * radius;
            let count = degree(zeta, course.tolerance).min(degree_of_stage) + 1;
            let turn = |k: usize, c: c64| match (interval.skew, k % 4) {
                (true, 1) => c64::new(c.im, -c.re),
                (true, 2) => -c,
                (true, 3) => c64::new(-c.im, c.re),
                _ => c,
            };
            coefficients(zeta, count).into_iter().enumerate().map(|(k, c)| narrow::<T>(turn(k, c))).collect()
        })
        .collect();
    let inner = times.len() - 1;
    let last = &series[inner];
    state.start_stage(inner);
    let norm = state.norms_of_start();
    for (value, c) in state.inside.iter_mut().zip(&series).chain([(&mut state.sum, last)]) {
        for v in value {
            *v *= c[0];
        }
    }
    let to_type = |x: f64| narrow::<T>(if interval.skew { c64::new(0.0, x) } else { c64::new(x, 0.0) });
    let sign = if interval.skew { T::ONE } else { -T::ONE };
    for k in 1..=degree_of_stage {
        let twice = if k == 1 { 1.0 } else { 2.0 };
        let r = Recurrence {
            alpha: T::from_f64(twice / radius),
            beta: -to_type(twice * centre / radius),
            gamma: if k == 1 { T::ZERO } else { sign },
            delta: last.get(k).copied().unwrap_or(T::ZERO),
        };
        state.step(a, &r, scratch);
        course.products += 1;
        for (value, c) in state.inside.iter_mut().zip(&series) {
            if let Some(&c) = c.get(k) {
                State::add(value, c, &state.x);
            }
        }
        // |re| + |im| of an entry is at most √2 times the 2-norm of the column, which T_k does not enlarge.
        if state.largest.term.iter().zip(&norm).any(|(&term, &norm)| term.to_f64() > 4.0 * norm) {
            return false;
        }
    }
    let factors: Vec<T> = times
        .iter()
        .map(|&length| {
            let zeta = interval.turned(course.step(length));
            let edge = if zeta.re >= 0.0 { interval.high } else { interval.low };
            narrow::<T>(Scalar::exp(c64::new(zeta.re * edge, zeta.im * centre)))
        })
        .collect();
    let before = state.norms(&state.sum);
    let amplification = norm
        .iter()
        .zip(&before)
        .fold(0.0, |m: f64, (&start, &sum)| if sum > 0.0 { m.max(start / sum) } else { m });
    course.error += amplification * course.tolerance;
    course.degree = course.degree.max(degree_of_stage);
    state.finish_stage(factors[inner], &factors[..inner]);
    course.finish_stage(end, state);
    true
}

fn to_complex<T: Scalar>(z: c64) -> T::Complex {
    T::RealPart::from_f64(z.re).complex(T::RealPart::from_f64(z.im))
}

/// The number in the type; of a real one, the real part.
fn narrow<T: Scalar>(z: c64) -> T {
    T::from_complex(to_complex::<T>(z))
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact results are compared exactly")]
mod tests {
    use super::*;
    use faer::Mat;

    #[test]
    fn series_of_the_exponential_on_the_interval() {
        for zeta in [c64::new(3.0, 0.0), c64::new(-200.0, 0.0), c64::new(0.0, 70.0), c64::new(-5.0, 9.0)] {
            let count = degree(zeta, 1e-16) + 1;
            let c = coefficients(zeta, count);
            for x in [-1.0, -0.7, 0.01, 0.9, 1.0_f64] {
                let sum = c
                    .iter()
                    .enumerate()
                    .fold(c64::new(0.0, 0.0), |sum, (k, &c)| sum + c * (k as f64 * x.acos()).cos());
                let size = (zeta.re * x - zeta.re.abs()).exp();
                let expected = c64::new(size * (zeta.im * x).cos(), size * (zeta.im * x).sin());
                // The angles k·acos x carry an error of k roundings.
                assert!((sum - expected).norm() < 1e-13, "{zeta} {x}: {:e}", (sum - expected).norm());
            }
            // The bound is not far from what is needed: the last fifth of the coefficients is not all negligible.
            assert!(c[count * 3 / 5..].iter().any(|c| c.norm() > 1e-16), "{zeta}: {count} are too many");
        }
    }

    #[test]
    fn coefficients_are_bessel_functions() {
        // (2 −) δ_k0 I_k(ζ) e^−|Re ζ| by mpmath 1.3.0 with 40 digits.
        for ((re, im), k, expected) in [
            ((800.0, 0.0), 0, (0.014106945005869184, 0.0)),
            ((800.0, 0.0), 100, (5.469589101228334e-5, 0.0)),
            ((800.0, 0.0), 200, (4.385582409914675e-13, 0.0)),
            ((0.0, 3500.0), 0, (0.011706370979626703, 0.0)),
            ((0.0, 3500.0), 1, (0.0, -0.0133910184773858)),
            ((0.0, 3500.0), 3490, (-0.08742205723999183, 0.0)),
            ((-5.0, 9.0), 0, (-0.07090879488017782, -0.10296142215158611)),
            ((-5.0, 9.0), 3, (0.1723145757857357, 0.10973905346438277)),
            ((-5.0, 9.0), 12, (-0.001707958357628383, -0.0032255197244370695)),
            ((0.01, 0.0), 2, (2.4751452104755797e-5, 0.0)),
            ((-60.0, 900.0), 301, (-0.0004183718430214014, 0.0007722354657637424)),
            ((1e-10, 0.0), 1, (0.9999999999e-10, 0.0)),
            ((0.0, 0.0), 0, (1.0, 0.0)),
        ] {
            let zeta = c64::new(re, im);
            let c = coefficients(zeta, degree(zeta, 1e-16) + 1)[k];
            let error = (c - c64::new(expected.0, expected.1)).norm();
            // Of an imaginary ζ the steps neither damp nor amplify: their roundings add up like the root of their number.
            assert!(error < 4e-16 * (1.0 + 0.1 * zeta.im.abs().sqrt()), "{zeta} {k}: {error:e}");
        }
    }

    #[test]
    fn degrees_grow_like_the_root_and_like_the_length() {
        assert!((232..260).contains(&degree(c64::new(800.0, 0.0), 1e-16)));
        // J_k(800) is below 1e-16 from k = 900 on, and 2 I_k(800) e^−800 from k = 232 on (SciPy 1.17.1).
        assert!(
            (900..940).contains(&degree(c64::new(0.0, 800.0), 1e-16)),
            "{}",
            degree(c64::new(0.0, 800.0), 1e-16)
        );
        assert!(degree(c64::new(0.01, 0.0), 1e-16) < 10);
    }

    #[test]
    fn an_interval_that_is_too_narrow_is_widened() {
        let n = 20;
        let a = Mat::from_fn(n, n, |i, j| if i == j { i as f64 - 10.0 } else { 0.0 });
        let operator = LinearOperator::from_products(&a);
        let narrow = |low, high, certain| Interval {
            low,
            high,
            inner_low: low,
            inner_high: high,
            certain,
            skew: false,
        };
        for mut interval in [narrow(-3.0, 3.0, None), narrow(-3.0, 3.0, Some((-10.0, 9.0)))] {
            let mut value = Vec::new();
            let mut emit = |_: usize, block: &[f64]| value = block.to_vec();
            let mut course = Course::new((1.0, &[2.0]), 1e-16, 10_000, &mut emit);
            let mut state = State::new(n, 1, false);
            state.sum.fill(1.0);
            assert!(run(&operator, &mut interval, &mut course, &mut state, &mut operator.scratch(1)));
            let largest = (2.0 * 9.0_f64).exp();
            for (i, x) in value.iter().enumerate() {
                assert!((x - (2.0 * (i as f64 - 10.0)).exp()).abs() < 1e-13 * largest, "{i}: {x:e}");
            }
        }
    }

    #[test]
    fn stages_keep_the_loss_small() {
        let interval =
            Interval { low: -8.0, high: 8.0, inner_low: -6.0, inner_high: 3.0, certain: None, skew: false };
        assert_eq!(interval.stages(10.0, 1e-16), 25.0); // 10·(8 − 3)/2
        assert_eq!(interval.stages(-10.0, 1e-16), 10.0);
        assert_eq!(interval.stages(c64::new(0.0, 10.0), 1e-16), 1.0);
        assert!(interval.stages(c64::new(0.0, 1e5), 1e-16) > 100.0);
    }
}
