//! Bins of one coordinate.

use crate::error::SampleError;

/// More bins than this on one axis, or cells of a grid, are refused.
pub(super) const MOST: usize = 1 << 24;

/// How the bins of a coordinate are chosen; in all but the first two the data of both samples together decide.
///
/// A bin contains its left edge and not its right one, but for the last bin, which contains both. Points outside all bins are
/// counted in two more, below and above, so that no mass is lost.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Bins {
    /// `count` bins of equal width from `lower` to `upper`. The edges are `lower + i · (upper − lower)/count` in floating
    /// point, and points are sorted by these numbers exactly, as by `numpy.histogram`.
    Uniform {
        /// The left edge of the first bin, finite.
        lower: f64,
        /// The right edge of the last bin, finite and larger.
        upper: f64,
        /// How many, from 1 to 2²⁴.
        count: usize,
    },
    /// Bins between these edges: at least two, finite and increasing.
    Edges(Vec<f64>),
    /// $\lceil \log_2 N \rceil + 1$ bins of equal width over the range of all N points. Too few for large samples.
    Sturges,
    /// Bins of width $2 \, \mathrm{IQR} \, N^{-1/3}$ over the range, with the interquartile range of all N points.
    FreedmanDiaconis,
    /// So many bins with equal shares of all points, at least 1; fewer where points coincide.
    Quantile(usize),
}

/// The bins of one coordinate, resolved: increasing edges, and how to find a bin fast if they are evenly spaced.
#[derive(Debug, Clone)]
pub(super) struct Axis {
    edges: Vec<f64>,
    uniform: Option<Uniform>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Uniform {
    pub(super) lower: f64,
    pub(super) count: usize,
    pub(super) per_unit: f64,
    /// A point closer to an edge than this, in bins, is compared with the edge itself.
    pub(super) doubt: f64,
}

impl Uniform {
    fn new(lower: f64, upper: f64, count: usize) -> Self {
        let per_unit = count as f64 / (upper - lower);
        let doubt =
            8.0 * f64::EPSILON * (count as f64 + lower.abs() * per_unit + upper.abs() * per_unit + 1.0);
        Self { lower, count, per_unit, doubt }
    }
}

impl Axis {
    /// Chooses bins for a coordinate; `pooled` gives all its values.
    pub(super) fn new(bins: &Bins, pooled: impl FnOnce() -> Vec<f64>) -> Result<Self, SampleError> {
        let refuse = |what, range, value| Err(SampleError::OutOfRange { what, range, value });
        match *bins {
            Bins::Uniform { lower, upper, count } => {
                if count == 0 || count > MOST {
                    return refuse("the number of bins", "from 1 to 2^24", count as f64);
                }
                if !(lower.is_finite() && upper.is_finite() && (upper - lower).is_finite()) {
                    return refuse("every edge", "finite", if lower.is_finite() { upper } else { lower });
                }
                if lower >= upper {
                    return refuse("the upper edge less the lower one", "positive", upper - lower);
                }
                Ok(Self::uniform(lower, upper, count))
            }
            Bins::Edges(ref edges) => {
                if edges.len() < 2 {
                    return refuse("the number of edges", "at least 2", edges.len() as f64);
                }
                if let Some(&edge) = edges.iter().find(|e| !e.is_finite()) {
                    return refuse("every edge", "finite", edge);
                }
                if let Some(pair) = edges.windows(2).find(|pair| pair[0] >= pair[1]) {
                    return refuse("every edge", "larger than the one before", pair[1]);
                }
                Ok(Self { edges: edges.clone(), uniform: None })
            }
            Bins::Sturges => {
                let all = pooled();
                let count = (all.len() as f64).log2().ceil() as usize + 1;
                Ok(Self::over_range(&all, count))
            }
            Bins::FreedmanDiaconis => {
                let mut all = pooled();
                all.sort_unstable_by(f64::total_cmp);
                let at = |share: f64| all[(share * (all.len() - 1) as f64).round() as usize];
                let spread = at(0.75) - at(0.25);
                if spread <= 0.0 {
                    return Err(SampleError::Degenerate { what: "the interquartile range" });
                }
                let width = 2.0 * spread / (all.len() as f64).cbrt();
                let count = ((all[all.len() - 1] - all[0]) / width).ceil();
                if count > MOST as f64 {
                    return refuse("the number of bins", "from 1 to 2^24", count);
                }
                Ok(Self::over_range(&all, count.max(1.0) as usize))
            }
            Bins::Quantile(count) => {
                if count == 0 || count > MOST {
                    return refuse("the number of bins", "from 1 to 2^24", count as f64);
                }
                let mut all = pooled();
                all.sort_unstable_by(f64::total_cmp);
                let last = all.len() - 1;
                let mut edges: Vec<f64> = (0..=count)
                    .map(|i| all[(i as f64 / count as f64 * last as f64).round() as usize])
                    .collect();
                edges.dedup();
                if edges.len() == 1 {
                    edges.push(edges[0]);
                }
                Ok(Self { edges, uniform: None })
            }
        }
    }

    fn uniform(lower: f64, upper: f64, count: usize) -> Self {
        let step = (upper - lower) / count as f64;
        let edges = (0..=count).map(|i| if i == count { upper } else { lower + i as f64 * step }).collect();
        Self { edges, uniform: Some(Uniform::new(lower, upper, count)) }
    }

    fn over_range(all: &[f64], count: usize) -> Self {
        let (lower, upper) =
            all.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, u), x| (l.min(*x), u.max(*x)));
        if lower >= upper || !(upper - lower).is_finite() {
            return Self { edges: vec![lower, upper], uniform: None };
        }
        Self::uniform(lower, upper, count)
    }

    /// The number of bins, without the two outside.
    pub(super) fn len(&self) -> usize {
        self.edges.len() - 1
    }

    pub(super) fn evenly_spaced(&self) -> Option<Uniform> {
        self.uniform
    }

    /// The bin of a finite point: 0 below, then the bins from 1, then one above.
    pub(super) fn find(&self, x: f64) -> usize {
        let last = self.edges.len() - 1;
        if x >= self.edges[last] {
            return if x > self.edges[last] { last + 1 } else { last };
        }
        let Some(uniform) = self.uniform else {
            return self.edges.partition_point(|edge| *edge <= x);
        };
        if x < uniform.lower {
            return 0;
        }
        let mut bin = (((x - uniform.lower) * uniform.per_unit) as usize).min(last - 1);
        while bin > 0 && x < self.edges[bin] {
            bin -= 1;
        }
        while x >= self.edges[bin + 1] {
            bin += 1;
        }
        bin + 1
    }
}
