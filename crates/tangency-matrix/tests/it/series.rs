//! Power series and the bound of their remainder.

use crate::exact::Stream;
use faer::{Mat, c64, mat};
use tangency_matrix::{
    CoefficientBound, MatrixError, PowerSeries, SeriesOptions, SeriesStatus, funm, operator_norm_1,
    power_series, sinm,
};

const FACTORIAL: CoefficientBound = CoefficientBound::Factorial { scale: 1.0, ratio: 1.0 };
const GEOMETRIC: CoefficientBound = CoefficientBound::Geometric { scale: 1.0, ratio: 1.0 };

fn inverse_factorial(k: usize) -> f64 {
    (1..=k).fold(1.0, |x, i| x / i as f64)
}

fn logarithm(k: usize) -> f64 {
    if k == 0 { 0.0 } else { (if k % 2 == 1 { 1.0 } else { -1.0 }) / k as f64 }
}

fn sum(a: &Mat<f64>, c: impl Fn(usize) -> f64, bound: CoefficientBound) -> PowerSeries<f64> {
    power_series(a.as_ref(), c, bound, &SeriesOptions::default()).unwrap()
}

fn random(n: usize, seed: u64) -> Mat<f64> {
    Stream::new(seed).matrix(n, n)
}

fn error(x: &Mat<f64>, y: &Mat<f64>) -> f64 {
    operator_norm_1((x - y).as_ref())
}

#[test]
fn sums_are_the_functions() {
    for scale in [1e-8, 0.01, 0.1, 0.4] {
        let a = random(6, 3) * faer::Scale(scale);
        let exp = funm(a.as_ref(), |z: c64, _| z.exp()).unwrap();
        let result = sum(&a, inverse_factorial, FACTORIAL);
        assert_eq!(result.status, SeriesStatus::Converged);
        assert!(error(&result.value, &exp) < 1e-14, "{scale}");
        let log = sum(&a, logarithm, GEOMETRIC);
        // exp(log(I + A)) = I + A.
        let back = sum(&log.value, inverse_factorial, FACTORIAL).value - Mat::<f64>::identity(6, 6);
        assert!(error(&back, &a) < 1e-14, "{scale}: {:e}", error(&back, &a));
        // 1/(1 − z), by the ratio of neighbours.
        let inverse = sum(&a, |_| 1.0, CoefficientBound::Ratio(1.0)).value;
        assert!(error(&((Mat::<f64>::identity(6, 6) - &a) * inverse), &Mat::identity(6, 6)) < 1e-14);
        let sine =
            |k: usize| if k.is_multiple_of(2) { 0.0 } else { (2.0 - (k % 4) as f64) * inverse_factorial(k) };
        assert!(error(&sum(&a, sine, FACTORIAL).value, &sinm(a.as_ref()).unwrap()) < 1e-14);
    }
}

#[test]
fn the_bound_holds_and_is_not_far() {
    // Non-negative matrices and coefficients: norms of powers multiply as far as the row sums are equal.
    for (c, bound) in [
        (inverse_factorial as fn(usize) -> f64, FACTORIAL),
        (|_| 1.0, GEOMETRIC),
        (|_| 1.0, CoefficientBound::Ratio(1.0)),
        (|k| 0.5_f64.powi(k as i32), CoefficientBound::Geometric { scale: 1.0, ratio: 0.5 }),
    ] {
        let a = Mat::from_fn(4, 4, |i, j| [0.1, 0.3, 0.2, 0.3][(i + j) % 4]);
        let full = sum(&a, c, bound);
        for terms in [1, 2, 4, 6, 12, 20] {
            let options = SeriesOptions { max_terms: terms, ..SeriesOptions::default() };
            let part = power_series(a.as_ref(), c, bound, &options).unwrap();
            assert!(part.terms <= terms && (part.status == SeriesStatus::MaxTerms || terms == 20));
            let remainder = error(&part.value, &full.value) - full.truncation_bound;
            assert!(remainder <= part.truncation_bound, "{bound:?} {terms}");
            // Below the rounding of the values a remainder cannot be seen.
            let visible = part.truncation_bound > 1e-10;
            assert!(!visible || part.truncation_bound < 4.0 * remainder, "{bound:?} {terms}: {part:?}");
        }
    }
}

#[test]
fn polynomials_cost_what_paterson_and_stockmeyer_say() {
    let a = random(5, 7);
    for degree in 0..=40 {
        let c = |k: usize| ((k * 7 + 3) % 11) as f64 - 5.0;
        // Horner's rule.
        let mut expected = Mat::<f64>::zeros(5, 5);
        for k in (0..=degree).rev() {
            expected = &expected * &a + Mat::<f64>::identity(5, 5) * faer::Scale(c(k));
        }
        let result = sum(&a, |k| if k <= degree { c(k) } else { 0.0 }, CoefficientBound::Degree(degree));
        assert!(error(&result.value, &expected) <= 1e-14 * result.magnitude, "{degree}");
        assert_eq!((result.terms, result.truncation_bound), (degree + 1, 0.0));
        assert!(
            result.products as f64 <= 2.0 * (degree as f64).sqrt() + 1.0,
            "{degree}: {}",
            result.products
        );
    }
    let fifteen = sum(&a, |k| if k <= 15 { 1.0 } else { 0.0 }, CoefficientBound::Degree(15));
    assert_eq!(fifteen.products, 6);
}

#[test]
fn powers_show_convergence_where_the_norm_does_not() {
    // Norm 10, spectral radius 1/2.
    let a = mat![[0.5, 10.0], [0.0, -0.5]];
    let log = sum(&a, logarithm, GEOMETRIC);
    assert_eq!(log.status, SeriesStatus::Converged);
    assert!(
        (log.value[(0, 0)] - 1.5_f64.ln()).abs() < 1e-15 && (log.value[(1, 1)] - 0.5_f64.ln()).abs() < 1e-15
    );
    // Divided difference (ln 1.5 − ln 0.5)/1.
    assert!((log.value[(0, 1)] - 10.0 * 3.0_f64.ln()).abs() < 1e-14);
    // Nilpotent: what remains is what rounding might have hidden of the third power.
    let nilpotent = mat![[0.0, 5.0, 7.0], [0.0, 0.0, 3.0], [0.0, 0.0, 0.0]];
    let log = sum(&nilpotent, logarithm, GEOMETRIC);
    assert!(log.truncation_bound < 1e-20);
    assert_eq!(log.value[(0, 2)], 7.0 - 0.5 * 15.0);
    // On the circle of convergence nothing can be shown.
    let error = power_series(mat![[1.0]].as_ref(), logarithm, GEOMETRIC, &SeriesOptions::default());
    assert!(
        matches!(error.unwrap_err(), MatrixError::OutOfRange { value, .. } if (value - 1.0).abs() < 1e-10)
    );
}

#[test]
fn promises_are_checked() {
    let a = random(3, 1);
    let call = |c: fn(usize) -> f64, bound| power_series(a.as_ref(), c, bound, &SeriesOptions::default());
    let broken = "a coefficient over the bound that was promised for it";
    for (c, bound) in [
        ((|_| 1.0) as fn(usize) -> f64, FACTORIAL),
        (|k| 1.0 + k as f64 * 1e-9, GEOMETRIC),
        (|k| k as f64, CoefficientBound::Ratio(1.0)),
        (|_| 1.0, CoefficientBound::Geometric { scale: 1.0, ratio: 0.5 }),
    ] {
        assert!(
            matches!(call(c, bound).unwrap_err(), MatrixError::OutOfRange { what, .. } if what == broken),
            "{bound:?}"
        );
    }
    let nan = call(|k| if k == 2 { f64::NAN } else { 0.1 }, CoefficientBound::Degree(4)).unwrap_err();
    assert!(matches!(nan, MatrixError::OutOfRange { what: "a coefficient", .. }));
    for bound in [
        CoefficientBound::Geometric { scale: f64::NAN, ratio: 1.0 },
        CoefficientBound::Factorial { scale: 1.0, ratio: -1.0 },
        CoefficientBound::Ratio(f64::INFINITY),
        CoefficientBound::Degree(usize::MAX),
    ] {
        assert!(matches!(call(|_| 1.0, bound).unwrap_err(), MatrixError::OutOfRange { .. }), "{bound:?}");
    }
    for options in [
        SeriesOptions { tolerance: 0.0, ..SeriesOptions::default() },
        SeriesOptions { tolerance: f64::NAN, ..SeriesOptions::default() },
        SeriesOptions { max_terms: 0, ..SeriesOptions::default() },
    ] {
        assert!(power_series(a.as_ref(), |_| 1.0, FACTORIAL, &options).is_err());
    }
}

#[test]
fn ends_of_the_range() {
    let call =
        |a: &Mat<f64>| power_series(a.as_ref(), inverse_factorial, FACTORIAL, &SeriesOptions::default());
    assert_eq!(call(&Mat::zeros(0, 0)).unwrap().value.nrows(), 0);
    assert_eq!(call(&Mat::zeros(2, 2)).unwrap().value, Mat::<f64>::identity(2, 2));
    assert!(matches!(call(&Mat::zeros(2, 1)).unwrap_err(), MatrixError::NotSquare { .. }));
    assert!(matches!(call(&mat![[f64::NAN]]).unwrap_err(), MatrixError::NotFinite { .. }));
    assert!(call(&mat![[1e300, 1.0], [1.0, 1e300]]).is_err());
    assert_eq!(call(&mat![[5e-324]]).unwrap().value, mat![[1.0]]);
    // −30: it converges, and the magnitude says that no digit is left.
    let cold = call(&mat![[-30.0]]).unwrap();
    assert!(cold.truncation_bound < 1e-2 && cold.magnitude * f64::EPSILON > (-30.0_f64).exp());
    // Complex, and single precision.
    let i = power_series(
        mat![[c64::new(0.0, 1.0)]].as_ref(),
        |k| c64::new(inverse_factorial(k), 0.0),
        FACTORIAL,
        &SeriesOptions::default(),
    );
    assert!((i.unwrap().value[(0, 0)] - c64::new(1.0_f64.cos(), 1.0_f64.sin())).norm() < 1e-15);
    let single = power_series(
        mat![[0.5_f32, 1.0], [0.0, 0.5]].as_ref(),
        |k| inverse_factorial(k) as f32,
        FACTORIAL,
        &SeriesOptions { tolerance: 1e-8, ..SeriesOptions::default() },
    );
    assert!((single.unwrap().value[(0, 1)] - 0.5_f32.exp()).abs() < 5e-7);
}

#[test]
fn coefficients_are_asked_for_once_and_only_below_the_end() {
    use std::cell::RefCell;
    let a = random(3, 5) * faer::Scale(0.3);
    let asked = RefCell::new(Vec::new());
    // Past the degree a slice has no entry.
    let c = [1.0, -2.0, 0.5, 3.0, 1.0];
    let table = |k: usize| {
        asked.borrow_mut().push(k);
        c[k]
    };
    let found =
        power_series(a.as_ref(), table, CoefficientBound::Degree(4), &SeriesOptions::default()).unwrap();
    assert_eq!((found.terms, asked.borrow().len()), (5, 5));
    for bound in [FACTORIAL, GEOMETRIC, CoefficientBound::Ratio(1.0)] {
        asked.borrow_mut().clear();
        let counted = |k: usize| {
            asked.borrow_mut().push(k);
            inverse_factorial(k)
        };
        power_series(a.as_ref(), counted, bound, &SeriesOptions::default()).unwrap();
        let mut seen = asked.borrow().clone();
        seen.sort_unstable();
        assert!((0..seen.len()).eq(seen.iter().copied()), "{bound:?}: {seen:?}");
    }
}

/// Terms that have underflowed are no proof of convergence.
#[test]
fn a_series_that_diverges_has_no_bound() {
    for (x, ratio) in [(2000.0, 1e-3), (2.0, 1.0), (1e200, 1e-3), (1e-200, 1e300)] {
        for bound in [CoefficientBound::Geometric { scale: 1.0, ratio }, CoefficientBound::Ratio(ratio)] {
            let c = |k: usize| ratio.powi(k as i32);
            let found = power_series(mat![[x]].as_ref(), c, bound, &SeriesOptions::default());
            assert!(matches!(found, Err(MatrixError::OutOfRange { .. })), "{x} {bound:?}: {found:?}");
        }
    }
    // One whose first terms grow as far as numbers go, and one that has no further terms.
    let far = power_series(mat![[1e4]].as_ref(), inverse_factorial, FACTORIAL, &SeriesOptions::default());
    assert!(matches!(far, Err(MatrixError::Overflow { .. } | MatrixError::OutOfRange { .. })), "{far:?}");
    let ended = |k: usize| if k < 3 { 1.0 } else { 0.0 };
    let found = sum(&mat![[0.5]], ended, CoefficientBound::Ratio(1.0));
    assert_eq!((found.value[(0, 0)], found.truncation_bound), (1.75, 0.0));
}

#[test]
fn the_largest_number_of_terms_is_kept() {
    // The first power whose norm shows convergence is the fifth.
    let a = mat![[0.5, 400.0], [0.0, -0.5]];
    for max_terms in [1, 2, 5, 20] {
        let options = SeriesOptions { max_terms, ..SeriesOptions::default() };
        match power_series(a.as_ref(), logarithm, GEOMETRIC, &options) {
            Ok(found) => assert!(found.terms <= max_terms, "{max_terms}: {}", found.terms),
            Err(error) => assert!(matches!(error, MatrixError::OutOfRange { .. }), "{error:?}"),
        }
    }
    let options = SeriesOptions { max_terms: 10, ..SeriesOptions::default() };
    let long = power_series(a.as_ref(), |_| 1.0, CoefficientBound::Degree(40), &options);
    assert!(matches!(long, Err(MatrixError::OutOfRange { what: "the degree", .. })), "{long:?}");
}
