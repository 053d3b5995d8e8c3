//! A first basis: arcs in the order of their cost, each filled as far as it goes.

use super::tree::Arc;
use crate::mass::UNITS;

/// The cheapest arcs of each source that are tried before any other.
const NEAREST: usize = 16;

/// What a node has left, with a symbolic perturbation: every source has a whole ε more than its mass, and the root takes
/// them all.
///
/// Two different nodes then never run out at once, so each arc finishes exactly one node, the arcs form a spanning tree, and
/// every arc that is empty without ε points towards the root: the tree is strongly feasible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Left {
    mass: i64,
    epsilon: i64,
}

/// The least-cost greedy basis; returns its arcs and the target that is its root.
pub(super) fn greedy(
    supply: &[i64],
    demand: &[i64],
    cost: &impl Fn(usize, usize) -> f64,
    screened: &[f32],
) -> (Vec<Arc>, usize) {
    let (n, m) = (supply.len(), demand.len());
    let root = (0..m).max_by_key(|&j| demand[j]).unwrap_or(0);
    let mut sources: Vec<Left> = supply.iter().map(|&mass| Left { mass, epsilon: 1 }).collect();
    let mut targets: Vec<Left> = demand.iter().map(|&mass| Left { mass, epsilon: 0 }).collect();
    targets[root].epsilon = n as i64;
    let (mut source_open, mut target_open) = (vec![true; n], vec![true; m]);
    let mut arcs = Vec::with_capacity(n + m - 1);
    let mut allocate = |i: usize, j: usize, source_open: &mut [bool], target_open: &mut [bool]| {
        let sent = sources[i].min(targets[j]);
        let flow = sent.mass;
        for left in [&mut sources[i], &mut targets[j]] {
            left.mass -= sent.mass;
            left.epsilon -= sent.epsilon;
        }
        let none = Left { mass: 0, epsilon: 0 };
        source_open[i] = sources[i] != none;
        target_open[j] = targets[j] != none;
        debug_assert!((0..=UNITS).contains(&flow));
        arcs.push(Arc { source: i as u32, target: j as u32, flow, cost: cost(i, j) });
    };

    let mut order: Vec<(f32, u32, u32)> = Vec::with_capacity(n * NEAREST.min(m));
    for i in 0..n {
        nearest(&screened[i * m..(i + 1) * m], i as u32, &mut order);
    }
    order.sort_unstable_by(|x, y| x.0.total_cmp(&y.0).then((x.1, x.2).cmp(&(y.1, y.2))));
    for (_, i, j) in order {
        let (i, j) = (i as usize, j as usize);
        if source_open[i] && target_open[j] {
            allocate(i, j, &mut source_open, &mut target_open);
        }
    }
    // Sources with something left look among the targets that are still open.
    let mut open: Vec<usize> = (0..m).filter(|&j| target_open[j]).collect();
    for i in 0..n {
        while source_open[i] {
            open.retain(|&j| target_open[j]);
            let row = &screened[i * m..(i + 1) * m];
            let Some(&j) = open.iter().min_by(|&&x, &&y| row[x].total_cmp(&row[y])) else { break };
            allocate(i, j, &mut source_open, &mut target_open);
        }
    }
    debug_assert_eq!(arcs.len(), n + m - 1);
    (arcs, root)
}

/// Appends the smallest costs of one row.
fn nearest(row: &[f32], source: u32, order: &mut Vec<(f32, u32, u32)>) {
    const GROUP: usize = 16;
    let begin = order.len();
    let mut limit = f32::INFINITY;
    for (k, group) in row.chunks(GROUP).enumerate() {
        // The minimum of a group is quick; most groups have nothing to offer.
        if !group.iter().any(|&c| c < limit) {
            continue;
        }
        for (offset, &c) in group.iter().enumerate() {
            if c < limit {
                let at = begin + order[begin..].partition_point(|entry| entry.0 <= c);
                order.insert(at, (c, source, (k * GROUP + offset) as u32));
                if order.len() - begin > NEAREST {
                    order.pop();
                }
                if order.len() - begin == NEAREST {
                    limit = order[order.len() - 1].0;
                }
            }
        }
    }
}
