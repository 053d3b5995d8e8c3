//! The table of f-divergences, computed: generator, ends, domain of the conjugate, and the identities that tie them together.
//!
//! The first table lists every generator with f(0), f'(∞) and the largest value of its divergence, which is their sum. The
//! second checks what the table of the f-GAN article states: the touching tangent at u = 2 (Fenchel's equality), the critic
//! T(v) = f'(e^v), and the classical activation at v = 0, which must lie in the domain of f*. The third evaluates each
//! divergence between N(0, 1) and N(1, 4), and says by which method.

use std::error::Error;
use std::fmt::Write;
use tangency_divergence::{
    DivergenceFunction, EvaluationMethod, Law, divergence_between, function_between, generators,
};

/// Four decimals, and a sign for what is infinite.
fn number(x: f64) -> String {
    if x == f64::INFINITY { "∞".into() } else { format!("{x:.4}") }
}

pub(crate) fn run() -> Result<String, Box<dyn Error>> {
    let mut out = String::new();
    writeln!(out, "{:<22} {:<38} {:>8} {:>8} {:>8}", "name", "f(u)", "f(0)", "f'(∞)", "largest")?;
    for f in generators() {
        let ends = [f.at_zero(), f.slope_at_infinity(), f.supremum()].map(number);
        writeln!(out, "{:<22} {:<38} {:>8} {:>8} {:>8}", f.name(), f.formula(), ends[0], ends[1], ends[2])?;
    }

    writeln!(
        out,
        "\n{:<22} {:>9} {:>9} {:>9} {:>9}  f* ends at",
        "name", "f'(2)", "f*(f'(2))", "T(1/2)", "g(0)"
    )?;
    for f in generators() {
        let slope = f.derivative(2.0);
        let intercept = f.conjugate(slope);
        assert!(
            (2.0 * slope - intercept - f.generator(2.0)).abs() < 1e-14,
            "{}: the tangent touches",
            f.name()
        );
        assert!((f.critic(0.5) - f.derivative(0.5_f64.exp())).abs() < 1e-14, "{}: the critic", f.name());
        assert!(f.conjugate(f.classical_activation(0.0)).is_finite(), "{}: the activation", f.name());
        let end = f.slope_at_infinity();
        let end = match f.is_domain_closed() {
            _ if end == f64::INFINITY => "nowhere".into(),
            true => format!("t = {end:.4}"),
            false => format!("t < {end:.4}"),
        };
        let values = [slope, intercept, f.critic(0.5), f.classical_activation(0.0)].map(number);
        writeln!(
            out,
            "{:<22} {:>9} {:>9} {:>9} {:>9}  {end}",
            f.name(),
            values[0],
            values[1],
            values[2],
            values[3]
        )?;
    }

    let normal = |mean, standard_deviation| Law::Normal { mean, standard_deviation };
    let (p, q) = (normal(0.0, 1.0), normal(1.0, 2.0));
    writeln!(out, "\n{:<22} {:>16}", "N(0,1) from N(1,4)", "value")?;
    for f in generators() {
        let found = divergence_between(f.as_ref(), p.clone(), q.clone())?;
        let value =
            if found.value.is_finite() { format!("{:.12}", found.value) } else { number(found.value) };
        writeln!(out, "{:<22} {value:>16}  {}", f.name(), method(found.method))?;
    }
    for function in [
        DivergenceFunction::renyi(0.5)?,
        DivergenceFunction::renyi(2.0)?,
        DivergenceFunction::Bhattacharyya,
        DivergenceFunction::HellingerDistance,
        DivergenceFunction::JensenShannonDistance,
    ] {
        let found = function_between(&function, p.clone(), q.clone())?;
        writeln!(out, "{:<22} {:>16.12}  {}", function.name(), found.value, method(found.method))?;
    }
    Ok(out)
}

fn method(method: EvaluationMethod) -> &'static str {
    match method {
        EvaluationMethod::ClosedForm => "closed form",
        EvaluationMethod::Quadrature { .. } => "quadrature",
        EvaluationMethod::Summation { .. } => "summation",
        _ => "simulation",
    }
}

#[allow(dead_code, reason = "the test includes this file for `run`")]
fn main() -> Result<(), Box<dyn Error>> {
    print!("{}", run()?);
    Ok(())
}
