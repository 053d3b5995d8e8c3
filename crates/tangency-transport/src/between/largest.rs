//! The largest difference of quantiles: $W_\infty$ of laws.

use super::support::{EndGap, end_gap, support};
use super::{LawDistance, LawMethod, LawOptions, Piece, panels, pieces};
use crate::error::{Side, TransportError};
use crate::law::{Law, Level, affine, atoms, quantile};
use crate::line::{Exponent, QuantileFunction, UNITS, share};

/// The difference of quantile functions is bounded no more closely than this, relative to its maximum: near a smooth maximum the
/// number of levels grows as the root of what is asked for.
const FINEST: f64 = 1e-7;

/// $W_\infty$ of two laws.
pub(super) fn between(x: &Law, y: &Law, options: &LawOptions) -> Result<LawDistance, TransportError> {
    if x == y {
        return Ok(known(0.0, 0.0));
    }
    let affine = match (affine(x), affine(y)) {
        (Some((m1, s1, one)), Some((m2, s2, other))) if one == other => Some(((m1, s1), (m2, s2))),
        _ => None,
    };
    if let Some(((m1, s1), (m2, s2))) = affine
        && s1 == s2
    {
        return Ok(known((m1 - m2).abs(), 2.0 * f64::EPSILON * (m1.abs() + m2.abs())));
    }
    let gap = end_gap(x, y, false).max(end_gap(x, y, true));
    if gap == EndGap::Infinite {
        return Ok(known(f64::INFINITY, 0.0));
    }
    let ((low_x, high_x), (low_y, high_y)) = (support(x), support(y));
    let atom = matches!(x, Law::Dirac { .. }) || matches!(y, Law::Dirac { .. });
    if options.closed_forms && gap == EndGap::Finite && (affine.is_some() || atom) {
        // Linear in the standard variable, or increasing: the largest difference is at an end.
        let value = (low_x - low_y).abs().max((high_x - high_y).abs());
        let size = [low_x, high_x, low_y, high_y].iter().fold(0.0, |most: f64, end| most.max(end.abs()));
        return Ok(known(value, 2.0 * f64::EPSILON * size));
    }
    let mut found = match (x.is_discrete(), y.is_discrete()) {
        (true, true) => {
            let one = Steps::of_law(x, Side::Source)?;
            let other = Steps::of_law(y, Side::Target)?;
            of_steps(&one, &other)
        }
        (true, false) => of_steps(&Steps::of_law(x, Side::Source)?, y),
        (false, true) => of_steps(&Steps::of_law(y, Side::Target)?, x),
        (false, false) => enclosed(None, x, y, options),
    };
    if gap == EndGap::Unknown {
        found.error_bound = f64::INFINITY;
    }
    Ok(found)
}

/// $W_\infty$ of a sample or a histogram, and a law.
pub(super) fn to_law(
    sample: &QuantileFunction,
    law: &Law,
    options: &LawOptions,
) -> Result<LawDistance, TransportError> {
    let (low, high) = support(law);
    if !(low.is_finite() && high.is_finite()) {
        return Ok(known(f64::INFINITY, 0.0));
    }
    if sample.rights.is_empty() {
        let sample = Steps::of_sample(sample);
        return Ok(if law.is_discrete() {
            of_steps(&sample, &Steps::of_law(law, Side::Target)?)
        } else {
            of_steps(&sample, law)
        });
    }
    if law.is_discrete() {
        return Ok(of_steps(&Steps::of_law(law, Side::Target)?, &Steps::of_sample(sample)));
    }
    if let Law::Uniform { min, max } = *law {
        // Two functions that are linear by pieces.
        let line = QuantileFunction::of_pieces(&[min, max], &[1.0], Side::Target)?;
        let value = sample.distance_of(&line, Exponent::Infinite)?;
        return Ok(known(value, 8.0 * f64::EPSILON * (value + min.abs().max(max.abs()))));
    }
    Ok(enclosed(Some(sample), law, law, options))
}

fn known(value: f64, error_bound: f64) -> LawDistance {
    LawDistance { value, error_bound, method: LawMethod::ClosedForm, exponent: f64::INFINITY }
}

/// A quantile function at levels in units, from the left and from the right.
trait Quantiles {
    fn limits(&self, level: i128) -> (f64, f64);
    /// A bound for the error of a level at which a value changes.
    fn slack(&self, level: i128) -> i128;
    /// Where the mass begins and ends.
    fn ends(&self) -> (f64, f64);
    /// Whether values near the ends were left out.
    fn is_cut(&self) -> (bool, bool);
}

impl Quantiles for Law {
    fn limits(&self, level: i128) -> (f64, f64) {
        let (low, high) = support(self);
        let at = if level <= 0 {
            low
        } else if level >= UNITS {
            high
        } else {
            quantile(self, Level { lower: share(level), upper: share(UNITS - level) })
        };
        (at, at)
    }

    fn slack(&self, _: i128) -> i128 {
        0
    }

    fn ends(&self) -> (f64, f64) {
        support(self)
    }

    fn is_cut(&self) -> (bool, bool) {
        (false, false)
    }
}

/// Atoms or pieces with the levels up to each.
struct Steps<'a> {
    of: std::borrow::Cow<'a, QuantileFunction>,
    /// Level zero, and the level after each.
    levels: Vec<i128>,
    /// The relative error of a level, and of what is left above it.
    part: f64,
    ends: (f64, f64),
}

impl<'a> Steps<'a> {
    fn of_sample(of: &'a QuantileFunction) -> Self {
        let last = of.len() - 1;
        let ends = (of.points[0], of.rights.get(last).copied().unwrap_or(of.points[last]));
        Self::new(std::borrow::Cow::Borrowed(of), 0.0, ends)
    }

    fn of_law(law: &Law, side: Side) -> Result<Self, TransportError> {
        let atoms = atoms(law, side)?;
        // Masses come from products of ratios: see the bound of sums over atoms. Equal ones are exact.
        let is_exact = matches!(law, Law::Dirac { .. } | Law::DiscreteUniform { .. });
        let part = if is_exact { 0.0 } else { 8.0 * f64::EPSILON * (atoms.len() as f64).sqrt() };
        Ok(Self::new(std::borrow::Cow::Owned(atoms), part, support(law)))
    }

    fn new(of: std::borrow::Cow<'a, QuantileFunction>, part: f64, ends: (f64, f64)) -> Self {
        let mut levels = Vec::with_capacity(of.len() + 1);
        let mut sum = 0;
        levels.push(0);
        for units in of.units().take(of.len()) {
            sum += units;
            levels.push(sum);
        }
        Self { of, levels, part, ends }
    }

    fn right(&self, k: usize) -> f64 {
        self.of.rights.get(k).copied().unwrap_or(self.of.points[k])
    }

    /// The value of piece k at a level.
    fn value(&self, k: usize, level: i128) -> f64 {
        let (from, to) = (self.of.points[k], self.right(k));
        let whole = self.levels[k + 1] - self.levels[k];
        let part = (share(level - self.levels[k]) / share(whole)).clamp(0.0, 1.0);
        if to <= from { from } else { (from + (to - from) * part).clamp(from, to) }
    }
}

impl Quantiles for Steps<'_> {
    fn limits(&self, level: i128) -> (f64, f64) {
        let last = self.of.len() - 1;
        let level = level.clamp(0, UNITS);
        // The piece that ends at or after the level, and the one that begins at or before it.
        let left = self.levels[1..].partition_point(|end| *end < level).min(last);
        let right = self.levels[1..].partition_point(|end| *end <= level).min(last);
        (self.value(left, level), self.value(right, level))
    }

    fn slack(&self, level: i128) -> i128 {
        if self.part <= 0.0 {
            return 0;
        }
        let outer = level.min(UNITS - level);
        (share(outer) * self.part * UNITS as f64) as i128 + 4 * self.of.len() as i128
    }

    fn ends(&self) -> (f64, f64) {
        self.ends
    }

    fn is_cut(&self) -> (bool, bool) {
        let last = self.of.len() - 1;
        (self.of.points[0] > self.ends.0, self.right(last) < self.ends.1)
    }
}

/// The largest distance of the steps from quantiles of the other side.
///
/// Within a step the other side increases, so its ends decide. The levels of computed masses are known to a slack: a value from
/// levels that are inside by it is a lower bound, one from outside an upper bound.
fn of_steps(steps: &Steps<'_>, other: &impl Quantiles) -> LawDistance {
    let (mut inner, mut outer, mut size) = (0.0_f64, 0.0_f64, 0.0_f64);
    let reach = |x: f64, (from, to): (f64, f64)| (x - from).abs().max((x - to).abs());
    let slack = |level: i128| steps.slack(level) + other.slack(level);
    let count = steps.of.len();
    let (cut, cut_other) = (steps.is_cut(), other.is_cut());
    for k in 0..count {
        let (begin, end) = (steps.levels[k], steps.levels[k + 1]);
        if begin == end {
            continue;
        }
        let x = steps.of.points[k];
        let (out, into) = (begin - slack(begin), end + slack(end));
        // A level that is exact, or the end, separates the step from what lies beyond.
        let wide_low = if out == begin || out <= 0 { other.limits(out).1 } else { other.limits(out).0 };
        let wide_high =
            if into == end || into >= UNITS { other.limits(into).0 } else { other.limits(into).1 };
        outer = outer.max(reach(x, (wide_low, wide_high)));
        size = size.max(x.abs()).max(wide_low.abs()).max(wide_high.abs());
        let (from, to) = (begin + slack(begin), end - slack(end));
        // What stands for all that was left out says nothing.
        let is_rest = (k == 0 && cut.0) || (k + 1 == count && cut.1);
        if from < to && !is_rest {
            inner = inner.max(reach(x, (other.limits(from).1, other.limits(to).0)));
        }
    }
    // What is left out near an end lies between the end and the first or last step.
    let ((low_x, high_x), (low_y, high_y)) = (steps.ends(), other.ends());
    if cut.0 || cut_other.0 {
        let level = steps.levels[1] + slack(steps.levels[1]);
        let (x, y) = (steps.limits(level).1, other.limits(level).1);
        outer = outer.max(x - low_y).max(y - low_x);
        inner = if low_x.is_finite() { inner.max((low_x - low_y).abs()) } else { inner };
    }
    if cut.1 || cut_other.1 {
        let level = steps.levels[count - 1] - slack(steps.levels[count - 1]);
        let (x, y) = (steps.limits(level).0, other.limits(level).0);
        outer = outer.max(high_y - x).max(high_x - y);
        inner = if high_x.is_finite() { inner.max((high_x - high_y).abs()) } else { inner };
    }
    let outer = outer.max(inner);
    LawDistance {
        value: inner,
        error_bound: outer - inner + 8.0 * f64::EPSILON * size,
        method: LawMethod::Enclosure { evaluations: 4 * count },
        exponent: f64::INFINITY,
    }
}

/// Both quantile functions at the two ends of an interval of log-odds.
#[derive(Debug, Clone, Copy)]
struct Interval {
    from: f64,
    to: f64,
    label: usize,
    x: (f64, f64),
    y: (f64, f64),
}

impl Interval {
    /// No difference in the interval is larger.
    fn bound(&self) -> f64 {
        (self.x.1 - self.y.0).max(self.y.1 - self.x.0)
    }

    fn seen(&self) -> f64 {
        (self.x.0 - self.y.0).abs().max((self.x.1 - self.y.1).abs())
    }
}

/// The largest difference of two continuous quantile functions, by halving the intervals that may hold it.
fn enclosed(sample: Option<&QuantileFunction>, x: &Law, y: &Law, options: &LawOptions) -> LawDistance {
    let pieces: Option<Vec<Piece>> = sample.map(pieces);
    let evaluations = std::cell::Cell::new(0);
    let at = |s: f64, label: usize| {
        evaluations.set(evaluations.get() + 1);
        let level = Level::of_logit(s);
        let one = pieces.as_ref().map_or_else(|| quantile(x, level), |pieces| pieces[label].at(level));
        (one, quantile(y, level))
    };
    let mut intervals: Vec<Interval> = panels(pieces.as_deref())
        .into_iter()
        .map(|panel| {
            let ((x0, y0), (x1, y1)) = (at(panel.from, panel.label), at(panel.to, panel.label));
            Interval { from: panel.from, to: panel.to, label: panel.label, x: (x0, x1), y: (y0, y1) }
        })
        .collect();
    // Beyond the outermost levels both increase towards their ends, which may be infinite.
    let ends_x = sample.map_or_else(|| support(x), |of| (of.points[0], of.rights[of.rights.len() - 1]));
    let ends_y = support(y);
    let (mut best, mut outside, mut size) = (0.0_f64, 0.0_f64, 0.0_f64);
    if let (Some(first), Some(last)) = (intervals.first(), intervals.last()) {
        for (end_x, end_y, near) in
            [(ends_x.0, ends_y.0, (first.x.0, first.y.0)), (ends_x.1, ends_y.1, (last.x.1, last.y.1))]
        {
            if end_x.is_finite() && end_y.is_finite() {
                best = best.max((end_x - end_y).abs());
                outside = outside.max((near.0 - end_y).abs()).max((near.1 - end_x).abs());
                size = size.max(end_x.abs()).max(end_y.abs());
            }
        }
    }
    let tolerance = options.relative_tolerance.max(FINEST);
    let mut settled = outside;
    loop {
        best = intervals.iter().fold(best, |best, interval| best.max(interval.seen()));
        let wanted = best * (1.0 + tolerance);
        let (open, done): (Vec<_>, Vec<_>) =
            intervals.into_iter().partition(|interval| interval.bound() > wanted);
        settled = done.iter().fold(settled, |most, interval| most.max(interval.bound()));
        intervals = Vec::with_capacity(2 * open.len());
        let spent = evaluations.get() >= options.max_evaluations;
        for interval in open {
            let middle = 0.5 * (interval.from + interval.to);
            if spent || middle <= interval.from || middle >= interval.to {
                settled = settled.max(interval.bound());
                continue;
            }
            let (x, y) = at(middle, interval.label);
            intervals.push(Interval { to: middle, x: (interval.x.0, x), y: (interval.y.0, y), ..interval });
            intervals.push(Interval { from: middle, x: (x, interval.x.1), y: (y, interval.y.1), ..interval });
        }
        if intervals.is_empty() {
            break;
        }
        size = intervals.iter().fold(size, |size, i| size.max(i.x.1.abs()).max(i.y.1.abs()));
    }
    LawDistance {
        value: best,
        error_bound: (settled - best).max(0.0) + 16.0 * f64::EPSILON * (size + best),
        method: LawMethod::Enclosure { evaluations: evaluations.get() },
        exponent: f64::INFINITY,
    }
}
