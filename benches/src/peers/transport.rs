//! Optimal transport.

use super::{Timing, best, read, write};
use std::error::Error;
use std::hint::black_box;
use std::ops::ControlFlow;
use std::path::Path;
use tangency::faer::{Mat, MatRef};
use tangency::transport::{
    Directions, Domain, SinkhornOptions, SlicedOptions, assignment, exact, sinkhorn_with, sliced_wasserstein,
    wasserstein_1d,
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
        return Ok(Timing { milliseconds, limit: Some((sorts, "the two sorts of the standard library")) });
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
        return Ok(Timing { milliseconds, limit: None });
    }
    let (a, b, cost) = (numbers("a")?, numbers("b")?, numbers("cost")?);
    let cost = MatRef::from_row_major_slice(&cost, a.len(), b.len());
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
            domain: Domain::Logarithmic,
            ..SinkhornOptions::default()
        };
        let go =
            || sinkhorn_with(&a, &b, black_box(cost), 0.05 * mean, &options, |_| ControlFlow::Continue(()));
        write(folder, [go()?.bounds.upper])?;
        best(|| {
            black_box(go().is_ok());
        })
    };
    Ok(Timing { milliseconds, limit: None })
}
