//! Raising the bound of a critic that learns by steps.

use super::critic::TrainableCritic;
use super::linear::check_output;
use super::output::{Activation, Output};
use crate::error::{SampleError, Side};
use crate::generator::FDivergence;
use crate::sample::{Points, Sample};
use faer::Mat;
use rand::Rng;
use rand::seq::SliceRandom;
use std::ops::ControlFlow;

/// The bound at given outputs of a critic, with its derivatives by them.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct BoundGradient {
    /// $\frac 1 n \sum_i T(v_i) - \frac 1 m \sum_j f^\ast(T(v_j))$.
    pub value: f64,
    /// Derivatives by the outputs at points of P.
    pub by_p: Vec<f64>,
    /// Derivatives by the outputs at points of Q.
    pub by_q: Vec<f64>,
}

/// The bound $E_P T - E_Q f^\ast(T)$ and its derivatives by the raw outputs of a critic, for those who train one themselves.
///
/// An empty side contributes nothing, a NaN gives a NaN, and an output that overflows gives a value of $-\infty$.
///
/// # Example: at $p = q$ the gain of one side is the loss of the other
///
/// ```
/// use tangency_divergence::{KullbackLeibler, Output, bound_gradient};
///
/// let at_zero = bound_gradient(&KullbackLeibler, Output::LogRatio, &[0.0, 0.0], &[0.0]);
/// assert_eq!(at_zero.value, 0.0);
/// assert_eq!((at_zero.by_p, at_zero.by_q), (vec![0.5, 0.5], vec![-1.0]));
/// ```
pub fn bound_gradient(f: &dyn FDivergence, output: Output, v_p: &[f64], v_q: &[f64]) -> BoundGradient {
    let activation = Activation { f, output };
    let (n, m) = (v_p.len().max(1) as f64, v_q.len().max(1) as f64);
    let gain: f64 = v_p.iter().map(|v| activation.gain(*v)).sum();
    let cost: f64 = v_q.iter().map(|v| activation.cost(*v)).sum();
    BoundGradient {
        value: gain / n - cost / m,
        by_p: v_p.iter().map(|v| activation.gain_slope(*v) / n).collect(),
        by_q: v_q.iter().map(|v| -activation.cost_slope(*v) / m).collect(),
    }
}

/// How a critic is trained. New fields may be added; end with `..Default::default()`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrainingOptions {
    /// What the output means. Default `None`, [`Output::natural`].
    pub output: Option<Output>,
    /// Points of each sample in a step, at least 1. Default 256.
    pub batch: usize,
    /// Passes over the larger sample, at least 1; the smaller one is begun anew when it ends. Default 20.
    pub epochs: usize,
}

impl Default for TrainingOptions {
    fn default() -> Self {
        Self { output: None, batch: 256, epochs: 20 }
    }
}

/// What an observer of the training sees after each pass.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct TrainingProgress {
    /// Passes done.
    pub epoch: usize,
    /// The mean of the bound over the batches of this pass, before the step of each; no lower bound, for the critic has seen
    /// the points.
    pub value: f64,
}

/// Trains a critic on two samples by batches drawn without replacement, and returns the progress of each pass.
///
/// Stops early if the observer breaks, or if the bound is no longer finite. Whether and where the training converges is the
/// affair of the critic and its optimiser; evaluate the result with [`variational_bound`](crate::variational_bound) on other
/// points.
///
/// # Errors
///
/// [`SampleError`] for samples that are empty, not finite, weighted, or of another dimension than the critic's; `OutOfRange`
/// for an option; `OutputCount` if the critic gives a wrong number of outputs.
pub fn train_critic(
    f: &dyn FDivergence,
    critic: &mut dyn TrainableCritic,
    p: Sample<'_>,
    q: Sample<'_>,
    options: &TrainingOptions,
    mut observe: impl FnMut(&TrainingProgress) -> ControlFlow<()>,
    rng: &mut (impl Rng + ?Sized),
) -> Result<Vec<TrainingProgress>, SampleError> {
    let (p, q) = (p.read_unweighted(Side::P)?, q.read_unweighted(Side::Q)?);
    if p.dimension != q.dimension {
        return Err(SampleError::DimensionMismatch { p: p.dimension, q: q.dimension });
    }
    if critic.dimension() != p.dimension {
        return Err(SampleError::PointDimension { expected: critic.dimension(), got: p.dimension });
    }
    let output = options.output.unwrap_or_else(|| Output::natural(f));
    check_output(f, output)?;
    for (what, value) in [("the batch", options.batch), ("the number of epochs", options.epochs)] {
        if value == 0 {
            return Err(SampleError::OutOfRange { what, range: "at least 1", value: 0.0 });
        }
    }
    let (mut deck_p, mut deck_q) = (Deck::new(p.rows), Deck::new(q.rows));
    let steps = p.rows.max(q.rows).div_ceil(options.batch);
    let mut history = Vec::with_capacity(options.epochs);
    for epoch in 1..=options.epochs {
        let mut sum = 0.0;
        for _ in 0..steps {
            let rows_p = deck_p.draw(options.batch.min(p.rows), rng);
            let rows_q = deck_q.draw(options.batch.min(q.rows), rng);
            let points = stack(&p, &rows_p, &q, &rows_q);
            let v = critic.evaluate(points.as_ref());
            if v.len() != points.nrows() {
                return Err(SampleError::OutputCount { points: points.nrows(), got: v.len() });
            }
            let gradient = bound_gradient(f, output, &v[..rows_p.len()], &v[rows_p.len()..]);
            sum += gradient.value;
            if !gradient.value.is_finite() {
                break;
            }
            critic.ascend(points.as_ref(), &[gradient.by_p, gradient.by_q].concat());
        }
        let progress = TrainingProgress { epoch, value: sum / steps as f64 };
        history.push(progress);
        if !progress.value.is_finite() || observe(&progress).is_break() {
            break;
        }
    }
    Ok(history)
}

/// Rows in random order, dealt without replacement and shuffled anew when they run out.
struct Deck {
    rows: Vec<usize>,
    next: usize,
}

impl Deck {
    fn new(count: usize) -> Self {
        Self { rows: (0..count).collect(), next: count }
    }

    fn draw(&mut self, count: usize, rng: &mut (impl Rng + ?Sized)) -> Vec<usize> {
        if self.next + count > self.rows.len() {
            self.rows.shuffle(rng);
            self.next = 0;
        }
        self.next += count;
        self.rows[self.next - count..self.next].to_vec()
    }
}

fn stack(p: &Points, rows_p: &[usize], q: &Points, rows_q: &[usize]) -> Mat<f64> {
    Mat::from_fn(rows_p.len() + rows_q.len(), p.dimension, |i, k| {
        if i < rows_p.len() { p.row(rows_p[i])[k] } else { q.row(rows_q[i - rows_p.len()])[k] }
    })
}
