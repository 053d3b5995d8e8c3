//! Plan and potentials on the line.

use super::Atoms;
use super::masses::{Weights, check_totals, share};
use super::power::{Exponent, root_of};
use crate::error::{Side, TransportError};
use crate::plan::{Plan, Shipment};
use crate::sum::Sum;

/// An optimal plan on the line or on the circle, with the potentials that prove it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LineTransport {
    /// $W_p$, the root of [`primal`](Self::primal).
    pub distance: f64,
    /// The cost of the plan, $W_p^p$.
    pub primal: f64,
    /// $\sum a_i f_i + \sum b_j g_j$: no plan costs less. It equals [`primal`](Self::primal) up to rounding.
    pub dual: f64,
    /// Which mass goes where, by the indices of the points as they were given; at most n + m − 1 entries.
    pub plan: Plan,
    /// $f_i$, one for each source, in the order given.
    pub source_potentials: Vec<f64>,
    /// $g_j$, one for each target, in the order given; $f_i + g_j \le d(x_i, y_j)^p$ to rounding, where d is the distance on the line or
    /// on the circle.
    pub target_potentials: Vec<f64>,
}

/// The optimal plan between points on the line for the cost $\lvert x - y \rvert^p$, with the potentials that certify it.
///
/// The monotone plan fills the matrix from its corner: in sorted order, whichever side is used up makes way for its next
/// point. Along this staircase $f_i + g_j = c_{ij}$ determines the potentials, and because $c(x, y) + c(x^\prime, y^\prime)
/// \le c(x, y^\prime) + c(x^\prime, y)$ for $x \le x^\prime$, $y \le y^\prime$ (Monge's condition) they satisfy $f_i + g_j
/// \le c_{ij}$ everywhere. What rounding adds along the way is taken off at the end by $g_j = \min_i c_{ij} - f_i$.
/// [`verify`](crate::verify) checks both from scratch. Points of zero weight have potentials too.
///
/// Arguments as for [`wasserstein_1d`](crate::wasserstein_1d); $p$ must be finite. Costs the sorts and O((n + m) log m).
///
/// # Errors
///
/// As [`wasserstein_1d`](crate::wasserstein_1d).
///
/// # Example: where the mass goes
///
/// ```
/// use tangency_transport::transport_1d;
///
/// let found = transport_1d(&[5.0, 0.0], &[1.0, 3.0], 2.0)?;
/// let goes: Vec<_> = found.plan.shipments().iter().map(|s| (s.source, s.target, s.mass)).collect();
/// assert_eq!(goes, [(0, 1, 0.5), (1, 0, 0.5)]); // 5 to 3, 0 to 1
/// assert_eq!((found.primal, found.dual), (2.5, 2.5));
/// # Ok::<(), tangency_transport::TransportError>(())
/// ```
///
/// # References
///
/// - A. J. Hoffman, *On simple linear programming problems*, Proceedings of Symposia in Pure Mathematics 7 (1963) 317-327:
///   Monge's condition and the rule of the corner.
pub fn transport_1d<'a, 'b>(
    x: impl Into<Atoms<'a>>,
    y: impl Into<Atoms<'b>>,
    p: f64,
) -> Result<LineTransport, TransportError> {
    let exponent = Exponent::finite(p)?;
    let (x, y) = (Ordered::new(x.into(), Side::Source)?, Ordered::new(y.into(), Side::Target)?);
    check_totals((x.mass, x.points.len()), (y.mass, y.points.len()))?;
    let (n, m) = (x.points.len(), y.points.len());
    let cost = |i: usize, j: usize| exponent.power((x.points[i] - y.points[j]).abs());

    let (mut units_x, mut units_y) = (x.weights.iter(), y.weights.iter());
    let (mut left_x, mut left_y) = (units_x.next().unwrap_or(0), units_y.next().unwrap_or(0));
    let (mut i, mut j) = (0, 0);
    let mut shipments = Vec::with_capacity(n + m - 1);
    let mut primal = Sum::default();
    let (mut f, mut g) = (vec![0.0; n], vec![0.0; m]);
    let (mut f_last, mut g_last) = (Sum::default(), Sum::default());
    let mut here = cost(0, 0);
    g_last.add(here);
    g[0] = here;
    loop {
        let step = left_x.min(left_y);
        if step > 0 {
            let mass = share(step) * x.mass;
            shipments.push(Shipment { source: x.order[i], target: y.order[j], mass });
            primal.add_product(mass, here);
            left_x -= step;
            left_y -= step;
        }
        if left_x == 0 && i + 1 < n {
            i += 1;
            left_x = units_x.next().unwrap_or(0);
            let next = cost(i, j);
            f_last.add(next);
            f_last.add(-here);
            f[i] = f_last.value();
            here = next;
        } else if left_y == 0 && j + 1 < m {
            j += 1;
            left_y = units_y.next().unwrap_or(0);
            let next = cost(i, j);
            g_last.add(next);
            g_last.add(-here);
            g[j] = g_last.value();
            here = next;
        } else {
            break;
        }
    }
    transform(&cost, &f, &mut g, (0, m), (0, n));

    let primal = primal.value();
    let source_potentials = x.given(&f);
    let target_potentials = y.given(&g);
    let dual = dual_value([(x.atoms, &source_potentials), (y.atoms, &target_potentials)]);
    Ok(LineTransport {
        distance: root_of(primal, exponent),
        primal,
        dual,
        plan: Plan::new(n, m, shipments),
        source_potentials,
        target_potentials,
    })
}

/// $\sum a_i f_i + \sum b_j g_j$.
pub(super) fn dual_value(sides: [(Atoms<'_>, &Vec<f64>); 2]) -> f64 {
    let mut dual = Sum::default();
    for (atoms, potentials) in sides {
        if let Some(weights) = atoms.weights() {
            weights.iter().zip(potentials).for_each(|(w, f)| dual.add_product(*w, *f));
        } else {
            let mut sum = Sum::default();
            sum.extend(potentials.iter().copied());
            dual.add(sum.value() / potentials.len() as f64);
        }
    }
    dual.value()
}

/// $g_j = \min_i c_{ij} - f_i$ for the columns of a range, where the rows of the minima are known to lie in another: those of
/// a Monge matrix increase with the column.
pub(super) fn transform(
    cost: &impl Fn(usize, usize) -> f64,
    f: &[f64],
    g: &mut [f64],
    (from, to): (usize, usize),
    (low, high): (usize, usize),
) {
    if from >= to {
        return;
    }
    let middle = from + (to - from) / 2;
    let mut best = (f64::INFINITY, low);
    for i in low..high {
        let value = cost(i, middle) - f[i];
        if value < best.0 {
            best = (value, i);
        }
    }
    g[middle] = best.0;
    transform(cost, f, g, (from, middle), (low, best.1 + 1));
    transform(cost, f, g, (middle + 1, to), (best.1, high));
}

/// Points in increasing order, with the places where they were.
struct Ordered<'a> {
    atoms: Atoms<'a>,
    points: Vec<f64>,
    order: Vec<usize>,
    weights: Weights,
    mass: f64,
}

impl<'a> Ordered<'a> {
    fn new(atoms: Atoms<'a>, side: Side) -> Result<Self, TransportError> {
        let mass = atoms.check(side)?;
        let mut order: Vec<usize> = (0..atoms.len()).collect();
        order.sort_by(|i, j| atoms.points()[*i].total_cmp(&atoms.points()[*j]));
        let points = order.iter().map(|i| atoms.points()[*i]).collect();
        let weights = match atoms.weights() {
            None => Weights::Equal(atoms.len()),
            Some(weights) => {
                let sorted: Vec<f64> = order.iter().map(|i| weights[*i]).collect();
                Weights::of(&sorted, mass)
            }
        };
        Ok(Self { atoms, points, order, weights, mass })
    }

    /// Numbers of the sorted points in the order that was given.
    fn given(&self, sorted: &[f64]) -> Vec<f64> {
        let mut given = vec![0.0; sorted.len()];
        for (value, i) in sorted.iter().zip(&self.order) {
            given[*i] = *value;
        }
        given
    }
}
