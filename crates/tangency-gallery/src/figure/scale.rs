//! Scales: from data to a fraction of an axis, and the ticks on the way.

/// How far apart ticks stand on an axis that spans 1 from end to end, at the closest.
const CLOSEST_TICKS: f64 = 0.08;

/// A mark on an axis.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tick {
    /// Where, in data.
    pub value: f64,
    /// What is written there; empty for a minor tick.
    pub label: String,
}

/// What an axis does to its data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Equal differences are equally long.
    Linear,
    /// Equal ratios are equally long; data must be positive.
    Log,
}

/// An interval of data, laid on $[0, 1]$.
///
/// $$ x \mapsto \frac{g(x) - g(a)}{g(b) - g(a)}, \quad g = \mathrm{id} \text{ or } \ln $$
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Scale {
    kind: Kind,
    low: f64,
    high: f64,
}

impl Scale {
    /// The scale from `low` to `high`.
    pub(crate) fn new(kind: Kind, low: f64, high: f64) -> Self {
        Self { kind, low, high }
    }

    /// A scale that shows all of `data`, with a little room on both sides.
    ///
    /// What the axis cannot show (NaN, infinities, and on a logarithmic axis what is not positive) is left out. Room
    /// never makes a scale of non-negative data reach below zero. Without any data: 0 to 1, or 1 to 10.
    pub(crate) fn around(kind: Kind, data: impl Iterator<Item = f64>, room: f64) -> Self {
        let shown = |x: &f64| x.is_finite() && (kind == Kind::Linear || *x > 0.0);
        let (low, high) =
            data.filter(shown).fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (a.min(x), b.max(x)));
        match kind {
            Kind::Linear if low > high => Self::new(kind, 0.0, 1.0),
            Kind::Log if low > high => Self::new(kind, 1.0, 10.0),
            Kind::Linear => {
                // A single value still needs an interval around it.
                let span = if high > low { high - low } else { low.abs().max(1.0) };
                let floor = if low >= 0.0 { 0.0 } else { f64::NEG_INFINITY };
                Self::new(kind, (low - room * span).max(floor), high + room * span)
            }
            Kind::Log => {
                let factor = if high > low { (high / low).powf(room) } else { 2.0 };
                Self::new(kind, low / factor, high * factor)
            }
        }
    }

    /// Where `x` lies: 0 at the low end, 1 at the high end, NaN for what the axis cannot show.
    pub(crate) fn fraction(&self, x: f64) -> f64 {
        match self.kind {
            Kind::Linear => (x - self.low) / (self.high - self.low),
            Kind::Log => (x / self.low).ln() / (self.high / self.low).ln(),
        }
    }

    /// The ends, low and high.
    pub(crate) fn ends(&self) -> (f64, f64) {
        (self.low, self.high)
    }

    /// About `count` ticks at round numbers, and the power of ten $k$ that their labels leave out (labels show
    /// $x / 10^k$; 0 almost always).
    pub(crate) fn ticks(&self, count: usize) -> (Vec<Tick>, i32) {
        match self.kind {
            Kind::Linear => linear_ticks(self.low, self.high, count),
            Kind::Log => (log_ticks(self.low, self.high, count), 0),
        }
    }
}

/// The round step (1, 2 or 5 times a power of ten, or 25, 250, ..) that puts about `count` ticks on an interval.
fn round_step(span: f64, count: usize) -> f64 {
    let raw = span / count.max(1) as f64;
    let power = 10f64.powf(raw.log10().floor());
    let nearest = |a: &f64, b: &f64| (a / raw).ln().abs().total_cmp(&(b / raw).ln().abs());
    // 25 and 250 are round; 2.5 and 0.025 are not, and ugly for years.
    let digits: &[f64] = if power >= 10.0 { &[1.0, 2.0, 2.5, 5.0, 10.0] } else { &[1.0, 2.0, 5.0, 10.0] };
    digits.iter().map(|digit| digit * power).min_by(nearest).unwrap_or(raw)
}

fn linear_ticks(low: f64, high: f64, count: usize) -> (Vec<Tick>, i32) {
    let step = round_step(high - low, count);
    if !(step.is_finite() && step > 0.0) {
        return (Vec::new(), 0);
    }
    let largest = low.abs().max(high.abs());
    // Labels of five digits and more, or of many zeros, share a power of ten instead.
    let exponent = largest.log10().floor() as i32;
    let exponent = if (-3..5).contains(&exponent) { 0 } else { exponent };
    let unit = 10f64.powi(exponent);
    let decimals = decimals(step / unit);
    // A hair of slack, so that an end that is a tick up to rounding gets it.
    let first = (low / step - 1e-9).ceil() as i64;
    let last = (high / step + 1e-9).floor() as i64;
    let ticks = (first..=last)
        .map(|n| n as f64 * step)
        .map(|value| Tick { value, label: minus(&format!("{:.decimals$}", value / unit + 0.0)) })
        .collect();
    (ticks, exponent)
}

/// The least number of decimals that writes a round step exactly.
fn decimals(step: f64) -> usize {
    (0..9)
        .find(|&d| ((step * 10f64.powi(d)).round() / (step * 10f64.powi(d)) - 1.0).abs() < 1e-9)
        .unwrap_or(9) as usize
}

fn log_ticks(low: f64, high: f64, count: usize) -> Vec<Tick> {
    let (first, last) = ((low.log10() - 1e-9).ceil() as i32, (high.log10() + 1e-9).floor() as i32);
    let decades = (high / low).log10();
    if decades < 0.7 {
        // Less than a factor of five: powers of ten say nothing, equal differences do.
        return linear_ticks(low, high, count).0.into_iter().filter(|tick| tick.value > 0.0).collect();
    }
    let every = ((last - first + 1).max(0) as usize).div_ceil(count.max(1)).max(1) as i32;
    let mut ticks = Vec::new();
    for exponent in first - 1..=last {
        for digit in 1..10 {
            let value = f64::from(digit) * 10f64.powi(exponent);
            if value < low * (1.0 - 1e-9) || value > high * (1.0 + 1e-9) {
                continue;
            }
            let labelled = if decades < 2.5 {
                matches!(digit, 1 | 2 | 5)
            } else {
                digit == 1 && exponent.rem_euclid(every) == 0
            };
            // Minor ticks of nine per decade are drawn only where they can be told apart.
            let drawn = labelled || digit == 1 || 0.045 / decades > CLOSEST_TICKS / 8.0;
            if drawn {
                let label = if labelled { log_label(digit, exponent) } else { String::new() };
                ticks.push(Tick { value, label });
            }
        }
    }
    ticks
}

/// `0.01` to `5000` in full, beyond as powers of ten.
fn log_label(digit: i32, exponent: i32) -> String {
    match exponent {
        0..=3 => format!("{}", digit * 10i32.pow(exponent as u32)),
        -2..0 => format!("{:.*}", (-exponent) as usize, f64::from(digit) * 10f64.powi(exponent)),
        _ if digit == 1 => format!("10{}", superscript(exponent)),
        _ => format!("{digit}·10{}", superscript(exponent)),
    }
}

/// A hyphen as the minus that it stands for.
pub(crate) fn minus(text: &str) -> String {
    text.replace('-', "\u{2212}")
}

/// An integer in superscript digits.
pub(crate) fn superscript(n: i32) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    n.to_string().chars().map(|c| c.to_digit(10).map_or('⁻', |d| DIGITS[d as usize])).collect()
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "these results are exact")]
mod tests {
    use super::*;

    fn labels(scale: Scale, count: usize) -> Vec<String> {
        scale.ticks(count).0.into_iter().map(|t| t.label).filter(|l| !l.is_empty()).collect()
    }

    #[test]
    fn linear_ticks_are_round_and_inside() {
        assert_eq!(labels(Scale::new(Kind::Linear, 0.0, 42.0), 5), ["0", "10", "20", "30", "40"]);
        assert_eq!(labels(Scale::new(Kind::Linear, -0.31, 0.31), 4), ["−0.2", "0.0", "0.2"]);
        assert_eq!(
            labels(Scale::new(Kind::Linear, 1900.0, 1920.0), 5),
            ["1900", "1905", "1910", "1915", "1920"]
        );
        // 0.1 + 0.2 is not 0.3, but the tick at the end must be there.
        assert_eq!(labels(Scale::new(Kind::Linear, 0.0, 0.1 + 0.2), 3), ["0.0", "0.1", "0.2", "0.3"]);
    }

    #[test]
    fn tick_steps_are_one_two_two_and_a_half_or_five() {
        for (span, count) in [(1.0, 3), (7.3, 5), (0.0123, 6), (9.9e7, 4), (3e-9, 5), (64.0, 8)] {
            let step = round_step(span, count);
            let mantissa = step / 10f64.powf(step.log10().floor());
            assert!([1.0, 2.0, 2.5, 5.0].iter().any(|m| (mantissa - m).abs() < 1e-9), "{step}");
            let ticks = span / step;
            assert!((0.6..1.7).contains(&(ticks / count as f64)), "{ticks} of {count}");
        }
    }

    #[test]
    fn long_labels_share_a_power_of_ten() {
        let (ticks, exponent) = Scale::new(Kind::Linear, 0.0, 2.4e-5).ticks(3);
        assert_eq!(exponent, -5);
        assert_eq!(ticks.iter().map(|t| t.label.as_str()).collect::<Vec<_>>(), ["0", "1", "2"]);
        assert_eq!(Scale::new(Kind::Linear, 0.0, 2e6).ticks(4).1, 6);
        assert_eq!(Scale::new(Kind::Linear, 0.0, 99999.0).ticks(4).1, 0);
    }

    #[test]
    fn log_ticks_follow_decades() {
        assert_eq!(labels(Scale::new(Kind::Log, 1.0, 100.0), 5), ["1", "2", "5", "10", "20", "50", "100"]);
        assert_eq!(
            labels(Scale::new(Kind::Log, 1e-6, 1.0), 8),
            ["10⁻⁶", "10⁻⁵", "10⁻⁴", "10⁻³", "0.01", "0.1", "1"]
        );
        let far = labels(Scale::new(Kind::Log, 1e-30, 1.0), 5);
        assert!((3..=6).contains(&far.len()), "{far:?}");
        assert_eq!(labels(Scale::new(Kind::Log, 3.0, 4.0), 4), ["3.0", "3.2", "3.4", "3.6", "3.8", "4.0"]);
    }

    #[test]
    fn fractions_are_exact_at_the_ends_and_geometric_on_a_log_scale() {
        let scale = Scale::new(Kind::Log, 0.01, 100.0);
        assert_eq!(scale.fraction(0.01), 0.0);
        assert_eq!(scale.fraction(100.0), 1.0);
        assert!((scale.fraction(1.0) - 0.5).abs() < 1e-15);
        assert!(scale.fraction(-1.0).is_nan());
        let scale = Scale::new(Kind::Linear, -2.0, 6.0);
        assert_eq!(scale.fraction(0.0), 0.25);
    }

    #[test]
    fn a_scale_around_data_leaves_room_but_does_not_cross_zero() {
        let scale = Scale::around(Kind::Linear, [0.0, 10.0, f64::NAN].into_iter(), 0.05);
        assert_eq!(scale.ends(), (0.0, 10.5));
        let scale = Scale::around(Kind::Log, [0.0, 1.0, 100.0].into_iter(), 0.5);
        assert!((scale.ends().0 - 0.1).abs() < 1e-15 && (scale.ends().1 - 1000.0).abs() < 1e-9);
        assert_eq!(Scale::around(Kind::Linear, std::iter::empty(), 0.1).ends(), (0.0, 1.0));
        assert_eq!(Scale::around(Kind::Linear, [7.0].into_iter(), 0.1).ends(), (7.0 - 0.7, 7.0 + 0.7));
    }
}
