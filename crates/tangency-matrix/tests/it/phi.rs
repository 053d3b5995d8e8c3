//! φ-functions.

use crate::reference::{Case, golden_bound, load, relative_error};
use faer::{Mat, c32, c64, mat};
use tangency_matrix::{MatrixError, RealScalar, Scalar, operator_norm_1, phi_functions};

/// Relative distance in the 1-norm.
fn distance<T: Scalar>(x: &Mat<T>, y: &Mat<T>) -> f64 {
    let difference = Mat::from_fn(x.nrows(), x.ncols(), |i, j| x[(i, j)] - y[(i, j)]);
    operator_norm_1(difference.as_ref()).to_f64() / operator_norm_1(y.as_ref()).to_f64()
}

/// `z` and φ_0..φ_4 of it, from mpmath 1.3.0 with 60 digits: the series below 1, else φ_k = (φ_{k-1} − 1/(k−1)!)/z.
const NUMBERS: [(f64, [f64; 5]); 6] = [
    (1e-12, [1.000000000001, 1.0000000000005, 0.5000000000001666, 0.16666666666670835, 0.041666666666675]),
    (
        -0.3,
        [
            0.7408182206817179,
            0.8639392643942738,
            0.45353578535242073,
            0.1548807154919309,
            0.039286503915785934,
        ],
    ),
    (
        -3.0,
        [
            0.049787068367863944,
            0.3167376438773787,
            0.22775411870754045,
            0.09074862709748652,
            0.025306013189726716,
        ],
    ),
    (
        10.0,
        [22026.465794806718, 2202.5465794806714, 220.15465794806715, 21.96546579480672, 2.179879912814005],
    ),
    (
        -700.0,
        [
            9.85967654375977e-305,
            0.0014285714285714286,
            0.0014265306122448979,
            0.0007122478134110787,
            0.00023707774121893655,
        ],
    ),
    (-1e6, [0.0, 1e-06, 9.99999e-07, 4.99999000001e-07, 1.6666616666766666e-07]),
];

#[test]
fn numbers_from_1e_minus_12_to_minus_a_million() {
    for (z, expected) in NUMBERS {
        let phi = phi_functions(mat![[z]].as_ref(), 4).unwrap();
        for k in 0..5 {
            let error = (phi[k][(0, 0)] - expected[k]).abs();
            let condition = if k == 0 { z.abs().max(1.0) } else { 1.0 };
            assert!(error <= 5e-15 * condition * expected[k], "φ_{k}({z}): {error:e} of {}", expected[k]);
            // A caller of fewer gets the same values to rounding.
            let fewer = phi_functions(mat![[z]].as_ref(), k).unwrap();
            assert_eq!(fewer.len(), k + 1);
            assert!((fewer[k][(0, 0)] - expected[k]).abs() <= 5e-15 * condition * expected[k]);
        }
    }
}

#[test]
fn single_precision_has_its_own_degree() {
    for (z, expected) in NUMBERS {
        let phi = phi_functions(mat![[z as f32]].as_ref(), 4).unwrap();
        for k in 0..5 {
            let error = (f64::from(phi[k][(0, 0)]) - expected[k]).abs();
            let condition = if k == 0 { z.abs().max(1.0) } else { 1.0 };
            assert!(error <= 2e-6 * condition * expected[k] + 1e-45, "φ_{k}({z}): {error:e}");
        }
    }
}

#[test]
fn triangle_with_a_huge_corner() {
    // f([[x, b], [0, y]]) has the divided difference b·(f(x) − f(y))/(x − y) in its corner.
    // The largest corner needs seven doublings: ‖A⁴‖ is 1, but ‖A⁵‖^{1/5} is 100.
    for (b, bound) in [(1e3, 2e-15), (1e6, 3e-15), (1e10, 2e-14)] {
        let phi = phi_functions(mat![[1.0, b], [0.0, -1.0]].as_ref(), 3).unwrap();
        let one = phi_functions(mat![[1.0]].as_ref(), 3).unwrap();
        let minus = phi_functions(mat![[-1.0]].as_ref(), 3).unwrap();
        for k in 0..=3 {
            let (x, y): (f64, f64) = (one[k][(0, 0)], minus[k][(0, 0)]);
            let expected = mat![[x, b * (x - y) / 2.0], [0.0, y]];
            let error = distance(&phi[k], &expected);
            assert!(error <= bound, "φ_{k}, {b:e}: {error:e}");
            assert!((phi[k][(0, 0)] / x - 1.0).abs() < 1e-13 && (phi[k][(1, 1)] / y - 1.0).abs() < 1e-13);
        }
    }
}

#[test]
fn jordan_block_gives_the_taylor_coefficients() {
    // φ_k(λI + N): the coefficient of N^j is φ_k^{(j)}(λ)/j!, at λ = 0 it is 1/(j+k)!.
    let n = 6;
    let a = Mat::from_fn(n, n, |i, j| if j == i + 1 { 1.0 } else { 0.0 });
    let phi = phi_functions(a.as_ref(), 4).unwrap();
    for k in 0..=4 {
        let expected = Mat::from_fn(n, n, |i, j| {
            if j < i { 0.0 } else { 1.0 / (1..=j - i + k).map(|x| x as f64).product::<f64>() }
        });
        assert!(distance(&phi[k], &expected) < 3e-16, "φ_{k}");
    }
}

#[test]
fn a_rotation_by_many_turns() {
    // A = iθ as a complex number and as a real rotation: the same values, e^{iθ} on the circle.
    let theta = 50.0;
    let z = phi_functions(mat![[c64::new(0.0, theta)]].as_ref(), 4).unwrap();
    let rotation = phi_functions(mat![[0.0, -theta], [theta, 0.0]].as_ref(), 4).unwrap();
    for k in 0..=4 {
        let value = z[k][(0, 0)];
        let expected = mat![[value.re, -value.im], [value.im, value.re]];
        assert!(distance(&rotation[k], &expected) < 2e-14);
    }
    let e = c64::new(theta.cos(), theta.sin());
    let first = (e - 1.0) / c64::new(0.0, theta);
    assert!((z[0][(0, 0)] - e).norm() < 2e-14);
    assert!((z[1][(0, 0)] - first).norm() < 1e-14 * first.norm());
    let single = phi_functions(mat![[c32::new(0.0, 50.0)]].as_ref(), 1).unwrap();
    assert!((single[0][(0, 0)] - c32::new(e.re as f32, e.im as f32)).norm() < 1e-5);
}

#[test]
fn recurrence_holds_for_a_large_nonnormal_matrix() {
    // Grcar: A φ_{k+1} = φ_k − I/k!.
    let n = 24;
    let a = Mat::from_fn(n, n, |i, j| {
        if i == j + 1 {
            -4.0
        } else if j >= i && j <= i + 3 {
            4.0
        } else {
            0.0
        }
    });
    let phi = phi_functions(a.as_ref(), 4).unwrap();
    let mut factorial = 1.0;
    for k in 0..4 {
        factorial *= (k as f64).max(1.0);
        let left = &a * &phi[k + 1];
        let right = Mat::from_fn(n, n, |i, j| phi[k][(i, j)] - if i == j { 1.0 / factorial } else { 0.0 });
        assert!(distance(&left, &right) < 5e-14, "{k}: {:e}", distance(&left, &right));
    }
}

#[test]
fn extremes() {
    assert!(phi_functions(Mat::<f64>::zeros(0, 0).as_ref(), 2).unwrap().iter().all(|m| m.nrows() == 0));
    let zero = phi_functions(Mat::<f64>::zeros(3, 3).as_ref(), 3).unwrap();
    for (k, expected) in [1.0, 1.0, 0.5, 1.0 / 6.0].into_iter().enumerate() {
        assert_eq!(zero[k], Mat::from_fn(3, 3, |i, j| if i == j { expected } else { 0.0 }));
    }
    let huge = phi_functions(mat![[-1e300, 0.0], [0.0, -1e300]].as_ref(), 1).unwrap();
    assert_eq!(huge[0], Mat::<f64>::zeros(2, 2));
    assert!((huge[1][(0, 0)] / 1e-300 - 1.0).abs() < 1e-12);
    let tiny = phi_functions(mat![[5e-324, 1e-310], [0.0, 0.0]].as_ref(), 1).unwrap();
    assert_eq!(tiny[0], mat![[1.0, 1e-310], [0.0, 1.0]]);
    let column = phi_functions(Mat::from_fn(3, 3, |_, _| -1.5e308).as_ref(), 1);
    assert!(column.is_ok() || matches!(column, Err(MatrixError::Overflow { .. })));
    assert!(matches!(phi_functions(mat![[1e4]].as_ref(), 1), Err(MatrixError::Overflow { .. })));
    assert!(matches!(
        phi_functions(mat![[0.0, f64::NAN], [0.0, 0.0]].as_ref(), 1),
        Err(MatrixError::NotFinite { row: 0, column: 1 })
    ));
    assert!(matches!(phi_functions(Mat::<f64>::zeros(2, 3).as_ref(), 1), Err(MatrixError::NotSquare { .. })));
    assert!(matches!(phi_functions(mat![[0.0]].as_ref(), 11), Err(MatrixError::OutOfRange { .. })));
}

fn golden<T: Scalar>(file: impl Iterator<Item = Case>) -> usize {
    let mut compared = 0;
    for case in file.filter(|case| !case.complex() || !T::IS_REAL) {
        let Some(condition) = case.number("cond") else { continue };
        let order = case.0["order"].as_u64().unwrap() as usize;
        let a = case.matrix::<T>("a").unwrap();
        let phi = phi_functions(a.as_ref(), order).unwrap();
        let error = relative_error(phi[order].as_ref(), case.matrix::<c64>("expected").unwrap().as_ref());
        let bound = golden_bound::<T>(case.n(), condition);
        assert!(error <= bound, "{}: {error:e}, {bound:e}", case.name());
        compared += 1;
    }
    compared
}

#[test]
fn reference_values() {
    let file = load("phi");
    assert!(golden::<f64>(file.iter().cloned()) >= 30);
    assert!(golden::<c64>(file.iter().cloned()) >= 30);
    assert!(
        golden::<f32>(file.iter().filter_map(Case::single).filter(|c| c.0.get("expected").is_some())) >= 10
    );
}

/// A large nilpotent part, beside which the eigenvalues 1e-5 and 0.5 are below the range where the norm is 1: they count.
#[test]
fn entries_far_below_the_norm_count() {
    for x in [1e100, 1e200, 1e305] {
        for z in [1e-5, 0.5, -3.0] {
            let a = mat![[0.0, x, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, z]];
            let phi = phi_functions(a.as_ref(), 1).unwrap();
            let quotient = f64::exp_m1(z) / z;
            for (value, even, corner, last) in [(&phi[0], 1.0, x, z.exp()), (&phi[1], 1.0, 0.5 * x, quotient)]
            {
                for (i, j, expected) in [(0, 0, even), (1, 1, even), (0, 1, corner), (2, 2, last)] {
                    assert!(
                        (value[(i, j)] / expected - 1.0).abs() < 4e-15,
                        "{x:e} {i} {j}: {}",
                        value[(i, j)]
                    );
                }
            }
        }
    }
}
