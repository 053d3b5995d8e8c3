//! A step of Adam, and the inference of an equation's parameters.

use super::{Timing, best, read, update_milliseconds, write};
use std::error::Error;
use std::hint::black_box;
use std::ops::ControlFlow;
use std::path::Path;
use tangency::dynamics::models::LotkaVolterra;
use tangency::dynamics::{
    Adam, AdamOptions, Coordinate, ExplicitRungeKutta, InferenceOptions, Observations, Optimiser,
    ResidualScale, Start, infer,
};
use tangency::recurrence::Recurrence;

pub(super) fn run(work: &str, folder: &Path) -> Result<Timing, Box<dyn Error>> {
    match work {
        "Adam step f32" => adam(folder),
        "hare and lynx fit" => hare_and_lynx(folder),
        _ => Err(format!("no work called {work}").into()),
    }
}

/// The whole fit, from the start to the report with its standard errors, as a user would call it.
///
/// Steps of a sixteenth of a year of the classical method lead to the same optimum as the peers' tolerances to within the
/// comparison's. The logarithms of the estimates are compared, so that each counts by its own size.
fn hare_and_lynx(folder: &Path) -> Result<Timing, Box<dyn Error>> {
    let numbers = |name| read(folder, name, f64::from_le_bytes);
    let values = numbers("observations")?.iter().map(|x| x.exp()).collect();
    let observations = Observations::new(numbers("times")?, values)?;
    let coordinates: Vec<_> = numbers("start")?.iter().map(|z| Coordinate::positive(z.exp())).collect();
    let (parameters, state) = coordinates.split_at(4);
    let start = Start { time: 0.0, state: state.to_vec(), parameters: parameters.to_vec() };
    // The solver's default tolerances are tighter than the peers' 1e-8.
    let options = InferenceOptions { residuals: ResidualScale::Logarithmic, ..InferenceOptions::default() };
    let fit = || {
        let mut run = ExplicitRungeKutta::rk4(LotkaVolterra, &[1.0; 4])?;
        infer(&mut run, black_box(&observations), &start, 1.0 / 16.0, &options, |_| ControlFlow::Continue(()))
            .map_err(Box::<dyn Error>::from)
    };
    let found = fit()?;
    write(folder, found.estimates.iter().map(|estimate| estimate.value.ln()))?;
    let milliseconds = best(|| {
        black_box(fit().is_ok());
    });
    Ok(Timing { milliseconds, limit: None, megabytes: None })
}

/// One step over all parameters; three steps from the start are compared.
fn adam(folder: &Path) -> Result<Timing, Box<dyn Error>> {
    let gradient = read(folder, "gradient", f32::from_le_bytes)?;
    let position = read(folder, "position", f32::from_le_bytes)?;
    let mut adam = Adam::new(position.len(), AdamOptions::torch())?;
    let mut state = adam.initial_state(&position)?;
    for t in 0..3 {
        adam.step(t, &gradient, &mut state)?;
    }
    write(folder, state[..position.len()].iter().map(|&x| f64::from(x)))?;
    let mut t = 3;
    let mut failed = Ok(());
    let milliseconds = best(|| {
        failed = failed.and(adam.step(t, black_box(&gradient), black_box(&mut state)));
        t += 1;
    });
    failed?;
    let limit = update_milliseconds(position.len());
    Ok(Timing {
        milliseconds,
        limit: Some((limit, "reading four arrays and writing three, one thread")),
        megabytes: None,
    })
}
