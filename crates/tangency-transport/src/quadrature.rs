//! Adaptive integration over given panels.

/// Abscissas, Kronrod's weights and Gauss' weights of the pair with 7 and 15 points, for one half of [−1, 1] and the middle.
const RULE: [(f64, f64, f64); 8] = [
    (0.991_455_371_120_812_6, 0.022_935_322_010_529_224, 0.0),
    (0.949_107_912_342_758_5, 0.063_092_092_629_978_56, 0.129_484_966_168_869_7),
    (0.864_864_423_359_769_1, 0.104_790_010_322_250_18, 0.0),
    (0.741_531_185_599_394_4, 0.140_653_259_715_525_92, 0.279_705_391_489_276_64),
    (0.586_087_235_467_691_1, 0.169_004_726_639_267_9, 0.0),
    (0.405_845_151_377_397_2, 0.190_350_578_064_785_42, 0.381_830_050_505_118_9),
    (0.207_784_955_007_898_46, 0.204_432_940_075_298_89, 0.0),
    (0.0, 0.209_482_141_084_727_82, 0.417_959_183_673_469_4),
];

/// The integrand at a point.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    pub(crate) value: f64,
    /// How much of the value may be rounding, in units of half the last place.
    pub(crate) noise: f64,
    /// A function whose sign changes at a kink of the integrand.
    pub(crate) kink: f64,
}

/// An integral, and what is known of its error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Integral {
    pub(crate) value: f64,
    /// The difference of the two rules, and rounding.
    pub(crate) error: f64,
    pub(crate) evaluations: usize,
}

/// When to stop.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Goal {
    pub(crate) relative: f64,
    pub(crate) max_evaluations: usize,
}

/// An interval, with a label for the integrand.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Panel {
    pub(crate) from: f64,
    pub(crate) to: f64,
    pub(crate) label: usize,
}

#[derive(Debug, Clone, Copy)]
struct Measured {
    panel: Panel,
    value: f64,
    error: f64,
    noise: f64,
    kink: Option<f64>,
}

/// Integrates over panels: those with the largest difference between Kronrod's and Gauss' rule are halved, or cut at a kink,
/// until the sum of the differences meets the goal or is nothing but rounding. The difference is the error of the weaker
/// rule.
pub(crate) fn integrate(
    panels: &[Panel],
    goal: &Goal,
    mut sample: impl FnMut(f64, usize) -> Sample,
) -> Integral {
    let mut evaluations = 0;
    let mut measured: Vec<Measured> =
        panels.iter().map(|panel| measure(*panel, &mut evaluations, &mut sample)).collect();
    for _ in 0..10_000 {
        let [value, error, noise] = totals(&measured);
        let wanted = (goal.relative * value).max(4.0 * noise);
        if error <= wanted || evaluations >= goal.max_evaluations {
            break;
        }
        // Whatever has more than its share is cut.
        let share = wanted / (2.0 * measured.len() as f64);
        let (worst, mut kept): (Vec<_>, Vec<_>) =
            measured.into_iter().partition(|m| m.error > share && m.is_divisible());
        if worst.is_empty() {
            measured = kept;
            break;
        }
        for m in worst {
            let Panel { from, to, label } = m.panel;
            let middle = m.kink.unwrap_or(0.5 * (from + to));
            kept.push(measure(Panel { from, to: middle, label }, &mut evaluations, &mut sample));
            kept.push(measure(Panel { from: middle, to, label }, &mut evaluations, &mut sample));
        }
        measured = kept;
    }
    let [value, error, noise] = totals(&measured);
    Integral { value, error: error + 4.0 * noise, evaluations }
}

impl Measured {
    fn is_divisible(&self) -> bool {
        let Panel { from, to, .. } = self.panel;
        to - from > 1e-13 * (from.abs() + to.abs()).max(1e-3)
    }
}

fn totals(measured: &[Measured]) -> [f64; 3] {
    let mut sum = crate::sum::Sum::default();
    let (mut error, mut noise) = (0.0, 0.0);
    for m in measured {
        sum.add(m.value);
        error += m.error;
        noise += m.noise;
    }
    [sum.value(), error, 0.5 * f64::EPSILON * noise]
}

fn measure(panel: Panel, evaluations: &mut usize, sample: &mut impl FnMut(f64, usize) -> Sample) -> Measured {
    let (middle, half) = (0.5 * (panel.from + panel.to), 0.5 * (panel.to - panel.from));
    let (mut kronrod, mut gauss, mut noise) = (0.0, 0.0, 0.0);
    let mut kinks = [(0.0, 0.0); 15];
    for (index, &(x, k, g)) in RULE.iter().enumerate() {
        for direction in [-1.0, 1.0] {
            if index == 7 && direction > 0.0 {
                continue;
            }
            let at = middle + direction * x * half;
            let found = sample(at, panel.label);
            *evaluations += 1;
            kinks[if direction < 0.0 { index } else { 14 - index }] = (at, found.kink);
            kronrod += k * half * found.value;
            gauss += g * half * found.value;
            noise += k * half * found.noise;
        }
    }
    let crossing = kinks.windows(2).find(|pair| pair[0].1 * pair[1].1 < 0.0);
    let kink = crossing.map(|pair| {
        let (mut low, mut high) = (pair[0].0, pair[1].0);
        let sign = pair[0].1.signum();
        for _ in 0..60 {
            let between = 0.5 * (low + high);
            if between <= low || between >= high {
                break;
            }
            *evaluations += 1;
            if sample(between, panel.label).kink * sign > 0.0 { low = between } else { high = between }
        }
        0.5 * (low + high)
    });
    let kink = kink.filter(|cut| *cut > panel.from && *cut < panel.to);
    Measured { panel, value: kronrod, error: (kronrod - gauss).abs(), noise, kink }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_have_their_degrees() {
        for degree in 0..=22_i32 {
            let (mut kronrod, mut gauss) = (0.0, 0.0);
            for (x, k, g) in RULE {
                let both = if x <= 0.0 { 1.0 } else { f64::from(2 * (1 - degree % 2)) };
                kronrod += k * both * x.powi(degree);
                gauss += g * both * x.powi(degree);
            }
            let exact = if degree % 2 == 0 { 2.0 / f64::from(degree + 1) } else { 0.0 };
            assert!((kronrod - exact).abs() < 1e-15, "{degree}: {kronrod}");
            assert!(degree > 13 || (gauss - exact).abs() < 1e-15, "{degree}: {gauss}");
        }
    }

    #[test]
    fn a_kink_is_cut_and_the_bound_holds() {
        let goal = Goal { relative: 1e-12, max_evaluations: 10_000 };
        let panel = Panel { from: -1.0, to: 2.0, label: 0 };
        let found = integrate(&[panel], &goal, |x, _| {
            let value = (x - 0.3).abs() * x.exp();
            Sample { value, noise: value, kink: x - 0.3 }
        });
        // ∫ |x − c| eˣ = [(x − c − 1) eˣ] on both sides of c.
        let side = |x: f64| (x - 1.3) * x.exp();
        let exact = side(2.0) + side(-1.0) - 2.0 * side(0.3);
        assert!((found.value - exact).abs() <= found.error && found.error < 1e-11, "{found:?} {exact}");
        assert!(found.evaluations < 600, "{}", found.evaluations);
    }
}
