//! The Lotka-Volterra equations on the user's own data.

use super::predator_prey::fit;
use crate::reading::TwoSpecies;
use crate::row::Row;
use crate::work::{Report, Work};

/// The name of this work on the command line.
pub(crate) const NAME: &str = "fit";

/// Four rows are eight numbers for six unknowns; fewer say nothing about errors.
pub(crate) const LEAST_ROWS: usize = 4;

const STORY: &str = "\
Two populations from your file, with the first column taken for the prey $x$ and the second for its predator $y$:

$$\\dot x = \\alpha x - \\beta x y, \\qquad \\dot y = -\\gamma y + \\delta x y.$$

The four rates and the initial populations are those of least squares of the logarithms. Times and populations are in the \
units of the file.";

/// The work on these data.
pub(crate) fn work(data: TwoSpecies) -> Work {
    let title = format!("Your data: {} and {}", data.names[0], data.names[1]);
    let run = move |progress: &mut dyn FnMut(f64)| {
        let fit = fit(&data, progress)?;
        let (period, error) = fit.period;
        let mut rows = fit.estimates(&data, None);
        rows.extend([
            Row::number("period", period).standard_error(error),
            Row::number("standard deviation of the logarithms, σ", fit.inference.sigma),
        ]);
        rows.extend(fit.checks());
        Ok(Report { figures: fit.figures(&data, ""), rows })
    };
    Work { name: NAME, title, story: STORY.into(), run: Box::new(run) }
}
