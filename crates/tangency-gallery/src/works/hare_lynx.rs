//! Hare and lynx: the Lotka-Volterra equations on real data.

use super::predator_prey::fit;
use crate::data;
use crate::row::Row;
use crate::work::{Report, Work, WorkError};

const STORY: &str = "\
For two centuries trappers sold pelts to the Hudson's Bay Company, and its books kept the count. Hares rise, lynxes rise \
after them, hares fall, lynxes fall: every ten years or so. Lotka and Volterra's equations are the simplest that do this,

$$\\dot x = \\alpha x - \\beta x y, \\qquad \\dot y = -\\gamma y + \\delta x y,$$

with hares $x$ and lynxes $y$. The fit below finds four rates and two initial populations by least squares of the \
logarithms, through 21 years of Runge-Kutta steps with their exact derivatives. Every solution runs round a closed orbit \
on which $\\delta x - \\gamma \\ln x + \\beta y - \\alpha \\ln y$ keeps its value, so the fit has a period, and the \
period a standard error.

Standard errors are those of the linearised model with independent errors of equal size in the logarithms. The residuals \
are not quite that innocent, since each year is built on the last; read the errors as the least that they can be.";

/// Estimates and period by `scipy.optimize.least_squares` over `solve_ivp` at a tolerance of 1e-12: see the script
/// `hare_lynx.py` among the references of tangency-dynamics.
const ESTIMATES: [f64; 6] = [0.540158992, 0.0271653572, 0.796386043, 0.0236946383, 34.6024245, 5.84450614];
const PERIOD: f64 = 10.2870305;
/// How far an estimate may be from it, in standard errors.
const AGREEMENT: f64 = 1e-5;

/// The work.
pub(crate) fn work() -> Work {
    Work {
        name: "hare-lynx",
        title: "Hare and lynx, 1900 to 1920".into(),
        story: STORY.into(),
        run: Box::new(run),
    }
}

fn run(progress: &mut dyn FnMut(f64)) -> Result<Report, WorkError> {
    let pelts = data::hare_lynx()?;
    let fit = fit(&pelts, progress)?;
    let (period, error) = fit.period;
    let mut rows = fit.estimates(&pelts, Some((ESTIMATES, AGREEMENT)));
    rows.extend([
        Row::number("period (years)", period).standard_error(error).digits(8).near(PERIOD, 1e-6),
        Row::number("standard deviation of the logarithms, σ", fit.inference.sigma),
    ]);
    rows.extend(fit.checks());
    Ok(Report { figures: fit.figures(&pelts, "thousand pelts"), rows })
}
