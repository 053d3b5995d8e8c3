//! Parlett's recurrence, by halves.
//!
//! $F = f(T)$ commutes with T. With both cut in two, the block above the diagonal obeys
//! $T_{11} F_{12} - F_{12} T_{22} = F_{11} T_{12} - T_{12} F_{22}$, a Sylvester equation that has one solution where the
//! spectra of $T_{11}$ and $T_{22}$ are apart.

use crate::kernels::Kernels;
use crate::product::{multiply, multiply_add};
use crate::scalar::Scalar;
use faer::prelude::{Reborrow, ReborrowMut};
use faer::{Mat, MatMut, MatRef};

/// $f(T)$ from $f$ of the diagonal blocks that begin at `starts` (the last is the order); `None` if `atomic` has none.
pub(super) fn parlett<T: Scalar>(
    t: MatRef<'_, T>,
    starts: &[usize],
    atomic: &mut impl FnMut(MatRef<'_, T>) -> Option<Mat<T>>,
) -> Option<Mat<T>> {
    let n = t.nrows();
    if starts.len() <= 2 {
        return if n == 0 { Some(Mat::new()) } else { atomic(t) };
    }
    // The boundary nearest to the middle.
    let first = starts[0];
    let cut = (1..starts.len() - 1).min_by_key(|&i| (2 * (starts[i] - first)).abs_diff(n)).unwrap_or(1);
    let p = starts[cut] - first;
    let (t11, t12) = (t.submatrix(0, 0, p, p), t.submatrix(0, p, p, n - p));
    let t22 = t.submatrix(p, p, n - p, n - p);
    let f11 = parlett(t11, &starts[..=cut], atomic)?;
    let f22 = parlett(t22, &starts[cut..], atomic)?;
    let mut x = multiply(f11.as_ref(), t12);
    multiply_add(x.as_mut(), -T::ONE, t12, f22.as_ref());
    triangular_sylvester(t11, t22, x.as_mut());
    let mut f = Mat::zeros(n, n);
    f.as_mut().submatrix_mut(0, 0, p, p).copy_from(&f11);
    f.as_mut().submatrix_mut(0, p, p, n - p).copy_from(&x);
    f.as_mut().submatrix_mut(p, p, n - p, n - p).copy_from(&f22);
    Some(f)
}

/// Order below which [`triangular_sylvester`] does not cut further.
const LEAF: usize = 24;

/// `c := X` with $A X - X B = C$, A and B upper triangular.
fn triangular_sylvester<T: Scalar + Kernels>(a: MatRef<'_, T>, b: MatRef<'_, T>, mut c: MatMut<'_, T>) {
    let (p, q) = (a.nrows(), b.nrows());
    if p.max(q) <= LEAF {
        return leaf(a, b, c);
    }
    if p >= q {
        let h = p / 2;
        let (mut upper, mut lower) = c.split_at_row_mut(h);
        triangular_sylvester(a.submatrix(h, h, p - h, p - h), b, lower.rb_mut());
        multiply_add(upper.rb_mut(), -T::ONE, a.submatrix(0, h, h, p - h), lower.rb());
        triangular_sylvester(a.submatrix(0, 0, h, h), b, upper);
    } else {
        let h = q / 2;
        let (mut left, mut right) = c.rb_mut().split_at_col_mut(h);
        triangular_sylvester(a, b.submatrix(0, 0, h, h), left.rb_mut());
        multiply_add(right.rb_mut(), T::ONE, left.rb(), b.submatrix(0, h, h, q - h));
        triangular_sylvester(a, b.submatrix(h, h, q - h, q - h), right);
    }
}

/// Column after column, each by back substitution.
fn leaf<T: Scalar>(a: MatRef<'_, T>, b: MatRef<'_, T>, mut c: MatMut<'_, T>) {
    let (p, q) = (a.nrows(), b.nrows());
    for l in 0..q {
        for m in 0..l {
            let factor = b[(m, l)];
            for i in 0..p {
                let x = c[(i, m)];
                c[(i, l)] += x * factor;
            }
        }
        for i in (0..p).rev() {
            let x = c[(i, l)] / (a[(i, i)] - b[(l, l)]);
            c[(i, l)] = x;
            for r in 0..i {
                c[(r, l)] -= a[(r, i)] * x;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use faer::c64;

    fn triangular(n: usize, shift: f64) -> Mat<c64> {
        Mat::from_fn(n, n, |i, j| {
            let x = ((i * 13 + j * 29 + 3) % 17) as f64 / 17.0 - 0.5;
            let y = ((i * 7 + j * 11 + 1) % 19) as f64 / 19.0 - 0.5;
            match i.cmp(&j) {
                std::cmp::Ordering::Less => c64::new(x, y),
                std::cmp::Ordering::Equal => c64::new(shift + x, y),
                std::cmp::Ordering::Greater => c64::ZERO,
            }
        })
    }

    #[test]
    fn sylvester_residual() {
        for (p, q) in [(1, 1), (3, 40), (70, 5), (60, 61)] {
            let (a, b) = (triangular(p, 8.0), triangular(q, -8.0));
            let c = Mat::from_fn(p, q, |i, j| c64::new((i + 2 * j) as f64 % 5.0, (i * j) as f64 % 3.0));
            let mut x = c.clone();
            triangular_sylvester(a.as_ref(), b.as_ref(), x.as_mut());
            let residual = &a * &x - &x * &b - &c;
            assert!(crate::operator_norm_1(residual.as_ref()) < 1e-13 * p as f64, "{p} x {q}");
        }
    }
}
