//! Divergences from nearest neighbours.

use super::{Timing, best, read, write};
use std::error::Error;
use std::hint::black_box;
use std::path::Path;
use tangency::divergence::{NeighbourOptions, Neighbours, knn_kl_divergence};
use tangency::faer::Mat;

/// The whole estimate: both arrangements and all neighbours, as on the other side.
pub(super) fn run(_work: &str, folder: &Path) -> Result<Timing, Box<dyn Error>> {
    let dimension = read(folder, "dimension", f64::from_le_bytes)?.first().map_or(1, |&d| d as usize);
    let points = |name| -> Result<Mat<f64>, Box<dyn Error>> {
        let numbers = read(folder, name, f64::from_le_bytes)?;
        Ok(Mat::from_fn(numbers.len() / dimension, dimension, |i, j| numbers[i * dimension + j]))
    };
    let (x, y) = (points("x")?, points("y")?);
    let options = NeighbourOptions { neighbours: Neighbours::Fixed(1), ..NeighbourOptions::default() };
    // Without an interval no random number is drawn.
    let mut rng = rand_pcg::Pcg64Mcg::new(1);
    let value = knn_kl_divergence(x.as_ref().into(), y.as_ref().into(), &options, &mut rng)?.value;
    write(folder, [value])?;
    let milliseconds = best(|| {
        let estimate = knn_kl_divergence(black_box(x.as_ref()).into(), y.as_ref().into(), &options, &mut rng);
        black_box(estimate.is_ok());
    });
    Ok(Timing { milliseconds, limit: None, megabytes: None })
}
