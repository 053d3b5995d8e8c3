//! Parlett's recurrence, by halves.
//!
//! $F = f(T)$ commutes with T. With both cut in two, the block above the diagonal obeys
//! $T_{11} F_{12} - F_{12} T_{22} = F_{11} T_{12} - T_{12} F_{22}$, a Sylvester equation that has one solution where the
//! spectra of $T_{11}$ and $T_{22}$ are apart.

use crate::product::{multiply, multiply_add};
use crate::scalar::Scalar;
use crate::sylvester::solve_triangular_sylvester;
use faer::{Mat, MatRef};

/// $f(T)$ from $f$ of the diagonal blocks that begin at `starts` (the last is the order); `None` if `atomic` has none,
/// or spectra meet.
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
    let negative = Mat::from_fn(n - p, n - p, |i, j| -t22[(i, j)]);
    solve_triangular_sylvester(t11, negative.as_ref(), x.as_mut()).ok()?;
    let mut f = Mat::zeros(n, n);
    f.as_mut().submatrix_mut(0, 0, p, p).copy_from(&f11);
    f.as_mut().submatrix_mut(0, p, p, n - p).copy_from(&x);
    f.as_mut().submatrix_mut(p, p, n - p, n - p).copy_from(&f22);
    Some(f)
}
