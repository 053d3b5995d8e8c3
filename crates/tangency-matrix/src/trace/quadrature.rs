//! Gauss and Gauss-Radau rules of a tridiagonal matrix: $e_1^\top f(T) e_1$.

use crate::MatrixError;
use crate::scalar::RealScalar;

/// What a Lanczos process leaves: a symmetric tridiagonal matrix of order k and one coupling beyond it.
#[derive(Debug, Clone)]
pub(super) struct Tridiagonal<R> {
    /// $\alpha_1, \ldots, \alpha_k$.
    pub(super) diagonal: Vec<R>,
    /// $\beta_1, \ldots, \beta_k$; the last one couples to what was not computed.
    pub(super) couplings: Vec<R>,
    /// Length of the starting vector.
    pub(super) length: R,
    /// Whether $\beta_k$ is zero to rounding: the Krylov space is invariant, and the rule exact.
    pub(super) invariant: bool,
}

/// Nodes and weights of a rule for the unit starting vector; the weights sum to 1.
#[derive(Debug)]
pub(super) struct Rule<R> {
    pub(super) nodes: Vec<R>,
    pub(super) weights: Vec<R>,
}

/// Which end of the spectrum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Smallest,
    Largest,
}

/// QL iterations for one eigenvalue; two or three are usual.
const MAX_ITERATIONS: usize = 60;

impl<R: RealScalar> Tridiagonal<R> {
    pub(super) fn order(&self) -> usize {
        self.diagonal.len()
    }

    /// The rule of k nodes, exact for polynomials of degree 2k - 1.
    pub(super) fn gauss(&self) -> Result<Rule<R>, MatrixError> {
        rule(self.diagonal.clone(), &self.couplings[..self.order() - 1])
    }

    /// The rule of k + 1 nodes, one of them at the end `at` of the spectrum, exact for polynomials of degree 2k; `None`
    /// unless all nodes of the Gauss rule lie within.
    ///
    /// The last diagonal entry is $\alpha_{k+1} = a + \beta_k^2 / d_k$ with the last pivot $d_k$ of
    /// $T_k - aI$ (Golub and Meurant, *Matrices, Moments and Quadrature with Applications* (2010)).
    pub(super) fn radau(&self, side: End, end: R) -> Result<Option<Rule<R>>, MatrixError> {
        let above = side == End::Smallest;
        let mut pivot = self.diagonal[0] - end;
        for j in 0..self.order() {
            if j > 0 {
                let beta = self.couplings[j - 1];
                pivot = self.diagonal[j] - end - beta * (beta / pivot);
            }
            if pivot == R::ZERO || (pivot > R::ZERO) != above {
                return Ok(None);
            }
        }
        let mut diagonal = self.diagonal.clone();
        let beta = self.couplings[self.order() - 1];
        diagonal.push(end + beta * (beta / pivot));
        if diagonal[self.order()].finite() { rule(diagonal, &self.couplings).map(Some) } else { Ok(None) }
    }
}

/// Nodes: the eigenvalues; weights: the squares of the first components of the eigenvectors (Golub and Welsch 1969).
/// Implicit QL that carries the first row of the eigenvector matrix only: O(k²).
fn rule<R: RealScalar>(mut d: Vec<R>, off_diagonal: &[R]) -> Result<Rule<R>, MatrixError> {
    let n = d.len();
    let scale = d.iter().chain(off_diagonal).fold(R::ZERO, |m, x| RealScalar::max(m, x.modulus()));
    let mut first = vec![R::ZERO; n];
    first[0] = R::ONE;
    if scale == R::ZERO {
        return Ok(Rule { nodes: d, weights: first });
    }
    for x in &mut d {
        *x /= scale;
    }
    let mut e: Vec<R> = off_diagonal.iter().map(|&x| x / scale).collect();
    e.push(R::ZERO);
    for l in 0..n {
        for iteration in 0.. {
            let negligible =
                |m: usize| e[m].modulus() <= R::UNIT_ROUNDOFF * (d[m].modulus() + d[m + 1].modulus());
            let m = (l..n - 1).find(|&m| negligible(m)).unwrap_or(n - 1);
            if m == l {
                break;
            }
            if iteration == MAX_ITERATIONS {
                return Err(MatrixError::NoConvergence {
                    what: "QL for the eigenvalues of a tridiagonal matrix",
                    iterations: MAX_ITERATIONS,
                });
            }
            ql_step(&mut d, &mut e, &mut first, l, m);
        }
    }
    for x in &mut d {
        *x *= scale;
    }
    for z in &mut first {
        *z = *z * *z;
    }
    Ok(Rule { nodes: d, weights: first })
}

/// One implicit QL step on rows `l..=m`, with Wilkinson's shift.
fn ql_step<R: RealScalar>(d: &mut [R], e: &mut [R], first: &mut [R], l: usize, m: usize) {
    let two = R::ONE + R::ONE;
    let half_gap = (d[l + 1] - d[l]) / (two * e[l]);
    let root = RealScalar::hypot(half_gap, R::ONE);
    let mut g = d[m] - d[l] + e[l] / (half_gap + RealScalar::copysign(root, half_gap));
    let (mut sine, mut cosine, mut p) = (R::ONE, R::ONE, R::ZERO);
    for i in (l..m).rev() {
        let f = sine * e[i];
        let b = cosine * e[i];
        let r = RealScalar::hypot(f, g);
        e[i + 1] = r;
        if r == R::ZERO {
            d[i + 1] -= p;
            e[m] = R::ZERO;
            return;
        }
        sine = f / r;
        cosine = g / r;
        let shifted = d[i + 1] - p;
        let t = (d[i] - shifted) * sine + two * cosine * b;
        p = sine * t;
        d[i + 1] = shifted + p;
        g = cosine * t - b;
        let z = first[i + 1];
        first[i + 1] = sine * first[i] + cosine * z;
        first[i] = cosine * first[i] - sine * z;
    }
    d[l] -= p;
    e[l] = g;
    e[m] = R::ZERO;
}

/// Ratio of the ends of a panel in [`logarithm_error`].
const RATIO: f64 = 1.2;

/// Where the panels begin if the smallest eigenvalue is smaller, in units of the largest.
const FIRST: f64 = 1e-290;

/// Panels at most: from [`FIRST`] to 1e6.
const PANELS: usize = 4000;

/// Bound of the length of $\ln(A) b - \lVert b \rVert V_k \ln(T_k) e_1$ for unit `b`, in exact arithmetic, where all
/// eigenvalues of $A$ are at least `smallest` > 0.
///
/// From $\ln A = \int_0^\infty ((1+t)^{-1} I - (A + tI)^{-1}) dt$ and the residuals of the shifted systems, which are
/// $\prod_j \beta_j / \prod_j (\theta_j + t)$ for the Ritz values $\theta_j$, the error is at most
///
/// $$ \int_0^\infty \frac{\beta_1 \cdots \beta_k}{(\theta_1 + t) \cdots (\theta_k + t)} \frac{dt}{\lambda_{\min} + t} . $$
///
/// The logarithm of the integrand is convex. So on a panel the exponential through its end values is an upper bound; and
/// as the slope at the left end is at most $(r - 1)/\ln r$ times that of the chord, where $\lambda_{\min} + t$ grows by
/// the factor r, the sum over the panels is at most 1.1 times the integral (r = 1.2).
///
/// T. Chen, A. Greenbaum, C. Musco, C. Musco, *Error bounds for Lanczos-based matrix function approximation*, SIAM J. Matrix
/// Anal. Appl. 43 (2022), have the same argument for contours.
pub(super) fn logarithm_error<R: RealScalar>(t: &Tridiagonal<R>, ritz: &[R], smallest: R) -> R {
    if t.invariant {
        return R::ZERO;
    }
    // In units of the largest, where only the smallest eigenvalue may leave the range.
    let largest = ritz.iter().fold(smallest.to_f64(), |m, x| m.max(x.to_f64()));
    let ln_smallest = smallest.to_f64().ln() - largest.ln();
    let smallest = ln_smallest.exp();
    let ritz: Vec<f64> = ritz.iter().map(|x| x.to_f64() / largest).collect();
    let couplings: f64 = t.couplings.iter().map(|b| b.to_f64().ln() - largest.ln()).sum();
    let ln_residual = |t: f64| couplings - ritz.iter().map(|x| (x + t).ln()).sum::<f64>();
    // The residual falls with t: up to the first panel it is at most what it is at zero.
    let (mut left, mut sum) = if smallest < FIRST {
        (FIRST, ln_residual(0.0).exp() * ((smallest + FIRST).ln() - ln_smallest))
    } else {
        (0.0, 0.0)
    };
    let ln_integrand = |t: f64| ln_residual(t) - (smallest + t).ln();
    let mut at_left = ln_integrand(left);
    let mut tail = 0.0;
    for _ in 0..PANELS {
        // Past the largest Ritz value the integrand falls at least like ((1 + t₀)/(1 + t))^(k+1).
        tail = at_left.exp() * (1.0 + left) / t.order() as f64;
        if left >= 1.0 && (tail <= 1e-3 * sum || left >= 1e6) {
            break;
        }
        let right = (left + smallest) * RATIO - smallest;
        let at_right = ln_integrand(right);
        let fall = at_left - at_right;
        // (e^x − e^y)/(x − y).
        let mean = if fall > 0.0 { at_left.exp() * -(-fall).exp_m1() / fall } else { at_left.exp() };
        sum += mean * (right - left);
        (left, at_left) = (right, at_right);
    }
    R::from_f64(sum + tail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::Kernels;
    use faer::Mat;

    /// Jacobi matrix of the weight 1/2 on [-1, 1]: the nodes are those of Gauss-Legendre.
    fn legendre(k: usize) -> Tridiagonal<f64> {
        let couplings = (1..=k).map(|j| j as f64 / ((4 * j * j - 1) as f64).sqrt()).collect();
        Tridiagonal { diagonal: vec![0.0; k], couplings, length: 1.0, invariant: false }
    }

    fn moment(rule: &Rule<f64>, p: i32) -> f64 {
        rule.nodes.iter().zip(&rule.weights).map(|(x, w)| w * x.powi(p)).sum()
    }

    fn exact(p: i32) -> f64 {
        if p % 2 == 0 { 1.0 / f64::from(p + 1) } else { 0.0 }
    }

    #[test]
    fn degrees_of_exactness() {
        for k in [1_usize, 2, 3, 6, 11] {
            let t = legendre(k);
            let gauss = t.gauss().unwrap();
            let top = 2 * k as i32;
            assert!((0..top).all(|p| (moment(&gauss, p) - exact(p)).abs() < 4e-15), "Gauss {k}");
            assert!((moment(&gauss, top) - exact(top)).abs() > 1e-10, "Gauss is no better than its degree");
            for (side, end) in [(End::Smallest, -1.0), (End::Largest, 1.0)] {
                let radau = t.radau(side, end).unwrap().unwrap();
                assert!((0..=top).all(|p| (moment(&radau, p) - exact(p)).abs() < 4e-15), "Radau {k}");
                assert!(radau.nodes.iter().any(|x| (x - end).abs() < 4e-15));
                // Refused: at the other side of all nodes, and between them.
                assert!(t.radau(side, -end).unwrap().is_none());
                assert!(k == 1 || t.radau(side, 0.9 * gauss.nodes[0]).unwrap().is_none());
            }
        }
    }

    #[test]
    fn nodes_and_weights_are_those_of_the_dense_problem() {
        let diagonal = vec![3.0, -1.0, 1e-9, 7.0, 7.0, 0.0];
        let couplings = vec![0.5, 2.0, 1e-7, 0.0, 1.0, 9.0];
        let t = Tridiagonal {
            diagonal: diagonal.clone(),
            couplings: couplings.clone(),
            length: 1.0,
            invariant: false,
        };
        let dense = Mat::from_fn(6, 6, |i, j| match i.abs_diff(j) {
            0 => diagonal[i],
            1 => couplings[i.min(j)],
            _ => 0.0,
        });
        let (values, vectors) = f64::hermitian_eigen(dense.as_ref()).unwrap();
        let found = t.gauss().unwrap();
        for p in 0..8 {
            let dense: f64 = (0..6).map(|j| vectors[(0, j)].powi(2) * values[j].powi(p)).sum();
            assert!((moment(&found, p) - dense).abs() < 1e-13 * dense.abs().max(1.0), "{p}");
        }
    }

    #[test]
    fn the_ends_of_the_range_of_numbers() {
        for scale in [1e300, 1e-300] {
            let t = Tridiagonal {
                diagonal: vec![2.0 * scale; 3],
                couplings: vec![scale; 3],
                length: 1.0,
                invariant: false,
            };
            let mut nodes = t.gauss().unwrap().nodes;
            nodes.sort_by(f64::total_cmp);
            assert!((nodes[0] / scale - (2.0 - 2.0_f64.sqrt())).abs() < 1e-15);
            assert!(
                t.radau(End::Smallest, 0.1 * scale).unwrap().unwrap().nodes.iter().all(|x| x.is_finite())
            );
        }
        let zero = Tridiagonal { diagonal: vec![0.0], couplings: vec![0.0], length: 1.0, invariant: true };
        assert_eq!(zero.gauss().unwrap().nodes, [0.0]);
    }

    #[test]
    fn error_of_the_logarithm_is_bounded_tightly() {
        // Order 1: A = [[2, 1], [1, 2]], b = e_1, T = [2], β = 1; ln A e_1 = (ln 3/2, ln 3/2).
        let t = Tridiagonal { diagonal: vec![2.0_f64], couplings: vec![1.0], length: 1.0, invariant: false };
        let half = 3.0_f64.ln() / 2.0;
        let error = (half - 2.0_f64.ln()).hypot(half);
        let bound = logarithm_error(&t, &[2.0], 1.0);
        // ∫ dt / ((2+t)(1+t)) = ln 2.
        assert!(bound >= error && bound >= 2.0_f64.ln() && bound < 1.1 * 2.0_f64.ln(), "{error} {bound}");
        // Many Ritz values at 1, and the bound of the spectrum there: ∫ (1+t)^(-k-1) dt = 1/k.
        for k in [2, 10, 40, 200] {
            let t = Tridiagonal {
                diagonal: vec![1.0_f64; k],
                couplings: vec![1.0; k],
                length: 1.0,
                invariant: false,
            };
            let ratio = logarithm_error(&t, &vec![1.0; k], 1.0) * k as f64;
            assert!((1.0..1.101).contains(&ratio), "{k}: {ratio}");
        }
        // From the ends of the range: ∫ dt / ((1+t)(a+t)) = ln(1/a) / (1 − a).
        let t = |scale: f64| Tridiagonal {
            diagonal: vec![scale],
            couplings: vec![scale],
            length: 1.0,
            invariant: false,
        };
        for (scale, smallest) in
            [(1.0, 1e-280), (1.0, 1e-300), (1.0, 5e-324), (1e300, 1e-320), (1e-300, 1e-320)]
        {
            let bound = logarithm_error(&t(scale), &[scale], smallest);
            let exact = f64::ln(scale) - f64::ln(smallest);
            assert!((1.0..1.11).contains(&(bound / exact)), "{scale:e} {smallest:e}: {bound} {exact}");
        }
    }
}
