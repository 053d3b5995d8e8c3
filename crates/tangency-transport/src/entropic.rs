//! The problem of entropic transport, and its two conventions.

use crate::cost::Cost;
use crate::error::{Side, TransportError};
use crate::mass::{Masses, total};
use crate::sum::Sum;
use crate::sweep::{Sweeps, opposite};

/// Which regularising term the value of entropic transport contains. The plan is the same.
///
/// With the weights $a$, $b$ of total mass $A$ (1 for probabilities)
///
/// $$ \mathrm{KL}(P \mid Q) = \sum_{ij} P_{ij} \ln \frac{P_{ij}}{Q_{ij}} - P_{ij} + Q_{ij}, \qquad H(P) = -\sum_{ij} P_{ij} \ln P_{ij} , $$
///
/// and for every plan with the margins $a$ and $b$
///
/// $$ -H(P) = \mathrm{KL}(P \mid a \otimes b / A) + \sum_i a_i \ln a_i + \sum_j b_j \ln b_j - A \ln A , $$
///
/// so that the two values differ by a number that depends on the weights alone ([`entropy_difference`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EntropyConvention {
    /// $\langle P, c \rangle + \varepsilon \mathrm{KL}(P \mid a \otimes b / A)$: this crate's. It has a limit when the points
    /// become denser, and is what OTT calls `reg_ot_cost` and what GeomLoss computes.
    #[default]
    RelativeEntropy,
    /// $\langle P, c \rangle - \varepsilon H(P)$: that of Cuturi's paper and, in its objective, of POT.
    Entropy,
}

/// What the value of entropic transport with [`EntropyConvention::Entropy`] has more than with
/// [`EntropyConvention::RelativeEntropy`].
///
/// $$ \varepsilon \left( \sum_i a_i \ln a_i + \sum_j b_j \ln b_j - A \ln A \right), \qquad A = \sum_i a_i . $$
///
/// # Errors
///
/// [`TransportError`] for weights that are empty, negative or not finite, or without mass.
///
/// # Example: two coins
///
/// ```
/// let more = tangency_transport::entropy_difference(&[0.5, 0.5], &[0.5, 0.5], 2.0)?;
/// assert!((more + 4.0 * 2.0_f64.ln()).abs() < 1e-15);
/// # Ok::<(), tangency_transport::TransportError>(())
/// ```
pub fn entropy_difference(a: &[f64], b: &[f64], epsilon: f64) -> Result<f64, TransportError> {
    let mass = total(a, Side::Source)?;
    total(b, Side::Target)?;
    let mut sum = Sum::default();
    for &w in a.iter().chain(b) {
        if w > 0.0 {
            sum.add_product(w, w.ln());
        }
    }
    sum.add_product(-mass, mass.ln());
    Ok(epsilon * sum.value())
}

/// Weights and costs, checked. The weights are probabilities.
pub(crate) struct Problem<'a> {
    pub(crate) sweeps: Sweeps<'a>,
    weights: [Vec<f64>; 2],
    ln_weights: [Vec<f64>; 2],
    /// The total of the source weights as given.
    pub(crate) mass: f64,
}

impl<'a> Problem<'a> {
    pub(crate) fn new(
        a: &[f64],
        b: &[f64],
        cost: &Cost<'a>,
        mass_tolerance: f64,
    ) -> Result<Self, TransportError> {
        if !(0.0..=1e-3).contains(&mass_tolerance) {
            return Err(TransportError::OutOfRange {
                what: "the mass tolerance",
                range: "from 0 to 1e-3",
                value: mass_tolerance,
            });
        }
        Masses::new(a, b, mass_tolerance)?;
        let (source_mass, target_mass) = (total(a, Side::Source)?, total(b, Side::Target)?);
        let normal = |weights: &[f64], sum: f64| weights.iter().map(|w| w / sum).collect();
        Self::of_weights([normal(a, source_mass), normal(b, target_mass)], source_mass, cost)
    }

    /// The problem of weights that are checked already, whose entries are taken as they are.
    pub(crate) fn of_weights(
        weights: [Vec<f64>; 2],
        mass: f64,
        cost: &Cost<'a>,
    ) -> Result<Self, TransportError> {
        let (rows, columns) = cost.shape();
        let (sources, targets) = (weights[0].len(), weights[1].len());
        if (rows, columns) != (sources, targets) {
            return Err(TransportError::CostShape { sources, targets, rows, columns });
        }
        let ln_weights = [0, 1].map(|side| weights[side].iter().map(|w| w.ln()).collect::<Vec<f64>>());
        Ok(Self { sweeps: Sweeps::new(cost)?, weights, ln_weights, mass })
    }

    /// The weights of a side; their sum is 1.
    pub(crate) fn weights(&self, side: Side) -> &[f64] {
        &self.weights[index(side)]
    }

    /// The logarithms of the weights of a side; minus infinity for zero.
    pub(crate) fn ln_weights(&self, side: Side) -> &[f64] {
        &self.ln_weights[index(side)]
    }

    /// Checks ε.
    pub(crate) fn check_epsilon(&self, epsilon: f64) -> Result<(), TransportError> {
        check_epsilon(&self.sweeps, epsilon)
    }
}

/// Checks that costs over ε leave digits to compute with.
pub(crate) fn check_epsilon(sweeps: &Sweeps<'_>, epsilon: f64) -> Result<(), TransportError> {
    if !(epsilon > 0.0 && epsilon.is_finite()) {
        return Err(TransportError::OutOfRange {
            what: "epsilon",
            range: "positive and finite",
            value: epsilon,
        });
    }
    if sweeps.magnitude() / epsilon > LARGEST_EXPONENT || !(1.0 / epsilon).is_finite() {
        return Err(TransportError::OutOfRange {
            what: "epsilon",
            range: "at least 1e-12 of the largest cost, and 1e-300",
            value: epsilon,
        });
    }
    Ok(())
}

/// Costs over ε: beyond, rounding alone changes an entry of the plan by a factor of 1.001 and more.
pub(crate) const LARGEST_EXPONENT: f64 = 1e12;

/// Potentials $f$ and $g$ of entropic transport: the plan is $a_i b_j e^{(f_i + g_j - c_{ij}) / \varepsilon}$.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Potentials([Vec<f64>; 2]);

impl Potentials {
    pub(crate) fn zero(problem: &Problem<'_>) -> Self {
        Self([Side::Source, Side::Target].map(|side| vec![0.0; problem.sweeps.count(side)]))
    }

    pub(crate) fn of(&self, side: Side) -> &[f64] {
        &self.0[index(side)]
    }

    pub(crate) fn of_mut(&mut self, side: Side) -> &mut [f64] {
        &mut self.0[index(side)]
    }

    pub(crate) fn into_parts(self) -> (Vec<f64>, Vec<f64>) {
        let [f, g] = self.0;
        (f, g)
    }
}

/// The place of a side in an array of two.
pub(crate) fn index(side: Side) -> usize {
    usize::from(side == Side::Target)
}

/// For each element of `side` the logarithm of what the plan sends over what it should,
/// $\ln \sum_j b_j e^{(f_i + g_j - c_{ij})/\varepsilon}$, into `out`. `exponents` is scratch.
pub(crate) fn ln_ratios(
    problem: &Problem<'_>,
    epsilon: f64,
    potentials: &Potentials,
    side: Side,
    exponents: &mut Vec<f64>,
    out: &mut Vec<f64>,
) {
    let other = opposite(side);
    let scale = 1.0 / epsilon;
    exponents.clear();
    exponents
        .extend(potentials.of(other).iter().zip(problem.ln_weights(other)).map(|(g, ln_b)| g * scale + ln_b));
    out.clear();
    out.extend(potentials.of(side).iter().map(|f| -f * scale));
    problem.sweeps.log_sum_exp(side, exponents, -scale, out);
}

/// $\sum_i a_i \lvert e^{x_i} - 1 \rvert$: how far margins are from the weights, given the logarithms of their ratios.
pub(crate) fn margin_error(weights: &[f64], ln_ratios: &[f64]) -> f64 {
    // An element without weight has no mass, whatever its ratio; 0 · ∞ would be NaN.
    weights.iter().zip(ln_ratios).map(|(w, x)| if *w > 0.0 { w * x.exp_m1().abs() } else { 0.0 }).sum()
}
