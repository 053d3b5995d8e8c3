//! From the potentials of entropic transport to a plan with the right margins and bounds of the least cost.

use crate::cost::Cost;
use crate::entropic::{Potentials, Problem, index, ln_ratios};
use crate::error::{Side, TransportError};
use crate::rows::{Rows, is_cost};
use crate::sum::Sum;
use crate::sweep::opposite;
use faer::{Mat, MatRef};

/// A plan with the margins asked for, to rounding, in O(n + m) memory.
///
/// $$ P_{ij} = A \left( e^{p_i + q_j - c_{ij} / \varepsilon} + r_i s_j \right) : $$
///
/// the plan of the potentials with rows and columns scaled down where they have too much, and a product for what is missing.
///
/// # References
///
/// - J. Altschuler, J. Weed, P. Rigollet, *Near-linear time approximation algorithms for optimal transport via Sinkhorn
///   iteration*, NeurIPS 2017: algorithm 2.
#[derive(Debug, Clone, PartialEq)]
pub struct RoundedPlan {
    mass: f64,
    scale: f64,
    exponents: [Vec<f64>; 2],
    missing: [Vec<f64>; 2],
}

impl RoundedPlan {
    /// The plan as a matrix, n × m. `cost` has to be the one that the plan was found for.
    ///
    /// # Errors
    ///
    /// [`TransportError`] for costs of another shape or not finite.
    pub fn to_dense<'a>(&self, cost: impl Into<Cost<'a>>) -> Result<Mat<f64>, TransportError> {
        let mut dense = Mat::zeros(self.exponents[0].len(), self.exponents[1].len());
        self.rows(&cost.into(), |i, row| {
            for (j, p) in row.iter().enumerate() {
                dense[(i, j)] = *p;
            }
        })?;
        Ok(dense)
    }

    /// Where each source goes on average: row i is the mean of the targets' points, weighted by what source i sends there. A
    /// source that sends nothing has a row of NaN. Memory for one row of the plan.
    ///
    /// # Errors
    ///
    /// As [`to_dense`](Self::to_dense), and [`TransportError::Length`] if `points` does not have a row for each target.
    pub fn barycentric_projection<'a>(
        &self,
        cost: impl Into<Cost<'a>>,
        points: MatRef<'_, f64>,
    ) -> Result<Mat<f64>, TransportError> {
        let expected = self.exponents[1].len();
        if points.nrows() != expected {
            return Err(TransportError::Length {
                what: "the targets' points",
                expected,
                got: points.nrows(),
            });
        }
        let mut means = Mat::<f64>::zeros(self.exponents[0].len(), points.ncols());
        self.rows(&cost.into(), |i, row| {
            let sent: f64 = row.iter().sum();
            for k in 0..points.ncols() {
                means[(i, k)] = row.iter().enumerate().map(|(j, p)| p * points[(j, k)]).sum::<f64>() / sent;
            }
        })?;
        Ok(means)
    }

    /// Calls `work` with each row.
    fn rows(&self, cost: &Cost<'_>, mut work: impl FnMut(usize, &[f64])) -> Result<(), TransportError> {
        let (sources, targets) = (self.exponents[0].len(), self.exponents[1].len());
        let (rows, columns) = cost.shape();
        if (rows, columns) != (sources, targets) {
            return Err(TransportError::CostShape { sources, targets, rows, columns });
        }
        // The lines of a turned matrix are its columns, and rows are gathered from them.
        let (costs, turned) = Rows::new(cost)?;
        let mut buffer = costs.buffer();
        let mut row = vec![0.0; targets];
        for i in 0..sources {
            if turned {
                row.iter_mut().enumerate().for_each(|(j, c)| *c = costs.entry(j, i));
            } else {
                row.copy_from_slice(costs.row(i, &mut buffer));
            }
            if let Some(column) = row.iter().position(|&c| !is_cost(c)) {
                return Err(TransportError::Cost { row: i, column, value: row[column] });
            }
            let (p, r) = (self.exponents[0][i], self.missing[0][i]);
            for ((c, q), s) in row.iter_mut().zip(&self.exponents[1]).zip(&self.missing[1]) {
                *c = self.mass * ((*c * self.scale + q + p).exp() + r * s);
            }
            work(i, &row);
        }
        Ok(())
    }
}

/// A proof of how much transport costs at least and at most, without entropy.
///
/// `upper` is the cost of the [`RoundedPlan`] that came with it, which anyone may carry out. `lower` is the dual value of
/// potentials with $f_i + g_j \le c_{ij}$, made so by two c-transforms. Both contain the rounding errors of their sums. They
/// hold for the costs in double precision, and whether or not the iteration had converged; if it had, they lie about
/// $\varepsilon$ times the dimension of the points apart.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CostBounds {
    /// No plan costs less.
    pub lower: f64,
    /// A plan with this cost is known.
    pub upper: f64,
    /// $f_i$ of the proof of `lower`.
    pub source_potentials: Vec<f64>,
    /// $g_j$ of the proof of `lower`; $f_i + g_j \le c_{ij}$ to rounding.
    pub target_potentials: Vec<f64>,
}

impl CostBounds {
    /// What is unknown, `upper` − `lower`, over the larger magnitude of the two; 0 where both are equal.
    pub fn relative_gap(&self) -> f64 {
        let gap = self.upper - self.lower;
        if gap == 0.0 { 0.0 } else { gap / self.upper.abs().max(self.lower.abs()) }
    }
}

/// Plan and bounds from potentials.
pub(crate) fn round(
    problem: &Problem<'_>,
    epsilon: f64,
    potentials: &Potentials,
) -> (RoundedPlan, CostBounds) {
    let sweeps = &problem.sweeps;
    let side = sweeps.native();
    let other = opposite(side);
    let (mut exponents, mut ratios) = (Vec::new(), Vec::new());
    let mut scaled = potentials.clone();
    // Down where there is too much: first the lines, then across them, whose margin is then known without another pass.
    let lower = |scaled: &mut Potentials, side: Side, ratios: &[f64]| {
        for (f, x) in scaled.of_mut(side).iter_mut().zip(ratios) {
            *f -= epsilon * x.max(0.0);
        }
    };
    ln_ratios(problem, epsilon, &scaled, side, &mut exponents, &mut ratios);
    lower(&mut scaled, side, &ratios);
    ln_ratios(problem, epsilon, &scaled, other, &mut exponents, &mut ratios);
    lower(&mut scaled, other, &ratios);
    let short = |w: &f64, x: &f64| if *w > 0.0 { -w * x.min(0.0).exp_m1() } else { 0.0 };
    let missing_across: Vec<f64> =
        problem.weights(other).iter().zip(&ratios).map(|(w, x)| short(w, x)).collect();

    let scale = 1.0 / epsilon;
    let logarithms = |side: Side| -> Vec<f64> {
        let pairs = scaled.of(side).iter().zip(problem.ln_weights(side));
        pairs.map(|(f, ln_w)| f * scale + ln_w).collect()
    };
    let (p, q) = (logarithms(side), logarithms(other));
    // A line without weight has the shift +inf, and −inf less that is minus infinity: its entries are zero.
    let shifts: Vec<f64> = p.iter().map(|p| -p).collect();
    let lines = sweeps.plan_lines(side, &q, -scale, &shifts, |_, entries, costs| {
        let (mut mass, mut cost, mut cost_missing) = (Sum::default(), Sum::default(), Sum::default());
        for ((e, c), s) in entries.iter().zip(costs).zip(&missing_across) {
            mass.add(*e);
            cost.add_product(*e, *c);
            cost_missing.add_product(*s, *c);
        }
        (mass.value(), cost.value(), cost_missing.value())
    });
    let missing: Vec<f64> =
        problem.weights(side).iter().zip(&lines).map(|(w, line)| (w - line.0).max(0.0)).collect();
    let (total, total_across) = (crate::sum::sum(&missing), crate::sum::sum(&missing_across));
    let most = total.max(total_across);
    let unit = if most > 0.0 { 1.0 / most } else { 0.0 };
    let mut cost = Sum::default();
    for (line, r) in lines.iter().zip(&missing) {
        cost.add(line.1);
        cost.add_product(r * unit, line.2);
    }
    // An entry is right to a few units of roundoff of its exponent, and a margin to that and its sum. What is wrong with the margins
    // can be repaired at the spread of the costs.
    let spread = sweeps.largest() - sweeps.least();
    let exponent =
        |values: &[f64]| values.iter().filter(|x| x.is_finite()).fold(0.0_f64, |most, x| most.max(x.abs()));
    let size = exponent(&p).max(exponent(&q)).max(sweeps.magnitude() * scale);
    let longest = sweeps.count(side).max(sweeps.count(other)) as f64;
    let relative = f64::EPSILON * (8.0 * size + longest / 8.0 + 32.0);
    // What products lose that are too small to be normal.
    let pairs = (sweeps.count(side) * sweeps.count(other)) as f64;
    let underflow = if sweeps.magnitude() > 0.0 { 2.0 * pairs * f64::from_bits(1) } else { 0.0 };
    let upper = problem.mass
        * (cost.value()
            + cost.error()
            + relative * (cost.value().abs() + 2.0 * spread)
            + (total - total_across).abs() * spread
            + underflow);

    let mut plan = RoundedPlan {
        mass: problem.mass,
        scale: -scale,
        exponents: [Vec::new(), Vec::new()],
        missing: [Vec::new(), Vec::new()],
    };
    plan.exponents[index(side)] = p;
    plan.exponents[index(other)] = q;
    plan.missing[index(side)] = missing.iter().map(|r| r * unit).collect();
    plan.missing[index(other)] = missing_across;
    let (lower, source_potentials, target_potentials) = lower_bound(problem, potentials);
    (plan, CostBounds { lower, upper, source_potentials, target_potentials })
}

/// $\sum a_i f_i + \sum b_j g_j$ with the potentials made feasible by c-transforms, less its rounding error.
fn lower_bound(problem: &Problem<'_>, potentials: &Potentials) -> (f64, Vec<f64>, Vec<f64>) {
    let sweeps = &problem.sweeps;
    // Targets without weight constrain nothing yet; theirs are then as large as those of the sources allow.
    let g = potentials.of(Side::Target).iter().zip(problem.weights(Side::Target));
    let g: Vec<f64> = g.map(|(g, w)| if *w > 0.0 { *g } else { f64::NEG_INFINITY }).collect();
    let transform = |side: Side, of: &[f64]| {
        let mut out = vec![0.0; sweeps.count(side)];
        sweeps.maximum(side, of, -1.0, &mut out);
        for f in &mut out {
            *f = -*f;
        }
        out
    };
    let f = transform(Side::Source, &g);
    let g = transform(Side::Target, &f);
    let (mut dual, mut absolute) = (Sum::default(), 0.0);
    for (side, potentials) in [(Side::Source, &f), (Side::Target, &g)] {
        for (w, f) in problem.weights(side).iter().zip(potentials) {
            dual.add_product(*w, *f);
            absolute += w * f.abs();
        }
    }
    // f + g exceeds c by one rounding of g at most; the weights are quotients, rounded once.
    let error = dual.error() + 4.0 * f64::EPSILON * absolute;
    (problem.mass * (dual.value() - error), f, g)
}
