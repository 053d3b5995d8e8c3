//! The largest potentials that the other side allows.

use crate::arcs::Arcs;
use crate::parallel::{map_parts, rows_of_a_part, rows_of_a_sixteenth};
use crate::rows::Rows;
use std::ops::Range;
use tangency_vmath::{Kernel, dispatch};

/// f(i) = min over j of c(i, j) − g(j), by rows; a g of minus infinity binds nothing.
pub(crate) fn of_rows(rows: &Rows<'_>, g: &[f64]) -> Vec<f64> {
    let parts = map_parts(rows.len(), rows_of_a_part(rows.columns()), |part: Range<usize>| {
        let mut buffer = rows.buffer();
        part.map(|i| dispatch(Least(rows.row(i, &mut buffer), g))).collect::<Vec<_>>()
    });
    parts.concat()
}

/// g(j) = min over i of c(i, j) − f(i).
pub(crate) fn of_columns(rows: &Rows<'_>, f: &[f64]) -> Vec<f64> {
    // Each part has minima of its own.
    let n = rows.len();
    let parts = map_parts(n, rows_of_a_sixteenth(n, rows.columns()), |part: Range<usize>| {
        let mut buffer = rows.buffer();
        let mut least = vec![f64::INFINITY; rows.columns()];
        for i in part {
            dispatch(Lower(rows.row(i, &mut buffer), f[i], &mut least));
        }
        least
    });
    let mut all = vec![f64::INFINITY; rows.columns()];
    for part in parts {
        all.iter_mut().zip(part).for_each(|(least, x)| *least = least.min(x));
    }
    all
}

/// f over the arcs of each source; zero where nothing binds it.
pub(crate) fn of_sources(arcs: &Arcs, g: &[f64]) -> Vec<f64> {
    let (n, _) = arcs.shape();
    let least = |i: usize| {
        let (columns, costs) = arcs.row(i);
        columns.iter().zip(costs).map(|(&j, c)| c - g[j as usize]).fold(f64::INFINITY, f64::min)
    };
    (0..n).map(least).map(|f| if f.is_finite() { f } else { 0.0 }).collect()
}

/// g over the arcs of each target; zero where nothing binds it.
pub(crate) fn of_targets(arcs: &Arcs, f: &[f64]) -> Vec<f64> {
    let mut g = vec![f64::INFINITY; arcs.shape().1];
    for (i, f) in f.iter().enumerate() {
        let (columns, costs) = arcs.row(i);
        for (&j, c) in columns.iter().zip(costs) {
            g[j as usize] = g[j as usize].min(c - f);
        }
    }
    g.iter_mut().filter(|g| !g.is_finite()).for_each(|g| *g = 0.0);
    g
}

struct Least<'a>(&'a [f64], &'a [f64]);

impl Kernel for Least<'_> {
    type Output = f64;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> f64 {
        const LANES: usize = 16;
        let mut lanes = [f64::INFINITY; LANES];
        let (costs, costs_rest) = self.0.as_chunks::<LANES>();
        let (g, g_rest) = self.1.as_chunks::<LANES>();
        for (c, g) in costs.iter().zip(g) {
            for k in 0..LANES {
                let x = c[k] - g[k];
                lanes[k] = if x < lanes[k] { x } else { lanes[k] };
            }
        }
        for (c, g) in costs_rest.iter().zip(g_rest) {
            let x = c - g;
            lanes[0] = if x < lanes[0] { x } else { lanes[0] };
        }
        lanes.into_iter().fold(f64::INFINITY, f64::min)
    }
}

struct Lower<'a>(&'a [f64], f64, &'a mut [f64]);

impl Kernel for Lower<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        for (least, c) in self.2.iter_mut().zip(self.0) {
            let x = c - self.1;
            *least = if x < *least { x } else { *least };
        }
    }
}
