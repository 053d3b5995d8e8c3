//! Optimal transport.

use super::{Timing, best, once, read, write};
use std::error::Error;
use std::hint::black_box;
use std::ops::ControlFlow;
use std::path::Path;
use tangency::faer::{Mat, MatRef};
use tangency::transport::{
    Directions, Domain, ExactOptions, Plan, SinkhornOptions, SlicedOptions, assignment, exact, exact_with,
    sinkhorn_with, sliced_wasserstein, verify, wasserstein_1d,
};

pub(super) fn run(work: &str, folder: &Path) -> Result<Timing, Box<dyn Error>> {
    let numbers = |name| read(folder, name, f64::from_le_bytes);
    if work.starts_with("W1") {
        let (x, y) = (numbers("x")?, numbers("y")?);
        write(folder, [wasserstein_1d(&x, &y, 1.0)?])?;
        let milliseconds = best(|| {
            black_box(wasserstein_1d(black_box(&x), &y, 1.0).is_ok());
        });
        let sorts = best(|| {
            for points in [&x, &y] {
                let mut points = points.clone();
                points.sort_unstable_by(f64::total_cmp);
                black_box(&points);
            }
        });
        return Ok(Timing {
            milliseconds,
            limit: Some((sorts, "the two sorts of the standard library")),
            megabytes: None,
        });
    }
    if work.starts_with("sliced") {
        let points = |name| -> Result<Mat<f64>, Box<dyn Error>> {
            let numbers = numbers(name)?;
            Ok(Mat::from_fn(numbers.len() / 10, 10, |i, j| numbers[10 * i + j]))
        };
        let (x, y) = (points("x")?, points("y")?);
        let options = SlicedOptions { directions: 100, kind: Directions::Random, ..SlicedOptions::default() };
        let mut rng = rand_pcg::Pcg64Mcg::new(1);
        write(folder, [sliced_wasserstein(x.as_ref(), y.as_ref(), &options, &mut rng)?.value])?;
        let milliseconds = best(|| {
            black_box(sliced_wasserstein(black_box(x.as_ref()), y.as_ref(), &options, &mut rng).is_ok());
        });
        return Ok(Timing { milliseconds, limit: None, megabytes: None });
    }
    let (a, b, cost) = (numbers("a")?, numbers("b")?, numbers("cost")?);
    let cost = MatRef::from_row_major_slice(&cost, a.len(), b.len());
    if a.len() >= 10_000 {
        let (milliseconds, megabytes, found) = once(|| exact(&a, &b, black_box(cost)))?;
        write(folder, [found?.value])?;
        return Ok(Timing { milliseconds, limit: None, megabytes: Some(megabytes) });
    }
    if let Some(rest) = work.strip_prefix("to a certified gap of ") {
        let gap: f64 = rest.split(',').next().unwrap_or_default().parse()?;
        for peer in ["emd", "sinkhorn"] {
            judge(folder, peer, gap, (&a, &b, cost))?;
        }
        let options = ExactOptions { gap_tolerance: Some(gap), ..ExactOptions::default() };
        let go = || exact_with(&a, &b, black_box(cost), &options, |_| ControlFlow::Continue(()));
        let certificate = go()?.certificate;
        if certificate.upper - certificate.lower > gap * certificate.primal {
            return Err(format!("the gap is {:e}", certificate.gap).into());
        }
        write(folder, [1.0])?;
        return Ok(Timing { milliseconds: best(|| drop(black_box(go()))), limit: None, megabytes: None });
    }
    let milliseconds = if work.starts_with("exact") {
        write(folder, [exact(&a, &b, cost)?.value])?;
        best(|| {
            black_box(exact(&a, &b, black_box(cost)).is_ok());
        })
    } else if work.starts_with("assignment") {
        write(folder, [assignment(cost)?.value])?;
        best(|| {
            black_box(assignment(black_box(cost)).is_ok());
        })
    } else {
        // What the peer does: plain iterations at one ε, as many as it does.
        let mean = cost.sum() / (cost.nrows() * cost.ncols()) as f64;
        let options = SinkhornOptions {
            tolerance: 1e-15,
            max_iterations: 100,
            scaling: 1.0,
            relaxation: Some(1.0),
            domain: if work.ends_with("defaults") { Domain::Automatic } else { Domain::Logarithmic },
            ..SinkhornOptions::default()
        };
        let go =
            || sinkhorn_with(&a, &b, black_box(cost), 0.05 * mean, &options, |_| ControlFlow::Continue(()));
        write(folder, [go()?.bounds.upper])?;
        best(|| {
            black_box(go().is_ok());
        })
    };
    Ok(Timing { milliseconds, limit: None, megabytes: None })
}

/// Refuses what a peer left if its plan and potentials do not prove the gap.
fn judge(
    folder: &Path,
    peer: &str,
    gap: f64,
    (a, b, cost): (&[f64], &[f64], MatRef<'_, f64>),
) -> Result<(), Box<dyn Error>> {
    if !folder.join(format!("judged-{peer}-plan")).exists() {
        return Ok(()); // it has not run yet, or did not get there
    }
    let numbers = |name| read(folder, &format!("judged-{peer}-{name}"), f64::from_le_bytes);
    let plan = Plan::from_dense(MatRef::from_row_major_slice(&numbers("plan")?, a.len(), b.len()))?;
    let certificate = verify(a, b, cost, &plan, &numbers("f")?, &numbers("g")?)?;
    let proved = certificate.primal - certificate.lower <= gap * certificate.primal;
    let margins = certificate.source_violation.max(certificate.target_violation) <= 1e-9;
    if proved && margins { Ok(()) } else { Err(format!("{peer}: {certificate:?}").into()) }
}
