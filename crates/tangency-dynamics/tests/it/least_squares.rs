//! The solver on problems with known answers, and on bad ones.

use faer::MatMut;
use std::convert::Infallible;
use std::ops::ControlFlow;
use tangency_dynamics::{FitStatus, LeastSquares, LeastSquaresError, LeastSquaresFit, LevenbergMarquardt};

/// A problem given by a function for residuals and Jacobian (row-major), with units of the unknowns.
struct Problem<F> {
    rows: usize,
    units: Vec<f64>,
    both: F,
    limit: f64,
    asked: Vec<Vec<f64>>,
}

fn problem<F: FnMut(&[f64], &mut [f64], &mut [f64])>(rows: usize, columns: usize, both: F) -> Problem<F> {
    Problem { rows, units: vec![1.0; columns], both, limit: f64::INFINITY, asked: vec![] }
}

impl<F: FnMut(&[f64], &mut [f64], &mut [f64])> LeastSquares for Problem<F> {
    type Error = Infallible;
    fn unknown_len(&self) -> usize {
        self.units.len()
    }
    fn residual_len(&self) -> usize {
        self.rows
    }
    fn residuals(&mut self, z: &[f64], r: &mut [f64]) -> Result<(), Infallible> {
        self.asked.push(z.to_vec());
        let scaled: Vec<_> = z.iter().zip(&self.units).map(|(z, u)| z * u).collect();
        (self.both)(&scaled, r, &mut vec![0.0; self.rows * self.units.len()]);
        Ok(())
    }
    fn jacobian(&mut self, z: &[f64], r: &mut [f64], mut j: MatMut<'_, f64>) -> Result<(), Infallible> {
        let k = self.units.len();
        let scaled: Vec<_> = z.iter().zip(&self.units).map(|(z, u)| z * u).collect();
        let mut flat = vec![0.0; self.rows * k];
        (self.both)(&scaled, r, &mut flat);
        for (i, x) in flat.iter().enumerate() {
            j[(i / k, i % k)] = x * self.units[i % k];
        }
        Ok(())
    }
    fn largest_step(&self, _: usize) -> f64 {
        self.limit
    }
}

fn rosenbrock(z: &[f64], r: &mut [f64], j: &mut [f64]) {
    r.copy_from_slice(&[10.0 * (z[1] - z[0] * z[0]), 1.0 - z[0]]);
    j.copy_from_slice(&[-20.0 * z[0], 10.0, -1.0, 0.0]);
}

fn solve(p: &mut impl LeastSquares<Error = Infallible>, start: &[f64]) -> LeastSquaresFit {
    LevenbergMarquardt::default().solve(p, start, |_| ControlFlow::Continue(())).unwrap()
}

#[test]
fn kowalik_and_osborne() {
    // Problem 15 of Moré, Garbow, Hillstrom (ACM Trans. Math. Softw. 7, 1981): sum of squares 3.07505e-4.
    let y = [0.1957, 0.1947, 0.1735, 0.16, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246];
    let u = [4.0, 2.0, 1.0, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625];
    let mut p = problem(11, 4, |z: &[f64], r: &mut [f64], j: &mut [f64]| {
        for i in 0..11 {
            let (top, bottom) = (u[i] * u[i] + u[i] * z[1], u[i] * u[i] + u[i] * z[2] + z[3]);
            r[i] = z[0] * top / bottom - y[i];
            let slope = -z[0] * top / (bottom * bottom);
            j[4 * i..4 * i + 4].copy_from_slice(&[top / bottom, z[0] * u[i] / bottom, slope * u[i], slope]);
        }
    });
    let fit = solve(&mut p, &[0.25, 0.39, 0.415, 0.39]);
    assert!(fit.status.is_converged(), "{}", fit.status);
    assert!((2.0 * fit.cost - 3.07505e-4).abs() < 1e-9);
    for (got, want) in fit.unknowns.iter().zip([0.192807, 0.191282, 0.123056, 0.136062]) {
        assert!((got - want).abs() < 2e-6, "{:?}", fit.unknowns);
    }
    assert!(fit.gradient_norm < 1e-9);
}

#[test]
fn a_linear_problem_takes_one_step_to_the_normal_equations() {
    // Regression line through (0, 1), (1, 3), (2, 4), (3, 4): slope 1, intercept 3/2.
    let mut p = problem(4, 2, |z: &[f64], r: &mut [f64], j: &mut [f64]| {
        for (i, y) in [1.0, 3.0, 4.0, 4.0].into_iter().enumerate() {
            r[i] = z[0] + z[1] * i as f64 - y;
            j[2 * i..2 * i + 2].copy_from_slice(&[1.0, i as f64]);
        }
    });
    let fit = solve(&mut p, &[1e3, 1e3]);
    assert!((fit.unknowns[0] - 1.5).abs() < 1e-11 && (fit.unknowns[1] - 1.0).abs() < 1e-11);
    assert!((fit.cost - 0.5).abs() < 1e-12);
    assert!(fit.iterations <= 2, "{}", fit.iterations);
}

#[test]
fn units_of_the_unknowns_do_not_matter() {
    let plain = solve(&mut problem(2, 2, rosenbrock), &[-1.2, 1.0]);
    let mut scaled = problem(2, 2, rosenbrock);
    // Powers of two, so that nothing is rounded differently.
    let units = [2f64.powi(20), 2f64.powi(-17)];
    scaled.units = units.to_vec();
    let fit = solve(&mut scaled, &[-1.2 / units[0], 1.0 / units[1]]);
    assert!(plain.status.is_converged() && fit.status.is_converged());
    assert_eq!(plain.iterations, fit.iterations);
    assert!((plain.unknowns[0] - 1.0).abs() < 1e-10 && (fit.unknowns[0] * units[0] - 1.0).abs() < 1e-10);
    assert!(plain.cost < 1e-24 && plain.iterations < 40, "{} {}", plain.cost, plain.iterations);
}

#[test]
fn powells_function_whose_jacobian_is_singular_at_the_solution() {
    let (s5, s10) = (5f64.sqrt(), 10f64.sqrt());
    let mut p = problem(4, 4, |z: &[f64], r: &mut [f64], j: &mut [f64]| {
        let (a, b) = (z[1] - 2.0 * z[2], z[0] - z[3]);
        r.copy_from_slice(&[z[0] + 10.0 * z[1], s5 * (z[2] - z[3]), a * a, s10 * b * b]);
        j.fill(0.0);
        j[..2].copy_from_slice(&[1.0, 10.0]);
        j[6..8].copy_from_slice(&[s5, -s5]);
        j[9..11].copy_from_slice(&[2.0 * a, -4.0 * a]);
        (j[12], j[15]) = (2.0 * s10 * b, -2.0 * s10 * b);
    });
    let fit = solve(&mut p, &[3.0, -1.0, 0.0, 1.0]);
    assert!(fit.cost < 1e-20, "{}", fit.cost);
}

#[test]
fn unknowns_that_cannot_be_told_apart_do_no_harm() {
    // Only the sum is determined: the shortest step keeps the difference.
    let mut p = problem(2, 2, |z: &[f64], r: &mut [f64], j: &mut [f64]| {
        r.copy_from_slice(&[z[0] + z[1] - 3.0, 2.0 * (z[0] + z[1]) - 6.0]);
        j.copy_from_slice(&[1.0, 1.0, 2.0, 2.0]);
    });
    let fit = solve(&mut p, &[0.5, 0.0]);
    assert!((fit.unknowns[0] - 1.75).abs() < 1e-12 && (fit.unknowns[1] - 1.25).abs() < 1e-12, "{fit:?}");
    let mut p = problem(1, 2, |z: &[f64], r: &mut [f64], j: &mut [f64]| {
        (r[0], j[0], j[1]) = (z[0] - 2.0, 1.0, 0.0); // a column of zeros
    });
    assert_eq!(solve(&mut p, &[5.0, 7.0]).unknowns, [2.0, 7.0]);
}

#[test]
fn where_there_is_no_value_the_step_is_shortened() {
    // From 10 the Gauss-Newton step leads to -13, where the logarithm is NaN.
    let mut p =
        problem(1, 1, |z: &[f64], r: &mut [f64], j: &mut [f64]| (r[0], j[0]) = (z[0].ln(), 1.0 / z[0]));
    let options = LevenbergMarquardt { initial_radius: 1e3, ..LevenbergMarquardt::default() };
    let fit = options.solve(&mut p, &[10.0], |_| ControlFlow::Continue(())).unwrap();
    assert!(p.asked.iter().any(|z| z[0] < 0.0));
    assert!(fit.status.is_converged() && (fit.unknowns[0] - 1.0).abs() < 1e-12, "{fit:?}");
    // Finite residuals with a Jacobian that is not: the point is refused as well.
    let mut p = problem(1, 1, |z: &[f64], r: &mut [f64], j: &mut [f64]| {
        (r[0], j[0]) = (z[0] - 1.0, if z[0] < 2.0 { f64::NAN } else { 1.0 });
    });
    let fit = options.solve(&mut p, &[10.0], |_| ControlFlow::Continue(())).unwrap();
    assert!(fit.unknowns[0] >= 2.0 && !fit.status.is_converged(), "{fit:?}");
}

#[test]
fn a_wrong_jacobian_stalls_and_says_so() {
    let mut p = problem(2, 2, |z: &[f64], r: &mut [f64], j: &mut [f64]| {
        rosenbrock(z, r, j);
        for x in j {
            *x = -*x;
        }
    });
    let fit = solve(&mut p, &[-1.2, 1.0]);
    assert_eq!(fit.status, FitStatus::Stalled);
    assert_eq!(fit.unknowns, [-1.2, 1.0]);
}

#[test]
fn steps_keep_the_limit_and_the_direction() {
    let mut p = problem(2, 2, |z: &[f64], r: &mut [f64], j: &mut [f64]| {
        r.copy_from_slice(&[z[0] - 100.0, z[1] - 50.0]);
        j.copy_from_slice(&[1.0, 0.0, 0.0, 1.0]);
    });
    p.limit = 8.0;
    let options = LevenbergMarquardt { initial_radius: 1e6, ..LevenbergMarquardt::default() };
    let fit = options.solve(&mut p, &[0.0, 0.0], |_| ControlFlow::Continue(())).unwrap();
    assert!(fit.status.is_converged() && (fit.unknowns[0] - 100.0).abs() < 1e-9);
    assert!((p.asked[0][0] - 8.0).abs() < 1e-12 && (p.asked[0][1] - 4.0).abs() < 1e-12, "{:?}", p.asked);
    for pair in p.asked.windows(2) {
        assert!((pair[1][0] - pair[0][0]).abs() < 8.0 + 1e-9);
    }
}

#[test]
fn limits_and_observers() {
    let options = LevenbergMarquardt { max_iterations: 3, ..LevenbergMarquardt::default() };
    let fit =
        options.solve(&mut problem(2, 2, rosenbrock), &[-1.2, 1.0], |_| ControlFlow::Continue(())).unwrap();
    assert_eq!((fit.status, fit.iterations), (FitStatus::MaxIterations, 3));
    let mut costs = vec![];
    let fit = LevenbergMarquardt::default()
        .solve(&mut problem(2, 2, rosenbrock), &[-1.2, 1.0], |progress| {
            costs.push(progress.cost);
            if costs.len() == 4 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
        .unwrap();
    assert_eq!(fit.status, FitStatus::Interrupted);
    assert!(costs.windows(2).all(|c| c[1] < c[0]));
    assert_eq!(fit.cost.to_bits(), costs[3].to_bits());
    assert_eq!(fit.jacobian_evaluations, 4);
    assert_eq!(fit.residual_evaluations, fit.iterations);
}

#[test]
fn nothing_to_do_is_done_at_once() {
    let fit = solve(&mut problem(2, 2, rosenbrock), &[1.0, 1.0]);
    assert_eq!((fit.status, fit.iterations), (FitStatus::GradientConverged, 0));
    for (rows, columns) in [(0, 0), (0, 2), (3, 0)] {
        let fit = solve(
            &mut problem(rows, columns, |_: &[f64], _: &mut [f64], _: &mut [f64]| ()),
            &[0.0, 0.0][..columns],
        );
        assert_eq!(fit.status, FitStatus::GradientConverged);
    }
}

#[test]
fn bad_questions() {
    let ask = |start: &[f64], options: LevenbergMarquardt| {
        let mut p = problem(2, 2, |z: &[f64], r: &mut [f64], j: &mut [f64]| {
            rosenbrock(z, r, j);
            if z[0] > 1e3 {
                r[1] = f64::NAN;
            }
            if z[0] < -1e3 {
                j[3] = f64::INFINITY;
            }
        });
        options.solve(&mut p, start, |_| ControlFlow::Continue(())).unwrap_err()
    };
    let default = LevenbergMarquardt::default();
    assert_eq!(ask(&[1.0], default), LeastSquaresError::StartLength { expected: 2, got: 1 });
    assert!(matches!(ask(&[1.0, f64::NAN], default), LeastSquaresError::NonFiniteStart { index: 1, .. }));
    assert!(matches!(ask(&[2e3, 1.0], default), LeastSquaresError::NonFiniteResidual { index: 1, .. }));
    assert!(matches!(
        ask(&[-2e3, 1.0], default),
        LeastSquaresError::NonFiniteDerivative { residual: 1, unknown: 1, .. }
    ));
    assert!(matches!(ask(&[1.0, 1e200], default), LeastSquaresError::NonFiniteResidual { index: 0, .. }));
    for options in [
        LevenbergMarquardt { gradient_tolerance: -1.0, ..default },
        LevenbergMarquardt { step_tolerance: f64::NAN, ..default },
        LevenbergMarquardt { cost_tolerance: -1e-9, ..default },
        LevenbergMarquardt { initial_radius: 0.0, ..default },
    ] {
        assert!(matches!(ask(&[1.0, 2.0], options), LeastSquaresError::InvalidOption { .. }));
    }
}

#[test]
fn a_problem_without_unknowns_or_residuals_is_solved_already() {
    struct Empty(usize, usize);
    impl LeastSquares for Empty {
        type Error = std::convert::Infallible;
        fn unknown_len(&self) -> usize {
            self.0
        }
        fn residual_len(&self) -> usize {
            self.1
        }
        fn residuals(&mut self, _: &[f64], r: &mut [f64]) -> Result<(), Self::Error> {
            r.fill(1.0);
            Ok(())
        }
        fn jacobian(
            &mut self,
            z: &[f64],
            r: &mut [f64],
            _: faer::MatMut<'_, f64>,
        ) -> Result<(), Self::Error> {
            self.residuals(z, r)
        }
    }
    for (unknowns, residuals) in [(0, 0), (0, 3), (2, 0)] {
        let fit = LevenbergMarquardt::default()
            .solve(&mut Empty(unknowns, residuals), &vec![1.0; unknowns], |_| {
                std::ops::ControlFlow::Continue(())
            })
            .unwrap();
        assert!(fit.status.is_converged());
        assert_eq!((fit.unknowns, fit.cost), (vec![1.0; unknowns], 0.5 * residuals as f64));
    }
}
