//! Mass that is already where it should be.

use crate::mass::Masses;
use crate::points::{Form, Points};
use std::collections::HashMap;

/// Whether costs of this form are a distance: by the triangle inequality mass that both sides have at a point may then stay.
fn is_distance(form: Form) -> bool {
    match form {
        Form::Squares(_) => false,
        Form::Length(p) => p <= 1.0,
        Form::Absolute | Form::Largest | Form::Norm(_) => true,
    }
}

/// Takes off what both sides have at the same point, if costs are a distance, and returns it as flows.
///
/// Potentials of what is left serve the whole problem: f(i) = min over j of d(x(i), y(j)) − v(j) is 1-Lipschitz, so the largest g
/// that it allows at a common point is −f there, and the mass that stays adds nothing to the dual value.
pub(crate) fn cancel(points: &Points<f64>, masses: &mut Masses) -> Vec<(u32, u32, i64)> {
    if !is_distance(points.form) {
        return Vec::new();
    }
    let (d, m) = (points.dimension, points.count);
    // Negative zero is zero.
    let bits = |x: f64| (x + 0.0).to_bits();
    let mut at: HashMap<Vec<u64>, Vec<usize>> = HashMap::with_capacity(m);
    for j in (0..m).filter(|&j| masses.targets[j] > 0) {
        let key = (0..d).map(|k| bits(points.targets[k * m + j])).collect();
        at.entry(key).or_default().push(j);
    }
    let mut flows = Vec::new();
    for (i, x) in points.sources.chunks(d).enumerate() {
        let key: Vec<u64> = x.iter().map(|&x| bits(x)).collect();
        let Some(targets) = at.get_mut(&key) else { continue };
        while masses.sources[i] > 0
            && let Some(&j) = targets.last()
        {
            let stays = masses.sources[i].min(masses.targets[j]);
            masses.sources[i] -= stays;
            masses.targets[j] -= stays;
            flows.push((i as u32, j as u32, stays));
            if masses.targets[j] == 0 {
                targets.pop();
            }
        }
    }
    flows
}
