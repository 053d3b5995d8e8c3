//! Polar decompositions against reference values and against what defines them.

use crate::golden;
use crate::reference::{golden_bound, load, relative_error, widen};
use crate::samples::random;
use faer::{Mat, MatRef, c32, c64, mat};
use tangency_matrix::{MatrixError, RealScalar, Scalar, operator_norm_1, polar};

#[test]
fn factors_match_the_reference() {
    fn check<T: Scalar>() -> usize {
        let cases = golden::of_type::<T>(&load("polar"));
        for case in &cases {
            let factors = polar(case.matrix::<T>("a").unwrap().as_ref()).unwrap();
            let kappa = case.number("kappa").unwrap();
            let error = relative_error(factors.unitary.as_ref(), case.matrix("unitary").unwrap().as_ref());
            assert!(error <= golden_bound::<T>(case.n(), kappa), "{}: U {error:e}", case.name());
            let error =
                relative_error(factors.hermitian.as_ref(), case.matrix("hermitian").unwrap().as_ref());
            assert!(error <= golden_bound::<T>(case.n(), 1.0), "{}: H {error:e}", case.name());
        }
        cases.len()
    }
    assert_eq!([check::<f64>(), check::<c64>(), check::<f32>(), check::<c32>()], [13, 16, 12, 15]);
}

fn defect<T: Scalar>(a: MatRef<'_, T>) -> [f64; 3] {
    let polar = polar(a).unwrap();
    let (u, h) = (widen(polar.unitary.as_ref()), widen(polar.hermitian.as_ref()));
    let a = widen(a);
    let gram = if a.nrows() >= a.ncols() { u.adjoint() * &u } else { &u * u.adjoint() };
    let identity = Mat::<c64>::identity(gram.nrows(), gram.nrows());
    let size = operator_norm_1(a.as_ref()).max(f64::MIN_POSITIVE);
    assert!((0..h.ncols()).all(|j| (0..h.ncols()).all(|i| h[(i, j)] == h[(j, i)].conj())));
    let lowest = h.self_adjoint_eigenvalues(faer::Side::Lower).unwrap().first().copied().unwrap_or(0.0);
    [
        operator_norm_1((gram - identity).as_ref()),
        operator_norm_1((&u * &h - &a).as_ref()) / size,
        (-lowest / size).max(0.0),
    ]
}

fn in_type<T: Scalar>() {
    let u = T::RealPart::UNIT_ROUNDOFF.to_f64();
    for (m, n) in [(1, 1), (3, 2), (2, 3), (7, 7), (20, 12), (40, 40), (5, 9)] {
        let full = random::<T>(m, n, (m * 100 + n) as u64);
        // Rank one, and zero.
        let thin = Mat::from_fn(m, n, |i, j| full[(i, 0)] * full[(0, j)]);
        for a in [full, thin, Mat::zeros(m, n)] {
            for (what, defect) in ["U*U - I", "UH - A", "negative"].iter().zip(defect(a.as_ref())) {
                assert!(defect <= 20.0 * (m.max(n)) as f64 * u, "{m} x {n}: {what} {defect:e}");
            }
        }
    }
}

#[test]
fn orthonormal_hermitian_and_their_product_in_every_type() {
    in_type::<f64>();
    in_type::<c64>();
    in_type::<f32>();
    in_type::<c32>();
}

#[test]
fn extremes_and_bad_input() {
    let turn = mat![[0.6, 0.8], [-0.8, 0.6]];
    for scale in [1e307, 1e-300] {
        let factors = polar((&turn * scale).as_ref()).unwrap();
        assert!((&factors.unitary - &turn).norm_max() < 1e-15);
        assert!((factors.hermitian[(0, 0)] / scale - 1.0_f64).abs() < 1e-15);
    }
    assert!(matches!(
        polar(mat![[1.0, f64::NAN]].as_ref()),
        Err(MatrixError::NotFinite { row: 0, column: 1 })
    ));
    let empty = polar(Mat::<f64>::zeros(3, 0).as_ref()).unwrap();
    assert_eq!((empty.unitary.shape(), empty.hermitian.shape()), ((3, 0), (0, 0)));
    // H = A for the matrix of equal entries; for a column it is the norm, which does not fit.
    let large = Mat::from_fn(8, 8, |_, _| 1.7e308);
    let factors = polar(large.as_ref()).unwrap();
    assert!((0..8).all(|j| (0..8).all(|i| (factors.hermitian[(i, j)] / 1.7e308 - 1.0_f64).abs() < 1e-14)));
    let column = Mat::from_fn(2, 1, |_, _| 1.7e308);
    assert!(matches!(polar(column.as_ref()), Err(MatrixError::Overflow { .. })));
}
