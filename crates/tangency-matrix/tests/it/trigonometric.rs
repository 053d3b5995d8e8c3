//! Sine, cosine, their hyperbolic sisters and the tangents.

use crate::fixtures::{self, Case, distance, number};
use faer::{Mat, c32, c64, mat};
use tangency_matrix::{
    MatrixError, RealScalar, Scalar, cosm, cosm_condition, cosm_frechet, cosm_frechet_adjoint, coshm,
    operator_norm_1, sincosm, sinhm, sinm, sinm_condition, sinm_frechet, sinm_frechet_adjoint, tanhm, tanm,
};

fn call<T: Scalar>(function: &str, a: &Mat<T>) -> Result<Mat<T>, MatrixError> {
    match function {
        "sin" => sinm(a.as_ref()),
        "cos" => cosm(a.as_ref()),
        "sinh" => sinhm(a.as_ref()),
        "cosh" => coshm(a.as_ref()),
        _ => tanhm(a.as_ref()),
    }
}

/// Relative error over 10·n·u·max(1, κ).
fn error_over_bound<T: Scalar>(function: &str, a: &Mat<T>, expected: &Mat<c64>, cond: f64) -> f64 {
    let bound = 10.0 * a.nrows() as f64 * T::RealPart::UNIT_ROUNDOFF.to_f64() * cond.max(1.0);
    let result = call(function, a).unwrap_or_else(|e| panic!("{function} of {a:?}: {e}"));
    distance(&result, expected) / bound
}

#[test]
fn all_reference_values() {
    let mut worst = Vec::new();
    for case in fixtures::load("trig.json") {
        let function = case.text("function");
        let (cond, expected) = (case.cond(), case.matrix("expected"));
        let a = case.matrix("a");
        let real = !case.flag("complex");
        let mut push = |format: &str, error: f64| worst.push((error, format!("{} {format}", case.name())));
        push("c64", error_over_bound(&function, &a, &expected, cond));
        if real {
            push("f64", error_over_bound(&function, &fixtures::convert::<f64>(&a), &expected, cond));
        }
        if let Some(single) = case.single() {
            let (cond, expected) = (single.cond_or(cond), single.matrix_or("expected", &expected));
            push("c32", error_over_bound(&function, &fixtures::convert::<c32>(&a), &expected, cond));
            if real {
                push("f32", error_over_bound(&function, &fixtures::convert::<f32>(&a), &expected, cond));
            }
        }
    }
    worst.sort_by(|a, b| b.0.total_cmp(&a.0));
    assert!(worst.len() > 150, "{} values", worst.len());
    if std::env::var_os("SHOW").is_some() { for w in &worst[..40] { println!("{w:?}"); } }
    assert!(worst[0].0 <= 1.0, "{:#?}", &worst[..5]);
}
