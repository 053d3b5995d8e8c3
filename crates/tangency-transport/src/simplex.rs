//! The primal network simplex on a bipartite graph.
//!
//! A basis is a spanning tree ([`tree`]). An arc with negative reduced cost ([`pricing`]) is brought in, flow goes around the
//! cycle that it closes, and an arc that has run empty leaves. Flows are whole numbers, so they, ties and the final
//! value are exact; costs and potentials are not, and the last search is in double precision after the potentials were computed
//! anew from the tree.

mod coarse;
mod dense;
mod lists;
mod pricing;
mod sparse;
mod start;
#[cfg(test)]
mod tests;
mod tree;
mod watch;

use crate::arcs::Arcs;
use crate::error::TransportError;
use crate::rows::Rows;
use crate::sum::Sum;
use coarse::cheapest;
use dense::Dense;
pub(crate) use dense::Search;
use lists::Lists;
use sparse::Sparse;
use start::Allocation;
use tree::{Scratch, Tree};
pub(crate) use watch::{Observer, Stop, Watch};

/// Pivots between two renumberings of the tree.
const RENUMBER: u64 = 500;
/// An arc must have a reduced cost of this share of the threshold of the search, or it is left alone: a search that finds what a
/// pivot then refuses would never end.
const ACCEPT: f64 = 0.2;
/// Rounds of the second phase, each with twice the threshold of the one before: where rounding makes arcs come and go, this ends.
const MOST_ROUNDS: u32 = 40;
/// Pivots for each node after which a round computes the potentials anew.
const DRIFT: u64 = 64;
/// Searches of all short lists before they are renewed, at most.
const MOST_SWEEPS: usize = 20;
/// Costs as the simplex method asks for them, in units that bring the largest near 1.
trait Costs {
    /// The cost of an arc.
    fn entry(&self, source: usize, target: usize) -> f64;
    /// The target with the least sum of cost and π of the target, and that sum; nothing if no sum is below π of the source.
    fn least(&mut self, source: usize, tree: &Tree) -> Option<(usize, f64)>;
    /// How many arcs a source has.
    fn arcs_of(&self, source: usize) -> usize;
    /// How many arcs are compared before the best of them enters; at least all of one source.
    fn block(&self) -> usize;
    /// The largest absolute number that goes into a cost.
    fn largest(&self) -> f64;
    /// The factor of all costs.
    fn scale(&self) -> f64;
    /// What was taken off all costs, times the masses, of which so many units are 1.
    fn offset_cost(&self, supply: &[i64], demand: &[i64], units: f64) -> f64;
}

/// Where the first basis comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum First<'a> {
    /// The cheapest arcs, with or without the potentials of a part of the problem.
    Greedy,
    /// An earlier basis.
    Basis(&'a [(u32, u32)]),
    /// Potentials of the targets.
    Targets(&'a [f64]),
}

/// The masses of all nodes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sides<'a> {
    /// Of the sources, in units of flow.
    pub(crate) supply: &'a [i64],
    /// Of the targets.
    pub(crate) demand: &'a [i64],
    /// How many units are a mass of 1: where a part of the mass stays where it is, more than there are here.
    pub(crate) units: i64,
}

/// What the simplex method found, in the units of the costs that were given.
#[derive(Debug)]
pub(crate) struct Found {
    /// Source, target and flow of every arc of the basis.
    pub(crate) flows: Vec<(u32, u32, i64)>,
    /// u with u(i) + v(j) ≤ c(i, j) up to rounding, where sources have mass; infinite elsewhere.
    pub(crate) source_potentials: Vec<f64>,
    /// v, in the same way; minus infinity where targets have no mass.
    pub(crate) target_potentials: Vec<f64>,
}

/// Solves a problem with all arcs. Nodes without mass have no part in it.
pub(crate) fn solve_dense(
    sides: Sides<'_>,
    rows: &Rows<'_>,
    turned: bool,
    search: Search,
    first: First<'_>,
    watch: &mut Watch<'_>,
) -> Result<Found, TransportError> {
    let costs = Dense::new(rows, turned, search)?;
    let Sides { supply, demand, .. } = sides;
    let mut allocation = Allocation::new(supply, demand);
    match first {
        First::Basis(basis) => {
            allocation.peel(basis, &costs);
            allocation.greedy(&costs, None);
        }
        First::Targets(potentials) => {
            let shift: Vec<f32> = potentials
                .iter()
                .zip(&costs.target_offset)
                .map(|(v, t)| ((v - t) * costs.scale) as f32)
                .collect();
            allocation.greedy(&costs, Some(&shift));
        }
        First::Greedy => allocation = cheapest(supply, demand, &costs, coarse::SMALL, watch.deadline).0,
    }
    Ok(from_allocation(sides, costs, &allocation, watch))
}

fn from_allocation(
    Sides { supply, demand, units }: Sides<'_>,
    costs: Dense<'_>,
    allocation: &Allocation,
    watch: &mut Watch<'_>,
) -> Found {
    let mut run = Run::new(supply, demand, units as f64, costs, allocation);
    run.screen(watch);
    run.finish(watch);
    let mut found = run.found();
    for (i, u) in found.source_potentials.iter_mut().enumerate().filter(|(_, u)| u.is_finite()) {
        *u = run.costs.raw_source(i, *u);
    }
    for (j, v) in found.target_potentials.iter_mut().enumerate().filter(|(_, v)| v.is_finite()) {
        *v = run.costs.raw_target(j, -*v);
    }
    found
}

/// How the search for a plan on some arcs ended.
pub(crate) enum OnArcs {
    /// A plan; what the arcs cannot carry, in units, is left out of it.
    Found(Found),
    /// Whole numbers f, g with f(i) + g(j) ≤ 0 on every arc and Σ a f + Σ b g > 0.
    Infeasible { unreachable: i64, source: Vec<f64>, target: Vec<f64> },
}

/// Solves a problem on some arcs. Up to `tolerance` units of mass may be left where they are.
pub(crate) fn solve_on_arcs(
    supply: &[i64],
    demand: &[i64],
    arcs: &Arcs,
    tolerance: i64,
    basis: Option<&[(u32, u32)]>,
    watch: &mut Watch<'_>,
) -> OnArcs {
    let (n, m) = arcs.shape();
    let units: i64 = supply.iter().sum();
    let with = |masses: &[i64]| masses.iter().copied().chain([units]).collect::<Vec<_>>();
    let (all_supply, all_demand) = (with(supply), with(demand));
    // Everything goes the artificial way at first, or what an earlier basis cannot carry.
    let costs = Sparse::new(arcs);
    let mut allocation = Allocation::with_root(&all_supply, &all_demand, m);
    if let Some(basis) = basis {
        let allowed = |&&(i, j): &&(u32, u32)| arcs.entry(i as usize, j as usize).is_some();
        let basis: Vec<(u32, u32)> = basis.iter().filter(allowed).copied().collect();
        allocation.peel(&basis, &costs);
    }
    for i in 0..n {
        allocation.fill(i, m, |i, j| costs.entry(i, j));
    }
    for j in 0..=m {
        allocation.fill(n, j, |i, j| costs.entry(i, j));
    }
    // What is missing goes the artificial way twice.
    let mut run = Run::new(&all_supply, &all_demand, 2.0 * units as f64, costs, &allocation);
    // The gap of the first problem is not the one that was asked about.
    let gap = watch.gap.take();
    run.finish(watch);
    watch.gap = gap;
    let artificial = run.tree.arcs().filter(|arc| arc.source as usize == n && (arc.target as usize) < m);
    let missing: i64 = artificial.map(|arc| arc.flow).sum();
    let zero = run.tree.target_potential(m);
    let whole = |potential: f64| if potential.is_finite() { (potential - zero).round() } else { 0.0 };
    // Nodes without mass are bound by the others alone: f(i) ≤ −g(j) on their arcs.
    let first = run.found();
    let mut g: Vec<f64> = first.target_potentials[..m].iter().map(|v| -whole(-v)).collect();
    let mut f: Vec<f64> = first.source_potentials[..n].iter().map(|&u| whole(u)).collect();
    for i in (0..n).filter(|&i| supply[i] == 0) {
        let reached = arcs.row(i).0.iter().map(|&j| j as usize).filter(|&j| demand[j] > 0);
        f[i] = reached.map(|j| -g[j]).fold(0.0, f64::min);
    }
    let mut room = vec![0.0_f64; m];
    for i in 0..n {
        for &j in arcs.row(i).0 {
            room[j as usize] = room[j as usize].min(-f[i]);
        }
    }
    for j in (0..m).filter(|&j| demand[j] == 0) {
        g[j] = room[j];
    }
    if watch.stop.is_none() && missing > tolerance {
        return OnArcs::Infeasible { unreachable: missing, source: f, target: g };
    }
    if watch.stop.is_none() {
        let mut blocked = (f.clone(), g.clone());
        blocked.0.push(0.0);
        blocked.1.push(0.0);
        run.costs.blocked_by = Some(blocked);
        run.units = units as f64;
        let costs = &run.costs;
        run.tree.set_costs(|i, j| costs.entry(i, j));
        run.finish(watch);
    }
    let mut found = run.found();
    let scale = run.costs.scale();
    found.source_potentials.truncate(n);
    found.target_potentials.truncate(m);
    found.flows.retain(|&(i, j, _)| (i as usize) < n && (j as usize) < m);
    for x in found.source_potentials.iter_mut().chain(&mut found.target_potentials) {
        *x /= scale;
    }
    if run.costs.blocked_by.is_some() {
        // Arcs that cannot carry anything may ask for lower potentials: along f and g these fall on them, and on no other arc.
        let mut excess = 0.0_f64;
        for i in 0..n {
            let (columns, costs) = arcs.row(i);
            for (&j, c) in columns.iter().zip(costs) {
                let j = j as usize;
                if f[i] + g[j] < 0.0 {
                    let over = found.source_potentials[i] + found.target_potentials[j] - c;
                    if over.is_finite() {
                        excess = excess.max(over);
                    }
                }
            }
        }
        found.source_potentials.iter_mut().zip(&f).for_each(|(u, f)| *u += excess * f);
        found.target_potentials.iter_mut().zip(&g).for_each(|(v, g)| *v += excess * g);
    }
    OnArcs::Found(found)
}

struct Run<C> {
    tree: Tree,
    costs: C,
    /// Sources with mass.
    sources: Vec<u32>,
    supply: Vec<i64>,
    demand: Vec<i64>,
    scratch: Scratch,
    /// How many units of flow are a mass of 1.
    units: f64,
    offset_cost: f64,
    next_bound: u64,
}

impl<C: Costs> Run<C> {
    fn new(supply: &[i64], demand: &[i64], units: f64, costs: C, allocation: &Allocation) -> Self {
        let Allocation { arcs, root, .. } = allocation;
        Self {
            tree: Tree::new(supply.len(), demand.len(), arcs, *root),
            sources: (0..supply.len() as u32).filter(|&i| supply[i as usize] > 0).collect(),
            supply: supply.to_vec(),
            demand: demand.to_vec(),
            scratch: Scratch::default(),
            units,
            offset_cost: costs.offset_cost(supply, demand, units),
            next_bound: 0,
            costs,
        }
    }

    /// Pivots on an arc of this cost if its reduced cost is below −`least` in double precision.
    fn try_pivot(
        &mut self,
        source: usize,
        target: usize,
        cost: f64,
        least: f64,
        watch: &mut Watch<'_>,
    ) -> bool {
        let reduced = cost - self.tree.source_potential(source) + self.tree.target_potential(target);
        if !(reduced < -least) {
            return false;
        }
        self.tree.pivot(source, target, cost, reduced);
        #[cfg(test)]
        if self.supply.len() + self.demand.len() < 100 {
            self.tree.check(&self.supply, &self.demand);
        }
        watch.pivots += 1;
        if watch.pivots.is_multiple_of(RENUMBER) {
            self.tree.renumber(&mut self.scratch);
            self.look(watch);
        }
        watch.count();
        true
    }

    /// Lets the watch decide whether to go on.
    fn look(&mut self, watch: &mut Watch<'_>) {
        watch.look();
        if !watch.asks_for_cost() {
            return;
        }
        let in_units_of_the_tree = self.plan_cost();
        // In this order, so that nothing overflows on the way.
        let cost = in_units_of_the_tree / self.units / self.costs.scale() + self.offset_cost;
        watch.tell(cost);
        if let Some(gap) = watch.gap
            && watch.stop.is_none()
            && watch.pivots >= self.next_bound
        {
            self.next_bound = watch.pivots + (self.supply.len() + self.demand.len()) as u64;
            if self.has_gap(gap) {
                watch.stop = Some(Stop::Gap);
            }
        }
    }

    /// The cost of the plan, in units of the tree, with the costs that were given.
    fn plan_cost(&self) -> f64 {
        if self.tree.single {
            // The tree's own costs are rounded.
            self.tree.cost(|source, target| self.costs.entry(source, target))
        } else {
            self.tree.own_cost()
        }
    }

    /// Whether the plan is proved to cost no more than 1 + `gap` times the least, with room for rounding.
    fn has_gap(&mut self, gap: f64) -> bool {
        let plan_cost = self.plan_cost();
        let cost = plan_cost / self.units / self.costs.scale() + self.offset_cost;
        let above = (plan_cost - self.lower_bound()) / self.units + self.rounding();
        above / self.costs.scale() <= gap * cost.abs()
    }

    /// What no plan costs less than, in the units of the tree: Σ a u + Σ b v with the potentials v = −π of the targets as they
    /// are, and those of the sources lowered as far as they must be.
    fn lower_bound(&mut self) -> f64 {
        self.tree.recompute();
        let mut bound = Sum::default();
        for &i in &self.sources {
            let i = i as usize;
            let own = self.tree.source_potential(i);
            let u = self.costs.least(i, &self.tree).map_or(own, |(_, least)| least.min(own));
            bound.add_product(self.supply[i] as f64, u);
        }
        for (j, &mass) in self.demand.iter().enumerate().filter(|(_, mass)| **mass > 0) {
            bound.add_product(-(mass as f64), self.tree.target_potential(j));
        }
        bound.value()
    }

    /// The second phase, in double precision from potentials that the tree gives anew.
    fn finish(&mut self, watch: &mut Watch<'_>) {
        let n = self.sources.len();
        let nodes = (self.supply.len() + self.demand.len()) as u64;
        for round in 0..MOST_ROUNDS {
            self.tree.recompute();
            let least = self.rounding() * f64::from(1_u32 << round.min(20));
            let (mut at, mut idle, mut pivots) = (0, 0, 0);
            while idle < n && watch.stop.is_none() && pivots < DRIFT * nodes {
                let (mut best, mut entering) = (-least, None);
                let (mut arcs, mut scanned) = (0, 0);
                while idle + scanned < n && (scanned == 0 || arcs < self.costs.block()) {
                    let source = self.sources[at] as usize;
                    if let Some((target, sum)) = self.costs.least(source, &self.tree) {
                        let reduced = sum - self.tree.source_potential(source);
                        if reduced < best {
                            (best, entering) = (reduced, Some((source, target)));
                        }
                    }
                    arcs += self.costs.arcs_of(source);
                    scanned += 1;
                    at = if at + 1 == n { 0 } else { at + 1 };
                }
                idle += scanned;
                if watch.scanned(arcs) {
                    self.look(watch);
                }
                if watch.stop.is_none()
                    && let Some((source, target)) = entering
                    && let cost = self.costs.entry(source, target)
                    && self.try_pivot(source, target, cost, ACCEPT * least, watch)
                {
                    idle = 0;
                    pivots += 1;
                }
            }
            if watch.stop.is_some() || pivots == 0 {
                return;
            }
        }
        watch.stop = Some(Stop::Rounding);
    }

    /// How far from zero rounding may leave a reduced cost, in the units of the tree.
    fn rounding(&self) -> f64 {
        4e-15 * (self.costs.largest() + self.tree.largest_potential()).max(f64::MIN_POSITIVE)
    }

    /// Flows and potentials in the units of the tree: u = π of sources and v = −π of targets.
    fn found(&mut self) -> Found {
        self.tree.recompute_from_root();
        let (n, m) = (self.supply.len(), self.demand.len());
        let u = |i: usize| if self.supply[i] > 0 { self.tree.source_potential(i) } else { f64::INFINITY };
        let v =
            |j: usize| if self.demand[j] > 0 { -self.tree.target_potential(j) } else { f64::NEG_INFINITY };
        Found {
            flows: self.tree.arcs().map(|arc| (arc.source, arc.target, arc.flow)).collect(),
            source_potentials: (0..n).map(u).collect(),
            target_potentials: (0..m).map(v).collect(),
        }
    }
}

impl Run<Dense<'_>> {
    /// The first phase solves the problem with costs in single precision, on short lists of arcs that are renewed from time to
    /// time. What is far away in memory is not looked at until it ends.
    fn screen(&mut self, watch: &mut Watch<'_>) {
        if self.costs.screened.is_none() {
            return;
        }
        self.tree.single = true;
        self.search_lists(watch);
        self.tree.single = false;
        let costs = &self.costs;
        self.tree.set_costs(|i, j| costs.entry(i, j));
        // That moved the potentials which proved a gap.
        if watch.stop == Some(Stop::Gap)
            && let Some(gap) = watch.gap
            && !self.has_gap(gap)
        {
            watch.stop = None;
        }
    }

    fn search_lists(&mut self, watch: &mut Watch<'_>) {
        let (n, m) = (self.sources.len(), self.demand.len());
        let mut lists = Lists::new(n, m);
        while watch.stop.is_none() {
            lists.renew(&self.costs, &self.sources, &self.tree);
            let threshold = 4e-7 * self.tree.largest_potential().max(f64::MIN_POSITIVE);
            let mut first = 0;
            for sweep in 0..MOST_SWEEPS {
                let pivots = self.sweep(&lists, threshold, watch);
                if sweep == 0 && pivots == 0 {
                    return; // the lists are new, and nothing on them is negative
                }
                first = first.max(pivots);
                // What is left on lists whose best is gone leads to poor pivots.
                if watch.stop.is_some() || 2 * pivots < first || 50 * pivots < n {
                    break;
                }
            }
            if watch.scanned(n * m) {
                self.look(watch);
            }
        }
    }

    /// One search of all short lists; returns the number of pivots.
    fn sweep(&mut self, lists: &Lists, threshold: f64, watch: &mut Watch<'_>) -> usize {
        let mut pivots = 0;
        for at in 0..self.sources.len() {
            let source = self.sources[at] as usize;
            let (best, cost, target) = lists.best(at, &self.tree);
            if best < (self.tree.source_potential(source) - threshold) as f32
                && self.try_pivot(source, target as usize, f64::from(cost), ACCEPT * threshold, watch)
            {
                pivots += 1;
                if watch.stop.is_some() {
                    break;
                }
            }
        }
        pivots
    }
}
