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
/// Halvings of the radius.
const HALVINGS: usize = 60;
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

    /// The coefficients about `sigma`, from the largest circle on which they decay, or `None` if there is none that
    /// reaches about as far as the eigenvalues, at distances up to `spread`, do.
    pub(super) fn coefficients(
        &self,
        sigma: DoubleDoubleComplex,
        spread: f64,
        f: &impl Fn(DoubleDoubleComplex) -> DoubleDoubleComplex,
    ) -> Option<Vec<DoubleDoubleComplex>> {
        let mut radius = (2.0 * spread).max(1.0).log2().ceil().exp2();
        for _ in 0..HALVINGS {
            // Coefficients decay like (r/R)^k with R at least 2r here, so that the series converges at 1.2 r.
            if radius * 1.2 < spread {
                return None;
            }
            if let Some(c) = self.on(sigma, radius, f) {
                return Some(c);
            }
            radius *= 0.5;
        }
        None
    }

    fn on(
        &self,
        sigma: DoubleDoubleComplex,
        radius: f64,
        f: &impl Fn(DoubleDoubleComplex) -> DoubleDoubleComplex,
    ) -> Option<Vec<DoubleDoubleComplex>> {
        let r = DoubleDouble::from(radius);
        let values: Vec<_> = self.roots.iter().map(|w| f(sigma + w.scale(r))).collect();
        if !values.iter().all(|v| v.is_finite()) {
            return None;
        }
        let scaled = |k: usize| {
            let sum = values
                .iter()
                .enumerate()
                .fold(DoubleDoubleComplex::ZERO, |sum, (j, &v)| sum + v * self.roots[j * k % POINTS].conj());
            sum.scale(DoubleDouble::ONE / DoubleDouble::from(POINTS as f64))
        };
        let largest = values.iter().map(|v| v.modulus().to_f64()).fold(0.0, f64::max);
        // The tail first: it decides whether the others are needed.
        if !(USED..POINTS).all(|k| scaled(k).modulus().to_f64() <= DECAYED * largest) {
            return None;
        }
        let exponent = radius.log2() as i32;
        Some(
            (0..USED)
                .map(|k| {
                    let (c, shift) = (scaled(k), -exponent * k as i32);
                    DoubleDoubleComplex::new(c.re.ldexp(shift), c.im.ldexp(shift))
                })
                .collect(),
        )
    }
}
