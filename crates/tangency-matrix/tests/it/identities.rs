//! The identities between determinants and traces, and the order of Magnus' integrator.

use crate::exact::Stream;
use faer::{Mat, c64, mat};
use std::f64::consts::PI;
use tangency_matrix::{
    MagnusOrder, MatrixError, Scalar, exp_trace_identity, expm, liouville_identity, log_det,
    log_trace_identity, magnus_propagator,
};
use tangency_testing::fit_order;

#[test]
fn determinant_of_the_exponential_and_trace() {
    let mut stream = Stream::new(51);
    let mut sharpest: f64 = 0.0;
    for n in [1, 2, 3, 8, 30, 80] {
        for scale in [1e-3, 1.0, 4.0, 12.0] {
            let a = stream.complex(n, n);
            let a = Mat::from_fn(n, n, |i, j| a[(i, j)] * scale);
            let report = exp_trace_identity(a.as_ref()).unwrap();
            assert!(report.holds(), "{n} {scale}: {report:?}");
            sharpest = sharpest.max(report.difference / report.allowed);
            let trace = (0..n).fold(c64::ZERO, |sum, i| sum + a[(i, i)]);
            assert!((report.right.re - trace.re).abs() < 1e-13 * (1.0 + trace.modulus()));
            assert!(report.right.im.abs() <= PI);
            // Graded, nonnormal, real.
            let real = Mat::from_fn(n, n, |i, j| a[(i, j)].re * 10.0_f64.powi(i as i32 % 3 - j as i32 % 3));
            let report = exp_trace_identity(real.as_ref()).unwrap();
            assert!(report.holds(), "real {n} {scale}: {report:?}");
        }
    }
    // Some difference is seen, and it is no more than a thousand times below what is allowed.
    assert!(sharpest > 1e-3, "{sharpest:e}");
    let report = exp_trace_identity(Mat::<f64>::new().as_ref()).unwrap();
    assert!(report.holds() && report.left.re == 0.0);
    // An exponential that is singular to working precision: nothing can be said, and that is said.
    let stiff = mat![[0.0, 0.0], [0.0, -800.0]];
    let report = exp_trace_identity::<f64>(stiff.as_ref()).unwrap();
    assert_eq!((report.right.re, report.allowed), (-800.0, f64::INFINITY));
    assert!(matches!(exp_trace_identity(mat![[1000.0]].as_ref()), Err(MatrixError::Overflow { .. })));
    assert!(matches!(exp_trace_identity(mat![[f64::NAN]].as_ref()), Err(MatrixError::NotFinite { .. })));
}

#[test]
fn logarithm_of_the_determinant_and_trace_of_the_logarithm() {
    let mut stream = Stream::new(52);
    let mut sharpest: f64 = 0.0;
    for n in [1, 2, 5, 12, 40] {
        for shift in [0.0, 0.5, 5.0] {
            let a = stream.complex(n, n);
            let complex =
                Mat::from_fn(n, n, |i, j| a[(i, j)] + if i == j { c64::new(shift, 0.0) } else { c64::ZERO });
            let real = Mat::from_fn(n, n, |i, j| complex[(i, j)].re);
            let (first, second) =
                (log_trace_identity(complex.as_ref()).unwrap(), log_trace_identity(real.as_ref()).unwrap());
            assert!(first.holds(), "complex {n} {shift}: {first:?}");
            assert!(second.holds(), "real {n} {shift}: {second:?}");
            assert_eq!(first.left, log_det(complex.as_ref()).unwrap().ln());
            sharpest = sharpest.max(first.difference / first.allowed).max(second.difference / second.allowed);
        }
    }
    assert!(sharpest > 1e-3, "{sharpest:e}");
    assert!(log_trace_identity(Mat::<f64>::zeros(2, 2).as_ref()).is_err());
}

/// What is allowed is no excuse: the reports of matrices with a wrong side do not hold.
#[test]
fn a_wrong_identity_does_not_hold() {
    let a = mat![[0.3, -2.0], [2.0, 0.5]];
    let mut report = exp_trace_identity::<f64>(a.as_ref()).unwrap();
    report.difference += 1e-12;
    assert!(!report.holds());
    // Liouville with a coefficient that answers differently the second time it is asked.
    let mut calls = 0;
    let changing = |_: f64| {
        calls += 1;
        mat![[if calls > 20 { 1.0 } else { 1.0 + 1e-9 }, 0.5], [0.0, 0.0]]
    };
    let report = liouville_identity::<f64>(MagnusOrder::Four, changing, (0.0, 1.0), 10).unwrap();
    assert!((report.left.re - report.right.re - 1e-9).abs() < 1e-13);
}

/// A coefficient that does not commute with itself at other times, with a solution in closed form: a rotating frame.
/// With `A(t) = R(t) (B + ωJ) R(−t)`... the propagator is `R(t) exp(tB)`, where `R' = ωJR` and `A = ωJ + R B Rᵀ`.
fn rotating(t: f64) -> Mat<f64> {
    let (s, c) = (3.0 * t).sin_cos();
    let turn = mat![[c, -s], [s, c]];
    mat![[0.0, -3.0], [3.0, 0.0]] + &turn * base() * turn.transpose()
}

fn base() -> Mat<f64> {
    mat![[0.4, 1.5], [-0.3, -0.9]]
}

#[test]
fn magnus_has_its_orders() {
    let end = 1.3_f64;
    let (s, c) = (3.0 * end).sin_cos();
    let exact =
        mat![[c, -s], [s, c]] * expm(Mat::from_fn(2, 2, |i, j| base()[(i, j)] * end).as_ref()).unwrap();
    for (order, expected, counts) in
        [(MagnusOrder::Two, 2.0, [40, 80, 160, 320]), (MagnusOrder::Four, 4.0, [20, 40, 80, 160])]
    {
        let errors = counts.map(|steps| {
            let found = magnus_propagator(order, rotating, (0.0, end), steps).unwrap();
            (&found - &exact).norm_max()
        });
        let sizes = counts.map(|steps| end / f64::from(steps as u32));
        let fitted = fit_order(&sizes, &errors).unwrap();
        assert!((fitted.order - expected).abs() < 0.1, "{order:?}: {fitted:?}, {errors:?}");
    }
    // Backwards, and there and back.
    let there = magnus_propagator(MagnusOrder::Four, rotating, (0.2, 0.9), 50).unwrap();
    let back = magnus_propagator(MagnusOrder::Four, rotating, (0.9, 0.2), 50).unwrap();
    assert!((there * back - Mat::<f64>::identity(2, 2)).norm_max() < 1e-13);
    let still = magnus_propagator(MagnusOrder::Two, rotating, (0.5, 0.5), 1).unwrap();
    assert_eq!(still, Mat::<f64>::identity(2, 2));
    // Skew-Hermitian coefficients keep lengths.
    let spin = |t: f64| {
        let (x, y) = (t.cos(), (2.0 * t).sin());
        mat![[c64::new(0.0, 1.0), c64::new(x, y)], [c64::new(-x, y), c64::new(0.0, -0.5)]]
    };
    let unitary = magnus_propagator(MagnusOrder::Four, spin, (0.0, 5.0), 100).unwrap();
    assert!((unitary.adjoint() * &unitary - Mat::<c64>::identity(2, 2)).norm_max() < 1e-13);
}

#[test]
fn liouvilles_formula() {
    // The trace of the rotating example is constant: −0.5.
    let report = liouville_identity::<f64>(MagnusOrder::Four, rotating, (0.0, 2.0), 40).unwrap();
    assert!((report.left.re + 1.0).abs() < 1e-13 && (report.right.re + 1.0).abs() < 1e-14 && report.holds());
    assert!(report.allowed < 1e-12, "{report:?}");
    // A trace that the quadratures miss in part: 2·cos(t²) + 1/(1 + t), whose errors have the order of the method.
    let coefficient = |t: f64| mat![[2.0 * (t * t).cos(), t], [1.0 - t, 1.0 / (1.0 + t)]];
    let steps = [10, 20, 40, 80];
    let fine = liouville_identity::<f64>(MagnusOrder::Four, coefficient, (0.0, 2.0), 2000).unwrap();
    for (order, expected) in [(MagnusOrder::Two, 2.0), (MagnusOrder::Four, 4.0)] {
        let errors = steps.map(|steps| {
            let report = liouville_identity::<f64>(order, coefficient, (0.0, 2.0), steps).unwrap();
            assert!(report.holds(), "{order:?} {steps}: {report:?}");
            (report.left.re - fine.right.re).abs()
        });
        let fitted = fit_order(&steps.map(|n| 2.0 / n as f64), &errors).unwrap();
        assert!((fitted.order - expected).abs() < 0.15, "{order:?}: {fitted:?}");
    }
    let right = steps.map(|steps| {
        let report = liouville_identity::<f64>(MagnusOrder::Two, coefficient, (0.0, 2.0), steps).unwrap();
        (report.right.re - fine.right.re).abs()
    });
    let fitted =
        fit_order(&steps[..3].iter().map(|&n| 2.0 / n as f64).collect::<Vec<_>>(), &right[..3]).unwrap();
    assert!((fitted.order - 6.0).abs() < 0.4, "{fitted:?}");
    // Complex, with an angle that goes round the circle several times.
    let complex =
        |t: f64| mat![[c64::new(0.1, 9.0 * t), c64::new(0.0, 1.0)], [c64::new(t, 0.0), c64::new(-0.2, 4.0)]];
    let report = liouville_identity(MagnusOrder::Four, complex, (0.0, 2.0), 60).unwrap();
    assert!((report.right.re + 0.2).abs() < 1e-14 && report.holds(), "{report:?}");
    assert!(
        (Scalar::exp(c64::new(0.0, report.right.im)) - Scalar::exp(c64::new(0.0, 26.0))).modulus() < 1e-13
    );
    let phi = magnus_propagator(MagnusOrder::Four, complex, (0.0, 2.0), 60).unwrap();
    assert_eq!(log_det(phi.as_ref()).unwrap().ln(), report.left);
}

#[test]
fn bad_questions_are_errors() {
    let constant = |a: Mat<f64>| move |_: f64| a.clone();
    let run =
        |a: Mat<f64>, interval, steps| magnus_propagator(MagnusOrder::Four, constant(a), interval, steps);
    assert!(matches!(run(mat![[1.0]], (0.0, 1.0), 0), Err(MatrixError::OutOfRange { .. })));
    assert!(matches!(run(mat![[1.0]], (0.0, f64::INFINITY), 3), Err(MatrixError::OutOfRange { .. })));
    assert!(matches!(run(mat![[1.0]], (f64::NAN, 1.0), 3), Err(MatrixError::OutOfRange { .. })));
    assert!(matches!(run(mat![[1.0, 2.0]], (0.0, 1.0), 3), Err(MatrixError::NotSquare { .. })));
    assert!(matches!(run(mat![[f64::NAN]], (0.0, 1.0), 3), Err(MatrixError::NotFinite { .. })));
    assert!(matches!(run(mat![[500.0]], (0.0, 3.0), 3), Err(MatrixError::Overflow { .. })));
    assert_eq!(run(Mat::new(), (0.0, 1.0), 2).unwrap(), Mat::<f64>::new());
    for order in [MagnusOrder::Two, MagnusOrder::Four] {
        let mut calls = 0;
        let growing = |_: f64| {
            calls += 1;
            Mat::<f64>::zeros(calls.min(2), calls.min(2))
        };
        let result = liouville_identity(order, growing, (0.0, 1.0), 5);
        assert!(matches!(result, Err(MatrixError::ShapeMismatch { .. })), "{order:?}");
    }
}

/// Where a matrix on the way is far worse conditioned than the last one, so is the determinant.
#[test]
fn humps_are_allowed_for() {
    // exp(A) = I by way of matrices of norm 1e4.
    let tau = std::f64::consts::TAU;
    let block = |i: usize, j: usize| match (i, j) {
        (0, 1) => -tau * 1e4,
        (1, 0) => tau / 1e4,
        _ => 0.0,
    };
    // Householder's reflection with the vector (1, 2, 3, 4).
    let v = [1.0, 2.0, 3.0, 4.0];
    let q = Mat::from_fn(4, 4, |i, j| f64::from(i == j) - v[i] * v[j] / 15.0);
    let blocks = Mat::from_fn(4, 4, |i, j| if i / 2 == j / 2 { block(i % 2, j % 2) } else { 0.0 });
    let a = &q * blocks * &q;
    let report = exp_trace_identity(a.as_ref()).unwrap();
    assert!(report.holds(), "{:e} {:e}", report.difference, report.allowed);
    // Far away and back: the propagator is the identity, and on the way its condition is e^30.
    let far = |t: f64| {
        let s = if t < 1.0 { 15.0 } else { -15.0 };
        mat![[0.6 * s, 0.8 * s], [0.8 * s, -0.6 * s]]
    };
    let report = liouville_identity(MagnusOrder::Four, far, (0.0, 2.0), 100).unwrap();
    assert!(report.holds(), "{:e} {:e}", report.difference, report.allowed);
    // A determinant that cannot be told from 0 proves nothing.
    let report = exp_trace_identity(mat![[-800.0, 1.0], [0.0, 0.0]].as_ref()).unwrap();
    assert!(!report.holds() && report.allowed == f64::INFINITY);
}
