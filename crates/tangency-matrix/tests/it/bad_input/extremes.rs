//! Matrices of order 2 at the ends of what there is, and what a function of them is.

use super::scalar::quotient;
use faer::{Mat, c64};
use tangency_matrix::{Precision, RealScalar, Scalar};

/// What is known of a matrix of order 2.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Spectrum {
    Multiple(f64),
    Simple(c64, c64),
    Defective(f64),
    /// A change of the last digit of the norm changes all digits of every function: no value can be asked for.
    Sensitive,
}

/// f(A), where f is defined on the spectrum.
pub(super) fn primary(f: fn(c64) -> [c64; 2], a: &Mat<c64>, spectrum: Spectrum) -> Option<Mat<c64>> {
    let real = |x: f64| c64::new(x, 0.0);
    let (at, value, slope, unit) = match spectrum {
        Spectrum::Multiple(x) => (real(x), f(real(x))[0], c64::ZERO, c64::ONE),
        Spectrum::Defective(x) => (real(x), f(real(x))[0], f(real(x))[1], c64::ONE),
        Spectrum::Simple(x, y) => (x, f(x)[0], f(y)[0] - f(x)[0], y - x),
        Spectrum::Sensitive => return None,
    };
    Some(Mat::from_fn(2, 2, |i, j| {
        let shifted = if i == j { a[(i, j)] - at } else { a[(i, j)] };
        let step = if shifted == c64::ZERO { c64::ZERO } else { slope * quotient(shifted, unit) };
        if i == j { value + step } else { step }
    }))
}

/// Matrices at the ends of what there is: singular, without a root, the largest, the smallest.
pub(super) fn extremes<T: Scalar>() -> Vec<(&'static str, [[f64; 2]; 2], Spectrum)> {
    use Spectrum::{Defective, Multiple, Sensitive, Simple};
    let single = T::PRECISION == Precision::Single;
    let (big, tiny) = if single {
        (2.0_f64.powi(120), 2.0_f64.powi(-149))
    } else {
        (2.0_f64.powi(1000), 2.0_f64.powi(-1074))
    };
    let largest = T::RealPart::MAX.to_f64();
    let real = |x: f64, y: f64| Simple(c64::new(x, 0.0), c64::new(y, 0.0));
    let pair = |x: f64, y: f64| Simple(c64::new(x, y), c64::new(x, -y));
    let b = big;
    vec![
        ("zero", [[0.0, 0.0], [0.0, 0.0]], Multiple(0.0)),
        ("ones", [[1.0, 1.0], [1.0, 1.0]], real(0.0, 2.0)),
        ("nilpotent", [[0.0, 1.0], [0.0, 0.0]], Defective(0.0)),
        ("full nilpotent", [[1.0, -1.0], [1.0, -1.0]], Defective(0.0)),
        ("swap", [[0.0, 1.0], [1.0, 0.0]], real(1.0, -1.0)),
        ("quarter turn", [[0.0, 1.0], [-1.0, 0.0]], pair(0.0, 1.0)),
        ("minus identity", [[-1.0, 0.0], [0.0, -1.0]], Multiple(-1.0)),
        ("minus Jordan", [[-1.0, 1.0], [0.0, -1.0]], Defective(-1.0)),
        ("singular triangle", [[0.0, 3.0], [0.0, 2.0]], real(0.0, 2.0)),
        ("huge turn", [[b, b], [-b, b]], pair(b, b)),
        ("huge definite", [[2.0 * b, b], [b, 2.0 * b]], real(b, 3.0 * b)),
        ("huge negative", [[-2.0 * b, -b], [-b, -2.0 * b]], real(-b, -3.0 * b)),
        ("huge triangle", [[-b, b], [0.0, -2.0 * b]], real(-b, -2.0 * b)),
        ("huge nilpotent", [[0.0, b], [0.0, 0.0]], Defective(0.0)),
        ("huge full nilpotent", [[b, -b], [b, -b]], Sensitive),
        ("huge singular", [[b, b], [b, b]], real(0.0, 2.0 * b)),
        ("huge unipotent", [[1.0, b], [0.0, 1.0]], Sensitive),
        ("largest", [[largest, largest], [largest, largest]], Sensitive),
        ("largest turn", [[largest, largest], [-largest, largest]], Sensitive),
        ("tiny definite", [[2.0 * tiny, tiny], [tiny, 2.0 * tiny]], real(tiny, 3.0 * tiny)),
        ("tiny turn", [[0.0, tiny], [-tiny, 0.0]], pair(0.0, tiny)),
        ("tiny nilpotent", [[0.0, tiny], [0.0, 0.0]], Defective(0.0)),
        ("tiny singular", [[tiny, tiny], [tiny, tiny]], real(0.0, 2.0 * tiny)),
        ("wide triangle", [[b, 1.0], [0.0, 1.0 / b]], Sensitive),
        ("wide swap", [[0.0, b], [1.0 / b, 0.0]], Sensitive),
        ("wide turn", [[0.0, b], [-1.0 / b, 0.0]], Sensitive),
        ("wide definite", [[1.0, b], [1.0 / b, 2.0]], Sensitive),
    ]
}
