//! The pieces of work, one a file. A new one is a file here, its `mod` line, and its line in [`all`].

mod accuracy;
mod competition;
mod convergence;
mod determinant;
mod envelope;
mod escape;
mod estimators;
pub(crate) mod fit;
mod hare_lynx;
mod orders;
mod parallelogram;
mod predator_prey;

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
    ]
}
