//! Transport between four points, and all bases of its linear programme.

use rand::{Rng, RngExt};

/// Corners of a trapezium with the sides 8, 5, 3, 5 and two diagonals of 7.
pub(super) const POINTS: [[f64; 2]; N] = [[0.0, 0.0], [8.0, 0.0], [5.5, HEIGHT], [2.5, HEIGHT]];
/// $\sqrt{18.75}$.
const HEIGHT: f64 = 4.330127018922193;
/// Points.
pub(super) const N: usize = 4;
/// The masses that are there, and those that should be.
pub(super) const P: [f64; N] = [4.0, 4.0, 1.0, 1.0];
pub(super) const Q: [f64; N] = [1.0, 1.0, 2.0, 6.0];
/// The distances, by rows. Everything below is in whole numbers, so equalities are exact.
pub(super) const COSTS: [f64; N * N] =
    [0.0, 8.0, 7.0, 5.0, 8.0, 0.0, 5.0, 7.0, 7.0, 5.0, 0.0, 3.0, 5.0, 7.0, 3.0, 0.0];

/// The constraints that arc `k` enters: what leaves a point, what arrives at one.
pub(super) fn ends(k: usize) -> (usize, usize) {
    (k / N, N + k % N)
}

/// What has to leave and to arrive: the right side b.
pub(super) fn right_side() -> [f64; 2 * N] {
    std::array::from_fn(|r| if r < N { P[r] } else { Q[r - N] })
}

/// What a price has left below the cost of an arc.
pub(super) fn slack(y: &[f64; 2 * N], k: usize) -> f64 {
    COSTS[k] - y[ends(k).0] - y[ends(k).1]
}

/// The sum of products.
pub(super) fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| x * y).sum()
}

/// The least of some values.
pub(super) fn least(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(f64::INFINITY, f64::min)
}

/// The largest of some values.
pub(super) fn most(values: impl Iterator<Item = f64>) -> f64 {
    -least(values.map(|v| -v))
}

/// Seven columns that are independent: the plan that uses no others, and the prices that leave them no slack.
pub(super) struct Basis {
    /// The mass on each arc.
    pub(super) x: [f64; N * N],
    /// The prices of leaving each point, and those of arriving.
    pub(super) y: [f64; 2 * N],
}

impl Basis {
    /// The basis of these arcs, if they are a spanning tree; the price of leaving the last point is zero.
    pub(super) fn new(arcs: u32) -> Option<Self> {
        let (mut x, mut need, mut order) = ([0.0; N * N], right_side(), Vec::new());
        let mut left: Vec<usize> = (0..N * N).filter(|k| arcs >> k & 1 == 1).collect();
        while !left.is_empty() {
            // A constraint with one arc left says what that arc carries; a cycle has none.
            let alone = |r: usize| left.iter().filter(|&&k| ends(k).0 == r || ends(k).1 == r).count() == 1;
            let leaf = (0..2 * N).find(|&r| alone(r))?;
            let at = left.iter().position(|&k| ends(k).0 == leaf || ends(k).1 == leaf)?;
            let k = left.swap_remove(at);
            x[k] = need[leaf];
            let other = ends(k).0 + ends(k).1 - leaf;
            need[other] -= x[k];
            order.push((k, leaf, other));
        }
        let mut y = [0.0; 2 * N];
        for (k, leaf, other) in order.into_iter().rev() {
            y[leaf] = COSTS[k] - y[other];
        }
        let zero = y[N - 1];
        let y = std::array::from_fn(|r| if r < N { y[r] - zero } else { y[r] + zero });
        Some(Self { x, y })
    }

    pub(super) fn is_plan(&self) -> bool {
        self.x.iter().all(|&mass| mass >= 0.0)
    }

    pub(super) fn is_priced(&self) -> bool {
        (0..N * N).all(|k| slack(&self.y, k) >= 0.0)
    }

    pub(super) fn value(&self) -> f64 {
        dot(&COSTS, &self.x)
    }
}

/// A random mixture of three vertices.
pub(super) fn mixture(plans: &[&Basis], rng: &mut impl Rng) -> [f64; N * N] {
    let (mut x, mut rest) = ([0.0; N * N], 1.0);
    for part in 0..3 {
        let share = if part == 2 { rest } else { rest * rng.random::<f64>() };
        let vertex = plans[rng.random_range(0..plans.len())];
        x.iter_mut().zip(&vertex.x).for_each(|(x, v)| *x += share * v);
        rest -= share;
    }
    x
}

/// Random prices of leaving; of arriving the highest that are allowed, less something half of the time.
pub(super) fn priced(rng: &mut impl Rng) -> [f64; 2 * N] {
    let mut y = [0.0; 2 * N];
    for r in 0..N {
        y[r] = 10.0 * rng.random::<f64>();
    }
    for j in 0..N {
        let highest = least((0..N).map(|i| COSTS[N * i + j] - y[i]));
        y[N + j] = highest - (4.0 * rng.random::<f64>() - 2.0).max(0.0);
    }
    y
}
