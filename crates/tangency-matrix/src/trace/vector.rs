//! Operations on contiguous vectors, and random ones.

use super::Probe;
use crate::scalar::{RealScalar, Scalar};
use rand::Rng;

/// Partial sums that the compiler can keep in vector registers; their number is part of the result's bits.
const LANES: usize = 8;

/// $\langle x, y \rangle = x^* y$.
pub(super) fn dot<T: Scalar>(x: &[T], y: &[T]) -> T {
    let mut sums = [T::ZERO; LANES];
    let (x_blocks, y_blocks) = (x.chunks_exact(LANES), y.chunks_exact(LANES));
    let rest =
        x_blocks.remainder().iter().zip(y_blocks.remainder()).fold(T::ZERO, |s, (&a, &b)| s + a.conj() * b);
    for (a, b) in x_blocks.zip(y_blocks) {
        for lane in 0..LANES {
            sums[lane] += a[lane].conj() * b[lane];
        }
    }
    sums.iter().fold(rest, |s, &t| s + t)
}

/// Euclidean length, also where the squares would over- or underflow.
pub(super) fn norm<T: Scalar>(x: &[T]) -> T::RealPart {
    let largest = x.iter().fold(T::RealPart::ZERO, |m, v| RealScalar::max(m, v.modulus()));
    let (low, high) = (Scalar::sqrt(T::RealPart::MIN_POSITIVE), Scalar::sqrt(T::RealPart::MAX));
    let (low, high) = (low / T::RealPart::UNIT_ROUNDOFF, high * T::RealPart::UNIT_ROUNDOFF);
    if largest > low && largest < high {
        return Scalar::sqrt(dot(x, x).re());
    }
    if largest == T::RealPart::ZERO || !largest.finite() {
        return largest;
    }
    let sum = x.iter().fold(T::RealPart::ZERO, |s, v| {
        let ratio = v.modulus() / largest;
        s + ratio * ratio
    });
    largest * Scalar::sqrt(sum)
}

/// `y -= factor·x`.
pub(super) fn subtract_multiple<T: Scalar>(y: &mut [T], factor: T, x: &[T]) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y -= factor * x;
    }
}

/// Uniform in (0, 1].
fn uniform(rng: &mut dyn Rng) -> f64 {
    ((rng.next_u64() >> 11) + 1) as f64 / (1_u64 << 53) as f64
}

/// Failures before the first success of trials that fail with this probability, at least 0.
pub(super) fn geometric(failure: f64, rng: &mut dyn Rng) -> usize {
    let u = uniform(rng);
    // P(N >= j) = P(u <= failure^j) = failure^j. A failure of 0 gives ln u / -∞ = 0.
    (u.ln() / failure.ln()) as usize
}

fn number<T: Scalar>(re: f64, im: f64) -> T {
    T::from_complex(T::RealPart::complex(T::RealPart::from_f64(re), T::RealPart::from_f64(im)))
}

/// A random vector with $E[x x^*] = I$ and $\lVert x \rVert = \sqrt n$.
pub(super) fn fill_probe<T: Scalar>(kind: Probe, x: &mut [T], rng: &mut dyn Rng) {
    match kind {
        Probe::Signs if !T::IS_REAL => {
            for v in x {
                let (sine, cosine) = (std::f64::consts::TAU * uniform(rng)).sin_cos();
                *v = number(cosine, sine);
            }
        }
        Probe::Signs => {
            for v in x {
                *v = if rng.next_u64() >> 63 == 0 { T::ONE } else { -T::ONE };
            }
        }
        Probe::Sphere => {
            // Box and Muller: two normal numbers from two uniform ones.
            let mut spare = None;
            let mut normal = |rng: &mut dyn Rng| {
                spare.take().unwrap_or_else(|| {
                    let radius = (-2.0 * uniform(rng).ln()).sqrt();
                    let (sine, cosine) = (std::f64::consts::TAU * uniform(rng)).sin_cos();
                    spare = Some(radius * sine);
                    radius * cosine
                })
            };
            let complex = !T::IS_REAL;
            for v in x.iter_mut() {
                let re = normal(rng);
                let im = if complex { normal(rng) } else { 0.0 };
                *v = number(re, im);
            }
            let length = norm(x);
            if length == T::RealPart::ZERO {
                x.fill(T::ONE);
                return;
            }
            let scale = T::RealPart::from_f64((x.len() as f64).sqrt()) / length;
            for v in x {
                *v = v.scale(scale);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use faer::c64;
    use rand_pcg::Pcg64;

    #[test]
    fn lengths_at_the_ends_of_the_range() {
        for scale in [1e300_f64, 1e-300, 3.0, 5e-324] {
            assert!((norm(&[3.0 * scale, 4.0 * scale]) / (5.0 * scale) - 1.0).abs() < 1e-15, "{scale}");
        }
        assert!((norm(&[c64::new(3.0, 4.0), c64::new(0.0, 12.0)]) - 13.0).abs() < 1e-14);
        let x: Vec<f64> = (1..=19).map(f64::from).collect();
        assert!((dot(&x, &x) - 2470.0).abs() < 1e-12);
    }

    #[test]
    fn second_moments_of_the_probes() {
        let mut rng = Pcg64::new(5, 9);
        for kind in [Probe::Sphere, Probe::Signs] {
            let draws = 40_000;
            let mut mean = [[c64::ZERO; 3]; 3];
            let mut real = [0.0; 2]; // E x_1², E x_1^4 of real probes
            for _ in 0..draws {
                let mut x = [c64::ZERO; 3];
                fill_probe(kind, &mut x, &mut rng);
                assert!((norm(&x) - 3.0_f64.sqrt()).abs() < 1e-14);
                for i in 0..3 {
                    for j in 0..3 {
                        mean[i][j] += x[i] * x[j].conj() / f64::from(draws);
                    }
                }
                let mut y = [0.0_f64; 3];
                fill_probe(kind, &mut y, &mut rng);
                real[0] += y[0].powi(2) / f64::from(draws);
                real[1] += y[0].powi(4) / f64::from(draws);
            }
            for i in 0..3 {
                for j in 0..3 {
                    let expected = if i == j { 1.0 } else { 0.0 };
                    assert!((mean[i][j] - c64::new(expected, 0.0)).modulus() < 0.02);
                }
            }
            // On the sphere of radius √3 in three dimensions the fourth moment is 9·3/15.
            let fourth = if kind == Probe::Sphere { 1.8 } else { 1.0 };
            assert!((real[0] - 1.0).abs() < 0.02 && (real[1] - fourth).abs() < 0.03, "{real:?}");
        }
    }

    #[test]
    fn geometric_numbers() {
        let mut rng = Pcg64::new(1, 1);
        let draws = 100_000;
        let mean = (0..draws).map(|_| geometric(0.75, &mut rng)).sum::<usize>() as f64 / f64::from(draws);
        // failure / (1 - failure) = 3, standard deviation √12.
        assert!((mean - 3.0).abs() < 4.0 * 12.0_f64.sqrt() / f64::from(draws).sqrt(), "{mean}");
        assert!((0..100).all(|_| geometric(0.0, &mut rng) == 0));
    }
}
