//! The action of the exponential where it ends early, is ill-posed, or is asked of an operator that fails.

use crate::action::{METHODS, dense, distance, grcar, laplacian, random, sparse, with};
use faer::dyn_stack::{MemStack, StackReq};
use faer::matrix_free::{BiLinOp, LinOp};
use faer::sparse::{SparseColMat, Triplet};
use faer::{Mat, MatMut, MatRef, Par, mat};
use tangency_matrix::{
    ActionMethod, ActionOptions, ActionStatus, LinearOperator, MatrixError, expm_multiply, expm_multiply_grid,
};

#[test]
fn limits_stop_and_say_how_far() {
    let a = grcar(30);
    let b = random(30, 2, 16);
    for method in METHODS {
        for (a, t) in [(&a, 50.0), (&a, 1e30), (&laplacian(5), 1e4), (&laplacian(5), 1e300)] {
            let b = b.as_ref().subrows(0, a.nrows().min(30));
            let options = ActionOptions { max_products: 300, method, ..ActionOptions::default() };
            let result =
                expm_multiply(&a.into(), t, b, &options).unwrap_or_else(|e| panic!("{method:?} {t}: {e}"));
            if result.report.status == ActionStatus::Stopped {
                assert!(result.reached < 1.0);
                if result.reached * t < 1e3 {
                    let column = b.subcols(0, 1).to_owned();
                    let single = expm_multiply(&a.into(), t, column.as_ref(), &options).unwrap();
                    let expected = dense(a, single.reached * t, &column);
                    assert!(distance(&single.value, &expected) < 1e-12, "{method:?} {t}");
                }
            }
            assert!(result.report.products < 2 * 300 + 900, "{:?}", result.report);
        }
    }
    let huge = mat![[1e300, 2e300], [0.0, -1e300]];
    let result = expm_multiply(&(&huge).into(), 1.0, mat![[1.0], [1.0]].as_ref(), &ActionOptions::default());
    assert!(
        matches!(&result, Err(MatrixError::Overflow { .. }))
            || result.unwrap().report.status == ActionStatus::Stopped
    );
}

#[test]
fn zeros_and_empty_matrices() {
    let b = random(4, 2, 17);
    let a = random(4, 4, 18);
    let zero = Mat::<f64>::zeros(4, 4);
    let nothing = SparseColMat::<u32, f64>::try_new_from_triplets(4, 4, &[]).unwrap();
    for method in METHODS {
        let run = |a: &LinearOperator<'_, f64>, t: f64, b: &Mat<f64>| {
            expm_multiply(a, t, b.as_ref(), &with(method)).unwrap()
        };
        assert!(distance(&run(&(&zero).into(), 3.0, &b).value, &b) < 1e-15);
        assert!(distance(&run(&(&nothing).into(), 3.0, &b).value, &b) < 1e-15);
        assert_eq!(run(&(&a).into(), 0.0, &b).value, b);
        assert_eq!(run(&(&a).into(), 1.0, &zero).value, zero);
        assert_eq!(run(&(&a).into(), 1.0, &Mat::zeros(4, 0)).value.ncols(), 0);
        let empty = Mat::<f64>::zeros(0, 0);
        assert_eq!(run(&(&empty).into(), 1.0, &Mat::zeros(0, 3)).value.ncols(), 3);
        // A multiple of the identity, and one number.
        let three = Mat::from_fn(4, 4, |i, j| if i == j { 3.0 } else { 0.0 });
        let expected = Mat::from_fn(4, 2, |i, j| b[(i, j)] * 3.0_f64.exp());
        assert!(distance(&run(&(&three).into(), 1.0, &b).value, &expected) < 1e-14, "{method:?}");
        let one = run(&(&mat![[-2.0]]).into(), 1.0, &mat![[5.0]]);
        assert!((one.value[(0, 0)] - 5.0 * (-2.0_f64).exp()).abs() < 2e-15, "{method:?}");
    }
    let grid = expm_multiply_grid(&(&a).into(), &[], b.as_ref(), &ActionOptions::default()).unwrap();
    assert!(grid.values.is_empty());
}

#[test]
fn ill_posed_questions() {
    let a = random(3, 3, 19);
    let b = random(3, 1, 20);
    let options = ActionOptions::default();
    let nan = mat![[1.0, 0.0, 0.0], [0.0, 1.0, f64::NAN], [0.0, 0.0, 1.0]];
    let run = |a: &Mat<f64>, t: f64, b: &Mat<f64>, o: &ActionOptions| {
        expm_multiply(&a.into(), t, b.as_ref(), o).unwrap_err()
    };
    assert_eq!(run(&nan, 1.0, &b, &options), MatrixError::NotFinite { row: 1, column: 2 });
    assert_eq!(
        expm_multiply(&(&sparse(&nan)).into(), 1.0, b.as_ref(), &options).unwrap_err(),
        MatrixError::NotFinite { row: 1, column: 2 }
    );
    assert!(matches!(
        run(&a, 1.0, &mat![[1.0], [f64::INFINITY], [0.0]], &options),
        MatrixError::NotFinite { row: 1, .. }
    ));
    assert!(matches!(run(&a, f64::NAN, &b, &options), MatrixError::OutOfRange { .. }));
    assert!(matches!(
        run(&a, 1.0, &random(4, 1, 1), &options),
        MatrixError::ShapeMismatch { expected_rows: 3, rows: 4, .. }
    ));
    assert!(matches!(
        run(&random(3, 2, 1), 1.0, &b, &options),
        MatrixError::NotSquare { rows: 3, columns: 2 }
    ));
    let wide = SparseColMat::<u32, f64>::try_new_from_triplets(2, 3, &[Triplet::new(0, 2, 1.0)]).unwrap();
    assert!(matches!(
        expm_multiply(&(&wide).into(), 1.0, b.as_ref(), &options),
        Err(MatrixError::NotSquare { .. })
    ));
    assert!(matches!(
        run(&a, 1.0, &b, &ActionOptions { tolerance: f64::NAN, ..options }),
        MatrixError::OutOfRange { .. }
    ));
    assert!(matches!(
        run(&a, 1.0, &b, &ActionOptions { krylov_dimension: 1, ..options }),
        MatrixError::OutOfRange { .. }
    ));
    assert!(matches!(run(&mat![[800.0]], 1.0, &mat![[1.0]], &options), MatrixError::Overflow { .. }));
    let grid = expm_multiply_grid(&(&a).into(), &[0.0, f64::INFINITY], b.as_ref(), &options);
    assert!(matches!(grid, Err(MatrixError::OutOfRange { .. })));
}

/// An operator whose adjoint is that of another matrix, or whose products are NaN.
#[derive(Debug)]
struct Faulty {
    a: Mat<f64>,
    /// Of the adjoint.
    factor: f64,
    nan: bool,
}

impl LinOp<f64> for Faulty {
    fn apply_scratch(&self, _: usize, _: Par) -> StackReq {
        StackReq::EMPTY
    }
    fn nrows(&self) -> usize {
        self.a.nrows()
    }
    fn ncols(&self) -> usize {
        self.a.ncols()
    }
    fn apply(&self, mut out: MatMut<'_, f64>, rhs: MatRef<'_, f64>, _: Par, _: &mut MemStack) {
        out.copy_from(&self.a * rhs);
        if self.nan {
            out[(0, 0)] = f64::NAN;
        }
    }
    fn conj_apply(&self, out: MatMut<'_, f64>, rhs: MatRef<'_, f64>, par: Par, stack: &mut MemStack) {
        self.apply(out, rhs, par, stack);
    }
}

impl BiLinOp<f64> for Faulty {
    fn transpose_apply_scratch(&self, _: usize, _: Par) -> StackReq {
        StackReq::EMPTY
    }
    fn transpose_apply(&self, mut out: MatMut<'_, f64>, rhs: MatRef<'_, f64>, _: Par, _: &mut MemStack) {
        out.copy_from(&self.a * rhs * faer::Scale(self.factor)); // not transposed
    }
    fn adjoint_apply(&self, out: MatMut<'_, f64>, rhs: MatRef<'_, f64>, par: Par, stack: &mut MemStack) {
        self.transpose_apply(out, rhs, par, stack);
    }
}

#[test]
fn faulty_operators() {
    let a = grcar(20);
    let b = random(20, 2, 21);
    let wrong = Faulty { a: a.clone(), factor: 1.0, nan: false };
    let operator = LinearOperator::from_products_and_adjoint(&wrong);
    for method in METHODS {
        let result = expm_multiply(&operator, 2.0, b.as_ref(), &with(method)).unwrap();
        assert_eq!(result.report.method, ActionMethod::Krylov);
        assert!(distance(&result.value, &dense(&a, 2.0, &b)) < 1e-14);
    }
    let nan = Faulty { a, factor: 1.0, nan: true };
    for operator in [
        LinearOperator::from_products(&nan),
        LinearOperator::from_products_and_adjoint(&nan),
        LinearOperator::from_products_and_adjoint(&nan).hermitian(),
    ] {
        for method in METHODS {
            let result = expm_multiply(&operator, 2.0, b.as_ref(), &with(method));
            assert!(
                matches!(result, Err(MatrixError::OperatorNotFinite { row: 0, .. })),
                "{method:?}: {result:?}"
            );
        }
    }
}

#[test]
fn a_norm_that_overflows_stops_at_once() {
    let huge = mat![[1e308, 1e308], [0.5e308, -1e308]];
    let b = mat![[1.0], [1.0]];
    let result = expm_multiply(&(&huge).into(), 1.0, b.as_ref(), &with(ActionMethod::Taylor)).unwrap();
    assert_eq!(
        (result.report.status, result.report.products, result.reached),
        (ActionStatus::Stopped, 0, 0.0)
    );
    assert_eq!(result.value, b);
}

#[test]
fn a_hermitian_operator_is_its_own_adjoint() {
    // A star: from a wrong adjoint, the estimate of the norm would not find its centre.
    let n = 31;
    let star = Mat::from_fn(n, n, |i, j| match (i == j, i == 30, j == 30) {
        (true, true, _) => -30.0,
        (true, ..) => -1.0,
        (_, false, false) => 0.0,
        _ => 1.0,
    });
    let b = random(n, 1, 34);
    let expected = dense(&star, 1.0, &b);
    let wrong = Faulty { a: star.clone(), factor: 0.0, nan: false };
    for operator in [
        LinearOperator::from_products_and_adjoint(&wrong).hermitian(),
        LinearOperator::from_products(&star).hermitian(),
    ] {
        let result = expm_multiply(&operator, 1.0, b.as_ref(), &with(ActionMethod::Taylor)).unwrap();
        assert_eq!(result.report.method, ActionMethod::Taylor);
        assert!(result.report.stages >= 4, "{:?}", result.report);
        assert!(distance(&result.value, &expected) < 1e-13, "{:e}", distance(&result.value, &expected));
    }
}
