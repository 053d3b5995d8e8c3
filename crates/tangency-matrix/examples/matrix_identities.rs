//! det(exp A) = exp(tr A), ln det B = tr ln B, and Liouville's formula: both sides, and how far apart they may be.
//!
//! No fixed tolerance fits: the determinant of a matrix of order n and condition κ is known to n·u·κ. The first table
//! follows det(exp tA) along t, as the proof by the differential equation does; the second takes logarithms of matrices
//! from well conditioned to nearly singular; the third integrates an equation whose coefficient depends on time.

use faer::{Mat, mat};
use std::error::Error;
use std::fmt::Write;
use tangency_matrix::{
    IdentityReport, MagnusOrder, MatrixError, exp_trace_identity, liouville_identity, log_trace_identity,
};

/// One line: both sides, and whether they agree as well as they can.
fn line(out: &mut String, name: &str, report: &IdentityReport<f64>) -> std::fmt::Result {
    let verdict = if report.holds() { "holds" } else { "FAILS" };
    let power = report.allowed.log10().ceil();
    writeln!(out, "{name:>10} {:>12.6} {:>12.6}  to 1e{power:<4} {verdict}", report.left.re, report.right.re)
}

pub(crate) fn run() -> Result<String, Box<dyn Error>> {
    let mut out = String::new();
    let a = mat![[-1.0, 2.0, 0.5], [-3.0, -2.0, 1.0], [0.0, 4.0, 1.5]];
    writeln!(out, "ln det exp(tA) and t tr A")?;
    for t in [0.25, 0.5, 1.0, 2.0, 4.0] {
        let scaled = Mat::from_fn(3, 3, |i, j| t * a[(i, j)]);
        line(&mut out, &format!("t = {t}"), &exp_trace_identity(scaled.as_ref())?)?;
    }

    writeln!(out, "\nln |det B| and Re tr ln B, B = Hilbert's matrix of order n")?;
    for n in [2, 3, 4, 5] {
        let hilbert = Mat::from_fn(n, n, |i, j| 1.0 / (i + j + 1) as f64);
        line(&mut out, &format!("n = {n}"), &log_trace_identity(hilbert.as_ref())?)?;
    }

    writeln!(out, "\nln det of the propagator of x'' + x'/(1 + t) + x = 0 up to t = 3, and -ln 4")?;
    let oscillator = |t: f64| mat![[0.0, 1.0], [-1.0, -1.0 / (1.0 + t)]];
    for (order, name) in [(MagnusOrder::Two, "order 2"), (MagnusOrder::Four, "order 4")] {
        let error = |steps| -> Result<f64, MatrixError> {
            let report = liouville_identity(order, oscillator, (0.0, 3.0), steps)?;
            Ok((report.left.re + 4.0_f64.ln()).abs())
        };
        let errors = [error(16)?, error(32)?, error(64)?];
        let orders = [(errors[0] / errors[1]).log2(), (errors[1] / errors[2]).log2()];
        line(&mut out, name, &liouville_identity(order, oscillator, (0.0, 3.0), 64)?)?;
        writeln!(
            out,
            "{:>10} twice the steps, the error by 2 to the {:.2}, {:.2}",
            "", orders[0], orders[1]
        )?;
    }
    Ok(out)
}

#[allow(dead_code, reason = "the test includes this file for `run`")]
fn main() -> Result<(), Box<dyn Error>> {
    print!("{}", run()?);
    Ok(())
}
