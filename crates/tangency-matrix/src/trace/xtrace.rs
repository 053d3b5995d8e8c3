//! XTrace: every probe serves both to split the trace and to estimate the rest.

use super::exchangeable::{Pair, Round, mean_and_error, rounds};
use super::hutchinson::draw;
use super::target::{Target, column_dot};
use super::vector::dot;
use super::{Probe, TraceEstimate, TraceOptions};
use crate::MatrixError;
use crate::product::{adjoint_multiply, multiply, multiply_add};
use crate::scalar::{RealScalar, Scalar};
use faer::prelude::ReborrowMut;
use faer::{Mat, MatRef};
use rand::Rng;

/// Limit in [`mean_and_error`], from its table.
const LARGEST_COVARIANCE: f64 = 1.0;

/// Bounds of the errors of the columns of Y, and of those of Z.
type Errors<R> = (Vec<R>, Vec<R>);

/// The probes Ω, Y = FΩ = QR and Z = FQ, which grow by columns.
struct Sketch<T: Scalar> {
    omega: Mat<T>,
    y: Mat<T>,
    q: Mat<T>,
    r: Mat<T>,
    z: Mat<T>,
    errors: Option<Errors<T::RealPart>>,
}

/// E. N. Epperly, J. A. Tropp, R. J. Webber, *XTrace: Making the Most of Every Sample in Stochastic Trace Estimation*,
/// SIAM J. Matrix Anal. Appl. 45 (2024): the estimates come from one QR factorisation by removing one direction, with
/// probes on the sphere normalised in the complement. The standard error is that of [`mean_and_error`].
pub(super) fn xtrace<T: Scalar>(
    target: &mut dyn Target<T>,
    options: &TraceOptions<T::RealPart>,
    rng: &mut dyn Rng,
) -> Result<TraceEstimate<T>, MatrixError> {
    let mut sketch = Sketch::new(target.order());
    rounds(target, options, 2, |m, target| {
        sketch.grow(m, target, options.probe, rng)?;
        Ok(sketch.estimate(options.probe))
    })
}

impl<T: Scalar> Sketch<T> {
    fn new(n: usize) -> Self {
        let empty = || Mat::zeros(n, 0);
        Self { omega: empty(), y: empty(), q: empty(), r: Mat::zeros(0, 0), z: empty(), errors: None }
    }

    /// Adds probes until there are `m`. The columns of Q stay, so that no product is taken twice.
    fn grow(
        &mut self,
        m: usize,
        target: &mut dyn Target<T>,
        probe: Probe,
        rng: &mut dyn Rng,
    ) -> Result<(), MatrixError> {
        let (n, old) = (self.omega.nrows(), self.omega.ncols());
        let new = m - old;
        let mut omega = Mat::zeros(n, new);
        draw(probe, omega.as_mut(), rng);
        let mut y = Mat::zeros(n, new);
        let y_errors = target.apply(omega.as_ref(), y.as_mut())?;
        // Twice against the old columns, and once more for what the factorisation makes of rounding.
        let q_old = &self.q;
        let mut rest = y.clone();
        let mut inside = Mat::zeros(old, new);
        for _ in 0..2 {
            let h = adjoint_multiply(q_old.as_ref(), rest.as_ref());
            multiply_add(rest.as_mut(), -T::ONE, q_old.as_ref(), h.as_ref());
            inside += &h;
        }
        let (first, first_r) = T::qr(rest.as_ref(), true);
        let mut first = first.unwrap_or(rest);
        let h = adjoint_multiply(q_old.as_ref(), first.as_ref());
        multiply_add(first.as_mut(), -T::ONE, q_old.as_ref(), h.as_ref());
        inside += multiply(h.as_ref(), first_r.as_ref());
        let (second, second_r) = T::qr(first.as_ref(), true);
        let fresh = second.unwrap_or(first);
        let corner = multiply(second_r.as_ref(), first_r.as_ref());
        let mut z = Mat::zeros(n, new);
        let z_errors = target.apply(fresh.as_ref(), z.as_mut())?;

        self.r = Mat::from_fn(m, m, |i, j| match (i < old, j < old) {
            (true, true) => self.r[(i, j)],
            (true, false) => inside[(i, j - old)],
            (false, true) => T::ZERO,
            (false, false) => corner[(i - old, j - old)],
        });
        for (whole, part) in
            [(&mut self.omega, &omega), (&mut self.y, &y), (&mut self.q, &fresh), (&mut self.z, &z)]
        {
            append(whole, part.as_ref());
        }
        let mut errors = if old == 0 { Some((Vec::new(), Vec::new())) } else { self.errors.take() };
        if let (Some((all_y, all_z)), Some(y), Some(z)) = (&mut errors, &y_errors, &z_errors) {
            all_y.extend_from_slice(y);
            all_z.extend_from_slice(z);
            self.errors = errors;
        }
        Ok(())
    }

    /// Estimate, standard error, bound of the bias.
    fn estimate(&self, probe: Probe) -> Round<T> {
        let tables = Tables::new(self, probe);
        let m = self.omega.ncols();
        let leave_one: Vec<One<T>> = (0..m).map(|i| tables.without_one(i)).collect();
        let estimates: Vec<T> = leave_one.iter().map(|one| one.estimate).collect();
        let (mean, error) = mean_and_error(&estimates, LARGEST_COVARIANCE, |i, j| {
            let [x_i, x_j] = tables.without_two(i, j);
            (estimates[i] - x_i, estimates[j] - x_j)
        });
        let bias = self.errors.as_ref().map(|(y, z)| {
            let z = z.iter().fold(T::RealPart::ZERO, |h, &e| RealScalar::hypot(h, e));
            let inner = Scalar::sqrt(T::RealPart::from_f64((m - 1) as f64)) * z;
            let count = T::RealPart::from_f64(m as f64);
            leave_one
                .iter()
                .zip(y)
                .fold(inner, |b, (one, &y)| b + one.factor * one.residual * (y + z * one.inside) / count)
        });
        (mean, error, bias)
    }
}

fn append<T: Scalar>(whole: &mut Mat<T>, part: MatRef<'_, T>) {
    let (n, old, new) = (whole.nrows(), whole.ncols(), part.ncols());
    whole.resize_with(n, old + new, |_, _| T::ZERO);
    whole.as_mut().subcols_mut(old, new).rb_mut().copy_from(part);
}

/// What one estimate is made of.
struct One<T: Scalar> {
    estimate: T,
    /// Lengths of the probe's part outside the subspace and inside.
    residual: T::RealPart,
    inside: T::RealPart,
    /// The normalisation of the quadratic form.
    factor: T::RealPart,
}

/// Small matrices from which the estimates without one or two probes are read off, in O(1) each.
///
/// S: unit columns s_i with s_i ⟂ R e_j for all j ≠ i, so that Q (I - s_i s_iᴴ) Qᴴ projects on the range of Y without
/// column i. H = QᴴZ, W = QᴴΩ, T = ZᴴΩ.
struct Tables<T: Scalar> {
    n: usize,
    probe: Probe,
    trace: T,
    /// SᴴS, SᴴHS, SᴴW, SᴴHW, WᴴHS, TᴴS, and the diagonal of SᴴR, which has no other entries.
    ss: Mat<T>,
    shs: Mat<T>,
    sw: Mat<T>,
    shw: Mat<T>,
    whs: Mat<T>,
    ts: Mat<T>,
    sr: Vec<T>,
    /// ω_iᴴ F ω_i - T_iᴴ w_i - w_iᴴ r_i + w_iᴴ H w_i: the form of the part outside the range of Q.
    outside: Vec<T>,
    /// ‖ω_i‖² - ‖w_i‖², and ‖w_i‖².
    outside_square: Vec<T::RealPart>,
    inside_square: Vec<T::RealPart>,
}

impl<T: Scalar> Tables<T> {
    fn new(k: &Sketch<T>, probe: Probe) -> Self {
        let (n, m) = k.omega.shape();
        let s = removed_directions(k.r.as_ref());
        let h = adjoint_multiply(k.q.as_ref(), k.z.as_ref());
        let w = adjoint_multiply(k.q.as_ref(), k.omega.as_ref());
        let t = adjoint_multiply(k.z.as_ref(), k.omega.as_ref());
        let hs = multiply(h.as_ref(), s.as_ref());
        let hw = multiply(h.as_ref(), w.as_ref());
        let column = |a: &Mat<T>, b: &Mat<T>, j| column_dot(a.as_ref(), b.as_ref(), j);
        let square = |a: &Mat<T>, j| column(a, a, j).re();
        let outside =
            |i| column(&k.omega, &k.y, i) - column(&t, &w, i) - column(&w, &k.r, i) + column(&w, &hw, i);
        Self {
            n,
            probe,
            trace: (0..m).fold(T::ZERO, |sum, i| sum + h[(i, i)]),
            ss: adjoint_multiply(s.as_ref(), s.as_ref()),
            shs: adjoint_multiply(s.as_ref(), hs.as_ref()),
            sw: adjoint_multiply(s.as_ref(), w.as_ref()),
            shw: adjoint_multiply(s.as_ref(), hw.as_ref()),
            whs: adjoint_multiply(w.as_ref(), hs.as_ref()),
            ts: adjoint_multiply(t.as_ref(), s.as_ref()),
            sr: (0..m).map(|i| column(&s, &k.r, i)).collect(),
            outside: (0..m).map(outside).collect(),
            outside_square: (0..m)
                .map(|i| RealScalar::max(square(&k.omega, i) - square(&w, i), T::RealPart::ZERO))
                .collect(),
            inside_square: (0..m).map(|i| square(&w, i)).collect(),
        }
    }

    /// The factor that makes a form of the part of a probe outside a subspace of this dimension unbiased.
    fn factor(&self, dimension: usize, residual_square: T::RealPart) -> T::RealPart {
        match self.probe {
            Probe::Signs => T::RealPart::ONE,
            Probe::Sphere if residual_square > T::RealPart::ZERO => {
                T::RealPart::from_f64((self.n - dimension) as f64) / residual_square
            }
            Probe::Sphere => T::RealPart::ZERO,
        }
    }

    /// The estimate whose subspace is made without probe i. With μ = w - s (sᴴw), the form of ω - Qμ is
    /// ωᴴFω - Tᴴμ - μᴴr + μᴴHμ.
    fn without_one(&self, i: usize) -> One<T> {
        let a = self.sw[(i, i)];
        let form = self.outside[i] + self.ts[(i, i)] * a + a.conj() * self.sr[i]
            - self.whs[(i, i)] * a
            - a.conj() * self.shw[(i, i)]
            + a.conj() * self.shs[(i, i)] * a;
        let removed = a.modulus() * a.modulus();
        let square = self.outside_square[i] + removed;
        let factor = self.factor(self.ss.ncols() - 1, square);
        let inside = RealScalar::max(self.inside_square[i] - removed, T::RealPart::ZERO);
        One {
            estimate: self.trace - self.shs[(i, i)] + form.scale(factor),
            residual: Scalar::sqrt(square),
            inside: Scalar::sqrt(inside),
            factor,
        }
    }

    /// The estimates with probe i and with probe j whose subspace is made without both.
    fn without_two(&self, i: usize, j: usize) -> [T; 2] {
        let gram = Pair { a: self.ss[(i, i)].re(), b: self.ss[(i, j)], c: self.ss[(j, j)].re() }.inverse();
        let column = |k: usize| gram.times([self.shs[(i, k)], self.shs[(j, k)]]);
        let removed_trace = column(i)[0] + column(j)[1];
        let (dimension, trace) = (self.ss.ncols() - 2, self.trace - removed_trace);
        [i, j].map(|k| {
            // μ = w - [s_i s_j] a.
            let b = [self.sw[(i, k)], self.sw[(j, k)]];
            let a = gram.times(b);
            let image = [
                self.shs[(i, i)] * a[0] + self.shs[(i, j)] * a[1],
                self.shs[(j, i)] * a[0] + self.shs[(j, j)] * a[1],
            ];
            let own = if k == i { a[0] } else { a[1] };
            let form = self.outside[k]
                + (self.ts[(k, i)] - self.whs[(k, i)]) * a[0]
                + (self.ts[(k, j)] - self.whs[(k, j)]) * a[1]
                + own.conj() * self.sr[k]
                + a[0].conj() * (image[0] - self.shw[(i, k)])
                + a[1].conj() * (image[1] - self.shw[(j, k)]);
            let square = self.outside_square[k] + dot(&b, &a).re();
            trace + form.scale(self.factor(dimension, square))
        })
    }
}

/// The columns of $R^{-*}$, of length 1. A diagonal entry that is zero to rounding counts as what rounding would leave
/// there: then the direction is one in which the range of Y is made of rounding alone.
fn removed_directions<T: Scalar>(r: MatRef<'_, T>) -> Mat<T> {
    let m = r.nrows();
    let largest = (0..m)
        .fold(T::RealPart::ZERO, |h, j| (0..=j).fold(h, |h, i| RealScalar::max(h, r[(i, j)].modulus())));
    let mut s = Mat::<T>::zeros(m, m);
    if largest == T::RealPart::ZERO {
        (0..m).for_each(|i| s[(i, i)] = T::ONE);
        return s;
    }
    let floor = largest * T::RealPart::UNIT_ROUNDOFF;
    let high = Scalar::sqrt(T::RealPart::MAX) * T::RealPart::UNIT_ROUNDOFF;
    // Rᴴ scaled by its largest entry, so that no quotient leaves the range but by growth, which is taken out below.
    let pivot = |k: usize| {
        let p = if r[(k, k)].modulus() < floor { T::from_real(floor) } else { r[(k, k)] };
        p.scale(T::RealPart::ONE / largest).conj()
    };
    let mut x = vec![T::ZERO; m];
    for i in 0..m {
        x.fill(T::ZERO);
        x[i] = T::ONE / pivot(i);
        for k in i + 1..m {
            let mut sum = T::ZERO;
            for l in i..k {
                sum += r[(l, k)].scale(T::RealPart::ONE / largest).conj() * x[l];
            }
            x[k] = -sum / pivot(k);
            let size = x[k].modulus();
            if size > high {
                x[i..=k].iter_mut().for_each(|v| *v = v.scale(T::RealPart::ONE / size));
            }
        }
        let length = super::vector::norm(&x);
        for k in i..m {
            s[(k, i)] = x[k].scale(T::RealPart::ONE / length);
        }
    }
    s
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact results are compared exactly")]
mod tests {
    use super::super::target::Direct;
    use super::*;
    use crate::kernels::Kernels;
    use crate::operator::Counted;
    use faer::c64;
    use rand_pcg::Pcg64;

    /// The estimate with probe i whose subspace is made by a factorisation of its own, without the columns in `left_out`.
    fn by_definition(a: &Mat<c64>, sketch: &Sketch<c64>, probe: Probe, i: usize, left_out: &[usize]) -> c64 {
        let (n, m) = sketch.omega.shape();
        let kept: Vec<usize> = (0..m).filter(|j| !left_out.contains(j)).collect();
        let y = Mat::from_fn(n, kept.len(), |r, j| sketch.y[(r, kept[j])]);
        let q = c64::qr(y.as_ref(), true).0.unwrap();
        let h = adjoint_multiply(q.as_ref(), (a * &q).as_ref());
        let omega = sketch.omega.as_ref().subcols(i, 1).to_owned();
        let r = &omega - &q * (q.adjoint() * &omega);
        let form = column_dot(r.as_ref(), (a * &r).as_ref(), 0);
        let factor = match probe {
            Probe::Signs => 1.0,
            Probe::Sphere => (n - kept.len()) as f64 / column_dot(r.as_ref(), r.as_ref(), 0).re,
        };
        (0..kept.len()).fold(form.scale(factor), |s, j| s + h[(j, j)])
    }

    /// The normalisation times the length of probe i outside the range of the other columns, and its length inside.
    fn lengths(sketch: &Sketch<c64>, probe: Probe, i: usize) -> (f64, f64) {
        let (n, m) = sketch.omega.shape();
        let kept: Vec<usize> = (0..m).filter(|&j| j != i).collect();
        let y = Mat::from_fn(n, kept.len(), |r, j| sketch.y[(r, kept[j])]);
        let q = c64::qr(y.as_ref(), true).0.unwrap();
        let omega = sketch.omega.as_ref().subcols(i, 1).to_owned();
        let inside = q.adjoint() * &omega;
        let outside = (&omega - &q * &inside).norm_l2();
        let factor = if probe == Probe::Signs { 1.0 } else { (n - kept.len()) as f64 / outside.powi(2) };
        (factor * outside, inside.norm_l2())
    }

    #[test]
    fn leaving_out_one_and_two_probes() {
        let n = 12;
        let a = Mat::from_fn(n, n, |i, j| {
            c64::new(((i * i + 3 * i * j) as f64).sin(), ((2 * i + j * j) as f64).cos())
        });
        for probe in [Probe::Sphere, Probe::Signs] {
            let mut sketch = Sketch::new(n);
            let mut target = Direct(Counted::new(&a).unwrap());
            let mut rng = Pcg64::new(1, 2);
            for m in [2, 3, 7] {
                sketch.grow(m, &mut target, probe, &mut rng).unwrap();
                assert_eq!(target.products(), 2 * m);
                let product = multiply(sketch.q.as_ref(), sketch.r.as_ref());
                assert!((product - &sketch.y).norm_max() < 1e-12);
                // Products that are off by vectors of length 1 (all of Y), and 3 and 4 (two of Z).
                let mean = |f: &dyn Fn(usize) -> f64| (0..m).map(f).sum::<f64>() / m as f64;
                let mut bias_of = |y: f64, z: [f64; 2]| {
                    let mut of_z = vec![0.0; m];
                    of_z[..2].copy_from_slice(&z);
                    let exact = sketch.errors.replace((vec![y; m], of_z));
                    let bias = sketch.estimate(probe).2.unwrap();
                    sketch.errors = exact;
                    bias
                };
                let (of_y, of_z) = (bias_of(1.0, [0.0; 2]), bias_of(0.0, [3.0, 4.0]));
                assert_eq!(bias_of(0.0, [0.0; 2]), 0.0);
                let lengths: Vec<(f64, f64)> = (0..m).map(|i| lengths(&sketch, probe, i)).collect();
                assert!((of_y / mean(&|i| lengths[i].0) - 1.0).abs() < 1e-11);
                let expected = 5.0 * (((m - 1) as f64).sqrt() + mean(&|i| lengths[i].0 * lengths[i].1));
                assert!((of_z / expected - 1.0).abs() < 1e-11);
                let tables = Tables::new(&sketch, probe);
                for i in 0..m {
                    let one = tables.without_one(i);
                    let expected = by_definition(&a, &sketch, probe, i, &[i]);
                    assert!((one.estimate - expected).modulus() < 1e-11, "{m} {i}");
                    for j in (0..m).filter(|&j| j != i) {
                        let found = tables.without_two(i, j);
                        for (found, k) in found.into_iter().zip([i, j]) {
                            let expected = by_definition(&a, &sketch, probe, k, &[i, j]);
                            assert!((found - expected).modulus() < 1e-10, "{m} {i} {j}");
                        }
                    }
                }
            }
        }
    }
}
