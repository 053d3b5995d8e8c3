//! Chebyshev series, for a spectrum on a line: Hermitian and skew-Hermitian matrices.
//!
//! With $A = \omega X$, X Hermitian with its spectrum in $[c - r, c + r]$ and $\omega$ = 1 or i,
//!
//! $$ e^{zA} = e^{z \omega c} \sum_k c_k(z \omega r) T_k \Big( \frac{X - c}{r} \Big), \quad
//!    e^{\zeta x} = \sum_k c_k(\zeta) T_k(x) . $$
//!
//! The coefficients are Bessel functions; they are taken from a discrete cosine transform, which is right to rounding of
//! the largest one. About $\sqrt{2 r \lvert z \rvert \ln(1/u)}$ products do for real z, about $r \lvert z \rvert$ for
//! imaginary ones, where Taylor's series needs 5.6 times $r \lvert z \rvert$.

use super::course::{Course, State};
use super::operator::{LinearOperator, Recurrence, Scratch, random_vector};
use crate::scalar::{RealScalar, Scalar};
use faer::{Mat, c64};

/// Longest series; longer times are cut, for the coefficients cost the square of it.
const LARGEST_DEGREE: usize = 4096;
/// Lanczos steps for the ends of the spectrum.
const LANCZOS_STEPS: usize = 40;
/// Largest loss by an interval that reaches beyond the spectrum, ln of the factor, in one stage.
const LOSS: f64 = 2.0;
/// Widenings of an estimated interval that turns out too narrow.
const WIDENINGS: usize = 6;

/// Where the eigenvalues of X are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Interval {
    low: f64,
    high: f64,
    /// Eigenvalue estimates inside: those beyond are not there, or so little that rounding must be watched.
    inner_low: f64,
    inner_high: f64,
    /// The interval that is certain, from Gershgorin's theorem.
    certain: Option<(f64, f64)>,
    skew: bool,
}

impl Interval {
    /// From the entries and from Lanczos steps on a random vector.
    pub(super) fn estimate<T: Scalar>(
        a: &LinearOperator<'_, T>,
        n: usize,
        scratch: &mut Scratch<T>,
        products: &mut usize,
    ) -> Option<Self> {
        let certain = a.entries().map(super::operator::Entries::interval);
        let skew = a.entries().is_some_and(|e| e.skew && !e.hermitian);
        // −iA has no vectors in a real type; nor would the estimates serve there, as nothing grows or decays.
        let real_skew = skew && T::from_complex(imaginary_unit::<T>()) == T::ZERO;
        if real_skew {
            let (low, high) = certain?;
            return Some(Self { low, high, inner_low: low, inner_high: high, certain, skew });
        }
        let ritz = lanczos(a, n, skew, scratch, products)?;
        let wide = ritz.high - ritz.low + ritz.residual_low + ritz.residual_high;
        let slack = 1e-6 * wide;
        let mut low = ritz.low - 3.0 * ritz.residual_low - slack;
        let mut high = ritz.high + 3.0 * ritz.residual_high + slack;
        if let Some((certain_low, certain_high)) = certain {
            (low, high) = (low.max(certain_low), high.min(certain_high));
        }
        (low < high && low.is_finite() && high.is_finite()).then_some(Self {
            low,
            high,
            inner_low: ritz.low,
            inner_high: ritz.high,
            certain,
            skew,
        })
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
        let z = z.to_complex();
        let z = c64::new(z.re().to_f64(), z.im().to_f64());
        if self.skew { c64::new(-z.im, z.re) } else { z }
    }

    /// Stages for the step z: by the loss of digits where the interval is too wide, and by the length of the series.
    fn stages<T: Scalar>(self, z: T, tolerance: f64) -> f64 {
        let zeta = self.turned(z);
        let beyond = if zeta.re > 0.0 { self.high - self.inner_high } else { self.inner_low - self.low };
        let mut stages = (zeta.re.abs() * beyond / LOSS).ceil().max(1.0);
        while degree(zeta * (self.radius() / stages), tolerance) > LARGEST_DEGREE && stages < 1e18 {
            stages *= 2.0;
        }
        stages
    }

    /// Products for the step z.
    pub(super) fn products<T: Scalar>(self, z: T, tolerance: f64) -> f64 {
        let stages = self.stages(z, tolerance);
        stages * degree(self.turned(z) * (self.radius() / stages), tolerance) as f64
    }
}

fn imaginary_unit<T: Scalar>() -> T::Complex {
    T::RealPart::ZERO.complex(T::RealPart::ONE)
}

/// Extreme Ritz values and their residuals.
struct Ritz {
    low: f64,
    high: f64,
    residual_low: f64,
    residual_high: f64,
}

/// Lanczos steps on a random vector; without reorthogonalisation, which does not move the extreme values.
fn lanczos<T: Scalar>(
    a: &LinearOperator<'_, T>,
    n: usize,
    skew: bool,
    scratch: &mut Scratch<T>,
    products: &mut usize,
) -> Option<Ritz> {
    let turn = if skew { -T::from_complex(imaginary_unit::<T>()) } else { T::ONE };
    let steps = LANCZOS_STEPS.min(n);
    let norm = |x: &[T]| x.iter().map(|x| x.modulus().to_f64().powi(2)).sum::<f64>().sqrt();
    let scale = |x: &mut [T], factor: f64| {
        let factor = T::RealPart::from_f64(factor);
        for x in x {
            *x = x.scale(factor);
        }
    };
    let mut v: Vec<T> = random_vector(n, 3);
    let first = norm(&v);
    scale(&mut v, 1.0 / first);
    let (mut before, mut w) = (vec![T::ZERO; n], vec![T::ZERO; n]);
    let mut tridiagonal = Mat::<f64>::zeros(steps, steps);
    let mut beta = 0.0;
    let mut size = 0;
    for k in 0..steps {
        a.apply_to_vector(&mut w, &v, scratch);
        *products += 1;
        let mut alpha = 0.0;
        for (w, v) in w.iter_mut().zip(&v) {
            *w *= turn;
            alpha += (v.conj() * *w).re().to_f64();
        }
        let (c, b) = (T::from_f64(alpha), T::from_f64(beta));
        for (w, (&v, &before)) in w.iter_mut().zip(v.iter().zip(&before)) {
            *w = *w - c * v - b * before;
        }
        tridiagonal[(k, k)] = alpha;
        if k > 0 {
            (tridiagonal[(k, k - 1)], tridiagonal[(k - 1, k)]) = (beta, beta);
        }
        size = k + 1;
        beta = norm(&w);
        if !alpha.is_finite() || !beta.is_finite() {
            return None;
        }
        if beta <= 1e-14 * alpha.abs() || beta == 0.0 {
            break;
        }
        scale(&mut w, 1.0 / beta);
        std::mem::swap(&mut before, &mut v);
        std::mem::swap(&mut v, &mut w);
    }
    let (values, vectors) =
        <f64 as crate::kernels::Kernels>::hermitian_eigen(tridiagonal.as_ref().submatrix(0, 0, size, size))?;
    Some(Ritz {
        low: *values.first()?,
        high: *values.last()?,
        residual_low: beta * vectors[(size - 1, 0)].abs(),
        residual_high: beta * vectors[(size - 1, size - 1)].abs(),
    })
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
fn coefficients(zeta: c64, count: usize) -> Vec<c64> {
    let period = 4 * count;
    let cosine: Vec<f64> =
        (0..period).map(|m| (std::f64::consts::PI * m as f64 / (2 * count) as f64).cos()).collect();
    let values: Vec<c64> = (0..count)
        .map(|j| {
            let x = cosine[2 * j + 1];
            let size = (zeta.re * x - zeta.re.abs()).exp();
            let (sine, cosine) = (zeta.im * x).sin_cos();
            c64::new(size * cosine, size * sine)
        })
        .collect();
    (0..count)
        .map(|k| {
            let sum = values
                .iter()
                .enumerate()
                .fold(c64::new(0.0, 0.0), |sum, (j, &value)| sum + value * cosine[k * (2 * j + 1) % period]);
            sum * (if k == 0 { 1.0 } else { 2.0 } / count as f64)
        })
        .collect()
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
    let mut saved = state.sum.clone();
    let mut widenings = 0;
    while course.position < course.end() {
        let rest = course.end() - course.position;
        let stages = interval.stages(course.step(rest), course.tolerance);
        let mut length = rest / stages;
        let left = course.max_products.saturating_sub(course.products);
        let series =
            |length: f64| degree(interval.turned(course.step(length)) * interval.radius(), course.tolerance);
        let mut halvings = 0;
        while series(length) > left {
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
        saved.copy_from_slice(&state.sum);
        if !advance(a, *interval, series(length), end, course, state, scratch) {
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

/// One stage; `false` if the terms grow, as they do outside the interval only.
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
            T::from_complex(to_complex::<T>(c64::new(zeta.re * edge, zeta.im * centre)).exp())
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
