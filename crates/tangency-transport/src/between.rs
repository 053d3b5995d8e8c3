//! Distances to and between named distributions.

mod largest;
mod support;

use crate::error::{Side, TransportError};
use crate::law::{
    Law, Level, PowerTail, affine, atoms, check, closed_form, lower_power_tail, quantile, upper_power_tail,
};
use crate::line::{Exponent, QuantileFunction, UNITS, check_totals, root_of, share};
use crate::quadrature::{Goal, Panel, Sample, integrate};

/// A distance that involves a named distribution, with a bound on its error and how it was computed.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct LawDistance {
    /// $W_p$; `INFINITY` where it is infinite.
    pub value: f64,
    /// The true distance differs by no more, absolutely. Rounding is included; what the bound rests on depends on the
    /// [method](Self::method). `INFINITY` where no bound is known.
    pub error_bound: f64,
    /// How the value was computed.
    pub method: LawMethod,
    exponent: f64,
}

impl LawDistance {
    /// $W_p^p$; for $p = \infty$, which has no power, the distance itself.
    pub fn power(&self) -> f64 {
        if self.exponent == f64::INFINITY { self.value } else { self.value.powf(self.exponent) }
    }
}

/// How a distance was computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LawMethod {
    /// A formula, or a distance that is known to be infinite. The bound counts some units in the last place of every term.
    ClosedForm,
    /// Adaptive Gauss-Kronrod quadrature of $\lvert F^{-1} - G^{-1} \rvert^p$ over the log-odds of the level. The bound is
    /// the difference from the rule of half as many points, which is about the error of the weaker rule, with the rounding of
    /// quantiles: an estimate on the safe side, and no proof.
    Quadrature {
        /// Evaluations of the pair of quantile functions.
        evaluations: usize,
    },
    /// A sum over atoms. The bound is rounding, which for masses grows with the number of integers.
    Summation {
        /// Atoms of both sides.
        atoms: usize,
    },
    /// The largest difference of quantiles, for $p = \infty$. Quantile functions increase, so that their values at two levels bound
    /// every difference between these: the bound is proved, up to the rounding of quantiles. Where the masses of a law are computed,
    /// it covers what their rounding could have changed.
    Enclosure {
        /// Evaluations of the pair of quantile functions.
        evaluations: usize,
    },
}

/// How hard to try.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LawOptions {
    /// Wanted error of quadrature relative to $W_p^p$, between 0 and 1; 1e-12 by default. It stops earlier where rounding is
    /// the larger error. For $p = \infty$ that of the distance, and not below 1e-7.
    pub relative_tolerance: f64,
    /// Evaluations of the pair of quantile functions after which quadrature stops with the bound it has; ten million by
    /// default, at least
    /// 1000. Every atom of a sample takes 15 in any case.
    pub max_evaluations: usize,
    /// Whether closed forms are used where there are any; true by default. Without them every value is numerical, which
    /// serves to check the one against the other.
    pub closed_forms: bool,
}

impl Default for LawOptions {
    fn default() -> Self {
        Self { relative_tolerance: 1e-12, max_evaluations: 10_000_000, closed_forms: true }
    }
}

impl LawOptions {
    fn check(&self) -> Result<(), TransportError> {
        let tolerance = self.relative_tolerance;
        if !(tolerance > 0.0 && tolerance < 1.0) {
            let (what, range) = ("the relative tolerance", "between 0 and 1");
            return Err(TransportError::OutOfRange { what, range, value: tolerance });
        }
        if self.max_evaluations < 1000 {
            let (what, range) = ("the number of evaluations", "at least 1000");
            return Err(TransportError::OutOfRange { what, range, value: self.max_evaluations as f64 });
        }
        Ok(())
    }
}

/// $W_p$ of two named distributions on the line, for p from 1 to infinity: in closed form where there is one, otherwise by
/// quadrature, summation or enclosure.
///
/// | closed form | pairs |
/// |---|---|
/// | any p | a law moved: the length of the move, also where no moment is finite; laws of one scale family: normal, Laplace, exponential, gamma, inverse gamma, Weibull or Pareto of one shape |
/// | p = 2 | all of a family of location and scale with a variance: normal, Laplace, Gumbel, uniform, triangular of one form, Student's of equal freedom; a point and any law whose moments are known |
/// | p = ∞ | a law moved; uniform; triangular of one form; a point and a law of bounded support |
/// | p = 1 | normal, Laplace, uniform; pairs of a family of which one lies above the other in stochastic order: the difference of the means |
///
/// A distance is infinite where the p-th moment of one law is infinite and that of the other is not, or where power laws fall
/// with different powers or constants, and is reported so: two Cauchy laws of different scales are infinitely far apart, two
/// of the same scale as far as their medians. Where both tails agree to leading order and neither has the moment, quadrature
/// gives a value without a bound.
///
/// Two laws on the integers, or one and a [`Dirac`](Law::Dirac), are summed; every other pair is integrated,
///
/// $$ W_p^p = \int_{-\infty}^\infty \lvert F^{-1}(t(s)) - G^{-1}(t(s)) \rvert^p  t (1 - t)  \mathrm d s, \quad t = 1 / (1 + e^{-s}), $$
///
/// in which every tail is at most exponential. Quantiles are computed here, not by `statrs`: to rounding, from both tails, and
/// without a panic. Costs some hundreds of pairs of them.
///
/// $W_\infty$ is the largest difference of quantiles. It is infinite where one support ends and the other does not, and where
/// two tails without end grow differently to leading order, as all but a few do: laws of one family that are not one the other
/// moved, laws of different families. Where they grow alike (chi laws of any freedom, an exponential law and the geometric law
/// of its whole parts) the largest difference among levels down to $e^{-690}$ is given without a bound. Of bounded laws
/// intervals of levels are halved until the values at their ends prove the maximum to 1e-7, which takes some ten thousands of
/// pairs of quantiles and finds it to more digits; for a law on the integers the ends of its steps decide. $W_\infty$ is not
/// continuous in the masses: where rounding could have changed which steps meet, and where masses below 1e-36 of the largest
/// were left out, the bound is as large as that.
///
/// # Errors
///
/// [`TransportError::Law`] for parameters outside their range, [`TransportError::NotOnLine`] for a law in several dimensions
/// (of normal laws [`Gaussian::distance`](crate::Gaussian::distance) has the distance for p = 2), [`TransportError::TooSpread`] for a
/// discrete law over more than five million integers, [`TransportError::OutOfRange`] for $p < 1$.
///
/// # Example: exact, numerical, infinite
///
/// ```
/// use statrs::distribution::{Cauchy, Exp, Normal};
/// use tangency_transport::{LawMethod, wasserstein_between};
///
/// let normal = Normal::new(0.0, 1.0)?;
/// assert_eq!(wasserstein_between(normal, Normal::new(3.0, 5.0)?, 2.0)?.value, 5.0); // √(3² + 4²)
///
/// let numerical = wasserstein_between(normal, Exp::new(1.0)?, 2.0)?;
/// assert!(matches!(numerical.method, LawMethod::Quadrature { .. }) && numerical.error_bound < 1e-12);
///
/// assert_eq!(wasserstein_between(normal, Cauchy::new(0.0, 1.0)?, 1.0)?.value, f64::INFINITY);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # References
///
/// - F. Santambrogio, *Optimal Transport for Applied Mathematicians*, Birkhäuser 2015, chapter 2.
pub fn wasserstein_between(
    x: impl Into<Law>,
    y: impl Into<Law>,
    p: f64,
) -> Result<LawDistance, TransportError> {
    wasserstein_between_with(x, y, p, &LawOptions::default())
}

/// As [`wasserstein_between`], with options.
///
/// # Errors
///
/// As [`wasserstein_between`], and [`TransportError::OutOfRange`] for options.
pub fn wasserstein_between_with(
    x: impl Into<Law>,
    y: impl Into<Law>,
    p: f64,
    options: &LawOptions,
) -> Result<LawDistance, TransportError> {
    let exponent = Exponent::new(p)?;
    options.check()?;
    let (x, y) = (x.into(), y.into());
    check(&x, Side::Source)?;
    check(&y, Side::Target)?;
    if exponent == Exponent::Infinite {
        return largest::between(&x, &y, options);
    }
    let known = |value, error_bound| {
        Ok(LawDistance { value, error_bound, method: LawMethod::ClosedForm, exponent: p })
    };
    if x == y {
        return known(0.0, 0.0);
    }
    // A law that was moved is as far as it was moved, whatever its tails are.
    let shift = match (affine(&x), affine(&y)) {
        #[allow(clippy::float_cmp, reason = "for equal scales alone")]
        (Some((m1, s1, one)), Some((m2, s2, other))) if one == other && s1 == s2 => Some(m2 - m1),
        _ => None,
    };
    let lower = meeting(lower_power_tail(&x), lower_power_tail(&y), p);
    let upper = meeting(upper_power_tail(&x), upper_power_tail(&y), p);
    if shift.is_none() && (lower == Meeting::Apart || upper == Meeting::Apart) {
        return known(f64::INFINITY, 0.0);
    }
    if (options.closed_forms || (shift.is_some() && lower.max(upper) == Meeting::Unknown))
        && let Some(exact) = closed_form(&x, &y, p)
    {
        return known(exact.value, exact.error);
    }
    let mut found = match (x.is_discrete(), y.is_discrete()) {
        (true, true) => return summed(&atoms(&x, Side::Source)?, &atoms(&y, Side::Target)?, exponent),
        (true, false) => integrated(Some(&atoms(&x, Side::Source)?), &y, &y, exponent, options),
        (false, true) => integrated(Some(&atoms(&y, Side::Target)?), &x, &x, exponent, options),
        (false, false) => integrated(None, &x, &y, exponent, options),
    };
    if lower.max(upper) == Meeting::Unknown {
        found.error_bound = f64::INFINITY;
    }
    Ok(found)
}

/// $W_p$ of a sample, or of a histogram, and a named distribution, for p from 1 to infinity.
///
/// Each step of the sample's quantile function is integrated against that of the law,
///
/// $$ W_p^p = \sum_k \int_{t_{k-1}}^{t_k} \lvert x_k - G^{-1}(t) \rvert^p  \mathrm d t , $$
///
/// as in [`wasserstein_between`]: no draws from the law, which would add their own distance. To a law on the integers the
/// distance is a sum. It is infinite where the law has no p-th moment. The sample's mass must be one.
///
/// $W_\infty$ is infinite for a law without end on either side. For others the quantiles of the law at the ends of each step decide; for
/// a histogram that is uniform within its bins see [`wasserstein_between`].
///
/// Costs 15 quantiles of the law for each atom, two for $p = \infty$.
///
/// # Errors
///
/// As [`wasserstein_between`], and [`TransportError::MassMismatch`] for weights that do not sum to one.
///
/// # Example: the four points that are nearest to a uniform distribution
///
/// ```
/// use statrs::distribution::Uniform;
/// use tangency_transport::{QuantileFunction, wasserstein_to_law};
///
/// let sample = QuantileFunction::new(&[0.125, 0.375, 0.625, 0.875])?;
/// let found = wasserstein_to_law(&sample, Uniform::new(0.0, 1.0)?, 1.0)?;
/// assert!((found.value - 1.0 / 16.0).abs() < 1e-15);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn wasserstein_to_law(
    sample: &QuantileFunction,
    law: impl Into<Law>,
    p: f64,
) -> Result<LawDistance, TransportError> {
    wasserstein_to_law_with(sample, law, p, &LawOptions::default())
}

/// As [`wasserstein_to_law`], with options.
///
/// # Errors
///
/// As [`wasserstein_to_law`], and [`TransportError::OutOfRange`] for options.
pub fn wasserstein_to_law_with(
    sample: &QuantileFunction,
    law: impl Into<Law>,
    p: f64,
    options: &LawOptions,
) -> Result<LawDistance, TransportError> {
    let exponent = Exponent::new(p)?;
    options.check()?;
    let law = law.into();
    check(&law, Side::Target)?;
    check_totals((sample.mass(), sample.points.len()), (1.0, 1))?;
    if exponent == Exponent::Infinite {
        return largest::to_law(sample, &law, options);
    }
    if law.is_discrete() {
        return summed(sample, &atoms(&law, Side::Target)?, exponent);
    }
    let heavy = |tail: Option<PowerTail>| tail.is_some_and(|tail| tail.index <= p);
    if heavy(lower_power_tail(&law)) || heavy(upper_power_tail(&law)) {
        return Ok(LawDistance {
            value: f64::INFINITY,
            error_bound: 0.0,
            method: LawMethod::ClosedForm,
            exponent: p,
        });
    }
    Ok(integrated(Some(sample), &law, &law, exponent, options))
}

/// How two tails meet, by how much is known of the distance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Meeting {
    /// Both have the moment.
    Finite,
    /// They agree to leading order, and neither has the moment.
    Unknown,
    /// The distance is infinite.
    Apart,
}

fn meeting(one: Option<PowerTail>, other: Option<PowerTail>, p: f64) -> Meeting {
    let heavy = |tail: Option<PowerTail>| tail.filter(|tail| tail.index <= p);
    match (heavy(one), heavy(other)) {
        (None, None) => Meeting::Finite,
        // Of two quantiles c₁ q^{−1/a} and c₂ q^{−1/a} the difference has no moment either, unless they are equal.
        (Some(a), Some(b))
            if (a.index - b.index).abs() <= 1e-14 * a.index
                && (a.ln_constant - b.ln_constant).abs() <= 1e-12 * a.ln_constant.abs().max(1.0) =>
        {
            Meeting::Unknown
        }
        _ => Meeting::Apart,
    }
}

/// The distance of two lists of atoms.
fn summed(
    x: &QuantileFunction,
    y: &QuantileFunction,
    exponent: Exponent,
) -> Result<LawDistance, TransportError> {
    let value = x.distance_of(y, exponent)?;
    let atoms = x.len() + y.len();
    // Every mass has a relative error of some units times the root of the number of steps to it. Moving a part ε of all mass changes the distance
    // by no more than ε^{1/p} times the spread.
    let p = exponent.value();
    let part = 4.0 * f64::EPSILON * (atoms as f64).sqrt();
    let centre = y.mean();
    let spread = |of: &QuantileFunction| {
        let mut sum = 0.0;
        of.each(|mass, from, to| {
            sum += mass * exponent.power((from - centre).abs().max((to - centre).abs()));
        });
        sum
    };
    let power_error = part * 2.0_f64.powf(p - 1.0) * (spread(x) + spread(y));
    let error_bound = root_error(value, power_error, p) + 4.0 * f64::EPSILON * value;
    Ok(LawDistance { value, error_bound, method: LawMethod::Summation { atoms }, exponent: p })
}

/// How far the root is wrong if its p-th power is.
fn root_error(value: f64, power_error: f64, p: f64) -> f64 {
    if value <= 0.0 || p <= 1.0 {
        return power_error.powf(1.0 / p);
    }
    let relative = power_error / value.powf(p);
    if relative < 0.5 {
        value * -((-relative).ln_1p() / p).exp_m1()
    } else {
        value.max(power_error.powf(1.0 / p))
    }
}

/// Where the coordinate is cut at first; beyond the outermost the shares of mass have no room in `f64`.
const CUTS: [f64; 11] = [0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 160.0, 380.0, 690.0];

/// The distance of steps, or of a law, to a law by quadrature.
fn integrated(
    steps: Option<&QuantileFunction>,
    x: &Law,
    y: &Law,
    exponent: Exponent,
    options: &LawOptions,
) -> LawDistance {
    let pieces = steps.map(pieces);
    let panels = panels(pieces.as_deref());
    let p = exponent.value();
    let at = |s: f64, label: usize| {
        let level = Level::of_logit(s);
        let one = match &pieces {
            None => quantile(x, level),
            Some(pieces) => pieces[label].at(level),
        };
        (one, quantile(y, level), level)
    };
    // Powers are taken of differences in a unit of their size.
    let probes = panels.iter().step_by(panels.len().div_ceil(64));
    let unit = probes
        .filter(|panel| panel.from.abs() <= 16.0 && panel.to.abs() <= 16.0)
        .map(|panel| {
            let (a, b, _) = at(0.5 * (panel.from + panel.to), panel.label);
            (a - b).abs()
        })
        .filter(|d| d.is_finite())
        .fold(0.0, f64::max);
    let unit = if unit > 0.0 { unit } else { 1.0 };
    let mut overflow = false;
    let mut sample = |s: f64, label: usize| {
        let (a, b, level) = at(s, label);
        let (d, weight) = ((a - b) / unit, level.lower * level.upper);
        let power = exponent.power(d.abs());
        if !power.is_finite() {
            overflow = true;
            return Sample { value: 0.0, noise: 0.0, kink: 0.0 };
        }
        let slope = if d == 0.0 { 0.0 } else { p * power / d.abs() };
        let noise = weight * (8.0 * slope * (a.abs() + b.abs()) / unit + power);
        Sample { value: weight * power, noise, kink: if exponent == Exponent::Two { 0.0 } else { d } }
    };
    let goal = Goal { relative: options.relative_tolerance, max_evaluations: options.max_evaluations };
    let integral = integrate(&panels, &goal, &mut sample);
    // What lies beyond falls on as it did: as e^{-r s}.
    let mut beyond = 0.0;
    for sign in [-1.0, 1.0] {
        let label = if sign < 0.0 { 0 } else { panels.last().map_or(0, |panel| panel.label) };
        let (inner, outer) = (sample(sign * 680.0, label).value, sample(sign * 690.0, label).value);
        if outer > 0.0 {
            let rate = ((inner / outer).ln() / 10.0).max(1e-6);
            beyond += outer / rate;
        }
    }
    let power = integral.value + beyond;
    let value = unit * root_of(power, exponent);
    let error_bound =
        if overflow { f64::INFINITY } else { unit * root_error(value / unit, integral.error + beyond, p) };
    LawDistance {
        value,
        error_bound,
        method: LawMethod::Quadrature { evaluations: integral.evaluations },
        exponent: p,
    }
}

/// A step or linear piece of a quantile function.
#[derive(Debug, Clone, Copy)]
struct Piece {
    from: f64,
    to: f64,
    /// The share of mass below the piece, and in it.
    below: f64,
    mass: f64,
    /// The logarithm of the odds at its two ends.
    ends: (f64, f64),
}

impl Piece {
    fn at(&self, level: Level) -> f64 {
        if self.to <= self.from {
            return self.from;
        }
        let part = ((level.lower - self.below) / self.mass).clamp(0.0, 1.0);
        self.from + (self.to - self.from) * part
    }
}

fn pieces(steps: &QuantileFunction) -> Vec<Piece> {
    let mut cumulated = 0_i128;
    let logit = |units: i128| (share(units) / share(UNITS - units)).ln();
    let mut pieces = Vec::with_capacity(steps.len());
    let mut units = steps.units();
    steps.each(|mass, from, to| {
        let start = cumulated;
        cumulated += units.next().unwrap_or(0);
        pieces.push(Piece { from, to, below: share(start), mass, ends: (logit(start), logit(cumulated)) });
    });
    pieces
}

/// The first panels: between all cuts, and within pieces.
fn panels(pieces: Option<&[Piece]>) -> Vec<Panel> {
    let mut cuts: Vec<f64> = CUTS.iter().flat_map(|cut| [-cut, *cut]).collect();
    cuts.sort_by(f64::total_cmp);
    cuts.dedup();
    let (lowest, highest) = (cuts[0], cuts[cuts.len() - 1]);
    let whole = [Piece { from: 0.0, to: 0.0, below: 0.0, mass: 1.0, ends: (lowest, highest) }];
    let pieces = pieces.unwrap_or(&whole);
    let mut panels = Vec::with_capacity(pieces.len() + cuts.len());
    for (label, piece) in pieces.iter().enumerate() {
        let (mut from, to) = (piece.ends.0.max(lowest), piece.ends.1.min(highest));
        let first = cuts.partition_point(|cut| *cut <= from);
        for cut in cuts[first..].iter().copied().take_while(|cut| *cut < to).chain([to]) {
            if cut > from {
                panels.push(Panel { from, to: cut, label });
                from = cut;
            }
        }
    }
    panels
}
