//! Costs of points, computed a row at a time.

use tangency_vmath::{Kernel, Real, dispatch};

/// Targets whose costs are accumulated together: few enough for registers.
const BLOCK: usize = 32;

/// What becomes of the differences of two points' coordinates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Form {
    /// The sum of their squares, times a factor.
    Squares(f64),
    /// A power of the Euclidean length: the exponent of the length.
    Length(f64),
    /// The sum of their absolute values.
    Absolute,
    /// The largest absolute value.
    Largest,
    /// $(\sum \lvert x \rvert^p)^{1/p}$.
    Norm(f64),
}

impl Form {
    /// The exponent with which costs grow when all coordinates are multiplied by one number.
    pub(crate) fn degree(self) -> f64 {
        match self {
            Self::Squares(_) => 2.0,
            Self::Length(p) => p,
            Self::Absolute | Self::Largest | Self::Norm(_) => 1.0,
        }
    }
}

/// Coordinates of the sources by row, and of the targets by column (one coordinate of all targets after another), so that the
/// inner loop runs over targets.
#[derive(Debug, Clone)]
pub(crate) struct Points<T> {
    pub(crate) sources: Vec<T>,
    pub(crate) targets: Vec<T>,
    pub(crate) dimension: usize,
    pub(crate) count: usize,
    pub(crate) form: Form,
}

impl<T: Real> Points<T> {
    /// The costs from source `i` to the targets from `first` on, as many as there is room for.
    ///
    /// No operation is fused, so that every instruction set gives the same bits, and [`entry`](Self::entry) does too.
    #[inline(always)]
    pub(crate) fn fill(&self, i: usize, first: usize, row: &mut [T]) {
        let x = &self.sources[i * self.dimension..(i + 1) * self.dimension];
        match self.form {
            Form::Squares(factor) => {
                let factor = T::from_f64(factor);
                self.blocks(x, first, row, |sum, d| sum + d * d, |sum| sum * factor);
            }
            Form::Length(1.0) => self.blocks(x, first, row, |sum, d| sum + d * d, T::sqrt),
            Form::Length(p) => {
                let half = T::from_f64(0.5 * p);
                self.blocks(x, first, row, |sum, d| sum + d * d, |sum| sum.powf(half));
            }
            Form::Absolute => self.blocks(x, first, row, |sum, d| sum + d.abs(), |sum| sum),
            Form::Largest => {
                self.blocks(x, first, row, |sum, d| if d.abs() > sum { d.abs() } else { sum }, |sum| sum);
            }
            Form::Norm(p) => {
                // In units of the largest difference, since high powers of small numbers are zero and of large ones infinite.
                self.blocks(x, first, row, |sum, d| if d.abs() > sum { d.abs() } else { sum }, |sum| sum);
                let (p, root) = (T::from_f64(p), T::from_f64(1.0 / p));
                for (l, out) in row.iter_mut().enumerate() {
                    let largest = *out;
                    if largest > T::ZERO && largest.is_finite() {
                        let mut sum = T::ZERO;
                        for (k, &x) in x.iter().enumerate() {
                            let difference = x - self.targets[k * self.count + first + l];
                            sum += (difference.abs() / largest).powf(p);
                        }
                        *out = largest * sum.powf(root);
                    }
                }
            }
        }
    }

    #[inline(always)]
    fn blocks(&self, x: &[T], first: usize, row: &mut [T], add: impl Fn(T, T) -> T, finish: impl Fn(T) -> T) {
        let mut begin = first;
        let (blocks, rest) = row.as_chunks_mut::<BLOCK>();
        for block in blocks {
            let mut sums = [T::ZERO; BLOCK];
            for (k, &x) in x.iter().enumerate() {
                let column = &self.targets[k * self.count + begin..k * self.count + begin + BLOCK];
                for l in 0..BLOCK {
                    sums[l] = add(sums[l], x - column[l]);
                }
            }
            for l in 0..BLOCK {
                block[l] = finish(sums[l]);
            }
            begin += BLOCK;
        }
        for (l, out) in rest.iter_mut().enumerate() {
            let mut sum = T::ZERO;
            for (k, &x) in x.iter().enumerate() {
                sum = add(sum, x - self.targets[k * self.count + begin + l]);
            }
            *out = finish(sum);
        }
    }

    /// The cost of one pair.
    pub(crate) fn entry(&self, i: usize, j: usize) -> T {
        let mut one = [T::ZERO];
        self.fill(i, j, &mut one);
        one[0]
    }

    /// The costs from source `i`, on the widest instruction set.
    pub(crate) fn row(&self, i: usize, row: &mut [T]) {
        dispatch(Fill { points: self, source: i, row });
    }
}

struct Fill<'a, T> {
    points: &'a Points<T>,
    source: usize,
    row: &'a mut [T],
}

impl<T: Real> Kernel for Fill<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        self.points.fill(self.source, 0, self.row);
    }
}

impl Points<f64> {
    /// The same points in single precision, moved to their middle and multiplied by a power of two that brings the largest
    /// coordinate near 1; and the factor that costs have been multiplied by.
    pub(crate) fn to_single(&self) -> (Points<f32>, f64) {
        let d = self.dimension;
        let mut bounds = vec![(f64::INFINITY, f64::NEG_INFINITY); d];
        let of_sources = self.sources.iter().enumerate().map(|(k, &x)| (k % d, x));
        let of_targets = self.targets.iter().enumerate().map(|(k, &x)| (k / self.count, x));
        for (k, x) in of_sources.chain(of_targets) {
            bounds[k] = (bounds[k].0.min(x), bounds[k].1.max(x));
        }
        let middle: Vec<f64> = bounds.iter().map(|(low, high)| 0.5 * low + 0.5 * high).collect();
        let reach = bounds.iter().map(|(low, high)| 0.5 * high - 0.5 * low).fold(0.0, f64::max);
        // Whole powers keep the scale of the costs a power of two.
        let exponent = if reach > 0.0 && reach.is_finite() { -reach.log2().ceil() } else { 0.0 };
        let exponent = exponent.clamp(-300.0, 300.0);
        let factor = exponent.exp2();
        let single = |k: usize, x: f64| ((x - middle[k]) * factor) as f32;
        let points = Points {
            sources: self.sources.iter().enumerate().map(|(k, &x)| single(k % d, x)).collect(),
            targets: self.targets.iter().enumerate().map(|(k, &x)| single(k / self.count, x)).collect(),
            dimension: d,
            count: self.count,
            form: self.form,
        };
        (points, (exponent * self.form.degree()).exp2())
    }
}
