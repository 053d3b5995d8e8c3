//! Every public function with every kind of bad or extreme matrix: a typed error or the exact limit, at once.

mod extremes;
mod scalar;
mod table;

use extremes::{extremes, primary};
use faer::{Mat, c32, c64};
use std::time::{Duration, Instant};
use table::{entries, numbers};
use tangency_matrix::{MatrixError, RealScalar, Scalar};

/// Where the limit exists, and the answer is an error all the same.
fn refused(function: &str, what: &str) -> bool {
    match function {
        // No digit of an angle of 2¹⁰⁰⁰ is known.
        "sinm" | "cosm" | "tanm" => {
            matches!(what, "huge definite" | "huge negative" | "huge triangle" | "huge singular")
        }
        // Beside rounding of 2¹⁰⁰⁰ there is no telling an eigenvalue 0 from 1.
        "tanhm" | "log1pm" => what == "huge singular",
        // Powers go by the logarithm; the square root alone knows what to do with an eigenvalue 0.
        "powm" => what.contains("nilpotent") || what == "singular triangle",
        "rootm" => what == "singular triangle",
        _ => false,
    }
}

fn in_type<T: Scalar>() {
    let format = std::any::type_name::<T>();
    let mut bad = Vec::new();
    let mut slowest = (Duration::ZERO, String::new());
    for entry in entries::<T>() {
        let mut call = |what: &str, a: &Mat<T>| {
            let start = Instant::now();
            let found = (entry.call)(a.as_ref());
            if start.elapsed() > slowest.0 {
                slowest = (start.elapsed(), format!("{} {what}", entry.name));
            }
            found
        };
        for wrong in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let a = Mat::from_fn(2, 2, |i, j| {
                T::from_f64(if (i, j) == (1, 0) { wrong } else { 2.0 + (i + j) as f64 })
            });
            let found = call("not finite", &a);
            let names_it = matches!(
                &found,
                Err(MatrixError::NotFinite { row: 1, column: 0 }
                    | MatrixError::OperatorNotFinite { row: 1, .. })
            );
            if !names_it {
                bad.push(format!("{}, {wrong}: {found:?}", entry.name));
            }
        }
        for (m, n) in [(2, 3), (3, 2)] {
            let a = Mat::from_fn(m, n, |i, j| T::from_f64((1 + i * i + 2 * j) as f64));
            if entry.name.ends_with("_batch") {
                continue;
            }
            let found = call("not square", &a);
            let fits = match &found {
                Err(MatrixError::NotSquare { rows, columns }) => (*rows, *columns) == (m, n),
                Err(MatrixError::ShapeMismatch { .. }) => {
                    !entry.square || entry.name.ends_with("_into") || entry.name.ends_with("_with")
                }
                Ok(x) => !entry.square && x.iter().all(|x| !x.is_nan()),
                Err(_) => !entry.square,
            };
            if !fits {
                bad.push(format!("{}, {m} x {n}: {found:?}", entry.name));
            }
        }
        let found = call("empty", &Mat::zeros(0, 0));
        if !found.as_ref().is_ok_and(|x| x.iter().all(|x| !x.is_nan())) {
            bad.push(format!("{}, empty: {found:?}", entry.name));
        }
        for (what, rows, spectrum) in extremes::<T>() {
            let a = Mat::from_fn(2, 2, |i, j| T::from_f64(rows[i][j]));
            let found = call(what, &a);
            if let Ok(x) = &found
                && x.iter().any(|x| x.is_nan())
            {
                bad.push(format!("{}, {what}: {x:?}", entry.name));
                continue;
            }
            let exact = Mat::from_fn(2, 2, |i, j| c64::new(rows[i][j], 0.0));
            let Some(expected) = entry.scalar.and_then(|f| primary(f, &exact, spectrum)) else { continue };
            let expected = numbers(&expected);
            let size = expected.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
            let exists = expected.iter().all(|x| x.is_finite()) && size <= T::RealPart::MAX.to_f64();
            let real = expected.iter().skip(1).step_by(2).all(|x| x.abs() <= 1e-14 * size);
            let refused = refused(entry.name, what);
            let fits = match &found {
                Ok(x) if exists && (real || !T::IS_REAL) => {
                    let u = T::RealPart::UNIT_ROUNDOFF.to_f64();
                    let floor = T::RealPart::MIN_POSITIVE.to_f64() * 2.0 * u;
                    !refused
                        && x.iter().zip(&expected).all(|(x, y)| (x - y).abs() <= 100.0 * u * size + floor)
                }
                Ok(_) => false,
                Err(_) => !exists || refused || T::IS_REAL && !real,
            };
            if !fits {
                bad.push(format!("{}, {what}: {found:?} for {expected:?}", entry.name));
            }
        }
    }
    assert!(bad.is_empty(), "{format}, {}:\n{}", bad.len(), bad.join("\n"));
    assert!(slowest.0 < Duration::from_secs(10), "{format}: {slowest:?}");
}

#[test]
fn in_double() {
    in_type::<f64>();
}

#[test]
fn in_single() {
    in_type::<f32>();
}

#[test]
fn in_double_complex() {
    in_type::<c64>();
}

#[test]
fn in_single_complex() {
    in_type::<c32>();
}

#[test]
fn every_function_is_listed() {
    let names: Vec<&str> = entries::<f64>().iter().map(|e| e.name.split(',').next().unwrap()).collect();
    let public = |source: &str| -> Vec<String> {
        let mut found = Vec::new();
        for item in source.split("pub use ").skip(1) {
            let item = item.split(';').next().unwrap();
            found.extend(
                item.rsplit("::")
                    .next()
                    .unwrap()
                    .split(|c: char| !(c.is_alphanumeric() || c == '_'))
                    .map(String::from),
            );
        }
        for item in source.split("\npub fn ").skip(1) {
            found.push(item.split(['<', '(']).next().unwrap().to_owned());
        }
        found.into_iter().filter(|x| x.starts_with(|c: char| c.is_ascii_lowercase())).collect()
    };
    let front = public(include_str!("../../src/lib.rs"));
    let trace = public(include_str!("../../src/trace.rs"));
    assert!(front.len() > 85 && trace.len() >= 5, "{} {}", front.len(), trace.len());
    for function in front.iter().chain(&trace) {
        // The norm of any matrix is a number: infinite or NaN where an entry is.
        assert!(
            function == "operator_norm_1" || names.contains(&function.as_str()),
            "{function} is not in the table"
        );
    }
}
