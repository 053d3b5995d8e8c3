//! Errors of our matrix functions on the reference values: `matrix_errors FOLDER`.
//!
//! FOLDER holds the reference values of tangency-matrix. Prints one JSON object from "file/name" to the relative error in the
//! 1-norm, or null where we gave an error; `benches/peers/matrix_accuracy.py` holds them against SciPy's and torch's.

use serde_json::{Map, Value};
use std::error::Error;
use std::path::Path;
use std::process::ExitCode;
use tangency::faer::{Mat, MatRef, c64};
use tangency::matrix::{MatrixError, Scalar, expm, logm, operator_norm_1, sqrtm};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder] = &arguments[..] else {
        eprintln!("usage: matrix_errors FOLDER");
        return ExitCode::from(2);
    };
    match errors(Path::new(folder)) {
        Ok(errors) => {
            println!("{}", Value::Object(errors));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("matrix_errors: {error}");
            ExitCode::FAILURE
        }
    }
}

fn errors(folder: &Path) -> Result<Map<String, Value>, Box<dyn Error>> {
    let mut errors = Map::new();
    for file in ["exp", "exp_random", "log", "sqrt"] {
        let text = std::fs::read_to_string(folder.join(format!("{file}.json")))?;
        let table: Value = serde_json::from_str(&text)?;
        for case in table["cases"].as_array().ok_or("no cases")? {
            if case.get("expected").is_none() {
                continue;
            }
            let name = case["name"].as_str().ok_or("a case without a name")?;
            let (a, expected) = (matrix(&case["a"])?, matrix(&case["expected"])?);
            let error = if case["complex"].as_bool() == Some(true) {
                error_of(file, a.as_ref(), expected.as_ref())
            } else {
                let a = Mat::from_fn(a.nrows(), a.ncols(), |i, j| a[(i, j)].re);
                // A real matrix may have a complex value; then a real answer would be wrong, and the error says so.
                error_of(file, a.as_ref(), expected.as_ref())
            };
            errors.insert(format!("{file}/{name}"), error.map_or(Value::Null, Value::from));
        }
    }
    Ok(errors)
}

fn error_of<T: Scalar<RealPart = f64, Complex = c64>>(
    file: &str,
    a: MatRef<'_, T>,
    expected: MatRef<'_, c64>,
) -> Option<f64> {
    let complex = |x: Mat<T>| Mat::from_fn(x.nrows(), x.ncols(), |i, j| x[(i, j)].to_complex());
    let value: Result<Mat<c64>, MatrixError> = match file {
        "log" => logm(a).map(complex),
        "sqrt" => sqrtm(a).map(complex),
        _ => expm(a).map(complex),
    };
    let value = match value {
        // Real matrices with eigenvalues on the negative axis: the value is complex, and is asked for as such.
        Err(MatrixError::NoPrincipalValue { .. }) => {
            let a = Mat::from_fn(a.nrows(), a.ncols(), |i, j| a[(i, j)].to_complex());
            if file == "log" { logm(a.as_ref()).ok()? } else { sqrtm(a.as_ref()).ok()? }
        }
        other => other.ok()?,
    };
    let (difference, norm) = (operator_norm_1((&value - expected).as_ref()), operator_norm_1(expected));
    Some(if norm > 0.0 { difference / norm } else { difference }).filter(|e| e.is_finite())
}

/// A matrix given by rows of numbers or of pairs.
fn matrix(rows: &Value) -> Result<Mat<c64>, Box<dyn Error>> {
    let rows = rows.as_array().ok_or("a matrix that is no list")?;
    let columns = rows.first().and_then(Value::as_array).map_or(0, Vec::len);
    let number = |x: &Value| match x {
        Value::Array(parts) => Some(c64::new(parts.first()?.as_f64()?, parts.get(1)?.as_f64()?)),
        x => Some(c64::new(x.as_f64()?, 0.0)),
    };
    let mut a = Mat::zeros(rows.len(), columns);
    for (i, row) in rows.iter().enumerate() {
        for j in 0..columns {
            a[(i, j)] = number(&row[j]).ok_or("an entry that is no number")?;
        }
    }
    Ok(a)
}
