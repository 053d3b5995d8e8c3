//! Blocks of order 2 at the ends of what they may hold.

use super::{
    LEAF, Scratch, middle, multiply_by_quasi_triangular, product, solve_left, solve_right, sylvester,
};
use crate::product::multiply;
use crate::scalar::{RealScalar, Scalar};
use faer::{Mat, MatRef};

/// Entries between −½ and ½.
fn random<T: Scalar>(m: usize, n: usize, seed: u64) -> Mat<T> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    Mat::from_fn(m, n, |_, _| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        T::from_f64((state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5)
    })
}

/// Pairs with these real parts, one after another, and a single eigenvalue 2 after every third pair.
fn quasi_triangular<T: Scalar>(n: usize, real_parts: &[f64], coupling: f64) -> Mat<T> {
    let mut t = random::<T>(n, n, 5);
    for j in 0..n {
        for i in 0..n {
            t[(i, j)] = if i < j { t[(i, j)] * T::from_f64(coupling) } else { T::ZERO };
        }
    }
    let (mut i, mut k) = (0, 0);
    while i < n {
        if k % 4 == 3 || i + 1 == n {
            t[(i, i)] = T::from_f64(2.0);
            i += 1;
        } else {
            let real = T::from_f64(real_parts[k % real_parts.len()]);
            (t[(i, i)], t[(i + 1, i + 1)]) = (real, real);
            (t[(i, i + 1)], t[(i + 1, i)]) = (T::from_f64(2.0), T::from_f64(-0.5 - 0.1 * (k % 3) as f64));
            i += 2;
        }
        k += 1;
    }
    t
}

fn difference<T: Scalar>(a: MatRef<'_, T>, b: MatRef<'_, T>) -> f64 {
    let mut largest = 0.0_f64;
    for j in 0..a.ncols() {
        for i in 0..a.nrows() {
            let d = (a[(i, j)] - b[(i, j)]).modulus().to_f64();
            largest = if d.is_nan() { f64::INFINITY } else { largest.max(d) };
        }
    }
    largest
}

fn inverts<T: Scalar>(real_parts: &[f64], tolerance: f64) {
    for n in [2, 3, 7, 40, 70, 100] {
        let t = quasi_triangular::<T>(n, real_parts, 0.1);
        let identity = Mat::<T>::identity(n, n);
        let mut right = identity.clone();
        solve_right(t.as_ref(), right.as_mut(), true, &mut Scratch::new(n));
        assert!(
            difference(multiply(right.as_ref(), t.as_ref()).as_ref(), identity.as_ref()) < tolerance,
            "{n}"
        );
        let mut left = identity.clone();
        solve_left(t.as_ref(), left.as_mut(), &mut Scratch::new(n));
        assert!(
            difference(multiply(t.as_ref(), left.as_ref()).as_ref(), identity.as_ref()) < tolerance,
            "{n}"
        );
    }
}

#[test]
fn pairs_on_the_imaginary_axis_have_an_inverse() {
    inverts::<f64>(&[0.0, 0.3, 1e-170], 1e-13);
    inverts::<f32>(&[0.0, 0.3, 1e-25], 5e-5);
}

#[test]
fn pairs_whose_real_parts_cancel_are_no_common_eigenvalues() {
    fn check<T: Scalar>(tolerance: f64) {
        for (m, n) in [(2, 2), (2, 1), (5, 6), (40, 33), (130, 140)] {
            let a = quasi_triangular::<T>(m, &[0.0, 1e-30, 0.5], 0.1);
            let mut b = quasi_triangular::<T>(n, &[0.0, 1e-30, 0.5], 0.1);
            // Other frequencies than those of A.
            for i in 0..n - 1 {
                if b[(i + 1, i)] != T::ZERO {
                    b[(i + 1, i)] *= T::from_f64(9.0);
                }
            }
            let x = random::<T>(m, n, 9);
            let mut c = multiply(a.as_ref(), x.as_ref()) + multiply(x.as_ref(), b.as_ref());
            sylvester(a.as_ref(), b.as_ref(), c.as_mut(), T::RealPart::ZERO, &mut Scratch::new(m.max(n)))
                .unwrap();
            assert!(difference(c.as_ref(), x.as_ref()) < tolerance, "{m} {n}");
        }
    }
    check::<f64>(1e-12);
    check::<f32>(1e-3);
}

#[test]
fn no_block_is_cut() {
    for n in LEAF + 1..200 {
        let t = quasi_triangular::<f64>(n, &[0.5], 1.0);
        let k = middle(t.as_ref());
        assert!(k < n && t[(k, k - 1)] == 0.0 && (k <= LEAF || k < 3 * n / 4), "{n} {k}");
    }
}

#[test]
fn products_of_quasi_triangular_matrices() {
    for n in [1, 2, 5, 40, 130] {
        let (a, q) = (quasi_triangular::<f64>(n, &[0.3, -0.2], 0.5), random::<f64>(n, n, 3));
        let mut out = Mat::from_fn(n, n, |_, _| f64::NAN);
        product(a.as_ref(), (&a * 0.5).as_ref(), out.as_mut());
        assert!(difference(out.as_ref(), (&a * &a * 0.5).as_ref()) < 1e-13);
        multiply_by_quasi_triangular(q.as_ref(), a.as_ref(), out.as_mut());
        assert!(difference(out.as_ref(), (&q * &a).as_ref()) < 1e-13);
    }
}
