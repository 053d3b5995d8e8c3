//! A piece of work: a question, its story, and what answering it gave.

use crate::figure::Figure;
use crate::reading::ReadError;
use crate::row::Row;
use tangency::divergence::{DistributionError, SampleError};
use tangency::dynamics::{InferenceError, ModelError, OptimiserError};
use tangency::matrix::MatrixError;
use tangency::recurrence::{LengthMismatch, RunError, StepError};
use tangency::transport::TransportError;

/// What a work shows when it is done.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Report {
    /// Figures, in order.
    pub figures: Vec<Figure>,
    /// Numbers with their checks, in order.
    pub rows: Vec<Row>,
}

/// Does the work; its argument is told the fraction done, from 0 to 1.
pub(crate) type Run = Box<dyn FnOnce(&mut dyn FnMut(f64)) -> Result<Report, WorkError>>;

/// One piece of work of the gallery.
pub(crate) struct Work {
    /// Its name on the command line.
    pub name: &'static str,
    /// Its title on the page.
    pub title: String,
    /// What it is about, as prose of the page: paragraphs, with `$..$` and `$$..$$` for formulas.
    pub story: String,
    /// How to do it.
    pub run: Run,
}

/// A work that was done.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Done {
    /// Its name on the command line.
    pub name: &'static str,
    /// Its title on the page.
    pub title: String,
    /// Its story.
    pub story: String,
    /// What it gave.
    pub report: Report,
}

impl Work {
    /// Does the work.
    ///
    /// # Errors
    ///
    /// What stopped it.
    pub(crate) fn run(self, progress: &mut dyn FnMut(f64)) -> Result<Done, WorkError> {
        let report = (self.run)(progress)?;
        Ok(Done { name: self.name, title: self.title, story: self.story, report })
    }
}

/// A piece of work could not be done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum WorkError {
    /// The bundled data cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A run of a recurrence failed.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A step of an optimiser failed.
    #[error(transparent)]
    Step(#[from] StepError),
    /// An array has the wrong length.
    #[error(transparent)]
    Length(#[from] LengthMismatch),
    /// An inference could not be begun.
    #[error(transparent)]
    Inference(#[from] InferenceError),
    /// The model of an inference has no value where one was needed.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// An optimiser's hyperparameter is out of range.
    #[error(transparent)]
    Optimiser(#[from] OptimiserError),
    /// A function of a matrix has no value.
    #[error(transparent)]
    Matrix(#[from] MatrixError),
    /// A divergence between two distributions has no value.
    #[error(transparent)]
    Distribution(#[from] DistributionError),
    /// An estimate from samples cannot be made.
    #[error(transparent)]
    Sample(#[from] SampleError),
    /// What mathematics excludes.
    #[error("this cannot be: {0}")]
    Contradiction(&'static str),
    /// A transport problem has no answer.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// Bundled reference values cannot be read.
    #[error(transparent)]
    Reference(#[from] serde_json::Error),
}
