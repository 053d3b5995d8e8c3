//! The simplex method against all vertices of small problems. Trees are checked after every pivot.

use super::*;
use crate::mass::{UNITS, units};

/// The least cost over all spanning trees of the complete bipartite graph: every vertex of the polytope is the plan of one.
fn least_by_trees(supply: &[i64], demand: &[i64], cost: &[Vec<f64>]) -> f64 {
    let (n, m) = (supply.len(), demand.len());
    let arcs: Vec<(usize, usize)> = (0..n).flat_map(|i| (0..m).map(move |j| (i, j))).collect();
    let mut best = f64::INFINITY;
    let mut chosen = Vec::new();
    visit(&arcs, 0, n + m - 1, &mut chosen, &mut |tree| {
        if let Some(flows) = flows_on(supply, demand, tree) {
            let cost = tree.iter().zip(&flows).map(|(&(i, j), &x)| cost[i][j] * x as f64).sum::<f64>();
            best = best.min(cost / UNITS as f64);
        }
    });
    best
}

/// Pairs of a source and a target.
type Pairs = [(usize, usize)];

fn visit(
    arcs: &Pairs,
    from: usize,
    left: usize,
    chosen: &mut Vec<(usize, usize)>,
    then: &mut dyn FnMut(&Pairs),
) {
    if left == 0 {
        return then(chosen);
    }
    for k in from..=arcs.len().saturating_sub(left) {
        if k < arcs.len() {
            chosen.push(arcs[k]);
            visit(arcs, k + 1, left - 1, chosen, then);
            chosen.pop();
        }
    }
}

/// The only flow on a tree, by taking leaves off, if it is one and the flow is not negative.
fn flows_on(supply: &[i64], demand: &[i64], tree: &[(usize, usize)]) -> Option<Vec<i64>> {
    let n = supply.len();
    let mut left: Vec<i64> = supply.iter().chain(demand).copied().collect();
    let mut flows = vec![None; tree.len()];
    for _ in 0..tree.len() {
        let leaf = (0..left.len()).find_map(|node| {
            let mut at = (0..tree.len())
                .filter(|&k| flows[k].is_none() && (tree[k].0 == node || n + tree[k].1 == node));
            let k = at.next()?;
            at.next().is_none().then_some((node, k))
        });
        let (node, k) = leaf?;
        let flow = left[node];
        let (i, j) = (tree[k].0, n + tree[k].1);
        left[i] -= flow;
        left[j] -= flow;
        flows[k] = Some(flow);
    }
    (left.iter().all(|&x| x == 0) && flows.iter().all(|x| x.is_some_and(|x| x >= 0)))
        .then(|| flows.into_iter().flatten().collect())
}

/// Pseudo-random numbers in [0, 1).
fn numbers(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn solve(supply: &[i64], demand: &[i64], cost: &[Vec<f64>], search: Search) -> (Found, u64) {
    let rows = Rows::Copied(cost.concat(), demand.len());
    let sides = Sides { supply, demand, units: supply.iter().sum() };
    let mut watch = Watch::new(None);
    let found = solve_dense(sides, &rows, false, search, First::Greedy, &mut watch).expect("solves");
    assert_eq!(watch.stop, None);
    (found, watch.pivots)
}

#[test]
fn agrees_with_every_vertex_of_small_problems() {
    for seed in 0..120 {
        let mut next = numbers(seed + 1);
        let (n, m) = (1 + (next() * 4.0) as usize, 1 + (next() * 4.0) as usize);
        let kind = seed % 5;
        let mut weight = |k: u64| match k {
            0 => 1.0,
            1 => next(),
            2 => (next() * 3.0).floor() + f64::from(u8::from(next() < 0.5)),
            3 => next().powi(-4),
            _ => (1.0 + next() * 4.0).floor(),
        };
        let mut a: Vec<f64> = (0..n).map(|_| weight(kind)).collect();
        let mut b: Vec<f64> = (0..m).map(|_| weight(kind)).collect();
        a[0] += 1.0;
        b[m - 1] += 1.0;
        let (supply, demand) = (units(&a), units(&b));
        let mut next = numbers(seed + 1000);
        let cost: Vec<Vec<f64>> = (0..n)
            .map(|_| {
                (0..m).map(|_| if seed % 3 == 0 { (next() * 4.0).floor() } else { next() - 0.3 }).collect()
            })
            .collect();
        let expected = least_by_trees(&supply, &demand, &cost);
        for search in [Search::Copy, Search::Double] {
            let (found, _) = solve(&supply, &demand, &cost, search);
            let flows = found.flows.iter();
            let value: f64 =
                flows.map(|&(i, j, x)| cost[i as usize][j as usize] * x as f64 / UNITS as f64).sum();
            assert!((value - expected).abs() <= 4e-15, "seed {seed}: {value} and not {expected}");
        }
    }
}

#[test]
fn trees_stay_trees_on_larger_degenerate_problems() {
    for seed in 0..30 {
        let mut next = numbers(seed + 7);
        let (n, m) = (10 + (next() * 30.0) as usize, 10 + (next() * 30.0) as usize);
        let (n, m) = if seed % 2 == 0 { (n, n) } else { (n, m) };
        let weights = |count: usize, next: &mut dyn FnMut() -> f64| -> Vec<f64> {
            (0..count).map(|_| if seed % 4 < 2 { 1.0 } else { (next() * 3.0).floor() }).collect()
        };
        let (mut a, mut b) = (weights(n, &mut next), weights(m, &mut next));
        a[0] += 1.0;
        b[0] += 1.0;
        let (supply, demand) = (units(&a), units(&b));
        let cost: Vec<Vec<f64>> = (0..n).map(|_| (0..m).map(|_| (next() * 10.0).floor()).collect()).collect();
        let (found, _) = solve(&supply, &demand, &cost, Search::Copy);
        for (i, row) in cost.iter().enumerate().filter(|(i, _)| supply[*i] > 0) {
            for (j, c) in row.iter().enumerate().filter(|(j, _)| demand[*j] > 0) {
                assert!(found.source_potentials[i] + found.target_potentials[j] <= c + 1e-13);
            }
        }
        for &(i, j, flow) in found.flows.iter().filter(|flow| flow.2 > 0) {
            let (i, j) = (i as usize, j as usize);
            let room = cost[i][j] - found.source_potentials[i] - found.target_potentials[j];
            assert!(room.abs() <= 1e-13, "{flow} units where there is room {room}");
        }
    }
}
