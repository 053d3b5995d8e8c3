//! Divergences of named distributions against mpmath, by every way there is.

use crate::dist_cases::{Opaque, divergence, law};
use tangency_divergence::*;
use tangency_testing::Golden;

struct Case {
    p: Law,
    q: Law,
    label: String,
    divergence: String,
    value: f64,
}

fn cases(file: &str) -> Vec<Case> {
    let path = format!("{}/tests/reference/{file}", env!("CARGO_MANIFEST_DIR"));
    let table = Golden::read(path).unwrap();
    let (p, q, divergence) =
        (table.texts("p").unwrap(), table.texts("q").unwrap(), table.texts("divergence").unwrap());
    let value = table.numbers("value").unwrap();
    (0..table.len())
        .map(|i| Case {
            p: law(p[i]),
            q: law(q[i]),
            label: format!("{} of {} and {}", divergence[i], p[i], q[i]),
            divergence: divergence[i].to_string(),
            value: value[i],
        })
        .collect()
}

/// What is wrong with an evaluation, if anything: its error must not exceed its bound, nor the bound what is allowed.
fn fault(found: &Evaluation, exact: f64, allowed: f64) -> Option<String> {
    let holds = if exact.is_infinite() {
        found.value == exact
    } else {
        (found.value - exact).abs() <= found.error_bound && found.error_bound <= allowed
    };
    (!holds)
        .then(|| format!("{found:?}, exact {exact:e}, error {:e}, allowed {allowed:e}", found.value - exact))
}

/// Fails with all faults at once.
fn report(faults: &[String]) {
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn closed_forms_are_those_of_mpmath() {
    let mut faults = Vec::new();
    let mut exact = 0;
    for case in cases("dist.csv").into_iter().chain(cases("dist_vectors.csv")) {
        let found = divergence_between(divergence(&case.divergence).as_ref(), case.p, case.q).unwrap();
        exact += usize::from(found.is_exact());
        // 1e-12; of a value of second order in a difference of 1e-6, 1e-9. Differences of distribution functions
        // are of first order, and right to a few units of 1.
        let first_order = matches!(case.divergence.as_str(), "tv" | "hockey2");
        let relative = if case.value < 1e-9 {
            1e-9
        } else if first_order {
            1e-12 + 2e-14 / case.value
        } else {
            1e-12
        };
        let allowed = if found.is_exact() { f64::INFINITY } else { 1e-9 * (1.0 + case.value) };
        faults.extend(fault(&found, case.value, allowed).map(|fault| format!("{}: {fault}", case.label)));
        if found.is_exact()
            && case.value.is_finite()
            && (found.value - case.value).abs() > relative * case.value
        {
            let error = found.value / case.value - 1.0;
            faults.push(format!("{}: relative error {error:e} of {:e}", case.label, case.value));
        }
    }
    report(&faults);
    assert!(exact > 300, "{exact} closed forms");
}

#[test]
fn quadrature_and_summation_are_honest() {
    let options = EvaluationOptions { closed_forms: false, ..Default::default() };
    let mut faults = Vec::new();
    let mut evaluations = Vec::new();
    for case in cases("dist.csv") {
        let f = divergence(&case.divergence);
        let found = divergence_between_with(f.as_ref(), case.p.clone(), case.q.clone(), &options).unwrap();
        let allowed = 1e-9 * (2e-5 + case.value);
        faults.extend(fault(&found, case.value, allowed).map(|fault| format!("{}: {fault}", case.label)));
        // As they are, without a map to another family.
        if let (Ok(p), Ok(q)) = (NamedDensity::new(case.p), NamedDensity::new(case.q)) {
            let found = divergence_of_densities(f.as_ref(), &p, &q, &options).unwrap();
            faults.extend(
                fault(&found, case.value, allowed).map(|fault| format!("raw {}: {fault}", case.label)),
            );
            if let EvaluationMethod::Quadrature { evaluations: count } = found.method {
                evaluations.push(count);
            }
        }
    }
    report(&faults);
    evaluations.sort_unstable();
    let (middle, most) = (evaluations[evaluations.len() / 2], evaluations[evaluations.len() - 1]);
    println!("evaluations: median {middle}, largest {most}");
    assert!(middle < 4000 && most < 40_000, "median {middle}, largest {most}");
}

#[test]
fn a_generator_known_by_its_methods_alone_gives_the_same() {
    let mut faults = Vec::new();
    for case in cases("dist.csv") {
        let f = divergence(&case.divergence);
        let found = divergence_between(&Opaque(&*f), case.p, case.q).unwrap();
        // Where f(p/q) overflows f is continued, and the bound is wide.
        let allowed = 0.02 * (1e-9 + case.value);
        faults.extend(fault(&found, case.value, allowed).map(|fault| format!("{}: {fault}", case.label)));
    }
    report(&faults);
}
