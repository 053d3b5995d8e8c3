//! The exponential against reference values.

use crate::reference::{golden_bound, load, relative_error};
use faer::{Mat, c32, c64};
use tangency_matrix::{RealScalar, Scalar, expm};

fn check<T: Scalar>(file: &str, single: bool) {
    let mut worst = 0.0_f64;
    for case in load(file) {
        let Some(case) = (if single { case.single() } else { Some(case) }) else { continue };
        if case.complex() && T::IS_REAL {
            continue;
        }
        let a: Mat<T> = case.matrix("a").unwrap();
        let expected: Mat<c64> = case.matrix("expected").unwrap();
        let condition = case.number("cond");
        let bound = golden_bound::<T>(case.n(), condition.unwrap_or(1.0));
        match expm(a.as_ref()) {
            Ok(x) => {
                let error = relative_error(x.as_ref(), expected.as_ref());
                let named = if single { None } else { case.number("bound") };
                let limit = named.map_or(bound, |b| b.min(bound).max(if b == 0.0 { 0.0 } else { 1e-15 }));
                let u = T::RealPart::UNIT_ROUNDOFF.to_f64();
                worst = worst.max(error / (u * condition.unwrap_or(1.0).max(1.0)));
                println!("{} {} n={} err {:.2e} cond*u {:.2e} bound {:.1e} named {:?} {}", if error <= limit { "ok  " } else { "FAIL" }, case.name(), case.n(), error, condition.unwrap_or(0.0)*u, bound, named, std::any::type_name::<T>());
            }
            Err(e) => println!("FAIL {} {e}", case.name()),
        }
    }
    println!("worst {worst} {}", std::any::type_name::<T>());
}

#[test]
fn reference_values() {
    for file in ["exp", "exp_random"] {
        check::<f64>(file, false);
        check::<c64>(file, false);
        check::<f32>(file, true);
        check::<c32>(file, true);
    }
}
