//! The reference values in `tests/reference`, whose README describes their format.

use faer::{Mat, MatRef, c64};
use serde_json::Value;
use tangency_matrix::{RealScalar, Scalar, operator_norm_1};

/// One case of a file: its keys, and matrices by key.
#[derive(Debug, Clone)]
pub(crate) struct Case(pub(crate) Value);

/// All cases of `tests/reference/<file>.json`.
pub(crate) fn load(file: &str) -> Vec<Case> {
    let path = format!("{}/tests/reference/{file}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
    let mut parsed: Value = serde_json::from_str(&text).unwrap();
    match parsed["cases"].take() {
        Value::Array(cases) => cases.into_iter().map(Case).collect(),
        _ => panic!("{path}: no cases"),
    }
}

impl Case {
    /// The unique name.
    pub(crate) fn name(&self) -> &str {
        self.0["name"].as_str().unwrap()
    }

    /// Size of the matrix `a`.
    pub(crate) fn n(&self) -> usize {
        self.0["n"].as_u64().unwrap() as usize
    }

    /// Whether `a` is complex.
    pub(crate) fn complex(&self) -> bool {
        self.0["complex"].as_bool().unwrap()
    }

    /// A number, where the key is there and not null.
    pub(crate) fn number(&self, key: &str) -> Option<f64> {
        self.0.get(key).and_then(Value::as_f64)
    }

    /// The text of a key that must be there.
    pub(crate) fn text(&self, key: &str) -> &str {
        self.0[key].as_str().unwrap()
    }

    /// The condition, at least 1; 1 where the file has none.
    pub(crate) fn condition(&self) -> f64 {
        self.number("cond").unwrap_or(1.0).max(1.0)
    }

    /// The kind of the error that is expected of the real function, if one is.
    pub(crate) fn error_kind(&self) -> Option<&str> {
        self.0.get("error")?["kind"].as_str()
    }

    /// A matrix, where the key is there; rounded to `T`. Real entries may be read as complex ones, not the reverse.
    pub(crate) fn matrix<T: Scalar>(&self, key: &str) -> Option<Mat<T>> {
        parse(self.0.get(key)?)
    }

    /// The case of one function: its own, or what the object of that name has.
    pub(crate) fn of(&self, function: &str) -> Option<Self> {
        if let Some(own) = self.0.get("function") {
            return (own == function).then(|| self.clone());
        }
        let mut case = self.0.clone();
        let values = case.get(function)?.clone();
        for (key, value) in values.as_object()? {
            case[key] = value.clone();
        }
        Some(Self(case))
    }

    /// The case for `a` rounded to single precision, where there is one.
    pub(crate) fn single(&self) -> Option<Self> {
        let mut case = self.0.clone();
        let single = case.get("f32")?.clone();
        for (key, value) in single.as_object()? {
            case[key] = value.clone();
        }
        Some(Self(case))
    }
}

fn parse<T: Scalar>(value: &Value) -> Option<Mat<T>> {
    let rows: Vec<&Vec<Value>> = value.as_array()?.iter().map(|r| r.as_array().unwrap()).collect();
    let entry = |v: &Value| match v.as_array() {
        Some(pair) => {
            assert!(!T::IS_REAL, "a complex entry read as a real one");
            T::from_complex(real::<T>(&pair[0]).complex(real::<T>(&pair[1])))
        }
        None => T::from_real(real::<T>(v)),
    };
    Some(Mat::from_fn(rows.len(), rows.first().map_or(0, |r| r.len()), |i, j| entry(&rows[i][j])))
}

fn real<T: Scalar>(v: &Value) -> T::RealPart {
    T::RealPart::from_f64(v.as_f64().unwrap())
}

/// The same matrix in double precision.
pub(crate) fn widen<T: Scalar>(a: MatRef<'_, T>) -> Mat<c64> {
    Mat::from_fn(a.nrows(), a.ncols(), |i, j| c64::new(a[(i, j)].re().to_f64(), a[(i, j)].im().to_f64()))
}

/// $\lVert X - R \rVert_1 / \lVert R \rVert_1$ in double precision; the absolute error where the reference is 0.
pub(crate) fn relative_error<T: Scalar>(x: MatRef<'_, T>, reference: MatRef<'_, c64>) -> f64 {
    let difference = operator_norm_1((widen(x) - reference).as_ref());
    let norm = operator_norm_1(reference);
    if norm == 0.0 { difference } else { difference / norm }
}

/// The house bound: $10 n u \max(1, \kappa)$.
pub(crate) fn golden_bound<T: Scalar>(n: usize, condition: f64) -> f64 {
    10.0 * n as f64 * T::RealPart::UNIT_ROUNDOFF.to_f64() * condition.max(1.0)
}
