//! The pieces of work, one a file. A new one is a file here, its `mod` line, and its line in [`all`].

mod accuracy;
mod clock;
mod competition;
mod convergence;
mod critic;
mod determinant;
mod digit_barycentres;
mod draws;
mod envelope;
mod escape;
mod estimators;
mod farkas;
pub(crate) mod fit;
mod four_points;
mod hare_lynx;
mod linear_programme;
mod orders;
mod parallelogram;
mod plan_between_clouds;
mod predator_prey;
mod transport_time;

use crate::work::Work;

/// All pieces of work, in the order of the page.
pub(crate) fn all() -> Vec<Work> {
    vec![
        competition::work(),
        convergence::work(),
        hare_lynx::work(),
        orders::work(),
        escape::work(),
        determinant::work(),
        parallelogram::work(),
        accuracy::work(),
        envelope::work(),
        estimators::work(),
        linear_programme::work(),
        plan_between_clouds::work(),
        critic::work(),
        digit_barycentres::work(),
        transport_time::work(),
    ]
}
