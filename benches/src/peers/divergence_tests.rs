//! Two-sample tests by permutation: `divergence_tests`.

use super::{Timing, best, read, write};
use std::error::Error;
use std::hint::black_box;
use std::path::Path;
use tangency::divergence::{KernelWidth, MmdKernel, Permutations, Sample, energy_test, mmd_test};
use tangency::faer::MatRef;

/// Permutations, as on the other side.
const COUNT: usize = 500;

pub(super) fn run(work: &str, folder: &Path) -> Result<Timing, Box<dyn Error>> {
    let shape = read(folder, "shape", f64::from_le_bytes)?;
    let [n, d, width] = shape[..] else { return Err("shape has not three numbers".into()) };
    let (p, q) = (read(folder, "p", f64::from_le_bytes)?, read(folder, "q", f64::from_le_bytes)?);
    let sample = |x| Sample::from(MatRef::from_row_major_slice(x, n as usize, d as usize));
    let (p, q) = (sample(&p[..]), sample(&q[..]));
    let mut rng = rand_pcg::Pcg64::new(1, 1);
    let permutations = || Permutations { count: COUNT, ..Default::default() };
    let mut test = |kernel_width: Option<KernelWidth>| match kernel_width {
        Some(width) => mmd_test(black_box(p), q, MmdKernel::Gaussian, width, permutations(), &mut rng),
        None => energy_test(black_box(p), q, permutations(), &mut rng),
    };
    let width = match work.split(',').next().unwrap_or_default() {
        "MMD" => Some(KernelWidth::Given(width)),
        "MMD with its width" => Some(KernelWidth::MedianDistance),
        "energy" => None,
        _ => return Err(format!("no work called {work}").into()),
    };
    let answer = test(width)?;
    let milliseconds = best(|| drop(black_box(test(width))));
    write(folder, [answer.statistic])?;
    Ok(Timing { milliseconds, limit: None, megabytes: None })
}
