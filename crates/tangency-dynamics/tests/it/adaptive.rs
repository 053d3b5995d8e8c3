//! The step size control, against the log of the code whose control it is.

use crate::fields::Counting;
use std::ops::ControlFlow;
use tangency_dynamics::num_dual::DualNum;
use tangency_dynamics::{DualField, ExplicitRungeKutta, GenericField};
use tangency_recurrence::{Adaptation, AdaptiveStatus, scan_until};

/// A satellite between earth and moon, in the plane that turns with them: a test of every rule of the control.
///
/// E. Hairer, S. P. Nørsett, G. Wanner, *Solving Ordinary Differential Equations I*, 2nd ed., eq. (II.0.1).
#[derive(Clone)]
struct Arenstorf;

impl GenericField for Arenstorf {
    fn dimension(&self) -> usize {
        4
    }

    fn parameter_len(&self) -> usize {
        1
    }

    fn evaluate<D: DualNum<Primitive = f64> + Copy>(&self, _: f64, x: &[D], p: &[D], out: &mut [D]) {
        let (mu, nu) = (p[0], -p[0] + 1.0);
        let (to_earth, to_moon) = (x[0] + mu, x[0] - nu);
        let cube = |dx: D| (dx * dx + x[1] * x[1]) * (dx * dx + x[1] * x[1]).sqrt();
        let (earth, moon) = (nu / cube(to_earth), mu / cube(to_moon));
        out[0] = x[2];
        out[1] = x[3];
        out[2] = x[0] + x[3] * 2.0 - earth * to_earth - moon * to_moon;
        out[3] = x[1] - x[2] * 2.0 - (earth + moon) * x[1];
    }
}

#[test]
fn the_arenstorf_orbit_costs_what_it_costs_dopri5() {
    // The log of Hairer's dopri5.f with tolerances 1e-7 and a first step of 1e-4: 217 steps accepted, 21 rejected, 1430
    // evaluations. That is six for each of 238 steps, one at the start, and one that it counts for a first step size even
    // where the size is given.
    let field = Counting { field: DualField::new(Arenstorf), evaluations: 0 };
    let mut run = ExplicitRungeKutta::dormand_prince(field, &[0.012277471]).unwrap();
    let options = Adaptation {
        relative_tolerance: 1e-7,
        absolute_tolerance: 1e-7,
        first_size: Some(1e-4),
        ..Adaptation::default()
    };
    let mut state = [0.994, 0.0, 0.0, -2.001_585_106_379_082_5];
    let done = scan_until(&mut run, 0.0, 17.065_216_560_157_964, &mut state, &options, |_, _, _| {
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(done.status, AdaptiveStatus::Reached);
    // Rounding may move a decision that stands on the edge, no more.
    assert!(done.steps.len().abs_diff(217) <= 1, "{} accepted", done.steps.len());
    assert!(done.rejected.abs_diff(21) <= 1, "{} rejected", done.rejected);
    assert_eq!(run.field().evaluations, 1 + 6 * (done.steps.len() + done.rejected));
    // The orbit is closed: that it misses its start by 1e-3 is the error of these steps and no others. To the digits of the
    // log; rounding moves the end by some 1e-12.
    let log = [(0.9940021704030663, 1e-9), (9.04e-6, 5e-9), (1.4598e-3, 5e-8), (-2.0012455157, 1e-9)];
    for (got, (want, digits)) in state.iter().zip(log) {
        assert!((got - want).abs() <= digits, "{got} {want}");
    }
}
