//! Divergences from the distances to nearest neighbours.

use crate::error::{SampleError, Side};
use crate::estimate::{Estimate, Method};
use crate::generator::{FDivergence, Form};
use crate::neighbours::{Euclidean, Index, Shell, unit};
use crate::sample::{Points, Sample, read_pair};
use crate::subsampling::{SubsamplingOptions, subsample_interval};
use rand::Rng;
use statrs::function::gamma::{digamma, ln_gamma};

/// Which neighbours an estimate looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Neighbours {
    /// The nearest alone, or for a power of the ratio the fewest for which the variance is finite. More neighbours have less
    /// variance and more bias: where a fifth neighbour is five times as far as the first, the density has changed more. With
    /// one, intervals on the line and in the plane are the most honest; for a smaller error on the average, without an
    /// interval, take 3 to 5.
    #[default]
    Automatic,
    /// The k-th nearest in each sample; at least 1.
    Fixed(usize),
    /// All in the smallest ball that holds k points of each sample, at least 1: in regions where one sample is dense and the
    /// other is not, both densities are then taken over the same ball and their biases cancel in part. For the
    /// Kullback-Leibler divergence alone.
    CommonRadius(usize),
}

/// What [`knn_divergence`] and its kin may be told.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct NeighbourOptions {
    /// Which neighbours. Default [`Neighbours::Automatic`].
    pub neighbours: Neighbours,
    /// Whether and how to estimate the standard error and an interval. Default `None`: neither, and no random numbers are drawn.
    pub subsampling: Option<SubsamplingOptions>,
}

/// KL(P‖Q) from n points of P and m of Q, by the distances from each point of P to its nearest neighbours in both.
///
/// With the distances $\rho_i$ and $\nu_i$ from $x_i$ to its k-th nearest other point of P and to its k-th nearest of Q,
///
/// $$ \widehat D = \frac d n \sum_{i=1}^n \ln \frac{\nu_i}{\rho_i} + \ln \frac{m}{n - 1} . $$
///
/// The logarithms of both densities are off by the same $\ln k - \psi(k)$, with the digamma function ψ, so that nothing
/// remains to be corrected for a fixed k. [`Neighbours::CommonRadius`] looks at the ball around $x_i$ of radius $\max(\rho_i,
/// \nu_i)$ instead, in which there are $l_i$ other points of P, the farthest at $\rho_i$, and $k_i$ of Q, the farthest at
/// $\nu_i$, and adds $\frac 1 n \sum \lbrack \psi(l_i) - \psi(k_i) \rbrack$.
///
/// The value may be negative, and is not clamped. Under $P = Q$ its mean is within its standard error of zero.
///
/// **Bias.** The densities are taken as constant over the ball that holds the neighbours. Where they are not, as in the tails
/// and in many dimensions, the estimate is off: mostly too small, for $N(0, I)$ and $N(e_1, I)$ with 4000 points of each and
/// k = 1 by 1 % in the plane, 10 % in 5 dimensions and 22 % in 10; too large where Q spreads wider than P, for $N(0, 4 I)$ by
/// 6 % and 13 %. A larger k has less spread and more bias. The interval knows nothing of it: with k = 1 it holds the truth at
/// its level in one and two dimensions, with k = 5 not even there, and in ten it covers next to nothing (`docs/estimators.md`
/// has the table). If P has mass where Q has none, the true value is infinite and the estimate is not.
///
/// **Points that coincide**, as rounding makes them, have no ratio of distances. A point with k or more copies of itself in a
/// sample is given the nearest point there that is not a copy, with its true rank $l_i$ and the terms in ψ above. An atom of P
/// that Q has not makes the divergence infinite; no finite sample shows that, and the estimate stays finite.
///
/// **Cost** $O((n + m) \log(n + m))$ in few dimensions; in many, towards $O(n (n + m) d)$, vectorised.
///
/// # Errors
///
/// NaN or infinite coordinates, different dimensions, weights, fewer than k + 1 points of P or k of Q, options out of range, and
/// points without a distance, because all of a sample coincide.
///
/// # Example: two normal samples, and an interval
///
/// ```
/// use rand::{RngExt, SeedableRng};
/// use tangency_divergence::{NeighbourOptions, SubsamplingOptions, knn_kl_divergence};
///
/// let mut rng = rand_pcg::Pcg64Mcg::seed_from_u64(1);
/// let mut normal = |mean: f64| -> Vec<f64> {
///     (0..1000).map(|_| mean + (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0).collect()
/// };
/// let (p, q) = (normal(0.0), normal(1.0));
/// let options =
///     NeighbourOptions { subsampling: Some(SubsamplingOptions::default()), ..Default::default() };
/// let estimate = knn_kl_divergence(p[..].into(), q[..].into(), &options, &mut rng)?;
/// let interval = estimate.interval.expect("asked for");
/// assert!(interval.lower < 0.5 && 0.5 < interval.upper);
/// # Ok::<(), tangency_divergence::SampleError>(())
/// ```
///
/// # References
///
/// - Q. Wang, S. R. Kulkarni, S. Verdú, *Divergence estimation for multidimensional densities via k-nearest-neighbor distances*,
///   IEEE Transactions on Information Theory 55 (2009) 2392-2405: equation (5), and the radius common to both samples.
/// - F. Pérez-Cruz, *Kullback-Leibler divergence estimation of continuous distributions*, ISIT 2008, 1666-1670.
pub fn knn_kl_divergence(
    p: Sample<'_>,
    q: Sample<'_>,
    options: &NeighbourOptions,
    rng: &mut (impl Rng + ?Sized),
) -> Result<Estimate, SampleError> {
    let form = Form::KullbackLeibler { forward: 1.0, reverse: 0.0 };
    estimate_form(p, q, form, options, rng)
}

/// An f-divergence that is a logarithm or a power of the ratio, from nearest neighbours.
///
/// | [`Form`] | members | method |
/// |---|---|---|
/// | [`Form::KullbackLeibler`] | KL in both directions, Jeffreys | [`knn_kl_divergence`], in each direction that counts |
/// | [`Form::Power`] | Pearson and Neyman χ², squared Hellinger, the α family | below |
///
/// With $\rho_i$ and $\nu_i$ as in [`knn_kl_divergence`], the integral of a power is estimated by
///
/// $$ \int p^\alpha q^{1-\alpha} dx \approx
///    \frac{B}{n} \sum_{i=1}^n \left( \frac{(n-1) \rho_i^d}{m \nu_i^d} \right)^{1-\alpha}, \quad
///    B = \frac{\Gamma(k)^2}{\Gamma(k - \alpha + 1) \Gamma(k + \alpha - 1)}, $$
///
/// whose factor removes the bias that a fixed k would leave in the limit. It needs $k > \lvert 1 - \alpha \rvert$, and for a
/// finite variance $k > 2 \lvert 1 - \alpha \rvert$. Points that coincide are treated as there, and each then has a factor of
/// its own.
///
/// **Bias** as there, and more of it the farther α is from 1: powers are ruled by the few points with the largest ratios. Beyond
/// $\alpha = 2$ or below $-1$ a sample of reasonable size seldom has them.
///
/// # Errors
///
/// As [`knn_kl_divergence`]; [`SampleError::Unsupported`] for generators of another form, such as the total variation, and for a
/// power with [`Neighbours::CommonRadius`]; a k that is too small for the power.
///
/// # References
///
/// - B. Póczos, J. Schneider, *On the estimation of α-divergences*, AISTATS 2011, PMLR 15, 609-617.
pub fn knn_divergence(
    f: &(impl FDivergence + ?Sized),
    p: Sample<'_>,
    q: Sample<'_>,
    options: &NeighbourOptions,
    rng: &mut (impl Rng + ?Sized),
) -> Result<Estimate, SampleError> {
    estimate_form(p, q, f.form(), options, rng)
}

/// The Rényi divergence of order α > 0 from nearest neighbours: $\frac{1}{\alpha - 1} \ln \int p^\alpha q^{1-\alpha} dx$.
///
/// The integral is that of [`knn_divergence`], with its bias and cost; the logarithm adds a bias of the order of the
/// variance, which is $1/n$. For α = 1 it is [`knn_kl_divergence`].
///
/// The interval is blind to the bias, which for orders away from 1 needs more neighbours and is larger: for α = ½, two
/// neighbours, $N(0, I)$ and $N(0, 4 I)$ in the plane an interval of 95 % held the truth in 84 of 100 cases, for shifted or equal
/// normal distributions at its level. [`with_extrapolation`](crate::with_extrapolation) takes most of the bias out, at twice the
/// spread, and its intervals hold the truth for all of them (`docs/estimators.md` has both).
///
/// # Errors
///
/// As [`knn_divergence`], and an order that is not positive and finite.
///
/// # References
///
/// - B. Póczos, J. Schneider, as above.
pub fn knn_renyi_divergence(
    p: Sample<'_>,
    q: Sample<'_>,
    order: f64,
    options: &NeighbourOptions,
    rng: &mut (impl Rng + ?Sized),
) -> Result<Estimate, SampleError> {
    if !(order > 0.0 && order.is_finite()) {
        let (what, range) = ("the order", "positive and finite");
        return Err(SampleError::OutOfRange { what, range, value: order });
    }
    #[expect(clippy::float_cmp, reason = "the one order with a formula of its own")]
    if order == 1.0 {
        return knn_kl_divergence(p, q, options, rng);
    }
    let k = neighbours_of_power(options.neighbours, order)?;
    let statistic = |pair: &Pair| pair.power(k, order).map(|integral| integral.ln() / (order - 1.0));
    estimate(p, q, options, Needs { k, both: false }, statistic, rng)
}

/// The estimate of a divergence by its form.
fn estimate_form(
    p: Sample<'_>,
    q: Sample<'_>,
    form: Form,
    options: &NeighbourOptions,
    rng: &mut (impl Rng + ?Sized),
) -> Result<Estimate, SampleError> {
    match form {
        Form::KullbackLeibler { forward, reverse } => {
            let rule = options.neighbours;
            let k = match rule {
                Neighbours::Automatic => AUTOMATIC,
                Neighbours::Fixed(k) | Neighbours::CommonRadius(k) => k,
            };
            let is_common = matches!(rule, Neighbours::CommonRadius(_));
            let statistic = |pair: &Pair| {
                let weighted = |weight: f64, from: &Index<Euclidean>, to: &Index<Euclidean>| {
                    if weight == 0.0 {
                        Some(0.0)
                    } else {
                        pair.kl(from, to, k, is_common).map(|kl| weight * kl)
                    }
                };
                Some(weighted(forward, &pair.p, &pair.q)? + weighted(reverse, &pair.q, &pair.p)?)
            };
            estimate(p, q, options, Needs { k, both: reverse != 0.0 }, statistic, rng)
        }
        Form::Power { order, scale } => {
            let k = neighbours_of_power(options.neighbours, order)?;
            let statistic = |pair: &Pair| pair.power(k, order).map(|integral| scale * (integral - 1.0));
            estimate(p, q, options, Needs { k, both: false }, statistic, rng)
        }
        _ => Err(SampleError::Unsupported { what: "a divergence that is neither a logarithm nor a power" }),
    }
}

/// The number of neighbours where none is given.
pub(crate) const AUTOMATIC: usize = 1;

/// The k for the integral of a power of the ratio.
fn neighbours_of_power(rule: Neighbours, order: f64) -> Result<usize, SampleError> {
    let distance = (1.0 - order).abs();
    match rule {
        Neighbours::Automatic => Ok(AUTOMATIC.max((2.0 * distance) as usize + 1)),
        Neighbours::Fixed(k) if k > 0 && k as f64 <= distance => {
            let (what, range) = ("the number of neighbours", "larger than |1 - order|");
            Err(SampleError::OutOfRange { what, range, value: k as f64 })
        }
        Neighbours::Fixed(k) => Ok(k),
        Neighbours::CommonRadius(_) => {
            Err(SampleError::Unsupported { what: "the power of a ratio over a common radius" })
        }
    }
}

/// What an estimate asks of the samples.
#[derive(Debug, Clone, Copy)]
struct Needs {
    k: usize,
    /// Whether neighbours of Q's points among themselves are needed too.
    both: bool,
}

/// Two samples, arranged for questions about neighbours.
struct Pair {
    p: Index<Euclidean>,
    q: Index<Euclidean>,
    dimension: f64,
}

impl Pair {
    fn new(p: &[f64], q: &[f64], dimension: usize) -> Self {
        let mut both = crate::parallel::map_parts(2, 1, |part| {
            Index::new(if part.start == 0 { p } else { q }, dimension)
        });
        let q = both.pop().expect("two parts were asked for");
        let p = both.pop().expect("two parts were asked for");
        Self { p, q, dimension: dimension as f64 }
    }

    /// Wang, Kulkarni and Verdú's estimate of the divergence of `from` from `to`.
    fn kl(&self, from: &Index<Euclidean>, to: &Index<Euclidean>, k: usize, is_common: bool) -> Option<f64> {
        let (rho, nu) = Self::shells(from, to, k, is_common)?;
        let mut psi = Digamma::default();
        let terms = rho.iter().zip(&nu).map(|(rho, nu)| {
            let distances = to.ln_distance(nu.sum) - from.ln_distance(rho.sum);
            self.dimension * distances + psi.difference(rho.rank, nu.rank)
        });
        Some(mean(terms) + (to.len() as f64 / (from.len() - 1) as f64).ln())
    }

    /// Póczos and Schneider's estimate of ∫ p^α q^{1−α}.
    fn power(&self, k: usize, order: f64) -> Option<f64> {
        let (rho, nu) = Self::shells(&self.p, &self.q, k, false)?;
        let exponent = 1.0 - order;
        let ratio = ((self.p.len() - 1) as f64 / self.q.len() as f64).ln();
        let ln_factor = |l: usize, k: usize| {
            let (l, k) = (l as f64, k as f64);
            ln_gamma(l) + ln_gamma(k) - ln_gamma(l + exponent) - ln_gamma(k - exponent)
        };
        let usual = ln_factor(k, k);
        Some(mean(rho.iter().zip(&nu).map(|(rho, nu)| {
            let distances = self.p.ln_distance(rho.sum) - self.q.ln_distance(nu.sum);
            let is_usual = rho.rank == k && nu.rank == k;
            let factor = if is_usual { usual } else { ln_factor(rho.rank, nu.rank) };
            (exponent * (ratio + self.dimension * distances) + factor).exp()
        })))
    }

    /// The spheres around the points of `from` in both samples.
    fn shells(
        from: &Index<Euclidean>,
        to: &Index<Euclidean>,
        k: usize,
        is_common: bool,
    ) -> Option<(Vec<Shell>, Vec<Shell>)> {
        let (mut rho, mut nu) = (from.own_shells(k)?, to.shells_around(from, k)?);
        if is_common {
            let radii: Vec<f64> = rho.iter().zip(&nu).map(|(rho, nu)| rho.sum.max(nu.sum)).collect();
            for (shell, ball) in rho.iter_mut().zip(from.balls(from, &radii, false)) {
                *shell = Shell { sum: ball.farthest, rank: ball.count - 1 };
            }
            for (shell, ball) in nu.iter_mut().zip(to.balls(from, &radii, false)) {
                *shell = Shell { sum: ball.farthest, rank: ball.count };
            }
        }
        Some((rho, nu))
    }
}

/// Reads the samples, applies a statistic of both, and to subsamples if wanted.
fn estimate(
    p: Sample<'_>,
    q: Sample<'_>,
    options: &NeighbourOptions,
    needs: Needs,
    statistic: impl Fn(&Pair) -> Option<f64> + Sync,
    rng: &mut (impl Rng + ?Sized),
) -> Result<Estimate, SampleError> {
    for (sample, side) in [(p, Side::P), (q, Side::Q)] {
        if sample.weights().is_some() {
            return Err(SampleError::WeightsNotAllowed { side });
        }
    }
    let (mut p, mut q) = read_pair(p, q)?;
    let Needs { k, both } = needs;
    let needed = [(Side::P, k + 1), (Side::Q, k + usize::from(both))];
    check_neighbours(k)?;
    p.at_least(needed[0].1, Side::P)?;
    q.at_least(needed[1].1, Side::Q)?;
    if let Some(subsampling) = &options.subsampling {
        subsampling.check()?;
        let (size_p, size_q) = subsampling.sizes(p.rows, q.rows);
        for ((side, needed), points) in needed.into_iter().zip([size_p, size_q]) {
            if points < needed {
                return Err(SampleError::SubsampleTooSmall { side, points, needed });
            }
        }
    }
    let factor = unit(p.data.iter().chain(&q.data));
    rescale(&mut p.data, factor);
    rescale(&mut q.data, factor);
    let dimension = p.dimension;
    let value = statistic(&Pair::new(&p.data, &q.data, dimension)).ok_or(NO_DISTANCE)?;
    let method = match options.neighbours {
        Neighbours::CommonRadius(_) => Method::CommonRadius { k },
        _ => Method::NearestNeighbours { k },
    };
    let mut estimate = Estimate { value, standard_error: None, interval: None, method };
    if let Some(subsampling) = &options.subsampling {
        let again = |rows_p: &[usize], rows_q: &[usize]| {
            statistic(&Pair::new(&gather(&p, rows_p), &gather(&q, rows_q), dimension)).unwrap_or(f64::NAN)
        };
        let (error, interval) = subsample_interval(p.rows, q.rows, value, again, subsampling, rng)?;
        estimate.standard_error = Some(error);
        estimate.interval = Some(interval);
    }
    Ok(estimate)
}

/// What points that coincide lead to.
pub(crate) const NO_DISTANCE: SampleError = SampleError::Degenerate {
    what: "for some point, all others that could be its neighbours coincide with it",
};

/// Refuses zero neighbours.
pub(crate) fn check_neighbours(k: usize) -> Result<(), SampleError> {
    if k == 0 {
        let (what, range) = ("the number of neighbours", "at least 1");
        return Err(SampleError::OutOfRange { what, range, value: 0.0 });
    }
    Ok(())
}

/// The points of some rows, one after another.
pub(crate) fn gather(points: &Points, rows: &[usize]) -> Vec<f64> {
    rows.iter().flat_map(|&row| points.row(row)).copied().collect()
}

/// Multiplies by a power of two, mostly 1.
pub(crate) fn rescale(data: &mut [f64], factor: f64) {
    for x in data {
        *x *= factor;
    }
}

/// The mean, by sums of a hundred terms: its rounding error does not grow with their number but with that of the sums.
pub(crate) fn mean(terms: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = terms.len() as f64;
    let (mut total, mut partial) = (0.0, 0.0);
    for (index, term) in terms.enumerate() {
        partial += term;
        if index % 128 == 127 {
            total += partial;
            partial = 0.0;
        }
    }
    (total + partial) / count
}

/// ψ of ranks, most of which are the same.
#[derive(Debug, Default)]
pub(crate) struct Digamma(Vec<f64>);

impl Digamma {
    /// ψ(n) for n ≥ 1.
    pub(crate) fn of(&mut self, n: usize) -> f64 {
        const TABLE: usize = 1024;
        if n > TABLE {
            return digamma(n as f64);
        }
        while self.0.len() <= n {
            self.0.push(digamma(self.0.len() as f64));
        }
        self.0[n]
    }

    /// ψ(l) − ψ(k).
    fn difference(&mut self, l: usize, k: usize) -> f64 {
        if l == k { 0.0 } else { self.of(l) - self.of(k) }
    }
}
