//! Entropic transport where mass may be made or lost at a price.

use crate::cost::Cost;
use crate::entropic::{Potentials, Problem, ln_ratios};
use crate::error::{Side, TransportError};
use crate::mass::total;
use crate::sinkhorn::SinkhornStatus;
use crate::sum::Sum;
use std::ops::ControlFlow;

/// What it costs that a margin of the plan is not the weights: a penalty with its price ρ, positive, in the unit of the costs.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Penalty {
    /// $\rho \sum_i p_i \ln (p_i / a_i) - p_i + a_i$.
    KullbackLeibler(f64),
    /// $\rho \sum_i \lvert p_i - a_i \rvert$: mass is not carried further than at a cost of the sum of both sides' ρ.
    TotalVariation(f64),
}

impl Penalty {
    fn price(self) -> f64 {
        match self {
            Self::KullbackLeibler(rho) | Self::TotalVariation(rho) => rho,
        }
    }

    /// The best potential where that without penalty would be `t`.
    fn damped(self, t: f64, epsilon: f64) -> f64 {
        match self {
            Self::KullbackLeibler(rho) => t * (rho / (rho + epsilon)),
            Self::TotalVariation(rho) => t.clamp(-rho, rho),
        }
    }

    /// $-\varphi^\ast(-f)$ for a unit of weight.
    fn dual(self, f: f64) -> f64 {
        match self {
            Self::KullbackLeibler(rho) => -rho * (-f / rho).exp_m1(),
            Self::TotalVariation(_) => f,
        }
    }

    /// $\varphi(p \mid a) + p f$ plus what the dual has, which is not negative (Fenchel and Young), without their cancellation.
    fn gap(self, weight: f64, margin: f64, f: f64) -> f64 {
        match self {
            Self::KullbackLeibler(rho) => {
                let best = weight * (-f / rho).exp();
                if best == 0.0 {
                    rho * margin
                } else if best == f64::INFINITY {
                    best
                } else {
                    rho * best * entropy(margin / best)
                }
            }
            Self::TotalVariation(rho) => (margin - weight) * f + rho * (margin - weight).abs(),
        }
    }
}

/// $r \ln r - r + 1$, without cancellation near 1.
fn entropy(r: f64) -> f64 {
    let d = r - 1.0;
    if d.abs() < 1e-3 {
        // ∫ ln: d²/2 − d³/6 + d⁴/12 − d⁵/20 + d⁶/30
        d * d * (0.5 - d * (1.0 / 6.0 - d * (1.0 / 12.0 - d * (0.05 - d / 30.0))))
    } else if r == 0.0 {
        1.0
    } else {
        r * r.ln() - d
    }
}

/// The iterations at each value of ε on the way to the last one.
const STEPS_BETWEEN: usize = 20;

/// When to stop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UnbalancedOptions {
    /// The gap between primal and dual value, relative to the larger magnitude of the primal value and ε times the product of the
    /// masses. Between 0 and 1; default 1e-8.
    pub tolerance: f64,
    /// The most iterations. Default 10 000.
    pub max_iterations: usize,
    /// As in [`SinkhornOptions`](crate::SinkhornOptions): the ratio of two values of ε on the way. Default ¼.
    pub scaling: f64,
}

impl Default for UnbalancedOptions {
    fn default() -> Self {
        Self { tolerance: 1e-8, max_iterations: 10_000, scaling: 0.25 }
    }
}

/// A plan between weights of different mass.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Unbalanced {
    /// The value of the plan: transport, entropy and penalties.
    pub primal: f64,
    /// The value of the potentials. The least value lies between `dual` and `primal`.
    pub dual: f64,
    /// `primal` − `dual`, not negative, computed without their cancellation.
    pub gap: f64,
    /// $\sum P_{ij} c_{ij}$.
    pub transport_cost: f64,
    /// $\sum P_{ij}$.
    pub mass: f64,
    /// $\sum_j P_{ij}$ for each source.
    pub source_margin: Vec<f64>,
    /// $\sum_i P_{ij}$ for each target.
    pub target_margin: Vec<f64>,
    /// $f_i$: the plan is $a_i b_j e^{(f_i + g_j - c_{ij}) / \varepsilon}$.
    pub source_potentials: Vec<f64>,
    /// $g_j$.
    pub target_potentials: Vec<f64>,
    /// How the iteration ended.
    pub status: SinkhornStatus,
    /// Iterations, at all values of ε.
    pub iterations: usize,
}

/// Entropic transport with penalties in place of conditions on the margins.
///
/// $$ \min_{P \ge 0} \sum_{ij} P_{ij} c_{ij} + \varepsilon \mathrm{KL}(P \mid a \otimes b) + D_1(P 1 \mid a) + D_2(P^T 1 \mid b) , $$
///
/// where KL has the terms $- P_{ij} + a_i b_j$, so that masses other than 1 count. The iteration is Sinkhorn's with a damped
/// step: for $D = \rho \mathrm{KL}$ the new potential is multiplied by $\rho / (\rho + \varepsilon)$, for the total variation
/// it is cut off at $\pm \rho$. With two Kullback-Leibler penalties the best common shift of the potentials is added in every
/// iteration, in closed form; without it the method takes about ρ/ε iterations to find the mass.
///
/// The gap is a certificate: primal and dual value come from the same potentials, and the least value lies between them. Two
/// exponentials for each pair and iteration, O(n + m) memory.
///
/// # Errors
///
/// [`TransportError`] for weights that are empty, negative or not finite, costs of the wrong shape or not finite, and a
/// price, an ε or an option outside its range. Masses may differ.
///
/// # Example: carrying is too dear
///
/// ```
/// use faer::mat;
/// use tangency_transport::{Penalty, unbalanced};
///
/// let cost = mat![[0.0, 9.0], [9.0, 9.0]];
/// let price = Penalty::TotalVariation(1.0);
/// let found = unbalanced(&[1.0, 1.0], &[1.0, 0.5], cost.as_ref(), 0.01, price, price)?;
/// assert!((found.mass - 1.0).abs() < 1e-3); // of 2 and 1.5; the rest is given up
/// assert!(found.gap <= 1e-8 * found.primal);
/// # Ok::<(), tangency_transport::TransportError>(())
/// ```
///
/// # References
///
/// - L. Chizat, G. Peyré, B. Schmitzer, F.-X. Vialard, *Scaling algorithms for unbalanced optimal transport problems*,
///   Mathematics of Computation 87 (2018) 2563-2609.
/// - T. Séjourné, F.-X. Vialard, G. Peyré, *Faster unbalanced optimal transport: translation invariant Sinkhorn and 1-D
///   Frank-Wolfe*, AISTATS 2022, 4995-5021: the common shift.
pub fn unbalanced<'a>(
    a: &[f64],
    b: &[f64],
    cost: impl Into<Cost<'a>>,
    epsilon: f64,
    source_penalty: Penalty,
    target_penalty: Penalty,
) -> Result<Unbalanced, TransportError> {
    let options = UnbalancedOptions::default();
    unbalanced_with(a, b, cost, epsilon, source_penalty, target_penalty, &options, |_| {
        ControlFlow::Continue(())
    })
}

/// As [`unbalanced`], with options and an observer that gets the number of iterations done and may stop the work.
///
/// # Errors
///
/// As [`unbalanced`].
#[allow(clippy::too_many_arguments, reason = "a problem of six parts, and how to solve it")]
pub fn unbalanced_with<'a>(
    a: &[f64],
    b: &[f64],
    cost: impl Into<Cost<'a>>,
    epsilon: f64,
    source_penalty: Penalty,
    target_penalty: Penalty,
    options: &UnbalancedOptions,
    mut observer: impl FnMut(usize) -> ControlFlow<()>,
) -> Result<Unbalanced, TransportError> {
    let penalties = [source_penalty, target_penalty];
    for penalty in penalties {
        let value = penalty.price();
        if !(value > 0.0 && value.is_finite()) {
            return Err(TransportError::OutOfRange {
                what: "the price",
                range: "positive and finite",
                value,
            });
        }
    }
    for (value, most, what) in
        [(options.tolerance, 1.0, "the tolerance"), (options.scaling, 1.0, "the scaling")]
    {
        if !(value > 0.0 && value <= most) {
            return Err(TransportError::OutOfRange { what, range: "above 0 and at most 1", value });
        }
    }
    let masses = [total(a, Side::Source)?, total(b, Side::Target)?];
    let problem = Problem::of_weights([a.to_vec(), b.to_vec()], masses[0], &cost.into())?;
    problem.check_epsilon(epsilon)?;
    let mut state = State {
        problem: &problem,
        penalties,
        potentials: Potentials::zero(&problem),
        exponents: Vec::new(),
        ratios: Vec::new(),
    };
    let spread = problem.sweeps.largest() - problem.sweeps.least();
    let mut present = epsilon;
    if options.scaling < 1.0 {
        present = (0.25 * spread).max(epsilon);
    }
    let (mut iterations, mut steps) = (0, 0);
    let (status, margins) = loop {
        state.step(present, Side::Target);
        state.step(present, Side::Source);
        state.shift();
        iterations += 1;
        let stopped = observer(iterations).is_break();
        let exhausted = iterations >= options.max_iterations;
        let last = present <= epsilon;
        if !last && !stopped && !exhausted {
            steps += 1;
            if steps == STEPS_BETWEEN {
                steps = 0;
                present = (present * options.scaling).max(epsilon);
            }
            continue;
        }
        if !last {
            // The certificate is for the ε that was asked for, at which the plan of these potentials may overflow.
            state.step(epsilon, Side::Target);
            state.step(epsilon, Side::Source);
        }
        let margins = [Side::Source, Side::Target].map(|side| state.margin(epsilon, side));
        let gap = state.gap(&margins[0], &margins[1]);
        let dual = state.dual(epsilon, masses, &margins[0]);
        let size = (dual + gap).abs().max(epsilon * masses[0] * masses[1]);
        if gap.is_finite() && gap <= options.tolerance * size {
            break (SinkhornStatus::Converged, margins);
        }
        if stopped {
            break (SinkhornStatus::Stopped, margins);
        }
        if exhausted {
            break (SinkhornStatus::MaxIterations, margins);
        }
    };
    let gap = state.gap(&margins[0], &margins[1]);
    let dual = state.dual(epsilon, masses, &margins[0]);
    let transport_cost = state.transport_cost(epsilon);
    let [source_margin, target_margin] = margins;
    let (source_potentials, target_potentials) = state.potentials.into_parts();
    Ok(Unbalanced {
        // Where the mass overflows, so does the value.
        primal: if dual.is_finite() { dual + gap } else { f64::INFINITY },
        dual,
        gap,
        transport_cost,
        mass: crate::sum::sum(&source_margin),
        source_margin,
        target_margin,
        source_potentials,
        target_potentials,
        status,
        iterations,
    })
}

struct State<'p, 'a> {
    problem: &'p Problem<'a>,
    penalties: [Penalty; 2],
    potentials: Potentials,
    exponents: Vec<f64>,
    ratios: Vec<f64>,
}

impl State<'_, '_> {
    fn ratios(&mut self, epsilon: f64, side: Side) {
        ln_ratios(self.problem, epsilon, &self.potentials, side, &mut self.exponents, &mut self.ratios);
    }

    fn margin(&mut self, epsilon: f64, side: Side) -> Vec<f64> {
        self.ratios(epsilon, side);
        let pairs = self.problem.weights(side).iter().zip(&self.ratios);
        pairs.map(|(w, x)| if *w > 0.0 { w * x.exp() } else { 0.0 }).collect()
    }

    fn step(&mut self, epsilon: f64, side: Side) {
        self.ratios(epsilon, side);
        let penalty = self.penalties[crate::entropic::index(side)];
        for (f, x) in self.potentials.of_mut(side).iter_mut().zip(&self.ratios) {
            *f = penalty.damped(*f - epsilon * x, epsilon);
        }
    }

    /// The common shift $f + k$, $g - k$ that raises the dual value most: where $\sum a_i e^{-f_i/\rho_1} = \sum b_j
    /// e^{-g_j/\rho_2}$.
    fn shift(&mut self) {
        let [Penalty::KullbackLeibler(first), Penalty::KullbackLeibler(second)] = self.penalties else {
            return;
        };
        let [x, y] = [(Side::Source, first), (Side::Target, second)].map(|(side, rho)| {
            let pairs = self.problem.ln_weights(side).iter().zip(self.potentials.of(side));
            let exponents: Vec<f64> = pairs.map(|(ln_w, f)| ln_w - f / rho).collect();
            tangency_vmath::log_sum_exp(&exponents)
        });
        let k = (x - y) / (1.0 / first + 1.0 / second);
        self.potentials.of_mut(Side::Source).iter_mut().for_each(|f| *f += k);
        self.potentials.of_mut(Side::Target).iter_mut().for_each(|g| *g -= k);
    }

    fn gap(&self, source_margin: &[f64], target_margin: &[f64]) -> f64 {
        let mut sum = Sum::default();
        for (side, margin) in [(Side::Source, source_margin), (Side::Target, target_margin)] {
            let penalty = self.penalties[crate::entropic::index(side)];
            for ((w, p), f) in self.problem.weights(side).iter().zip(margin).zip(self.potentials.of(side)) {
                if *w > 0.0 {
                    let gap = penalty.gap(*w, *p, *f);
                    // Where a mass has overflown nothing is known.
                    sum.add(if gap.is_nan() { f64::INFINITY } else { gap.max(0.0) });
                }
            }
        }
        sum.value()
    }

    /// $-\sum a_i \varphi_1^\ast(-f_i) - \sum b_j \varphi_2^\ast(-g_j) - \varepsilon (\sum P_{ij} - A B)$.
    fn dual(&self, epsilon: f64, masses: [f64; 2], source_margin: &[f64]) -> f64 {
        let mut sum = Sum::default();
        for side in [Side::Source, Side::Target] {
            let penalty = self.penalties[crate::entropic::index(side)];
            for (w, f) in self.problem.weights(side).iter().zip(self.potentials.of(side)) {
                if *w > 0.0 {
                    sum.add_product(*w, penalty.dual(*f));
                }
            }
        }
        for p in source_margin {
            sum.add_product(-epsilon, *p);
        }
        sum.add_product(epsilon * masses[0], masses[1]);
        sum.value()
    }

    fn transport_cost(&self, epsilon: f64) -> f64 {
        let side = self.problem.sweeps.native();
        let other = crate::sweep::opposite(side);
        let logarithms = |side: Side, sign: f64| -> Vec<f64> {
            let pairs = self.potentials.of(side).iter().zip(self.problem.ln_weights(side));
            pairs.map(|(f, ln_w)| sign * (f / epsilon + ln_w)).collect()
        };
        let lines = self.problem.sweeps.plan_lines(
            side,
            &logarithms(other, 1.0),
            -1.0 / epsilon,
            &logarithms(side, -1.0),
            |_, entries, costs| {
                let mut sum = Sum::default();
                entries.iter().zip(costs).for_each(|(p, c)| sum.add_product(*p, *c));
                sum.value()
            },
        );
        crate::sum::sum(&lines)
    }
}
