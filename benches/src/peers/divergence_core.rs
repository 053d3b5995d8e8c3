//! Divergences between vectors of probabilities.

use super::{Timing, best, read, write};
use std::error::Error;
use std::hint::black_box;
use std::path::Path;
use tangency::divergence::{
    Alpha, DivergenceFunction, FDivergence, KullbackLeibler, MassError, SquaredHellinger, divergence,
};
use tangency_vmath::ln_into;

pub(super) fn run(work: &str, folder: &Path) -> Result<Timing, Box<dyn Error>> {
    let (p, q) = (read(folder, "p", f64::from_le_bytes)?, read(folder, "q", f64::from_le_bytes)?);
    match work {
        "KL" => time(folder, &p, || divergence(&KullbackLeibler, black_box(&p), black_box(&q))),
        "JS distance" => time(folder, &p, || {
            DivergenceFunction::JensenShannonDistance.between(black_box(&p), black_box(&q))
        }),
        "squared Hellinger" => {
            time(folder, &p, || divergence(&SquaredHellinger::full(), black_box(&p), black_box(&q)))
        }
        "alpha 0.3" => {
            let alpha: &dyn FDivergence = &Alpha::new(0.3)?;
            time(folder, &p, || divergence(alpha, black_box(&p), black_box(&q)))
        }
        _ => Err(format!("no work called {work}").into()),
    }
}

/// Times a divergence; the limit is the logarithm of one of the vectors, from memory into memory.
fn time(
    folder: &Path,
    p: &[f64],
    mut function: impl FnMut() -> Result<f64, MassError>,
) -> Result<Timing, Box<dyn Error>> {
    let mut value = Ok(0.0);
    let milliseconds = best(|| value = function());
    write(folder, [value?])?;
    let (mut logarithms, mut outcome) = (vec![0.0; p.len()], Ok(()));
    let limit = best(|| outcome = ln_into(black_box(p), black_box(&mut logarithms)));
    outcome?;
    Ok(Timing {
        milliseconds,
        limit: Some((limit, "one vectorised logarithm for each entry")),
        megabytes: None,
    })
}
