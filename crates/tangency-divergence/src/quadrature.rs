//! Adaptive integration of several functions at once over the real line.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// Abscissas, Kronrod's weights and Gauss' weights of the pair with 10 and 21 points, for one half of [−1, 1] and the middle.
const RULE: [(f64, f64, f64); 11] = [
    (0.995_657_163_025_808_1, 0.011_694_638_867_371_874, 0.0),
    (0.973_906_528_517_171_7, 0.032_558_162_307_964_725, 0.066_671_344_308_688_14),
    (0.930_157_491_355_708_2, 0.054_755_896_574_351_995, 0.0),
    (0.865_063_366_688_984_5, 0.075_039_674_810_919_96, 0.149_451_349_150_580_6),
    (0.780_817_726_586_416_9, 0.093_125_454_583_697_6, 0.0),
    (0.679_409_568_299_024_4, 0.109_387_158_802_297_64, 0.219_086_362_515_982_04),
    (0.562_757_134_668_604_7, 0.123_491_976_262_065_84, 0.0),
    (0.433_395_394_129_247_2, 0.134_709_217_311_473_34, 0.269_266_719_309_996_35),
    (0.294_392_862_701_460_2, 0.142_775_938_577_060_09, 0.0),
    (0.148_874_338_981_631_22, 0.147_739_104_901_338_49, 0.295_524_224_714_752_87),
    (0.0, 0.149_445_554_002_916_9, 0.0),
];

/// How many functions are integrated at once: the contribution, the densities, and the sensitivity to rounding.
pub(crate) const FUNCTIONS: usize = 4;

/// The values of the functions at a point.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    pub(crate) values: [f64; FUNCTIONS],
    /// A function whose sign changes at a kink of the first one; NaN if there is none.
    pub(crate) kink: f64,
}

/// What is wanted of the integration.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Goal {
    /// Relative error of the first integral.
    pub(crate) relative: f64,
    /// Absolute error of the second and third.
    pub(crate) absolute: f64,
    pub(crate) max_evaluations: usize,
    /// The coordinate beyond which nothing is.
    pub(crate) reach: f64,
    /// Whether the first integral can be infinite.
    pub(crate) may_diverge: bool,
}

/// The integrals and what is known of their errors.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Integrals {
    pub(crate) values: [f64; FUNCTIONS],
    pub(crate) errors: [f64; FUNCTIONS],
    pub(crate) evaluations: usize,
}

#[derive(Debug, Clone, Copy)]
struct Panel {
    from: f64,
    to: f64,
    values: [f64; FUNCTIONS],
    errors: [f64; FUNCTIONS],
    kink: Option<f64>,
    priority: f64,
}

impl PartialEq for Panel {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Panel {}
impl PartialOrd for Panel {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Panel {
    fn cmp(&self, other: &Self) -> Ordering {
        self.priority.total_cmp(&other.priority)
    }
}

/// Integrates functions that are not negative over the real line.
///
/// The line is cut at the given points and, beyond them, in panels each twice as wide as the last, until nothing comes in. The
/// panel with the largest error, the difference between Kronrod's and Gauss' rule, is halved, or cut at a kink, until
/// the goal is met. That difference is the error of the weaker rule, so the errors are bounds in practice by many orders.
///
/// An integral whose integrand does not fall off faster than $1/y$ is reported as infinite, as is one that overflows.
pub(crate) fn integrate(cuts: &[f64], mut sample: impl FnMut(f64) -> Sample, goal: &Goal) -> Integrals {
    let mut cuts: Vec<f64> = cuts.iter().copied().filter(|cut| cut.abs() < goal.reach).collect();
    if cuts.len() < 2 {
        cuts.extend([-1.0, 0.0, 1.0]);
    }
    cuts.sort_by(f64::total_cmp);
    cuts.dedup_by(|next, last| (*next - *last).abs() <= 1e-12 * last.abs().max(1e-3));
    let mut work =
        Work { sample: &mut sample, goal, panels: BinaryHeap::new(), done: Vec::new(), evaluations: 0 };
    for pair in cuts.windows(2) {
        work.add(pair[0], pair[1]);
    }
    let mut tail = [0.0; FUNCTIONS];
    for (start, direction) in [(cuts[0], -1.0), (cuts[cuts.len() - 1], 1.0)] {
        let more = work.tail(start, direction);
        for (tail, more) in tail.iter_mut().zip(more) {
            *tail += more;
        }
    }
    work.refine();
    let (mut values, mut errors) = work.totals();
    for index in 0..FUNCTIONS {
        if tail[index] == f64::INFINITY {
            values[index] = f64::INFINITY;
        }
        errors[index] += tail[index];
    }
    Integrals { values, errors, evaluations: work.evaluations }
}

struct Work<'w, S> {
    sample: &'w mut S,
    goal: &'w Goal,
    panels: BinaryHeap<Panel>,
    /// Panels that cannot be halved any more.
    done: Vec<Panel>,
    evaluations: usize,
}

impl<S: FnMut(f64) -> Sample> Work<'_, S> {
    fn sample(&mut self, y: f64) -> Sample {
        self.evaluations += 1;
        (self.sample)(y)
    }

    fn add(&mut self, from: f64, to: f64) {
        let panel = self.measure(from, to);
        self.panels.push(panel);
    }

    /// Both rules on one panel.
    fn measure(&mut self, from: f64, to: f64) -> Panel {
        let (middle, half) = (0.5 * (from + to), 0.5 * (to - from));
        let mut values = [0.0; FUNCTIONS];
        let mut gauss = [0.0; FUNCTIONS];
        let mut kinks = [(0.0, f64::NAN); 21];
        for (index, &(x, kronrod, weight)) in RULE.iter().enumerate() {
            for direction in [-1.0, 1.0] {
                if index == 10 && direction > 0.0 {
                    continue;
                }
                let y = middle + direction * x * half;
                let found = self.sample(y);
                kinks[if direction < 0.0 { index } else { 20 - index }] = (y, found.kink);
                for function in 0..FUNCTIONS {
                    values[function] += kronrod * half * found.values[function];
                    gauss[function] += weight * half * found.values[function];
                }
            }
        }
        let mut errors = [0.0; FUNCTIONS];
        for function in 0..FUNCTIONS {
            errors[function] = (values[function] - gauss[function]).abs();
        }
        let kink = kinks.windows(2).find(|pair| pair[0].1 * pair[1].1 < 0.0).map(|pair| {
            let (from, to) = (pair[0].0, pair[1].0);
            crate::closed::bisect(from, to, &mut |y| self.sample(y).kink)
        });
        // In units of the goal, roughly; a panel that overflowed comes first.
        let worst = errors[0].max(errors[1]).max(errors[2]);
        Panel { from, to, values, errors, kink, priority: if worst.is_nan() { f64::INFINITY } else { worst } }
    }

    /// Panels of growing width from a point outwards; returns bounds for what lies beyond the last, infinite for
    /// integrals that diverge.
    fn tail(&mut self, start: f64, direction: f64) -> [f64; FUNCTIONS] {
        let (mut from, mut width) = (start, 0.5);
        let mut last = self.sample(from).values;
        loop {
            let to = from + direction * width;
            let panel = self.measure(from.min(to), from.max(to));
            let end = self.sample(to).values;
            if panel.values[0].is_nan() || end[0].is_nan() {
                // Overflow: what can be told is how the integrand fell before.
                let inner = from - direction * 0.5 * width;
                let before = self.sample(inner).values;
                let mut beyond = [0.0; FUNCTIONS];
                for index in 0..FUNCTIONS {
                    beyond[index] = remainder([before[index], last[index]], [inner, from], true, index == 0);
                }
                return beyond;
            }
            self.panels.push(panel);
            let totals = self.totals().0;
            let small = (0..FUNCTIONS)
                .all(|index| end[index] <= last[index] && end[index] * width <= 1e-19 * totals[index]);
            if totals[0] == f64::INFINITY {
                return [0.0; FUNCTIONS];
            }
            // Where rounding is all there is, the integrand tells nothing of what follows.
            let noise =
                self.goal.may_diverge && end[0] > 1e-19 * totals[0] && f64::EPSILON * end[3] > 0.1 * end[0];
            let far = to.abs() >= self.goal.reach || noise;
            // Where nothing has come in yet, the mass lies further on.
            let seen =
                (totals[1] > 0.0 && totals[2] > 0.0) || (totals[1] + totals[2] == 0.0 && totals[0] > 0.0);
            if (small && seen) || far || self.evaluations > self.goal.max_evaluations {
                let mut beyond = [0.0; FUNCTIONS];
                for index in 0..FUNCTIONS {
                    beyond[index] = remainder(
                        [last[index], end[index]],
                        [from, to],
                        far,
                        index == 0 && self.goal.may_diverge,
                    );
                }
                return beyond;
            }
            (from, last) = (to, end);
            width = (2.0 * width).min(self.goal.reach - to.abs() + 1.0);
        }
    }

    /// Halves the worst panels until the goal is met.
    fn refine(&mut self) {
        let mut round = 0;
        loop {
            let (values, errors) = self.totals();
            if values[0] == f64::INFINITY || self.evaluations >= self.goal.max_evaluations {
                return;
            }
            // Rounding limits what can be had.
            let wanted = (self.goal.relative * values[0]).max(4.0 * f64::EPSILON * values[3]);
            let met = [errors[0] <= wanted, errors[1] <= self.goal.absolute, errors[2] <= self.goal.absolute];
            if met.iter().all(|met| *met) {
                return;
            }
            // The priorities count only the errors that are still too large.
            let scale = [wanted.max(f64::MIN_POSITIVE), self.goal.absolute, self.goal.absolute];
            let mut panels = std::mem::take(&mut self.panels).into_vec();
            for panel in &mut panels {
                panel.priority = (0..3)
                    .filter(|index| !met[*index])
                    .map(|index| panel.errors[index] / scale[index])
                    .fold(0.0, |most, error| if error.is_nan() { f64::INFINITY } else { error.max(most) });
            }
            self.panels = panels.into();
            // Several at once: the totals are summed anew for each round.
            let batch = 4 + self.panels.len() / 8;
            for _ in 0..batch {
                let Some(panel) = self.panels.pop() else { return };
                if panel.priority <= 0.0 {
                    self.panels.push(panel);
                    break;
                }
                let middle = 0.5 * (panel.from + panel.to);
                let cut = panel.kink.unwrap_or(middle);
                let cut = if cut > panel.from && cut < panel.to { cut } else { middle };
                if (panel.to - panel.from) <= 1e-14 * middle.abs().max(1e-2) {
                    self.done.push(panel);
                } else {
                    self.add(panel.from, cut);
                    self.add(cut, panel.to);
                }
            }
            round += 1;
            if round > 100_000 {
                return;
            }
        }
    }

    fn totals(&self) -> ([f64; FUNCTIONS], [f64; FUNCTIONS]) {
        let (mut values, mut errors) = ([0.0; FUNCTIONS], [0.0; FUNCTIONS]);
        for panel in self.panels.iter().chain(&self.done) {
            for index in 0..FUNCTIONS {
                values[index] += panel.values[index];
                errors[index] += panel.errors[index];
            }
        }
        (values, errors)
    }
}

/// What lies beyond the end of the last panel, if the integrand goes on falling as it did; infinite if that is too slow.
fn remainder([before, end]: [f64; 2], [from, to]: [f64; 2], far: bool, may_diverge: bool) -> f64 {
    if end <= 0.0 || end.is_nan() {
        return 0.0;
    }
    let fall = before.ln() - end.ln();
    // As a power of y, which is slower than the exponential that most integrands are.
    let power = fall / (to.abs().ln() - from.abs().ln());
    if far && may_diverge && (power.is_nan() || power <= 1.05) {
        return f64::INFINITY;
    }
    if far && power > 1.05 && power < 20.0 {
        return end * to.abs() / (power - 1.0);
    }
    let rate = fall / (to - from).abs();
    if rate > 0.0 { 2.0 * end / rate } else { end * to.abs() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOAL: Goal =
        Goal { relative: 1e-12, absolute: 1e-10, max_evaluations: 100_000, reach: 1e7, may_diverge: true };

    fn first(function: impl Fn(f64) -> f64) -> Integrals {
        integrate(&[], |y| Sample { values: [function(y), 0.0, 0.0, 0.0], kink: f64::NAN }, &GOAL)
    }

    #[test]
    fn the_rules_have_their_degrees() {
        for degree in 0..=31_i32 {
            let (mut kronrod, mut gauss) = (0.0, 0.0);
            for (x, k, g) in RULE {
                let both = if x <= 0.0 { 1.0 } else { 1.0 + f64::from(1 - 2 * (degree % 2)) };
                kronrod += k * both * x.powi(degree);
                gauss += g * both * x.powi(degree);
            }
            let exact = if degree % 2 == 0 { 2.0 / f64::from(degree + 1) } else { 0.0 };
            assert!((kronrod - exact).abs() < 2e-15, "{degree}: {kronrod}");
            assert!(degree > 19 || (gauss - exact).abs() < 2e-15, "{degree}: {gauss}");
        }
    }

    #[test]
    fn known_integrals() {
        let normal = first(|y| (-0.5 * y * y).exp());
        assert!((normal.values[0] - std::f64::consts::TAU.sqrt()).abs() <= normal.errors[0].max(1e-14));
        // A tail of length 1e4.
        let slow = first(|y| if y < 0.0 { (1e-4 * y).exp() } else { (-y).exp() });
        assert!((slow.values[0] - 10_001.0).abs() < 1e-7, "{slow:?}");
    }

    #[test]
    fn divergence_is_seen() {
        for function in [|y: f64| 1.0 / (1.0 + y.abs()), |_| 1.0, |y: f64| y.exp()] {
            assert!(first(function).values[0].is_infinite());
        }
        assert!(first(|y| 1.0 / (1.0 + y * y)).values[0].is_finite());
    }

    #[test]
    fn a_kink_is_found_and_cut() {
        let kinked =
            |y: f64| Sample { values: [(-y * y).exp() * (y - 0.3).max(0.0), 0.0, 0.0, 0.0], kink: y - 0.3 };
        let with = integrate(&[], kinked, &GOAL);
        let without = integrate(&[], |y| Sample { kink: f64::NAN, ..kinked(y) }, &GOAL);
        assert!((with.values[0] - without.values[0]).abs() < 1e-12);
        assert!(with.evaluations < without.evaluations);
    }
}
