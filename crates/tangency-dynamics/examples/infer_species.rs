//! Two species compete for food. Seven rounded observations, six parameters: Euler's method is a recurrent network
//! without inputs, and fitting its parameters is training it.
//!
//! Prints the estimates with their errors, and how the model meets the data. The truth behind the table is
//! r = (0.1, 0.3), a = (1e-4, 2e-4), 1/N = (0.002, 0.003): within two standard errors of the estimates, but not equal to
//! them, since the observations are rounded to integers.

use std::error::Error;
use std::fmt::Write;
use std::ops::ControlFlow;
use tangency_dynamics::models::SpeciesCompetition;
use tangency_dynamics::{
    Coordinate, ExplicitRungeKutta, InferenceOptions, Observations, Start, TrajectoryFit,
};

const TRUTH: [f64; 6] = [0.1, 0.3, 1e-4, 2e-4, 0.002, 0.003];

pub(crate) fn run() -> Result<String, Box<dyn Error>> {
    let mut out = String::new();
    // Su Jianlin, "RNN and ODE", Scientific Spaces 5643 (2018); at time 0 there are 100 and 150.
    let times = vec![10.0, 15.0, 30.0, 36.0, 40.0, 42.0];
    let values = vec![165.0, 283.0, 197.0, 290.0, 280.0, 276.0, 305.0, 269.0, 318.0, 266.0, 324.0, 264.0];
    let observations = Observations::new(times, values)?;

    let start = Start {
        time: 0.0,
        state: [100.0, 150.0].map(Coordinate::fixed).to_vec(),
        parameters: TRUTH.map(|p| Coordinate::positive(1.3 * p)).to_vec(),
    };
    let mut run = ExplicitRungeKutta::euler(SpeciesCompetition, &TRUTH)?;
    let mut fit = TrajectoryFit::new(&mut run, &observations, &start, 0.1, &InferenceOptions::default())?;

    let mut costs = Vec::new();
    let found = fit.solve(|progress| {
        costs.push((progress.iteration, progress.cost));
        ControlFlow::Continue(())
    })?;
    writeln!(out, "iteration          cost")?;
    for (iteration, cost) in costs {
        writeln!(out, "{iteration:9}  {cost:12.6e}")?;
    }
    writeln!(out, "\n{found}\n")?;

    writeln!(out, "parameter                 truth   distance in standard errors")?;
    for (estimate, truth) in found.estimates.iter().zip(TRUTH) {
        let distance = (estimate.value - truth) / estimate.standard_error;
        writeln!(out, "{:20} {:10.1e}   {:6.2}", estimate.name, truth, distance)?;
    }

    writeln!(out, "\n   t    seen      model")?;
    for (i, t) in observations.times().iter().enumerate() {
        let (seen, model) = (&observations.values()[2 * i..][..2], &found.fitted[2 * i..][..2]);
        writeln!(out, "{t:4}  {:3} {:3}  {:7.3} {:7.3}", seen[0], seen[1], model[0], model[1])?;
    }

    let corners = fit.multistart_from_corners(1.5, |_| ControlFlow::Continue(()))?;
    writeln!(
        out,
        "\n{} of {} corners of a box of factor 1.5 lead to it",
        corners.reached,
        corners.costs.len()
    )?;
    Ok(out)
}

#[allow(dead_code, reason = "the tests include this file for `run`")]
fn main() -> Result<(), Box<dyn Error>> {
    print!("{}", run()?);
    Ok(())
}
