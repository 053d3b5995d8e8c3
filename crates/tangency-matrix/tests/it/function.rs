//! Functions given by the caller.

use crate::fixtures::{self, convert, distance};
use faer::{Mat, c32, c64, mat};
use tangency_matrix::{
    DoubleDoubleComplex, MatrixError, RealScalar, Scalar, funm, funm_derivative_free, operator_norm_1, sinm,
};

/// The k-th derivative.
fn derivative<C: Scalar>(function: &str, z: C, k: usize) -> C {
    let real = C::from_f64;
    match function {
        "exp" => z.exp(),
        "sin" | "cos" => match (k + usize::from(function == "cos")) % 4 {
            0 => z.sin(),
            1 => z.cos(),
            2 => -z.sin(),
            _ => -z.cos(),
        },
        "sinh" | "cosh" => {
            if (k + usize::from(function == "cosh")).is_multiple_of(2) { z.sinh() } else { z.cosh() }
        }
        "log" if k == 0 => z.ln(),
        "log" => {
            // (−1)^(k−1) (k−1)! / z^k, factor by factor.
            (1..k).fold(C::ONE / z, |x, j| x * real(-(j as f64)) / z)
        }
        "sqrt" => (0..k).fold(z.sqrt(), |x, j| x * real(0.5 - j as f64) / z),
        _ => unreachable!("{function}"),
    }
}

fn value(function: &str, z: DoubleDoubleComplex) -> DoubleDoubleComplex {
    match function {
        "exp" => z.exp(),
        "sin" => z.sin(),
        "cos" => z.cos(),
        "sinh" => z.sinh(),
        "cosh" => z.cosh(),
        "log" => z.ln(),
        "sqrt" => z.sqrt(),
        _ => unreachable!("{function}"),
    }
}

fn both<T: Scalar>(function: &str, a: &Mat<T>) -> [Result<Mat<T>, MatrixError>; 2] {
    [
        funm(a.as_ref(), |z, k| derivative(function, z, k)),
        funm_derivative_free(a.as_ref(), |z| value(function, z)),
    ]
}

#[test]
fn reference_values() {
    let mut worst = Vec::new();
    for (file, default) in
        [("trig.json", ""), ("exp.json", "exp"), ("exp_random.json", "exp"), ("log.json", "log"), ("sqrt.json", "sqrt")]
    {
        for case in fixtures::load(file) {
            let function = if default.is_empty() { case.text("function") } else { default.to_owned() };
            if function == "tanh" || case.value().get("error").is_some() || case.value()["expected"].is_null() {
                continue;
            }
            let (cond, expected, a) = (case.cond(), case.matrix("expected"), case.matrix("a"));
            let bound = 10.0 * a.nrows() as f64 * f64::EPSILON / 2.0 * cond.max(1.0);
            let complex = both(&function, &a);
            let mut push = |which: &str, result: Option<f64>| {
                worst.push((result.unwrap_or(f64::INFINITY) / bound, format!("{function} {} {which}", case.name())));
            };
            for (which, result) in ["c64", "c64 free"].iter().zip(&complex) {
                push(which, result.as_ref().ok().map(|r| distance(r, &expected)));
            }
            if !case.flag("complex") {
                for (which, result) in ["f64", "f64 free"].iter().zip(both(&function, &convert::<f64>(&a))) {
                    push(which, result.ok().map(|r| distance(&r, &expected)));
                }
            }
        }
    }
    worst.sort_by(|a, b| b.0.total_cmp(&a.0));
    if std::env::var_os("SHOW").is_some() {
        println!("{} values", worst.len());
        for w in worst.iter().take_while(|w| w.0 > 0.2) { println!("{w:?}"); }
    }
}
