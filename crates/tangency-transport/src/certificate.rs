//! What proves that a plan is optimal, recomputed from plan, potentials and costs alone.

use crate::cost::Cost;
use crate::error::{Side, TransportError};
use crate::parallel::{map_parts, rows_of_a_part};
use crate::plan::{Plan, Shipment};
use crate::rows::Rows;
use crate::sum::Sum;
use std::ops::Range;
use tangency_vmath::{Kernel, dispatch};

/// How well a plan and potentials fit a problem.
///
/// For every plan Γ with the right margins and all potentials with $f_i + g_j \le c_{ij}$,
///
/// $$ \sum_i a_i f_i + \sum_j b_j g_j \le \sum_{ij} \Gamma_{ij} c_{ij}, $$
///
/// because the difference is a sum of products that are not negative. Where the two sides are equal, both are optimal. Nothing in
/// this proof depends on how plan and potentials were found.
///
/// Rounding enters in four places, and `lower` and `upper` allow for all of them: the two sums; the check of the inequality; the
/// margins of the plan, which are those of the weights up to rounding; and the factor that brings the second mass to the first.
/// They enclose the least cost between the weights $a$ and $b \cdot$ `weight_scaling`, for costs as they are stored or computed.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Certificate {
    /// $\sum \Gamma_{ij} c_{ij}$.
    pub primal: f64,
    /// $\sum a_i f_i + s \sum b_j g_j$ with the scaling $s$ of the weights.
    pub dual: f64,
    /// `primal` less `dual`: the plan costs at most this much more than the best one.
    pub gap: f64,
    /// A bound for the rounding error of `gap`.
    pub gap_error: f64,
    /// The least cost is not below this.
    pub lower: f64,
    /// The least cost is not above this.
    pub upper: f64,
    /// The largest $\lvert \sum_j \Gamma_{ij} - a_i \rvert$.
    pub source_violation: f64,
    /// The largest $\lvert \sum_i \Gamma_{ij} - s b_j \rvert$.
    pub target_violation: f64,
    /// The largest $f_i + g_j - c_{ij}$, or zero if that is negative.
    pub dual_violation: f64,
    /// $s = \sum a_i / \sum b_j$, by which the targets' weights were multiplied: 1 up to rounding, unless a tolerance allowed
    /// more.
    pub weight_scaling: f64,
}

/// Recomputes the certificate of a plan with potentials.
///
/// Sums are compensated. Costs O(nm) time, and no memory beyond margins and a row of costs for each thread.
///
/// # Errors
///
/// [`TransportError::CostShape`] and [`TransportError::Length`] if the arguments do not belong together;
/// [`TransportError::Weight`], [`TransportError::NoMass`] and [`TransportError::Cost`] for numbers that make no problem;
/// [`TransportError::Forbidden`] if the plan uses an arc that is not allowed. Potentials that are not finite prove nothing:
/// `lower` is then −∞.
///
/// # Example: a plan that is not the best
///
/// ```
/// use faer::mat;
/// use tangency_transport::{exact, verify};
///
/// let cost = mat![[0.0, 1.0], [1.0, 0.0]];
/// let best = exact(&[0.5, 0.5], &[0.5, 0.5], &cost)?;
/// let other = exact(&[0.5, 0.5], &[0.5, 0.5], &mat![[1.0, 0.0], [0.0, 1.0]])?;
/// let certificate =
///     verify(&[0.5, 0.5], &[0.5, 0.5], &cost, &other.plan, &best.source_potentials, &best.target_potentials)?;
/// assert_eq!(certificate.gap, 1.0); // it costs 1, and 0 is possible
/// # Ok::<(), tangency_transport::TransportError>(())
/// ```
pub fn verify<'a>(
    a: &[f64],
    b: &[f64],
    cost: impl Into<Cost<'a>>,
    plan: &Plan,
    source_potentials: &[f64],
    target_potentials: &[f64],
) -> Result<Certificate, TransportError> {
    let cost = cost.into();
    let (n, m) = (a.len(), b.len());
    check_shape(&cost, n, m)?;
    let lengths = [
        ("the plan's sources", n, plan.sources()),
        ("the plan's targets", m, plan.targets()),
        ("the source potentials", n, source_potentials.len()),
        ("the target potentials", m, target_potentials.len()),
    ];
    for (what, expected, got) in lengths {
        if expected != got {
            return Err(TransportError::Length { what, expected, got });
        }
    }
    let source_mass = crate::mass::total(a, Side::Source)?;
    crate::mass::total(b, Side::Target)?;
    let scaling = Scaling::new(a, b);
    let Pairs { dual_violation, largest } = pairs(&cost, source_potentials, target_potentials)?;

    let entry = entries(&cost)?;
    // What each margin has too much, with the products of the targets' weights and their scaling in full.
    let mut sent: Vec<Sum> = a.iter().map(|&w| Sum::of(-w)).collect();
    let mut received = vec![Sum::default(); m];
    for (sum, &w) in received.iter_mut().zip(b) {
        sum.add_product(-w, scaling.value);
        sum.add_product(-w, scaling.rest);
    }
    let (mut primal, mut excess) = (Sum::default(), Sum::default());
    for w in a {
        excess.add(-w);
    }
    for &Shipment { source, target, mass } in plan.shipments() {
        let c = entry(source, target).ok_or(TransportError::Forbidden { from: source, to: target })?;
        sent[source].add(mass);
        received[target].add(mass);
        excess.add(mass);
        primal.add_product(mass, c);
    }
    let mut dual = Sum::default();
    for (w, f) in a.iter().zip(source_potentials) {
        dual.add_product(*w, *f);
    }
    let mut of_targets = Sum::default();
    for (w, g) in b.iter().zip(target_potentials) {
        of_targets.add_product(*w, *g);
    }
    let (high, low) = of_targets.parts();
    dual.add_product(scaling.value, high);
    dual.add_product(scaling.value, low);
    dual.add_product(scaling.rest, high);
    let dual_error = dual.error() + scaling.value * of_targets.tail();
    let (dual, primal_error, primal) = (dual.value(), primal.error(), primal.value());
    let violation = |sums: &[Sum]| sums.iter().map(|sum| sum.value().abs()).fold(0.0, f64::max);
    let misplaced: f64 = sent.iter().chain(&received).map(|sum| sum.value().abs() + sum.tail()).sum();
    // Some optimal potentials of the true margins range over no more than the costs do, or, where arcs are missing, over as many
    // costs as a path has arcs: moving the margins by so much mass changes the least cost by no more than this.
    let reach = if matches!(cost, Cost::Arcs(_)) { (n + m) as f64 } else { 1.0 } * largest;
    let upper = primal + primal_error + reach * (misplaced + 3.0 * (excess.value().abs() + excess.tail()));
    // Where f + g exceeds c, or nearly so, it is as large as c, and so is what it was rounded by.
    let slack = dual_violation + f64::EPSILON * (largest + dual_violation);
    let lower = dual - dual_error - source_mass * slack * (1.0 + 4.0 * f64::EPSILON);
    Ok(Certificate {
        primal,
        dual,
        gap: primal - dual,
        gap_error: primal_error + dual_error,
        lower: if lower.is_nan() { f64::NEG_INFINITY } else { lower },
        upper: if upper.is_nan() { f64::INFINITY } else { upper },
        source_violation: violation(&sent),
        target_violation: violation(&received),
        dual_violation,
        weight_scaling: scaling.value,
    })
}

/// The quotient of the two masses, as an unevaluated sum of two numbers.
#[derive(Debug, Clone, Copy)]
struct Scaling {
    value: f64,
    rest: f64,
}

impl Scaling {
    fn new(a: &[f64], b: &[f64]) -> Self {
        let parts = |weights: &[f64]| {
            let mut sum = Sum::default();
            sum.extend(weights.iter().copied());
            sum.parts()
        };
        let ((a, a_rest), (b, b_rest)) = (parts(a), parts(b));
        let value = a / b;
        Self { value, rest: ((-value).mul_add(b, a) + a_rest - value * b_rest) / b }
    }
}

/// The cost must have a row for each source and a column for each target.
pub(crate) fn check_shape(cost: &Cost<'_>, sources: usize, targets: usize) -> Result<(), TransportError> {
    let (rows, columns) = cost.shape();
    if (rows, columns) == (sources, targets) {
        return Ok(());
    }
    Err(TransportError::CostShape { sources, targets, rows, columns })
}

/// What a pass over all pairs finds.
#[derive(Debug, Clone, Copy)]
struct Pairs {
    /// The largest f + g − c, at least zero.
    dual_violation: f64,
    /// The largest absolute cost.
    largest: f64,
}

fn pairs(cost: &Cost<'_>, f: &[f64], g: &[f64]) -> Result<Pairs, TransportError> {
    let mut all = Pairs { dual_violation: 0.0, largest: 0.0 };
    // A NaN among the potentials must not pass for a small violation.
    let any_nan = f.iter().chain(g).any(|x| x.is_nan());
    if let Cost::Arcs(arcs) = cost {
        for (i, f) in f.iter().enumerate() {
            let (columns, costs) = arcs.row(i);
            for (&j, c) in columns.iter().zip(costs) {
                let violation = f + g[j as usize] - c;
                all.dual_violation =
                    if violation > all.dual_violation { violation } else { all.dual_violation };
                all.largest = all.largest.max(c.abs());
            }
        }
        if any_nan {
            all.dual_violation = f64::NAN;
        }
        return Ok(all);
    }
    let (rows, turned) = Rows::new(cost)?;
    let (by_row, by_column) = if turned { (g, f) } else { (f, g) };
    let parts = map_parts(rows.len(), rows_of_a_part(rows.columns()), |part: Range<usize>| {
        let mut buffer = rows.buffer();
        let mut found = Pairs { dual_violation: 0.0, largest: 0.0 };
        for i in part {
            let row = rows.row(i, &mut buffer);
            let of_row = dispatch(Row { costs: row, own: by_row[i], others: by_column });
            if !crate::rows::is_cost(of_row.largest) {
                rows.checked(i, turned, &mut buffer)?;
            }
            found.dual_violation = found.dual_violation.max(of_row.dual_violation);
            found.largest = found.largest.max(of_row.largest);
        }
        Ok::<_, TransportError>(found)
    });
    for part in parts {
        let part = part?;
        all.dual_violation = all.dual_violation.max(part.dual_violation);
        all.largest = all.largest.max(part.largest);
    }
    if any_nan {
        all.dual_violation = f64::NAN;
    }
    Ok(all)
}

/// |c|, or infinity if it is no cost: a NaN would be lost among comparisons.
#[inline(always)]
fn size_of(c: f64) -> f64 {
    if crate::rows::is_cost(c) { c.abs() } else { f64::INFINITY }
}

struct Row<'a> {
    costs: &'a [f64],
    own: f64,
    others: &'a [f64],
}

impl Kernel for Row<'_> {
    type Output = Pairs;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> Pairs {
        const LANES: usize = 16;
        let (mut worst, mut largest) = ([0.0; LANES], [0.0; LANES]);
        let (costs, costs_rest) = self.costs.as_chunks::<LANES>();
        let (others, others_rest) = self.others.as_chunks::<LANES>();
        for (c, g) in costs.iter().zip(others) {
            for k in 0..LANES {
                let (x, size) = (self.own + g[k] - c[k], size_of(c[k]));
                worst[k] = if x > worst[k] { x } else { worst[k] };
                largest[k] = if size > largest[k] { size } else { largest[k] };
            }
        }
        for (c, g) in costs_rest.iter().zip(others_rest) {
            let (x, size) = (self.own + g - c, size_of(*c));
            worst[0] = if x > worst[0] { x } else { worst[0] };
            largest[0] = if size > largest[0] { size } else { largest[0] };
        }
        let mut pairs = Pairs { dual_violation: 0.0, largest: 0.0 };
        for k in 0..LANES {
            pairs.dual_violation =
                if worst[k] > pairs.dual_violation { worst[k] } else { pairs.dual_violation };
            pairs.largest = if largest[k] > pairs.largest { largest[k] } else { pairs.largest };
        }
        pairs
    }
}

/// A function that gives the cost of a pair, or nothing where there is no arc.
type Entry<'a> = Box<dyn Fn(usize, usize) -> Option<f64> + 'a>;

fn entries<'a>(cost: &Cost<'a>) -> Result<Entry<'a>, TransportError> {
    if let Cost::Arcs(arcs) = *cost {
        return Ok(Box::new(move |i, j| arcs.entry(i, j)));
    }
    let (rows, turned) = Rows::new(cost)?;
    Ok(Box::new(move |i, j| Some(if turned { rows.entry(j, i) } else { rows.entry(i, j) })))
}
