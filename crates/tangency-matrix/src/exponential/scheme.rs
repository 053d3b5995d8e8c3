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
        theta: [1.1920928007687876e-07, 2.2204460492503128e-16],
        theta_derivative: [5.960464122267716e-8, 1.1102230246251564e-16],
    },
    Scheme {
        degree: 2,
        powers: 1,
        steps: &[SQUARE],
        output: [1.0, 0.5, 0.0, 0.0, 0.0, 0.0],
        theta: [0.0005978858893805234, 2.5809568029717673e-08],
        theta_derivative: [0.00034520739378755236, 1.4901161082825355e-08],
    },
    Scheme {
        degree: 4,
        powers: 1,
        steps: &[SQUARE, step([0.0, 1.0, 0.0, 0.0, 0.0], [1.0 / 6.0, 1.0 / 24.0, 0.0, 0.0, 0.0])],
        output: [1.0, 0.5, 1.0, 0.0, 0.0, 0.0],
        theta: [0.05116619363445086, 0.00033971688399769617],
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
        theta: [0.5800524627688768, 0.049912288711153226],
        theta_derivative: [0.44508002479980774, 0.037958209117319244],
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
        theta: [2.346206912756924, 0.6764217495424514],
        theta_derivative: [1.9785087681599054, 0.5647764526883007],
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
        theta: [3.9496380647585303, 1.6827156447863156],
        theta_derivative: [3.4624305077126594, 1.4628494635748335],
    },
];

/// $c_1, \ldots, c_{14}$ of degree 15, after a dummy.
const S15: [f64; 15] = [
    0.0,
    0.0004018761610201036,
    0.002945531440279683,
    -0.008709066576837676,
    0.4017568440673568,
    0.03230762888122312,
    5.768988513026145,
    0.02338576034271299,
    0.2381070373870987,
    2.224209172496374,
    -5.792361707073261,
    -0.04130276365929783,
    10.40801735231354,
    -63.3171245588337,
    0.3484665863364574,
];

/// $c_1, \ldots, c_{20}$ of degree 21, after a dummy.
const S21: [f64; 21] = [
    0.0,
    1.16165883444488e-06,
    4.50085273957301e-06,
    5.374708803114821e-05,
    0.002005403977292901,
    0.06974348269544424,
    0.9418613214806352,
    0.002852960512714315,
    -0.007544837153586671,
    1.829773504500424,
    0.03151382711608315,
    0.1392249143769798,
    -0.002269101241269351,
    -0.05394098846866402,
    0.3112216227982407,
    9.343851261938047,
    0.6865706355662834,
    3.23337016308538,
    -5.726379787260966,
    -0.01413550099309667,
    -0.1638413114712016,
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
                assert!(
                    *x == 0.0 || (x * factorial - 1.0).abs() < 0.5,
                    "degree {}: x^{k} {x}",
                    scheme.degree
                );
            }
        }
    }
}
