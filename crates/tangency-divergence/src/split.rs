//! Fitting on one part of the points and evaluating on the rest.

use crate::error::{SampleError, Side};
use crate::sample::{Points, Sample};
use faer::Mat;
use rand::Rng;
use rand::seq::SliceRandom;

/// How points are divided. New fields may be added; end with `..Default::default()`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SplitOptions {
    /// The share of the points of each sample that is fitted to, between 0 and 1; both parts get at least one point. Default ½.
    pub training_share: f64,
}

impl Default for SplitOptions {
    fn default() -> Self {
        Self { training_share: 0.5 }
    }
}

/// A sample in two parts, drawn at random; see [`split`].
#[derive(Debug, Clone)]
pub struct Split {
    training: Part,
    held_out: Part,
}

#[derive(Debug, Clone)]
struct Part {
    points: Mat<f64>,
    weights: Option<Vec<f64>>,
}

impl Part {
    fn new(points: &Points, rows: &[usize]) -> Self {
        Self {
            points: Mat::from_fn(rows.len(), points.dimension, |i, j| points.row(rows[i])[j]),
            weights: points.weights.as_ref().map(|weights| rows.iter().map(|&i| weights[i]).collect()),
        }
    }

    fn sample(&self) -> Sample<'_> {
        let sample = Sample::from(self.points.as_ref());
        match &self.weights {
            Some(weights) => sample.weighted(weights),
            None => sample,
        }
    }
}

impl Split {
    /// The part to fit to.
    pub fn training(&self) -> Sample<'_> {
        self.training.sample()
    }

    /// The part to evaluate on.
    pub fn held_out(&self) -> Sample<'_> {
        self.held_out.sample()
    }
}

/// Divides a sample at random into a part to fit to and a part to evaluate on; weights go with their points.
///
/// # Errors
///
/// [`SampleError`] for fewer than two points, a coordinate that is not finite, bad weights, or a share that is not between 0
/// and 1.
///
/// # Example: three quarters and a quarter
///
/// ```
/// use rand::SeedableRng;
/// use tangency_divergence::{Sample, Side, SplitOptions, split};
///
/// let points = [1.0, 2.0, 3.0, 4.0];
/// let mut rng = rand_pcg::Pcg64::seed_from_u64(1);
/// let parts = split(Sample::from(&points[..]), Side::P, SplitOptions { training_share: 0.75 }, &mut rng)?;
/// assert_eq!((parts.training().len(), parts.held_out().len()), (3, 1));
/// # Ok::<(), tangency_divergence::SampleError>(())
/// ```
pub fn split(
    sample: Sample<'_>,
    side: Side,
    options: SplitOptions,
    rng: &mut (impl Rng + ?Sized),
) -> Result<Split, SampleError> {
    let share = options.training_share;
    if !(share > 0.0 && share < 1.0) {
        return Err(SampleError::OutOfRange {
            what: "the training share",
            range: "between 0 and 1",
            value: share,
        });
    }
    let points = sample.read(side)?;
    points.at_least(2, side)?;
    let mut rows: Vec<usize> = (0..points.rows).collect();
    rows.shuffle(rng);
    let count = ((share * points.rows as f64).round() as usize).clamp(1, points.rows - 1);
    let (training, held_out) = rows.split_at(count);
    Ok(Split { training: Part::new(&points, training), held_out: Part::new(&points, held_out) })
}
