//! Plan and potentials on the circle.

use super::shift::{Tangents, by_shift};
use super::{Loop, SLIVER, Start, check_period};
use crate::error::{Side, TransportError};
use crate::line::Atoms;
use crate::line::masses::{UNITS, Weights, check_totals, share};
use crate::line::power::{Exponent, root_of};
use crate::line::transport::{LineTransport, dual_value, transform};
use crate::plan::{Plan, Shipment};
use crate::sum::Sum;

/// The optimal plan between points on a circle for the cost $d(x, y)^p$ of the shorter arc, with the potentials that certify it.
///
/// At the rotation α that costs least (see [`wasserstein_circle`](crate::wasserstein_circle)) the quantiles $F^{-1}(t)$ and
/// $G^{-1}(t + \alpha)$ are partners: a staircase of pairs that closes after one turn. Along it $f_i + g_j = c_{ij}$ determines the
/// potentials, up to the choice at its corners, where both sides change at once: there f may rise by $c_{i+1,j} - c_{ij}$ or by
/// $c_{i+1,j+1} - c_{i,j+1}$, or by anything between. That the slope of the cost in α vanishes is that some choice brings f back to
/// where it began. What rounding adds is taken off by $g_j = \min_i c_{ij} - f_i$, over three turns, where Monge's condition holds.
/// [`verify`](crate::verify) checks both from scratch. Points of zero weight have potentials too.
///
/// Arguments as for [`wasserstein_circle`](crate::wasserstein_circle); $p$ must be finite. Costs the sorts, some tens of passes over the
/// points for α, and O((n + m) log (n + m)) for the potentials, whose error is some units in the last place of the period's power.
///
/// # Errors
///
/// As [`wasserstein_circle`](crate::wasserstein_circle).
///
/// # Example: over midnight
///
/// ```
/// use tangency_transport::transport_circle;
///
/// let found = transport_circle(&[23.0, 12.0], &[13.0, 1.0], 24.0, 2.0)?;
/// let goes: Vec<_> = found.plan.shipments().iter().map(|s| (s.source, s.target, s.mass)).collect();
/// assert_eq!(goes, [(0, 1, 0.5), (1, 0, 0.5)]); // two hours over midnight, one at noon
/// assert_eq!((found.primal, found.dual), (2.5, 2.5));
/// # Ok::<(), tangency_transport::TransportError>(())
/// ```
///
/// # References
///
/// - J. Delon, J. Salomon, A. Sobolevski, *Fast transport optimization for Monge costs on the circle*, SIAM Journal on
///   Applied Mathematics 70 (2010) 2239-2258.
pub fn transport_circle<'a, 'b>(
    x: impl Into<Atoms<'a>>,
    y: impl Into<Atoms<'b>>,
    period: f64,
    p: f64,
) -> Result<LineTransport, TransportError> {
    let exponent = Exponent::finite(p)?;
    check_period(period)?;
    let (x, y) =
        (Ordered::new(x.into(), period, Side::Source)?, Ordered::new(y.into(), period, Side::Target)?);
    let (n, m) = (x.atoms.len(), y.atoms.len());
    check_totals((x.mass, n), (y.mass, m))?;
    let (shift, slopes) = by_shift(&x.heavy, &y.heavy, exponent, None);
    let Walk { shipments, cost, f } = walk(&x.heavy, &y.heavy, shift, slopes, exponent);
    let shipments = shipments.into_iter().map(|(i, j, units)| {
        let (source, target) = (x.order[i], y.order[j]);
        Shipment { source, target, mass: share(units) * x.mass }
    });
    let plan = Plan::new(n, m, shipments.collect());

    let mut source_potentials = vec![f64::NAN; n];
    let mut target_potentials = vec![f64::NAN; m];
    let place = |values: &[f64], order: &[usize], into: &mut [f64]| {
        order.iter().zip(values).for_each(|(k, value)| into[*k] = *value);
    };
    place(&f, &x.order, &mut source_potentials);
    let g = across(&x.heavy, &f, &y.heavy.points, exponent);
    place(&g, &y.order, &mut target_potentials);
    // What has no mass may have the largest potentials that the others leave, the sources after the targets.
    let light = across(&x.heavy, &f, &y.light, exponent);
    place(&light, &y.light_order, &mut target_potentials);
    let (points, all) = y.sorted(&target_potentials);
    let targets = Loop { points, units: Vec::new(), period };
    place(&across(&targets, &all, &x.light, exponent), &x.light_order, &mut source_potentials);

    let primal = cost * x.mass;
    let dual = dual_value([(x.atoms, &source_potentials), (y.atoms, &target_potentials)]);
    let distance = root_of(primal, exponent);
    Ok(LineTransport { distance, primal, dual, plan, source_potentials, target_potentials })
}

/// $\min_i c(x_i, y) - f_i$ for points y in increasing order, over three turns of x.
fn across(x: &Loop, f: &[f64], y: &[f64], exponent: Exponent) -> Vec<f64> {
    let n = x.points.len();
    let rows = 3 * n;
    let potentials: Vec<f64> = (0..rows).map(|i| f[i % n]).collect();
    let cost = |i: usize, j: usize| exponent.power((x.lifted(i, -1.0) - y[j]).abs());
    let mut g = vec![0.0; y.len()];
    transform(&cost, &potentials, &mut g, (0, y.len()), (0, rows));
    g
}

/// The staircase of partners.
struct Walk {
    /// Sources and targets by their places among those that have mass, and the mass in units.
    shipments: Vec<(usize, usize, i128)>,
    /// The cost of a unit of mass.
    cost: f64,
    /// The sources' potentials.
    f: Vec<f64>,
}

fn walk(x: &Loop, y: &Loop, shift: i128, slopes: Tangents, exponent: Exponent) -> Walk {
    let (n, m) = (x.points.len(), y.points.len());
    let Start { turn, mut j, skipped } = y.start(shift);
    let cost = |i: usize, j: usize| exponent.power((x.lifted(i, 0.0) - y.lifted(j, turn)).abs());
    // Rising by the steps below closes f with the slope on the right, by those above with that on the left; between them lies zero.
    let above = slopes.right / (slopes.right - slopes.left);
    let above = if above.is_finite() { above.clamp(0.0, 1.0) } else { 0.5 };
    let (mut left_x, mut left_y) = (x.units[0], y.units[j] - skipped);
    let mut i = 0;
    let mut shipments = Vec::with_capacity(n + m + 1);
    let (mut sum, mut last) = (Sum::default(), Sum::default());
    let mut f = vec![0.0; n];
    while i < n {
        let step = left_x.min(left_y);
        if step > SLIVER {
            shipments.push((i, j % m, step));
            sum.add_product(share(step), cost(i, j));
        }
        left_x -= step;
        left_y -= step;
        if left_x == 0 {
            let up = (cost(i + 1, j), cost(i, j));
            if left_y == 0 {
                let (later, before) = (cost(i + 1, j + 1), cost(i, j + 1));
                for (part, (next, here)) in [(above, up), (1.0 - above, (later, before))] {
                    last.add_product(part, next);
                    last.add_product(-part, here);
                }
            } else {
                last.add(up.0);
                last.add(-up.1);
            }
            i += 1;
            if i < n {
                left_x = x.units[i];
                f[i] = last.value();
            }
        }
        if left_y == 0 {
            j += 1;
            left_y = y.units[j % m];
        }
    }
    Walk { shipments, cost: sum.value(), f }
}

/// Points modulo the period in increasing order, those with mass and those without, with the places where they were.
struct Ordered<'a> {
    atoms: Atoms<'a>,
    heavy: Loop,
    order: Vec<usize>,
    light: Vec<f64>,
    light_order: Vec<usize>,
    mass: f64,
}

impl<'a> Ordered<'a> {
    fn new(atoms: Atoms<'a>, period: f64, side: Side) -> Result<Self, TransportError> {
        let mass = atoms.check(side)?;
        let wrapped: Vec<f64> = atoms
            .points()
            .iter()
            .map(|x| {
                // Exact, but for tiny negative points, which become the period.
                let at = x.rem_euclid(period);
                if at < period { at } else { 0.0 }
            })
            .collect();
        let mut all: Vec<usize> = (0..atoms.len()).collect();
        all.sort_by(|i, j| wrapped[*i].total_cmp(&wrapped[*j]));
        let units: Vec<i128> = match atoms.weights() {
            None => Weights::Equal(atoms.len()).iter().take(atoms.len()).collect(),
            Some(weights) => {
                let sorted: Vec<f64> = all.iter().map(|i| weights[*i]).collect();
                Weights::of(&sorted, mass).iter().take(atoms.len()).collect()
            }
        };
        debug_assert_eq!(units.iter().sum::<i128>(), UNITS);
        let mut found = Self {
            atoms,
            heavy: Loop { points: Vec::new(), units: Vec::new(), period },
            order: Vec::new(),
            light: Vec::new(),
            light_order: Vec::new(),
            mass,
        };
        for (i, units) in all.into_iter().zip(units) {
            if units > 0 {
                found.heavy.points.push(wrapped[i]);
                found.heavy.units.push(units);
                found.order.push(i);
            } else {
                found.light.push(wrapped[i]);
                found.light_order.push(i);
            }
        }
        Ok(found)
    }

    /// All points in increasing order, with numbers that belong to them.
    fn sorted(&self, given: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let heavy = self.heavy.points.iter().zip(&self.order);
        let mut all: Vec<(f64, f64)> =
            heavy.chain(self.light.iter().zip(&self.light_order)).map(|(x, i)| (*x, given[*i])).collect();
        all.sort_by(|a, b| a.0.total_cmp(&b.0));
        all.into_iter().unzip()
    }
}
