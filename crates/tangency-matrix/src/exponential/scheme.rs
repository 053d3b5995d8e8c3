//! Polynomials that approximate exp with few products, as data.
//!
//! A scheme with $k$ products builds $B_0 = A$ and
//!
//! $$ B_{i+1} = \Bigl( \sum_j l_{ij} B_j \Bigr) \Bigl( \sum_j r_{ij} B_j \Bigr), \quad
//!    e^A - I \approx \sum_j y_j B_j . $$
//!
//! The identity is in none of the factors, so that $e^A - I$ comes out without cancellation for small $A$, and so that
//! the derivative of a scheme is the same scheme by the product rule.

use crate::scalar::Precision;

/// Most products of a scheme.
pub(super) const MAX_PRODUCTS: usize = 5;

/// One product: the coefficients of its two factors in the basis so far.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) left: [f64; MAX_PRODUCTS],
    pub(super) right: [f64; MAX_PRODUCTS],
}

/// A polynomial, how it is evaluated and up to which norm it is exact to rounding.
#[derive(Debug)]
pub(super) struct Scheme {
    /// The Taylor series is matched up to this power.
    pub(super) degree: usize,
    /// The first so many products are the powers A², A³, ...; their results scale as powers of A.
    pub(super) powers: usize,
    /// The products in their order.
    pub(super) steps: &'static [Step],
    /// The coefficients of the result; the last one, of the last product, is 1.
    pub(super) output: [f64; MAX_PRODUCTS + 1],
    /// Largest norm for which the backward error is below the unit roundoff: single, double.
    theta: [f64; 2],
    /// The same for the derivative.
    theta_derivative: [f64; 2],
}

impl Scheme {
    /// $\theta$: with $p(A) = e^{A + \Delta A}$, $\lVert \Delta A \rVert \le u \lVert A \rVert$ if
    /// $(\lVert A^k \rVert / \lVert A \rVert)^{1/(k-1)} \le \theta$ for all $k$ above the degree.
    pub(super) fn theta(&self, precision: Precision) -> f64 {
        self.theta[usize::from(precision == Precision::Double)]
    }

    /// The same for the derivative of ΔA.
    pub(super) fn theta_derivative(&self, precision: Precision) -> f64 {
        self.theta_derivative[usize::from(precision == Precision::Double)]
    }
}

const fn step(left: [f64; MAX_PRODUCTS], right: [f64; MAX_PRODUCTS]) -> Step {
    Step { left, right }
}

const SQUARE: Step = step([1.0, 0.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0, 0.0]);
const CUBE: Step = step([0.0, 1.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0, 0.0]);

/// The schemes in ascending degree, each with one product more than the one before.
///
/// Degrees 1, 2 and 4: Taylor by Paterson and Stockmeyer. Degree 8: P. Bader, S. Blanes, F. Casas, *Computing the matrix
/// exponential with an optimized Taylor polynomial approximation*, Mathematics 7 (2019) 1174, (13). Degrees 15 and 21
/// (with further terms, up to degree 16 and 24, that are close to Taylor's): J. Sastre, J. Ibáñez, E. Defez, *Boosting the
/// computation of the matrix exponential*, Appl. Math. Comput. 340 (2019) 206-220, tables 3 and 4; with the same number
/// of products Bader, Blanes and Casas have degrees 12 and 18. The thresholds were computed with 120 digits from the
/// series of $\ln(e^{-x} p(x))$ (tests/reference/exp_thresholds.py).
pub(super) static SCHEMES: [Scheme; 6] = [
    Scheme {
        degree: 1,
        powers: 0,
        steps: &[],
        output: [1.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        theta: [1.1920928007687877e-7, 2.2204460492503128e-16],
        theta_derivative: [5.960_464_122_267_716e-8, 1.1102230246251564e-16],
    },
    Scheme {
        degree: 2,
        powers: 1,
        steps: &[SQUARE],
        output: [1.0, 0.5, 0.0, 0.0, 0.0, 0.0],
        theta: [0.00059788588938052333, 2.5809568029717672e-8],
        theta_derivative: [0.00034520739378755237, 1.4901161082825355e-8],
    },
    Scheme {
        degree: 4,
        powers: 1,
        steps: &[SQUARE, step([0.0, 1.0, 0.0, 0.0, 0.0], [1.0 / 6.0, 1.0 / 24.0, 0.0, 0.0, 0.0])],
        output: [1.0, 0.5, 1.0, 0.0, 0.0, 0.0],
        theta: [0.051166193634450862, 0.00033971688399769619],
        theta_derivative: [0.034288619238604746, 0.00022718554824445288],
    },
    // x_3 = 2/3. The identity in the second factor of the last product is taken out of it.
    Scheme {
        degree: 8,
        powers: 1,
        steps: &[
            SQUARE,
            step([0.0, 1.0, 0.0, 0.0, 0.0], [0.1083646567852278, 0.02709116419630695, 0.0, 0.0, 0.0]),
            step(
                [0.0, 2.0 / 3.0, 1.0, 0.0, 0.0],
                [0.16112557339541758, 0.014090917158378208, 0.033792797010870505, 0.0, 0.0],
            ),
        ],
        output: [1.0, 0.5, 0.5467614579707241, 1.0, 0.0, 0.0],
        theta: [0.58005246276887681, 0.049912288711153227],
        theta_derivative: [0.44508002479980775, 0.037958209117319245],
    },
    Scheme {
        degree: 15,
        powers: 1,
        steps: &[
            SQUARE,
            step([0.0, 1.0, 0.0, 0.0, 0.0], [S15[2], S15[1], 0.0, 0.0, 0.0]),
            step([S15[4], S15[3], 1.0, 0.0, 0.0], [0.0, S15[5], 1.0, 0.0, 0.0]),
            step([S15[9], S15[7] + S15[8], S15[6], 1.0, 0.0], [S15[11], S15[7], S15[6] + S15[10], 1.0, 0.0]),
        ],
        output: [1.0, S15[12] * S15[7] + S15[14], S15[12] * S15[6] + S15[13], S15[12], 1.0, 0.0],
        theta: [2.3462069127569237, 0.67642174954245139],
        theta_derivative: [1.9785087681599054, 0.56477645268830072],
    },
    Scheme {
        degree: 21,
        powers: 2,
        steps: &[
            SQUARE,
            CUBE,
            step([0.0, 0.0, 1.0, 0.0, 0.0], [S21[3], S21[2], S21[1], 0.0, 0.0]),
            step([S21[6], S21[5], S21[4], 1.0, 0.0], [0.0, S21[8], S21[7], 1.0, 0.0]),
            step(
                [S21[14], S21[11] + S21[13], S21[10] + S21[12], S21[9], 1.0],
                [S21[16], S21[11], S21[10], S21[9] + S21[15], 1.0],
            ),
        ],
        output: [
            1.0,
            S21[17] * S21[11] + S21[20],
            S21[17] * S21[10] + S21[19],
            S21[17] * S21[9] + S21[18],
            S21[17],
            1.0,
        ],
        theta: [3.9496380647585304, 1.6827156447863156],
        theta_derivative: [3.4624305077126593, 1.4628494635748334],
    },
];

/// $c_1, \ldots, c_{14}$ of degree 15, after a dummy.
const S15: [f64; 15] = [
    0.0,
    4.018761610201036e-4,
    2.945531440279683e-3,
    -8.709066576837676e-3,
    4.017568440673568e-1,
    3.230762888122312e-2,
    5.768988513026145,
    2.338576034271299e-2,
    2.381070373870987e-1,
    2.224209172496374,
    -5.792361707073261,
    -4.130276365929783e-2,
    1.040801735231354e1,
    -6.331712455883370e1,
    3.484665863364574e-1,
];

/// $c_1, \ldots, c_{20}$ of degree 21, after a dummy.
const S21: [f64; 21] = [
    0.0,
    1.161658834444880e-06,
    4.500852739573010e-06,
    5.374708803114821e-05,
    2.005403977292901e-03,
    6.974348269544424e-02,
    9.418613214806352e-01,
    2.852960512714315e-03,
    -7.544837153586671e-03,
    1.829773504500424,
    3.151382711608315e-02,
    1.392249143769798e-01,
    -2.269101241269351e-03,
    -5.394098846866402e-02,
    3.112216227982407e-01,
    9.343851261938047,
    6.865706355662834e-01,
    3.233370163085380,
    -5.726379787260966,
    -1.413550099309667e-02,
    -1.638413114712016e-01,
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Product of polynomials given by ascending coefficients, in f64: its rounding is far below what is tested.
    fn times(a: &[f64], b: &[f64]) -> Vec<f64> {
        let mut product = vec![0.0; a.len() + b.len() - 1];
        for (i, x) in a.iter().enumerate() {
            for (j, y) in b.iter().enumerate() {
                product[i + j] += x * y;
            }
        }
        product
    }

    fn combine(coefficients: &[f64], basis: &[Vec<f64>]) -> Vec<f64> {
        let length = basis.iter().map(Vec::len).max().unwrap_or(0);
        let mut sum = vec![0.0; length];
        for (c, b) in coefficients.iter().zip(basis) {
            for (s, x) in sum.iter_mut().zip(b) {
                *s += c * x;
            }
        }
        sum
    }

    #[test]
    fn schemes_expand_to_the_series_of_exp() {
        for scheme in &SCHEMES {
            let mut basis = vec![vec![0.0, 1.0]];
            for s in scheme.steps {
                let product = times(&combine(&s.left, &basis), &combine(&s.right, &basis));
                basis.push(product);
            }
            let p = combine(&scheme.output, &basis);
            let mut factorial = 1.0;
            for (k, x) in p.iter().enumerate().skip(1).take(scheme.degree) {
                factorial *= k as f64;
                assert!((x * factorial - 1.0).abs() < 3e-15, "degree {}: x^{k} {x}", scheme.degree);
            }
            assert!(p[0] == 0.0 && p[scheme.degree] != 0.0);
            // What follows the series is smaller than the series, so that it costs nothing in the threshold.
            for (k, x) in p.iter().enumerate().skip(scheme.degree + 1) {
                factorial *= k as f64;
                assert!((x * factorial - 1.0).abs() < 0.5, "degree {}: x^{k} {x}", scheme.degree);
            }
        }
    }
}
