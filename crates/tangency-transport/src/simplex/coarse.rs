//! A first plan from the potentials of a part of the problem.
//!
//! Filling arcs in the order of their cost forgets that a target that many sources want is worth more. A quarter of the nodes tells
//! what it is worth, in about a sixteenth of the time, while another thread fills by cost alone.

use super::dense::{Dense, Search};
use super::start::Allocation;
use super::{Sides, Watch, from_allocation};
use crate::mass::{UNITS, units};
use crate::parallel::both;
use crate::rows::Rows;
use std::time::Instant;

/// A part has no more nodes on a side: what it costs in memory does not grow without bound.
const LARGEST: usize = 2500;

/// Problems with fewer nodes than this do not look for a start in a part of themselves.
pub(super) const SMALL: usize = 600;

/// The cheaper of two first plans, and whether it is the one that knows the potentials of a part of the problem. It is tried
/// if there are `least` sources and targets.
pub(super) fn cheapest(
    supply: &[i64],
    demand: &[i64],
    costs: &Dense<'_>,
    least: usize,
    deadline: Option<Instant>,
) -> (Allocation, bool) {
    let plain = || {
        let mut allocation = Allocation::new(supply, demand);
        allocation.greedy(costs, None);
        allocation
    };
    let informed = || {
        let tried = supply.len().min(demand.len()) >= least;
        let shift = tried.then(|| coarse_potentials(supply, demand, costs, deadline)).flatten()?;
        let mut allocation = Allocation::new(supply, demand);
        allocation.greedy(costs, Some(&shift));
        Some(allocation)
    };
    match both(plain, informed) {
        (plain, Some(informed)) if informed.cost() < plain.cost() => (informed, true),
        (plain, _) => (plain, false),
    }
}

/// Potentials of all targets from the solution of a problem with a quarter of the nodes, in the units of the tree; nothing if
/// the quarter is not large and those of a sixteenth are of no use to it, as where costs have no geometry.
fn coarse_potentials(
    supply: &[i64],
    demand: &[i64],
    costs: &Dense<'_>,
    deadline: Option<Instant>,
) -> Option<Vec<f32>> {
    // A quarter that does not depend on the order of the points: every fourth in an order that hashes their numbers.
    let step = 4.max(supply.len().max(demand.len()).div_ceil(LARGEST));
    let quarter = |masses: &[i64]| {
        let mut kept: Vec<u64> = (0..masses.len() as u64).filter(|&i| masses[i as usize] > 0).collect();
        kept.sort_by_key(|&i| (i + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (i << 7));
        let mut part: Vec<usize> = kept.iter().step_by(step).map(|&i| i as usize).collect();
        part.sort_unstable();
        part
    };
    let (rows, columns) = (quarter(supply), quarter(demand));
    if rows.is_empty() || columns.is_empty() {
        return None;
    }
    let m = demand.len();
    let (mut buffer, mut wide) = (vec![0.0_f32; m], vec![0.0; m]);
    let mut small = Vec::with_capacity(rows.len() * columns.len());
    for &i in &rows {
        let row = costs.coarse_row(i, &mut buffer, &mut wide);
        small.extend(columns.iter().map(|&j| f64::from(row[j])));
    }
    if small.iter().any(|c| !c.is_finite()) {
        return None;
    }
    let small = Rows::Copied(small, columns.len());
    let part = |masses: &[i64], of: &[usize]| {
        let weights: Vec<f64> = of.iter().map(|&i| masses[i] as f64).collect();
        units(&weights)
    };
    let (supply, demand) = (part(supply, &rows), part(demand, &columns));
    let coarse = Dense::new(&small, false, Search::Copy).ok()?;
    let (allocation, informed) = cheapest(&supply, &demand, &coarse, SMALL / 4, deadline);
    // A large problem takes long in comparison, and in ten dimensions its sixteenth may still be too small to tell.
    if (SMALL / 4..SMALL).contains(&rows.len().min(columns.len())) && !informed {
        return None;
    }
    let sides = Sides { supply: &supply, demand: &demand, units: UNITS };
    let mut watch = Watch::new(None);
    watch.deadline = deadline;
    let found = from_allocation(sides, coarse, &allocation, &mut watch);
    if watch.stop.is_some() {
        return None;
    }
    let mut shift = vec![f32::INFINITY; m];
    for (&i, &u) in rows.iter().zip(&found.source_potentials) {
        if u.is_finite() {
            let row = costs.coarse_row(i, &mut buffer, &mut wide);
            for (v, c) in shift.iter_mut().zip(row) {
                *v = v.min(c - u as f32);
            }
        }
    }
    shift.iter().all(|v| v.is_finite()).then_some(shift)
}
