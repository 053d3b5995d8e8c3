//! Critics: functions of a point whose bound is evaluated or raised.

use crate::ratio::DensityRatio;
use faer::MatRef;
use std::fmt;

/// A function of a point with one output, $v(x)$; any model can be one.
///
/// What the output means is said by [`Output`](crate::Output): by default it is the estimate of the log-ratio $\ln(p/q)$.
pub trait Critic {
    /// The number of coordinates of a point.
    fn dimension(&self) -> usize;

    /// The outputs at the rows of a matrix, one for each. The rows are finite and have as many columns as
    /// [`dimension`](Self::dimension) says.
    fn evaluate(&self, points: MatRef<'_, f64>) -> Vec<f64>;
}

/// A critic that learns by steps, such as a network with its optimiser; see [`train_critic`](crate::train_critic).
pub trait TrainableCritic: Critic {
    /// One step of the critic's own optimiser upwards: `gradient` holds the derivative of the objective by the output at each
    /// row, $\partial J / \partial v_i$, and the critic goes through $\sum_i (\partial J / \partial v_i) \nabla_\theta v(x_i)$.
    fn ascend(&mut self, points: MatRef<'_, f64>, gradient: &[f64]);
}

/// A function of the coordinates as a critic.
///
/// # Example: the true log-ratio of N(1, 1) and N(0, 1)
///
/// ```
/// use tangency_divergence::{Critic, CriticFunction};
///
/// let critic = CriticFunction::new(1, |x: &[f64]| x[0] - 0.5);
/// assert_eq!(critic.evaluate(faer::mat![[2.0], [0.5]].as_ref()), [1.5, 0.0]);
/// ```
#[derive(Clone)]
pub struct CriticFunction<F> {
    dimension: usize,
    function: F,
}

impl<F: Fn(&[f64]) -> f64> CriticFunction<F> {
    /// A function of points with so many coordinates.
    pub fn new(dimension: usize, function: F) -> Self {
        Self { dimension, function }
    }
}

impl<F> fmt::Debug for CriticFunction<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CriticFunction").field("dimension", &self.dimension).finish_non_exhaustive()
    }
}

impl<F: Fn(&[f64]) -> f64> Critic for CriticFunction<F> {
    fn dimension(&self) -> usize {
        self.dimension
    }

    fn evaluate(&self, points: MatRef<'_, f64>) -> Vec<f64> {
        let mut row = vec![0.0; points.ncols()];
        let one = |i: usize| {
            for (k, to) in row.iter_mut().enumerate() {
                *to = points[(i, k)];
            }
            (self.function)(&row)
        };
        (0..points.nrows()).map(one).collect()
    }
}

/// A density ratio as a critic: its logarithm is the output.
#[derive(Debug, Clone, Copy)]
pub struct RatioCritic<'a>(pub &'a dyn DensityRatio);

impl Critic for RatioCritic<'_> {
    fn dimension(&self) -> usize {
        self.0.dimension()
    }

    fn evaluate(&self, points: MatRef<'_, f64>) -> Vec<f64> {
        // Points that the ratio refuses leave the outputs missing, which the caller reports.
        self.0.ln_ratio(points).unwrap_or_default()
    }
}
