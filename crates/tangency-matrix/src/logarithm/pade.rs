//! Padé approximants of log(I + X) by partial fractions, and how far each of them reaches.

use crate::quasi_triangular::{Scratch, solve_left, solve_right};
use crate::scalar::{Precision, Scalar};
use faer::{Mat, MatRef};

/// Nodes and weights of Gauss and Legendre on [0, 1] by degree; the nodes above ½ mirror those below.
///
/// Computed to 20 digits by tests/reference/log_constants.py.
#[allow(clippy::excessive_precision, reason = "as printed by the script")]
const NODES: [&[(f64, f64)]; 7] = [
    &[(0.5, 1.0)],
    &[(0.21132486540518711775, 0.5), (0.78867513459481288225, 0.5)],
    &[
        (0.11270166537925831148, 0.27777777777777777778),
        (0.5, 0.44444444444444444444),
        (0.88729833462074168852, 0.27777777777777777778),
    ],
    &[
        (0.069431844202973712388, 0.17392742256872692869),
        (0.3300094782075718676, 0.32607257743127307131),
        (0.6699905217924281324, 0.32607257743127307131),
        (0.93056815579702628761, 0.17392742256872692869),
    ],
    &[
        (0.046910077030668003601, 0.11846344252809454376),
        (0.23076534494715845448, 0.23931433524968323402),
        (0.5, 0.28444444444444444444),
        (0.76923465505284154552, 0.23931433524968323402),
        (0.9530899229693319964, 0.11846344252809454376),
    ],
    &[
        (0.033765242898423986094, 0.08566224618958517252),
        (0.16939530676686774317, 0.18038078652406930378),
        (0.38069040695840154568, 0.23395696728634552369),
        (0.61930959304159845432, 0.23395696728634552369),
        (0.83060469323313225683, 0.18038078652406930378),
        (0.96623475710157601391, 0.08566224618958517252),
    ],
    &[
        (0.025446043828620737737, 0.064742483084434846635),
        (0.12923440720030278007, 0.13985269574463833395),
        (0.29707742431130141655, 0.19091502525255947248),
        (0.5, 0.20897959183673469388),
        (0.70292257568869858345, 0.19091502525255947248),
        (0.87076559279969721993, 0.13985269574463833395),
        (0.97455395617137926226, 0.064742483084434846635),
    ],
];

/// $\theta_m$, m = 1, 2, …: the largest $\alpha(X)$ at which $r_m(X) = \log(I + X + \Delta X)$ with $\lVert \Delta X \rVert \le u \lVert X \rVert$.
///
/// From the power series of $e^{r_m(x)} - 1 - x$ at 120 digits by tests/reference/log_constants.py. The published values
/// (Al-Mohy, Higham and Relton 2013, Table 2.1: 0.288 for m = 7) are a little larger, for an error relative to the norm of $I + X$;
/// relative to $X$ the logarithm of a matrix close to the identity is accurate too. In single precision
/// degrees above 5 reach so little further that a square root is cheaper.
#[allow(clippy::excessive_precision, reason = "as printed by the script")]
const THETA_DOUBLE: [f64; 7] = [
    3.6500241166821667e-8,
    3.7593213639263383e-4,
    8.2023793049542017e-3,
    3.7925485813213545e-2,
    9.3346522964603145e-2,
    0.16680834400298361,
    0.24796015202926918,
];
const THETA_SINGLE: [f64; 5] = [8.455491686e-4, 5.6023059e-2, 0.2132398245, 0.3900157918, 0.536323582];

/// $\theta_m$ of a precision, by m − 1.
pub(super) fn thetas(precision: Precision) -> &'static [f64] {
    match precision {
        Precision::Single => &THETA_SINGLE,
        Precision::Double => &THETA_DOUBLE,
    }
}

/// $I + t X$.
fn shifted_multiple<T: Scalar>(a: &mut Mat<T>, x: &Mat<T>, t: T::RealPart) {
    for j in 0..x.ncols() {
        let column = a.col_as_slice_mut(j);
        for (a, x) in column.iter_mut().zip(x.col_as_slice(j)) {
            *a = x.scale(t);
        }
        column[j] += T::ONE;
    }
}

/// `sum += w·y`.
fn add_multiple<T: Scalar>(sum: &mut Mat<T>, w: T::RealPart, y: &Mat<T>) {
    for j in 0..y.ncols() {
        for (sum, y) in sum.col_as_slice_mut(j).iter_mut().zip(y.col_as_slice(j)) {
            *sum += y.scale(w);
        }
    }
}

/// $r_m(X) = \sum_j w_j X (I + t_j X)^{-1}$ of a quasi-triangular X into `sum`; `a` and `y` are overwritten.
///
/// m solutions with a triangular right side, n³/3 multiplications and additions each.
///
/// L. Dieci, B. Morini and A. Papini, SIMAX 17 (1996), section 3; N. J. Higham, SIMAX 22 (2001), (partial fractions).
pub(super) fn pade<T: Scalar>(
    x: &Mat<T>,
    degree: usize,
    sum: &mut Mat<T>,
    (a, y): (&mut Mat<T>, &mut Mat<T>),
    scratch: &mut Scratch<T>,
) {
    sum.fill(T::ZERO);
    for &(t, w) in NODES[degree - 1] {
        shifted_multiple(a, x, T::RealPart::from_f64(t));
        y.copy_from(x);
        solve_right(a.as_ref(), y.as_mut(), true, scratch);
        add_multiple(sum, T::RealPart::from_f64(w), y);
    }
}

/// The derivative of $r_m$ at X in direction E: $\sum_j w_j (I + t_j X)^{-1} E (I + t_j X)^{-1}$.
pub(super) fn pade_derivative<T: Scalar>(
    x: &Mat<T>,
    degree: usize,
    e: MatRef<'_, T>,
    scratch: &mut Scratch<T>,
) -> Mat<T> {
    let n = x.nrows();
    let (mut sum, mut a, mut y) = (Mat::zeros(n, n), Mat::zeros(n, n), Mat::zeros(n, n));
    for &(t, w) in NODES[degree - 1] {
        shifted_multiple(&mut a, x, T::RealPart::from_f64(t));
        y.copy_from(e);
        solve_left(a.as_ref(), y.as_mut(), scratch);
        solve_right(a.as_ref(), y.as_mut(), false, scratch);
        add_multiple(&mut sum, T::RealPart::from_f64(w), &y);
    }
    sum
}
