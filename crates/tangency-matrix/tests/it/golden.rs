//! What a function with reference values must give: values, derivatives and conditions, in every number type.

use crate::reference::{Case, golden_bound, load, relative_error, widen};
use faer::{Mat, MatRef, c64};
use tangency_matrix::{Frechet, MatrixError, Precision, RealScalar, Scalar, operator_norm_1};

/// The cases that the type can hold; for single precision those with a matrix rounded to it.
pub(crate) fn of_type<T: Scalar>(cases: &[Case]) -> Vec<Case> {
    let fits = cases.iter().filter(|case| !(T::IS_REAL && case.complex()));
    match T::PRECISION {
        Precision::Single => fits.filter_map(Case::single).collect(),
        Precision::Double => fits.cloned().collect(),
    }
}

/// The cases of one function in a file that has several, either one a case or all of them in each.
pub(crate) fn of_function(file: &str, function: &str) -> Vec<Case> {
    load(file).into_iter().filter_map(|case| case.of(function)).collect()
}

/// A question that rounding makes unanswerable in a type: the name of the case, the type, the error that must come.
pub(crate) type Refusals<'a> = &'a [(&'a str, &'a str, Refusal)];

/// Which error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// An eigenvalue below what rounding leaves of the norm.
    Singular,
    /// An eigenvalue that rounding puts on the cut.
    OnTheCut,
}

fn refusal(error: &MatrixError) -> Option<Refusal> {
    match error {
        MatrixError::Singular { .. } => Some(Refusal::Singular),
        MatrixError::NoPrincipalValue { .. } => Some(Refusal::OnTheCut),
        _ => None,
    }
}

/// The number of cases, and the largest error over u·max(1, κ).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    pub(crate) count: usize,
    pub(crate) worst: f64,
}

/// Every value within $10 n u \max(1, \kappa)$, or the error that the case or `refusals` names.
pub(crate) fn values<T: Scalar>(
    cases: &[Case],
    refusals: Refusals<'_>,
    function: impl Fn(&Case, MatRef<'_, T>) -> Result<Mat<T>, MatrixError>,
) -> Seen {
    let format = std::any::type_name::<T>();
    let format = format.rsplit("::").next().unwrap();
    let mut seen = Seen { count: 0, worst: 0.0 };
    let mut bad = Vec::new();
    for case in of_type::<T>(cases) {
        seen.count += 1;
        let a = case.matrix::<T>("a").unwrap();
        let found = function(&case, a.as_ref());
        let named = refusals.iter().find(|r| r.0 == case.name() && r.1 == format);
        if let Some((.., expected)) = named {
            if found.as_ref().err().and_then(refusal) != Some(*expected) {
                bad.push(format!("{} {format}: {expected:?} expected, {found:?}", case.name()));
            }
            continue;
        }
        let must_fail = case.0.get("error").is_some();
        if !T::IS_REAL && case.0.get("expected").is_none() && case.error_kind() == Some("negative_eigenvalue")
        {
            continue; // The file has no value for the complex type.
        }
        if must_fail && (T::IS_REAL || case.0.get("expected").is_none()) {
            if let Err(text) = fails_as_it_should::<T>(&case, &a, found) {
                bad.push(format!("{} {format}: {text}", case.name()));
            }
            continue;
        }
        let expected = case.matrix::<c64>("expected").unwrap();
        let Ok(x) = found else {
            bad.push(format!("{} {format}: {found:?}", case.name()));
            continue;
        };
        let bound = golden_bound::<T>(case.n(), case.condition());
        let error = relative_error(x.as_ref(), expected.as_ref());
        seen.worst = seen.worst.max(error / bound * 10.0 * case.n() as f64);
        if !(error <= bound) {
            bad.push(format!("{} {format}: {error:e} above {bound:e}", case.name()));
        }
    }
    assert!(bad.is_empty(), "{} of {}:\n{}", bad.len(), seen.count, bad.join("\n"));
    seen
}

fn fails_as_it_should<T: Scalar>(
    case: &Case,
    a: &Mat<T>,
    found: Result<Mat<T>, MatrixError>,
) -> Result<(), String> {
    let (kind, eigenvalue) = (case.error_kind().unwrap(), &case.0["error"]["eigenvalue"]);
    let near = |x: f64| eigenvalue.as_f64().is_some_and(|z| (x - z).abs() <= 1e-5 * z.abs());
    match (kind, found) {
        ("negative_eigenvalue", Err(MatrixError::NoPrincipalValue { real, imaginary, .. }))
            if near(real) && imaginary == 0.0 =>
        {
            Ok(())
        }
        ("singular", Err(MatrixError::Singular { .. }))
        | ("no_square_root", Err(MatrixError::NoPrincipalValue { wanted: "finite", .. })) => Ok(()),
        // Rounding made two eigenvalues of the size √u out of a double zero: the root of a matrix that close to it.
        ("no_square_root", Ok(x)) => {
            let (x, a) = (widen(x.as_ref()), widen(a.as_ref()));
            let bound = golden_bound::<T>(case.n(), operator_norm_1(x.as_ref()).powi(2));
            let error = operator_norm_1((&x * &x - &a).as_ref());
            if error <= bound { Ok(()) } else { Err(format!("residual {error:e} above {bound:e}")) }
        }
        (_, found) => Err(format!("{kind} expected, {found:?}")),
    }
}

/// Derivatives in both directions within $10 n u \max(1, \kappa_L)$, $\kappa_L$ being the condition of $(A, E) \mapsto L(A, E)$;
/// the values with them; conditions at most the exact one and no less than a third of it.
pub(crate) fn derivatives<T: Scalar>(
    cases: &[Case],
    forward: impl Fn(&Case, MatRef<'_, T>, MatRef<'_, T>) -> Result<Frechet<T>, MatrixError>,
    backward: impl Fn(&Case, MatRef<'_, T>, MatRef<'_, T>) -> Result<Frechet<T>, MatrixError>,
    condition: impl Fn(&Case, MatRef<'_, T>) -> Result<T::RealPart, MatrixError>,
) -> Seen {
    let mut seen = Seen { count: 0, worst: 0.0 };
    let mut bad = Vec::new();
    for case in of_type::<T>(cases) {
        seen.count += 1;
        let (a, e) = (case.matrix::<T>("a").unwrap(), case.matrix::<T>("e").unwrap());
        let (forward, backward) =
            (forward(&case, a.as_ref(), e.as_ref()), backward(&case, a.as_ref(), e.as_ref()));
        let (forward, backward) = (forward.unwrap(), backward.unwrap());
        for (what, result, key, kappa) in [
            ("value", &forward.value, "value", "cond"),
            ("derivative", &forward.derivative, "expected", "derivative_cond"),
            ("value of the adjoint", &backward.value, "value", "cond"),
            ("adjoint", &backward.derivative, "adjoint", "adjoint_cond"),
        ] {
            let bound = golden_bound::<T>(case.n(), case.number(kappa).unwrap());
            let error = relative_error(result.as_ref(), case.matrix(key).unwrap().as_ref());
            seen.worst = seen.worst.max(error / bound * 10.0 * case.n() as f64);
            if !(error <= bound) {
                bad.push(format!("{} {what}: {error:e} above {bound:e}", case.name()));
            }
        }
        let (found, exact) = (condition(&case, a.as_ref()).unwrap().to_f64(), case.number("cond").unwrap());
        // The estimate is made with rounded derivatives; where no digit of them is certain, none of it is.
        let slack = 1e-6 + golden_bound::<T>(case.n(), case.number("derivative_cond").unwrap());
        if slack < 0.25 && !(found <= exact * (1.0 + slack) && found >= exact / 3.0) {
            bad.push(format!("{}: condition {found:e} of {exact:e}", case.name()));
        }
    }
    let format = std::any::type_name::<T>();
    assert!(bad.is_empty(), "{format}, {} of {}:\n{}", bad.len(), seen.count, bad.join("\n"));
    seen
}

/// Conditions at most the exact one and no less than a third of it.
pub(crate) fn conditions<T: Scalar>(
    cases: &[Case],
    condition: impl Fn(&Case, MatRef<'_, T>) -> Result<T::RealPart, MatrixError>,
) -> usize {
    let cases = of_type::<T>(cases);
    for case in &cases {
        let (Some(exact), None) = (case.number("cond"), case.0.get("error")) else { continue };
        // The condition of a condition is at most of the order of its square: 1/(2√λ) of an eigenvalue λ that is known to uκ².
        let rounding = golden_bound::<T>(case.n(), exact * exact);
        if rounding > 0.01 {
            continue;
        }
        let found = condition(case, case.matrix::<T>("a").unwrap().as_ref()).unwrap().to_f64();
        assert!(
            found <= exact * (1.0 + 1e-6 + rounding) && found >= exact / 3.0 * (1.0 - rounding),
            "{}: condition {found:e} of {exact:e}",
            case.name()
        );
    }
    cases.len()
}
