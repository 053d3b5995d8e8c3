//! Reads the reference values; the format is described beside them.

use faer::{Mat, c64};
use serde_json::Value;
use tangency_matrix::{RealScalar, Scalar, operator_norm_1};

/// One case of a file.
#[derive(Debug)]
pub(crate) struct Case(Value);

pub(crate) fn load(file: &str) -> Vec<Case> {
    let path = format!("{}/tests/reference/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let mut all: Value = serde_json::from_str(&text).unwrap();
    let Value::Array(cases) = all["cases"].take() else { panic!("no cases in {file}") };
    cases.into_iter().map(Case).collect()
}

pub(crate) fn number(value: &Value) -> c64 {
    match value {
        Value::Array(parts) => c64::new(parts[0].as_f64().unwrap(), parts[1].as_f64().unwrap()),
        _ => c64::new(value.as_f64().unwrap(), 0.0),
    }
}

fn matrix(value: &Value) -> Mat<c64> {
    let rows = value.as_array().unwrap();
    let columns = rows.first().map_or(0, |r| r.as_array().unwrap().len());
    Mat::from_fn(rows.len(), columns, |i, j| number(&rows[i][j]))
}

impl Case {
    pub(crate) fn name(&self) -> String {
        self.text("name")
    }

    /// All of it.
    pub(crate) fn value(&self) -> &Value {
        &self.0
    }

    pub(crate) fn text(&self, key: &str) -> String {
        self.0[key].as_str().unwrap().to_owned()
    }

    pub(crate) fn flag(&self, key: &str) -> bool {
        self.0[key].as_bool().unwrap()
    }

    pub(crate) fn matrix(&self, key: &str) -> Mat<c64> {
        matrix(&self.0[key])
    }

    /// Zero where the file has none.
    pub(crate) fn cond(&self) -> f64 {
        self.cond_or(0.0)
    }

    pub(crate) fn cond_or(&self, other: f64) -> f64 {
        self.0["cond"].as_f64().unwrap_or(other)
    }

    pub(crate) fn matrix_or(&self, key: &str, other: &Mat<c64>) -> Mat<c64> {
        if self.0.get(key).is_some() { self.matrix(key) } else { other.clone() }
    }

    /// What holds for the matrix rounded to single precision.
    pub(crate) fn single(&self) -> Option<Self> {
        self.0.get("f32").cloned().map(Self)
    }
}

/// The matrix rounded to another type; for a real type, its real part.
pub(crate) fn convert<T: Scalar>(a: &Mat<c64>) -> Mat<T> {
    Mat::from_fn(a.nrows(), a.ncols(), |i, j| {
        let part = |x: f64| T::RealPart::from_f64(x);
        T::from_complex(part(a[(i, j)].re).complex(part(a[(i, j)].im)))
    })
}

/// Relative error in the 1-norm; the absolute one where zero is expected.
pub(crate) fn distance<T: Scalar>(result: &Mat<T>, expected: &Mat<c64>) -> f64 {
    let difference = Mat::from_fn(result.nrows(), result.ncols(), |i, j| {
        let z = result[(i, j)].to_complex();
        c64::new(z.re().to_f64(), z.im().to_f64()) - expected[(i, j)]
    });
    let norm = operator_norm_1(expected.as_ref());
    let error = operator_norm_1(difference.as_ref());
    if norm > 0.0 { error / norm } else { error }
}
