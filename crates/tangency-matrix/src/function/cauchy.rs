//! Taylor coefficients of an analytic function from its values on a circle.
//!
//! $$ c_k = \frac{1}{2 \pi i} \oint \frac{f(z)}{(z - \sigma)^{k+1}} dz \approx
//!    \frac{1}{N r^k} \sum_{j < N} f(\sigma + r \omega^j) \omega^{-jk}, \quad \omega = e^{2 \pi i / N} $$
//!
//! (J. N. Lyness and C. B. Moler, SINUM 4 (1967)). The sum adds the coefficients k + N, k + 2N, … to the one that is
//! wanted; they are negligible where the coefficients have decayed before N. Rounding leaves an error of the size
//! $u \max \lvert f \rvert$ in each $c_k r^k$: in double-double arithmetic, $10^{-32}$, which leaves 16 digits to be
//! lost where the powers of a block are larger than those of r.

use super::double_double::DoubleDouble;
use super::double_double_complex::DoubleDoubleComplex;

/// Points on the circle.
const POINTS: usize = 128;
/// Coefficients that are used.
const USED: usize = 96;
/// Radii that are tried.
const RADII: usize = 80;
/// What the coefficients from [`USED`] on may have left, relative to the largest.
const DECAYED: f64 = 1e-28;

/// The roots of unity.
pub(super) struct Circle {
    roots: Vec<DoubleDoubleComplex>,
}

impl Circle {
    pub(super) fn new() -> Self {
        let step = DoubleDouble::PI.ldexp(1) / DoubleDouble::from(POINTS as f64);
        let roots = (0..POINTS)
            .map(|j| {
                let (sine, cosine) = (step * DoubleDouble::from(j as f64)).sin_cos();
                DoubleDoubleComplex::new(cosine, sine)
            })
            .collect();
        Self { roots }
    }

    /// The coefficients about `sigma`, or `None` if there is no circle on which they decay that reaches about as far as
    /// the eigenvalues do, which are at distances up to `spread`. For a block of this order with this norm of its
    /// strictly upper part.
    ///
    /// Of the circles with a power of two as radius the one with the least rounding noise is taken: a larger one makes
    /// the coefficients more exact where f does not grow, and less where it does.
    pub(super) fn coefficients(
        &self,
        sigma: DoubleDoubleComplex,
        spread: f64,
        (order, upper_norm): (usize, f64),
        f: &impl Fn(DoubleDoubleComplex) -> DoubleDoubleComplex,
    ) -> Option<Vec<DoubleDoubleComplex>> {
        let least = (2.0 * spread).max(1.0);
        // Beyond 2^10 an entire function has all the coefficients that a block can need.
        let mut exponent = upper_norm.clamp(least, 1024.0 * least).log2().ceil() as i32;
        let mut best: Option<Samples> = None;
        for _ in 0..RADII {
            let radius = f64::from(exponent).exp2();
            // Coefficients decay like (r/R)^k with R at least 2r here, so that the series converges at 1.2 r.
            if radius * 1.2 < spread {
                break;
            }
            if let Some(mut samples) = self.sample(sigma, exponent, f) {
                // Σ_k ‖Mᵏ‖/rᵏ ≤ Σ_j νʲ r/(r − ρ)^(j+1) for M = diagonal + N, ‖N‖ = ν.
                let growth = upper_norm / (radius - spread).max(0.1 * radius);
                samples.noise = samples.largest * (0..order).fold(0.0, |sum, _| sum * growth + 1.0);
                if best.as_ref().is_some_and(|b| b.noise <= samples.noise) {
                    break;
                }
                best = Some(samples);
            }
            exponent -= 1;
        }
        let Samples { mut coefficients, exponent, .. } = best?;
        coefficients.truncate(USED);
        for (k, c) in coefficients.iter_mut().enumerate().skip(1) {
            let shift = -exponent * k as i32;
            *c = DoubleDoubleComplex::new(c.re.ldexp(shift), c.im.ldexp(shift));
        }
        // The value at the centre is known better than as a mean: relative to itself and not to the largest.
        coefficients[0] = f(sigma);
        Some(coefficients)
    }

    /// The coefficients from the circle of radius 2^`exponent`, unless a value is not finite or they do not decay.
    fn sample(
        &self,
        sigma: DoubleDoubleComplex,
        exponent: i32,
        f: &impl Fn(DoubleDoubleComplex) -> DoubleDoubleComplex,
    ) -> Option<Samples> {
        let radius = DoubleDouble::from(f64::from(exponent).exp2());
        let mut values = Vec::with_capacity(POINTS);
        let mut largest = 0.0_f64;
        for root in &self.roots {
            let value = f(sigma + root.scale(radius));
            if !value.is_finite() {
                return None;
            }
            largest = largest.max(value.modulus().to_f64());
            values.push(value);
        }
        let coefficients = self.means(&values);
        coefficients[USED..].iter().all(|c| c.modulus().to_f64() <= DECAYED * largest).then_some(Samples {
            coefficients,
            exponent,
            largest,
            noise: f64::INFINITY,
        })
    }

    /// All $c_k r^k$, by the fast Fourier transform: J. W. Cooley and J. W. Tukey, Math. Comp. 19 (1965).
    fn means(&self, values: &[DoubleDoubleComplex]) -> Vec<DoubleDoubleComplex> {
        let bits = POINTS.ilog2();
        let reversed = |j: usize| j.reverse_bits() >> (usize::BITS - bits);
        let mut sums: Vec<_> = (0..POINTS).map(|j| values[reversed(j)]).collect();
        for stage in 0..bits {
            let half = 1_usize << stage;
            for block in sums.chunks_exact_mut(2 * half) {
                let (even, odd) = block.split_at_mut(half);
                for (j, (e, o)) in even.iter_mut().zip(odd).enumerate() {
                    let turned = if j == 0 { *o } else { *o * self.roots[j * POINTS / (2 * half)].conj() };
                    (*e, *o) = (*e + turned, *e - turned);
                }
            }
        }
        for sum in &mut sums {
            *sum = DoubleDoubleComplex::new(sum.re.ldexp(-(bits as i32)), sum.im.ldexp(-(bits as i32)));
        }
        sums
    }
}

/// What a circle has shown of f.
struct Samples {
    /// $c_k r^k$.
    coefficients: Vec<DoubleDoubleComplex>,
    /// The radius is 2 to this power.
    exponent: i32,
    /// Largest modulus of a value.
    largest: f64,
    /// Estimate of the effect of rounding on the block, up to the unit roundoff.
    noise: f64,
}
