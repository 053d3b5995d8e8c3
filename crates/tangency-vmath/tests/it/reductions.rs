//! Sums, norms and the logarithm of a sum of exponentials.

use crate::functions::Format;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use tangency_vmath::{LengthMismatch, Real, axpy, dot, log_sum_exp, norm, sum_of_squares};

/// Lengths around the sizes of lanes and blocks.
const LENGTHS: [usize; 16] = [0, 1, 2, 15, 16, 17, 31, 32, 33, 100, 1023, 1024, 1025, 1040, 2048, 5000];

fn random<T: Format>(n: usize, rng: &mut Pcg64) -> Vec<T> {
    (0..n).map(|_| T::from_f64(rng.random_range(-1.0..1.0))).collect()
}

fn sums<T: Format>() {
    let mut rng = Pcg64::seed_from_u64(3);
    for n in LENGTHS {
        let (x, y) = (random::<T>(n, &mut rng), random::<T>(n, &mut rng));
        let exact: f64 = x.iter().zip(&y).map(|(x, y)| x.to_f64() * y.to_f64()).sum();
        let sizes: f64 = x.iter().zip(&y).map(|(x, y)| (x.to_f64() * y.to_f64()).abs()).sum();
        let tolerance = (n as f64 / 16.0 + 6.0) * T::EPSILON.to_f64() * sizes;
        let error = (dot(&x, &y).unwrap().to_f64() - exact).abs();
        assert!(error <= tolerance, "dot {n}: {error:e} > {tolerance:e}");

        let squares: f64 = x.iter().map(|x| x.to_f64().powi(2)).sum();
        let tolerance = (n as f64 / 16.0 + 6.0) * T::EPSILON.to_f64() * squares;
        assert!((sum_of_squares(&x).to_f64() - squares).abs() <= tolerance);
        assert!((norm(&x).to_f64() - squares.sqrt()).abs() <= tolerance / squares.sqrt().max(1e-30));

        let a = T::from_f64(-0.7);
        let mut z = y.clone();
        axpy(a, &x, &mut z).unwrap();
        for ((&z, &x), &y) in z.iter().zip(&x).zip(&y) {
            let exact = a.to_f64() * x.to_f64() + y.to_f64();
            assert!((z.to_f64() - exact).abs() <= 2.0 * T::EPSILON.to_f64(), "axpy {n}");
        }
    }
}

#[test]
fn sums_agree_with_plain_loops_at_every_length() {
    sums::<f64>();
    sums::<f32>();
}

/// Each position counts once, with its own sign: one large element moved through the slice.
#[test]
fn every_position_is_summed_once() {
    for n in [1, 15, 16, 17, 40, 1024, 1030] {
        for i in 0..n {
            let mut x = vec![0.0_f64; n];
            let mut y = vec![1.0_f64; n];
            x[i] = 3.0;
            y[i] = -2.0;
            assert_eq!(dot(&x, &y), Ok(-6.0));
            assert_eq!(sum_of_squares(&x).to_bits(), 9.0_f64.to_bits());
            let mut logarithms = vec![f64::NEG_INFINITY; n];
            logarithms[i] = -3.0;
            assert_eq!(log_sum_exp(&logarithms).to_bits(), (-3.0_f64).to_bits());
        }
    }
}

#[test]
fn lengths_must_agree() {
    assert_eq!(dot(&[1.0], &[1.0, 2.0]), Err(LengthMismatch { expected: 1, got: 2 }));
    let mut y = [1.0_f32];
    assert_eq!(axpy(1.0, &[1.0, 2.0], &mut y), Err(LengthMismatch { expected: 2, got: 1 }));
    assert_eq!(y[0].to_bits(), 1.0_f32.to_bits());
}

#[test]
fn a_norm_neither_overflows_nor_underflows() {
    for scale in [1e-320, 1e-300, 1e-200, 1.0, 1e200, 1e307] {
        let x = [3.0 * scale, -4.0 * scale];
        let want = 5.0 * scale;
        // Near the bottom the arguments themselves are rounded to the grid of the subnormal numbers.
        assert!((norm(&x) - want).abs() <= 4.0 * f64::EPSILON * want + 1e-323, "{scale:e}: {:e}", norm(&x));
    }
    assert_eq!(norm::<f64>(&[]).to_bits(), 0);
    assert_eq!(norm(&[0.0_f32; 5]).to_bits(), 0);
    assert!(norm(&[1.0, f64::NAN, f64::INFINITY]).is_nan());
    assert!(norm(&[1.0, f64::NEG_INFINITY]).is_infinite());
    assert!((norm(&[3e-30_f32, 4e-30]) - 5e-30).abs() < 1e-36);
    // A plain sum of ones stops at 2^24 in single precision.
    let long = norm(&vec![1e-30_f32; 1 << 25]);
    assert!((long / 5.792_618_8e-27 - 1.0).abs() < 1e-6, "{long:e}");
    let odd: Vec<f64> = (0..37).map(|i| f64::from(i) * 1e200).collect();
    assert!((norm(&odd) / (16206_f64.sqrt() * 1e200) - 1.0).abs() < 1e-15);
}

/// Plainly, in twice the precision that is needed: the maximum first, sorted, compensated.
fn plain(x: &[f64]) -> f64 {
    let m = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut terms: Vec<f64> = x.iter().map(|x| (x - m).exp()).collect();
    terms.sort_by(f64::total_cmp);
    m + terms.iter().sum::<f64>().ln()
}

fn log_sums<T: Format>() {
    let mut rng = Pcg64::seed_from_u64(5);
    for n in &LENGTHS[1..] {
        for (centre, spread) in [(0.0, 1.0), (700.0, 50.0), (-2000.0, 300.0), (1e4, 1e3), (-5.0, 1e-3)] {
            let mut x: Vec<T> =
                (0..*n).map(|_| T::from_f64(centre + spread * rng.random_range(-1.0..1.0))).collect();
            for _ in 0..3 {
                let exact = plain(&x.iter().map(|x| x.to_f64()).collect::<Vec<_>>());
                // The rounding of x - m is what counts where m is large: half a unit of the difference, then of the sum.
                let size = exact.abs().max((*n as f64).ln()).max(1.0);
                let error = (log_sum_exp(&x).to_f64() - exact).abs() / (T::EPSILON.to_f64() * size);
                assert!(error <= 3.0, "{n} at {centre} ± {spread}: {error} units");
                // Rising: every block raises the maximum and rescales. Falling: only the first does.
                x.sort_by(|a, b| a.to_f64().total_cmp(&b.to_f64()));
                x.reverse();
                x.rotate_left(usize::from(*n > 2));
            }
            x.sort_by(|a, b| a.to_f64().total_cmp(&b.to_f64()));
            let exact = plain(&x.iter().map(|x| x.to_f64()).collect::<Vec<_>>());
            let size = exact.abs().max((*n as f64).ln()).max(1.0);
            assert!((log_sum_exp(&x).to_f64() - exact).abs() <= 3.0 * T::EPSILON.to_f64() * size);
        }
    }
}

#[test]
fn log_sum_exp_agrees_with_the_definition() {
    log_sums::<f64>();
    log_sums::<f32>();
}

/// The error grows with the number of blocks, not with the number of elements.
#[test]
fn log_sum_exp_of_many_numbers() {
    let mut rng = Pcg64::seed_from_u64(7);
    let x: Vec<f32> = random(4_000_000, &mut rng);
    let exact = plain(&x.iter().map(|&x| f64::from(x)).collect::<Vec<_>>());
    let error = (f64::from(log_sum_exp(&x)) - exact).abs() / (f64::from(f32::EPSILON) * exact);
    assert!(error <= 1.0, "{error} units");
}

#[test]
fn log_sum_exp_of_infinities_and_nan() {
    let (inf, nan) = (f64::INFINITY, f64::NAN);
    let same = |x: &[f64], want: f64| {
        let got = log_sum_exp(x);
        assert!(got.to_bits() == want.to_bits() || (got.is_nan() && want.is_nan()), "{got} not {want}");
    };
    for n in [1, 16, 17, 1024, 1025, 3000] {
        same(&vec![-inf; n], -inf);
        for place in [0, n / 2, n - 1] {
            for background in [-inf, 0.0, -800.0, 800.0] {
                let mut x = vec![background; n];
                x[place] = nan;
                same(&x, nan);
                x[place] = inf;
                same(&x, inf);
                if n > 1 {
                    x[(place + 1) % n] = nan;
                    same(&x, nan);
                    x[(place + 1) % n] = -inf;
                    same(&x, inf);
                }
            }
            let mut x = vec![-inf; n];
            x[place] = -1e5;
            same(&x, -1e5);
        }
    }
    // Infinity in a later block than the largest finite element, whose neighbours have underflowed to 0.
    for (large, background) in [(800.0, -inf), (800.0, -1e4), (-800.0, -inf), (f64::MAX, 0.0)] {
        let mut x = vec![background; 2100];
        x[0] = large;
        x[1500] = inf;
        same(&x, inf);
        x[700] = nan;
        same(&x, nan);
    }
    same(&[], -inf);
    same(&[-f64::MAX, -f64::MAX], -f64::MAX);
    same(&[f64::MAX, -f64::MAX], f64::MAX);
    assert!(log_sum_exp::<f32>(&[]).is_infinite());
    assert!(f32::EPSILON < Real::abs(log_sum_exp(&[0.0_f32, 0.0])));
}
