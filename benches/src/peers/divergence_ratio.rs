//! Density ratios and histograms: `divergence_ratio`.

use super::{Timing, best, read, write};
use std::error::Error;
use std::hint::black_box;
use std::path::Path;
use tangency::divergence::{Bins, Centres, Sample, Ulsif, UlsifOptions, Widths, histogram_counts};
use tangency::faer::Mat;

type Outcome = Result<Timing, Box<dyn Error>>;

pub(super) fn run(work: &str, folder: &Path) -> Outcome {
    match work {
        "uLSIF" => ulsif(folder),
        "histogram" => histogram(folder),
        _ => Err(format!("no work called {work}").into()),
    }
}

/// Points on file: the number of coordinates, then the coordinates by rows.
fn points(folder: &Path, name: &str) -> Result<Mat<f64>, Box<dyn Error>> {
    let numbers = read(folder, name, f64::from_le_bytes)?;
    let (first, rows) = numbers.split_first().ok_or("no points")?;
    let d = *first as usize;
    Ok(Mat::from_fn(rows.len() / d, d, |i, k| rows[i * d + k]))
}

/// Both choose among the same widths and ridges, with the first hundred points of P as centres.
fn ulsif(folder: &Path) -> Outcome {
    let (p, q) = (points(folder, "p")?, points(folder, "q")?);
    let grid: Vec<f64> = (0..9).map(|i| 10_f64.powf(-3.0 + 0.5 * f64::from(i))).collect();
    let options = UlsifOptions {
        centres: Centres::Given(p.subrows(0, 100).to_owned()),
        widths: Widths::Fixed(grid.clone()),
        ridges: grid,
        ..Default::default()
    };
    // It has nothing to draw, since the centres are given.
    let mut rng = rand_pcg::Pcg64::new(1, 1);
    let mut fit = || Ulsif::fit(black_box(p.as_ref()).into(), q.as_ref().into(), &options, &mut rng);
    let found = fit()?;
    let milliseconds = best(|| {
        let _ = black_box(fit());
    });
    write(folder, [found.width(), found.ridge()].into_iter().chain(found.coefficients().iter().copied()))?;
    Ok(Timing { milliseconds, limit: None, megabytes: None })
}

/// A hundred bins, those between −4 and 4; the limit is one pass that reads the numbers.
fn histogram(folder: &Path) -> Outcome {
    let numbers = read(folder, "x", f64::from_le_bytes)?;
    let sample = Sample::from(&numbers[..]);
    let bins = Bins::Uniform { lower: -4.0, upper: 4.0, count: 100 };
    let counts = histogram_counts(sample, &bins)?;
    let milliseconds = best(|| {
        let _ = black_box(histogram_counts(black_box(sample), &bins));
    });
    write(folder, counts[1..101].iter().map(|c| *c as f64))?;
    let pass = best(|| {
        black_box(tangency_vmath::sum_of_squares(black_box(&numbers)));
    });
    Ok(Timing {
        milliseconds,
        limit: Some((pass, "one pass over the numbers on one thread")),
        megabytes: None,
    })
}
