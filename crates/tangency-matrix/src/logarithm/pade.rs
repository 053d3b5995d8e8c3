//! Padé approximants of log(I + X) by partial fractions, and how far each of them reaches.

use crate::parallel::join;
use crate::quasi_triangular::{LEAF, Scratch, solve_left, solve_right};
use crate::scalar::{Precision, Scalar};
use faer::prelude::{Reborrow, ReborrowMut};
use faer::{Mat, MatMut, MatRef};

/// Nodes and weights of Gauss and Legendre on [0, 1] by degree; the nodes above ½ mirror those below.
///
/// Computed to 20 digits by tests/reference/log_constants.py.
#[allow(clippy::excessive_precision, reason = "as printed by the script")]
const NODES: [&[(f64, f64)]; 12] = [
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
    &[
        (0.019855071751231884158, 0.050614268145188129576),
        (0.1016667612931866302, 0.11119051722668723527),
        (0.23723379504183550709, 0.15685332293894364367),
        (0.40828267875217509753, 0.18134189168918099148),
        (0.59171732124782490247, 0.18134189168918099148),
        (0.76276620495816449291, 0.15685332293894364367),
        (0.8983332387068133698, 0.11119051722668723527),
        (0.98014492824876811584, 0.050614268145188129576),
    ],
    &[
        (0.015919880246186955082, 0.040637194180787205986),
        (0.08198444633668210285, 0.090324080347428702029),
        (0.19331428364970480135, 0.13030534820146773116),
        (0.33787328829809553548, 0.15617353852000142003),
        (0.5, 0.16511967750062988158),
        (0.66212671170190446452, 0.15617353852000142003),
        (0.80668571635029519865, 0.13030534820146773116),
        (0.91801555366331789715, 0.090324080347428702029),
        (0.98408011975381304492, 0.040637194180787205986),
    ],
    &[
        (0.013046735741414139961, 0.033335672154344068797),
        (0.067468316655507744634, 0.074725674575290296573),
        (0.16029521585048779688, 0.109543181257991022),
        (0.2833023029353764046, 0.13463335965499817755),
        (0.42556283050918439456, 0.14776211235737643509),
        (0.57443716949081560544, 0.14776211235737643509),
        (0.7166976970646235954, 0.13463335965499817755),
        (0.83970478414951220312, 0.109543181257991022),
        (0.93253168334449225537, 0.074725674575290296573),
        (0.98695326425858586004, 0.033335672154344068797),
    ],
    &[
        (0.010885670926971503598, 0.027834283558086833241),
        (0.056468700115952350462, 0.062790184732452312317),
        (0.13492399721297533795, 0.093145105463867125713),
        (0.24045193539659409204, 0.11659688229599523996),
        (0.36522842202382751383, 0.13140227225512333109),
        (0.5, 0.13646254338895031536),
        (0.63477157797617248617, 0.13140227225512333109),
        (0.75954806460340590796, 0.11659688229599523996),
        (0.86507600278702466205, 0.093145105463867125713),
        (0.94353129988404764954, 0.062790184732452312317),
        (0.9891143290730284964, 0.027834283558086833241),
    ],
    &[
        (0.0092196828766403746547, 0.023587668193255913597),
        (0.047941371814762571661, 0.05346966299765921548),
        (0.11504866290284765648, 0.080039164271673113167),
        (0.20634102285669127635, 0.10158371336153296087),
        (0.31608425050090990312, 0.11674626826917740438),
        (0.43738329574426554226, 0.1245735229067013925),
        (0.56261670425573445774, 0.1245735229067013925),
        (0.68391574949909009688, 0.11674626826917740438),
        (0.79365897714330872365, 0.10158371336153296087),
        (0.88495133709715234352, 0.080039164271673113167),
        (0.95205862818523742834, 0.05346966299765921548),
        (0.99078031712335962535, 0.023587668193255913597),
    ],
];

/// $\theta_m$, m = 1, 2, …: the largest $\alpha(X)$ at which $r_m(X) = \log(I + X + \Delta X)$ with $\lVert \Delta X \rVert \le u \lVert X \rVert$.
///
/// From the power series of $e^{r_m(x)} - 1 - x$ at 120 digits by tests/reference/log_constants.py. The published values
/// (Al-Mohy, Higham and Relton 2013, Table 2.1: 0.288 for m = 7) are a little larger, for an error relative to the norm of $I + X$;
/// relative to $X$ the logarithm of a matrix close to the identity is accurate too. Degrees above these reach so little further
/// that a square root is cheaper.
#[allow(clippy::excessive_precision, reason = "as printed by the script")]
const THETA_DOUBLE: [f64; 12] = [
    3.6500241166821667e-8,
    0.00037593213639263383,
    0.0082023793049542017,
    0.037925485813213545,
    0.093346522964603145,
    0.16680834400298361,
    0.24796015202926918,
    0.32875993178081817,
    0.40443220710631643,
    0.47276766041649782,
    0.53316981326948802,
    0.58591754955734342,
];
#[allow(clippy::excessive_precision, reason = "as printed by the script")]
const THETA_SINGLE: [f64; 6] = [
    0.0008455491685873333,
    0.056023059002159405,
    0.21323982449115608,
    0.39001579176794813,
    0.53632358197441887,
    0.64568664286693306,
];

/// $\theta_m$ of a precision, by m − 1.
pub(super) fn thetas(precision: Precision) -> &'static [f64] {
    match precision {
        Precision::Single => &THETA_SINGLE,
        Precision::Double => &THETA_DOUBLE,
    }
}

/// $D = I + \alpha X + \beta N$, down to the subdiagonal.
fn denominator<T: Scalar>(
    d: &mut Mat<T>,
    (alpha, x): (T::RealPart, &Mat<T>),
    (beta, numerator): (T::RealPart, &Mat<T>),
) {
    let n = x.nrows();
    for j in 0..n {
        let end = (j + 2).min(n);
        let column = &mut d.col_as_slice_mut(j)[..end];
        let terms = x.col_as_slice(j).iter().zip(numerator.col_as_slice(j));
        for (d, (x, y)) in column.iter_mut().zip(terms) {
            *d = x.scale(alpha) + y.scale(beta);
        }
        column[j] += T::ONE;
    }
}

/// Columns that are solved for together.
const PANEL: usize = 64;

/// Least order and least number of columns of two halves that are worth two threads.
const PARALLEL: usize = 128;

/// `sum += w·D⁻¹·N` for the columns `first..`, where all are quasi-triangular with blocks at the same places; `y` is overwritten.
///
/// Columns up to j of the quotient need no more than the leading part of D: a sixth of n³ multiplications.
fn add_quotient<T: Scalar>(
    (w, d, numerator): (T::RealPart, MatRef<'_, T>, MatRef<'_, T>),
    first: usize,
    mut y: MatMut<'_, T>,
    mut sum: MatMut<'_, T>,
    scratch: &mut Scratch<T>,
) {
    let width = y.ncols();
    let end = first + width;
    // One more, so that a block at the end is not cut off.
    if width <= PANEL + 1 {
        let mut y = y.rb_mut().subrows_mut(0, end);
        y.copy_from(numerator.submatrix(0, first, end, width));
        solve_left(d.submatrix(0, 0, end, end), y.rb_mut(), scratch);
        for (mut sum, y) in sum.rb_mut().subrows_mut(0, end).col_iter_mut().zip(y.rb().col_iter()) {
            for (sum, y) in sum.rb_mut().iter_mut().zip(y.iter()) {
                *sum += y.scale(w);
            }
        }
        return;
    }
    let half = width.div_ceil(PANEL) / 2 * PANEL;
    let half = half + usize::from(d[(first + half, first + half - 1)] != T::ZERO);
    let (y1, y2) = y.split_at_col_mut(half);
    let (sum1, sum2) = sum.split_at_col_mut(half);
    let terms = (w, d, numerator);
    if width >= PARALLEL && end > PARALLEL {
        join(
            || add_quotient(terms, first, y1, sum1, scratch),
            || add_quotient(terms, first + half, y2, sum2, &mut Scratch::new(LEAF)),
        );
    } else {
        add_quotient(terms, first, y1, sum1, scratch);
        add_quotient(terms, first + half, y2, sum2, scratch);
    }
}

/// $r_m(X) = \sum_j w_j X (I + t_j X)^{-1}$ of a quasi-triangular X into `sum`; `d` and `y` are overwritten.
///
/// The nodes $t$ and $1 - t$ have equal weights, and share one solution with a triangular right side:
///
/// $$ \frac{w x}{1 + t x} + \frac{w x}{1 + (1 - t) x} = \frac{w N}{1 + (1 - 2 \tau) x + \tau N}, \quad N = (2 + x) x, \quad \tau = t (1 - t) $$
///
/// `numerator` is $N$, not read for m = 1. It is $A - I$ if $I + X$ is the square root of $A$. Nothing cancels: N is not formed from X but where
/// X is small. m/2 solutions, n³/6 multiplications and as many additions each.
///
/// L. Dieci, B. Morini and A. Papini, SIMAX 17 (1996), section 3; N. J. Higham, SIMAX 22 (2001), (partial fractions).
pub(super) fn pade<T: Scalar>(
    (x, numerator): (&Mat<T>, &Mat<T>),
    degree: usize,
    sum: &mut Mat<T>,
    (d, y): (&mut Mat<T>, &mut Mat<T>),
    scratch: &mut Scratch<T>,
) {
    sum.fill(T::ZERO);
    let real = T::RealPart::from_f64;
    for (alpha, beta, w) in nodes(degree) {
        let above = if beta == 0.0 { x } else { numerator };
        denominator(d, (real(alpha), x), (real(beta), above));
        add_quotient((real(w), d.as_ref(), above.as_ref()), 0, y.as_mut(), sum.as_mut(), scratch);
    }
}

/// $1 - 2 \tau$, $\tau$ and $w$ for the pairs of nodes t and 1 − t of degree m, with $\tau = t (1 - t)$; for the node ½ of an odd degree
/// ½, 0 and w.
pub(super) fn nodes(degree: usize) -> impl Iterator<Item = (f64, f64, f64)> {
    let half = &NODES[degree - 1][..degree.div_ceil(2)];
    half.iter().enumerate().map(move |(k, &(t, w))| {
        let tau = t * (1.0 - t);
        if 2 * k + 1 == degree { (0.5, 0.0, w) } else { (1.0 - 2.0 * tau, tau, w) }
    })
}

/// The derivative of $r_m$ at X in direction E: $\sum_j w_j (I + t_j X)^{-1} E (I + t_j X)^{-1}$.
pub(super) fn pade_derivative<T: Scalar>(
    x: &Mat<T>,
    degree: usize,
    e: MatRef<'_, T>,
    scratch: &mut Scratch<T>,
) -> Mat<T> {
    let n = x.nrows();
    let (mut sum, mut d, mut y) = (Mat::zeros(n, n), Mat::zeros(n, n), Mat::zeros(n, n));
    for &(t, w) in NODES[degree - 1] {
        let (t, w) = (T::RealPart::from_f64(t), T::RealPart::from_f64(w));
        denominator(&mut d, (t, x), (T::RealPart::ZERO, x));
        y.copy_from(e);
        solve_left(d.as_ref(), y.as_mut(), scratch);
        solve_right(d.as_ref(), y.as_mut(), false, scratch);
        for j in 0..n {
            for (sum, y) in sum.col_as_slice_mut(j).iter_mut().zip(y.col_as_slice(j)) {
                *sum += y.scale(w);
            }
        }
    }
    sum
}
