//! The leave-one-out score of least squares for all ridges of one width, from one eigendecomposition.
//!
//! With $H = \alpha H_P + (1 - \alpha) H_Q$, $h = E_P \varphi$ and the pair $(x_i, y_i)$ left out, the coefficients solve
//! $(H^{(i)} + \lambda I) \theta = h^{(i)}$, where $H^{(i)}$ is a multiple of one matrix $G$ for all $i$, less a matrix of
//! rank one (of rank two for $\alpha > 0$). In the eigenvectors of $G$ its inverse is diagonal for every $\lambda$, and the
//! rest is Woodbury's formula.

use super::ulsif::Negative;
use crate::dense::{eigen, gram, weighted_sum};
use crate::sample::Points;
use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatMut, MatRef, Par};
use tangency_vmath::{Kernel, Real, dispatch};

/// Columns that are worked on at once.
const BLOCK: usize = 64;

/// Kernels of one width at the points of both samples: a row for each point.
pub(super) struct Design<'a> {
    pub(super) kernels_p: &'a [f64],
    pub(super) kernels_q: &'a [f64],
    pub(super) p: &'a Points,
    pub(super) q: &'a Points,
    pub(super) relative: f64,
    pub(super) negative: Negative,
}

/// The score of every ridge: half the mean of squares at the points of Q (with the share α of P) less the mean at those of P.
/// `None` if the eigendecomposition fails.
pub(super) fn scores(design: &Design<'_>, columns: usize, ridges: &[f64]) -> Option<Vec<f64>> {
    let Design { kernels_p, kernels_q, p, q, relative, .. } = *design;
    let (n, m) = (p.rows as f64, q.rows as f64);
    // Without a relative part a pair's own factor scales the eigenvalues; with one, weights are equal and the factors common.
    let (share_p, share_q) = if relative > 0.0 {
        (relative * n / (n - 1.0), (1.0 - relative) * m / (m - 1.0))
    } else {
        (0.0, 1.0)
    };
    let mut g = gram(kernels_q, columns, |j| share_q * q.weight(j));
    if relative > 0.0 {
        g += gram(kernels_p, columns, |i| share_p * p.weight(i));
    }
    let (eigenvalues, vectors) = eigen(&g)?;
    let eigenvalues: Vec<f64> = eigenvalues.into_iter().map(|x| x.max(0.0)).collect();
    let pairs = p.rows.min(q.rows);
    let rotate = |rows: &[f64]| {
        let mut out = vec![0.0; pairs * columns];
        matmul(
            MatMut::from_column_major_slice_mut(&mut out, columns, pairs),
            Accum::Replace,
            vectors.transpose(),
            MatRef::from_column_major_slice(&rows[..pairs * columns], columns, pairs),
            1.0,
            Par::Seq,
        );
        out
    };
    let h = weighted_sum(kernels_p, columns, |i| p.weight(i));
    let turned = Turned {
        design,
        columns,
        eigenvalues: &eigenvalues,
        vectors: &vectors,
        h: &{
            let h = MatRef::from_column_major_slice(&h, columns, 1);
            let turned = vectors.transpose() * h;
            (0..columns).map(|k| turned[(k, 0)]).collect::<Vec<_>>()
        },
        p: &rotate(kernels_p),
        q: &rotate(kernels_q),
    };
    Some(ridges.iter().map(|&ridge| turned.score(ridge, pairs)).collect())
}

/// Everything in the eigenvectors of G.
struct Turned<'a> {
    design: &'a Design<'a>,
    columns: usize,
    eigenvalues: &'a [f64],
    vectors: &'a Mat<f64>,
    h: &'a [f64],
    p: &'a [f64],
    q: &'a [f64],
}

impl Turned<'_> {
    fn score(&self, ridge: f64, pairs: usize) -> f64 {
        let Design { p, q, relative, negative, kernels_p, kernels_q } = *self.design;
        let b = self.columns;
        let (mut squares, mut linear, mut mass_q, mut mass_p) = (0.0, 0.0, 0.0, 0.0);
        let (mut turned, mut coefficients) = (vec![0.0; BLOCK * b], vec![0.0; BLOCK * b]);
        let mut inverse = vec![0.0; b];
        let mut known = f64::NAN;
        for start in (0..pairs).step_by(BLOCK) {
            let end = (start + BLOCK).min(pairs);
            for i in start..end {
                let factor = if relative > 0.0 { 1.0 } else { 1.0 / (1.0 - q.weight(i)) };
                if factor.to_bits() != known.to_bits() {
                    known = factor;
                    for (to, value) in inverse.iter_mut().zip(self.eigenvalues) {
                        *to = 1.0 / (value * factor + ridge);
                    }
                }
                let beta = if relative > 0.0 {
                    [relative / (p.rows - 1) as f64, (1.0 - relative) / (q.rows - 1) as f64]
                } else {
                    [0.0, q.weight(i) * factor]
                };
                dispatch(LeaveOut {
                    inverse: &inverse,
                    h: self.h,
                    p: &self.p[i * b..(i + 1) * b],
                    q: &self.q[i * b..(i + 1) * b],
                    beta,
                    weight: p.weight(i),
                    out: &mut turned[(i - start) * b..(i - start + 1) * b],
                });
            }
            let count = end - start;
            let (rows_p, rows_q, theta) = match negative {
                Negative::Clip => {
                    matmul(
                        MatMut::from_column_major_slice_mut(&mut coefficients[..count * b], b, count),
                        Accum::Replace,
                        self.vectors.as_ref(),
                        MatRef::from_column_major_slice(&turned[..count * b], b, count),
                        1.0,
                        Par::Seq,
                    );
                    (kernels_p, kernels_q, &coefficients)
                }
                // An inner product is the same in every basis.
                Negative::Keep => (self.p, self.q, &turned),
            };
            for i in start..end {
                let theta = &theta[(i - start) * b..(i - start + 1) * b];
                let (w, v) = (p.weight(i), q.weight(i));
                let [at_p, at_q] = dispatch(Evaluate {
                    theta,
                    p: &rows_p[i * b..(i + 1) * b],
                    q: &rows_q[i * b..(i + 1) * b],
                    clip: negative == Negative::Clip,
                });
                squares += v * (1.0 - relative) * at_q * at_q;
                linear += w * (at_p - 0.5 * relative * at_p * at_p);
                mass_p += w;
                mass_q += v;
            }
        }
        0.5 * squares / mass_q - linear / mass_p
    }
}

/// The coefficients without one pair, in the eigenvectors.
struct LeaveOut<'a> {
    inverse: &'a [f64],
    h: &'a [f64],
    p: &'a [f64],
    q: &'a [f64],
    beta: [f64; 2],
    weight: f64,
    out: &'a mut [f64],
}

const LANES: usize = 8;

impl Kernel for LeaveOut<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { inverse, h, p, q, beta, weight, out } = self;
        // Inner products with the inverse between them: pp, qq, pq, hp, hq. Four lanes each: eight would not fit the registers.
        let mut lanes = [[0.0_f64; 4]; 5];
        let mut sums = [0.0; 5];
        let (d4, d_rest) = inverse.as_chunks::<4>();
        let (h4, h_rest) = h.as_chunks::<4>();
        let (p4, p_rest) = p.as_chunks::<4>();
        let (q4, q_rest) = q.as_chunks::<4>();
        for (((d, h), p), q) in d4.iter().zip(h4).zip(p4).zip(q4) {
            for l in 0..4 {
                let (dp, dq) = (d[l] * p[l], d[l] * q[l]);
                lanes[0][l] = dp.mul_add_lane::<FMA>(p[l], lanes[0][l]);
                lanes[1][l] = dq.mul_add_lane::<FMA>(q[l], lanes[1][l]);
                lanes[2][l] = dp.mul_add_lane::<FMA>(q[l], lanes[2][l]);
                lanes[3][l] = dp.mul_add_lane::<FMA>(h[l], lanes[3][l]);
                lanes[4][l] = dq.mul_add_lane::<FMA>(h[l], lanes[4][l]);
            }
        }
        for (((d, h), p), q) in d_rest.iter().zip(h_rest).zip(p_rest).zip(q_rest) {
            let (dp, dq) = (d * p, d * q);
            for (sum, term) in sums.iter_mut().zip([dp * p, dq * q, dp * q, dp * h, dq * h]) {
                *sum += term;
            }
        }
        for (sum, lanes) in sums.iter_mut().zip(&lanes) {
            *sum += lanes.iter().sum::<f64>();
        }
        let [pp, qq, pq, hp, hq] = sums;
        // h without the point of P, up to its factor: h - w p; what its products with p and q are.
        let (tp, tq) = (hp - weight * pp, hq - weight * pq);
        // (I - B S) y = B t with B = diag(beta), S the products of p and q.
        let (a, c) = (1.0 - beta[0] * pp, 1.0 - beta[1] * qq);
        let (e, f) = (beta[0] * pq, beta[1] * pq);
        let determinant = a * c - e * f;
        let (right_p, right_q) = (beta[0] * tp, beta[1] * tq);
        let y_p = (right_p * c + e * right_q) / determinant;
        let y_q = (right_q * a + f * right_p) / determinant;
        let (along_p, scale) = (y_p - weight, 1.0 / (1.0 - weight));
        for ((((out, d), h), p), q) in out.iter_mut().zip(inverse).zip(h).zip(p).zip(q) {
            *out = d * scale * q.mul_add_lane::<FMA>(y_q, p.mul_add_lane::<FMA>(along_p, *h));
        }
    }
}

/// The fitted ratio at the two points of a pair.
struct Evaluate<'a> {
    theta: &'a [f64],
    p: &'a [f64],
    q: &'a [f64],
    clip: bool,
}

impl Kernel for Evaluate<'_> {
    type Output = [f64; 2];

    #[inline(always)]
    fn run<const FMA: bool>(self) -> [f64; 2] {
        let floor = if self.clip { 0.0 } else { f64::NEG_INFINITY };
        let (theta, theta_rest) = self.theta.as_chunks::<LANES>();
        let (p, p_rest) = self.p.as_chunks::<LANES>();
        let (q, q_rest) = self.q.as_chunks::<LANES>();
        let (mut at_p, mut at_q) = ([0.0; LANES], [0.0; LANES]);
        for ((theta, p), q) in theta.iter().zip(p).zip(q) {
            for l in 0..LANES {
                let t = if theta[l] > floor { theta[l] } else { 0.0 };
                at_p[l] = t.mul_add_lane::<FMA>(p[l], at_p[l]);
                at_q[l] = t.mul_add_lane::<FMA>(q[l], at_q[l]);
            }
        }
        for (l, ((theta, p), q)) in theta_rest.iter().zip(p_rest).zip(q_rest).enumerate() {
            let t = if *theta > floor { *theta } else { 0.0 };
            at_p[l] += t * p;
            at_q[l] += t * q;
        }
        [at_p.iter().sum(), at_q.iter().sum()]
    }
}
